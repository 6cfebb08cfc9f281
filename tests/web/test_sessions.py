"""Where a person is logged in: told on the account page, and ended from there."""

import datetime

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from linesheet.books.models import User
from linesheet.sync import retention
from linesheet.web.entrance.sessions import device_of

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def _logged_in(agent: str, address: str) -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    client.post("/login/", {"login": "owner@example.com", "password": "a good password"})
    return client


@pytest.fixture
def desk(people: dict[str, User]) -> Client:
    return _logged_in(DESK, "192.0.2.1")


@pytest.fixture
def phone(people: dict[str, User]) -> Client:
    return _logged_in(PHONE, "192.0.2.7")


def _text(client: Client) -> str:
    return " ".join(client.get("/account/").content.decode().split())


def test_every_browser_is_told_with_what_it_is_and_from_where(desk: Client, phone: Client) -> None:
    text = _text(desk)

    assert 'Firefox on Linux <span class="badge badge--good">This browser</span>' in text
    assert "From 192.0.2.1" in text
    assert "Safari on iPhone" in text
    assert "From 192.0.2.7" in text


def test_logging_out_everywhere_else_leaves_this_browser(desk: Client, phone: Client) -> None:
    answer = desk.post("/account/sessions/end/", follow=True)

    assert "logged out of 1 other browser." in answer.content.decode()
    assert "iPhone" not in _text(desk)
    assert phone.get("/")["Location"].startswith("/login/")


def test_one_browser_is_logged_out_by_itself(desk: Client, phone: Client) -> None:
    third = _logged_in(DESK, "192.0.2.9")
    row = UserSession.objects.get(ip="192.0.2.7")

    desk.post(f"/account/sessions/{row.pk}/end/")

    assert phone.get("/").status_code == 302
    assert third.get("/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(desk: Client, client_of: object, people: dict[str, User]) -> None:
    editor = Client()
    editor.force_login(people["editor"])
    row = UserSession.objects.get(user=people["owner"])

    assert editor.post(f"/account/sessions/{row.pk}/end/").status_code == 404
    assert desk.get("/").status_code == 200


def test_a_browser_that_was_logged_out_or_whose_password_is_old_is_not_told(desk: Client, phone: Client) -> None:
    phone.post("/logout/")
    assert "iPhone" not in _text(desk)

    again = _logged_in(PHONE, "192.0.2.7")
    assert "iPhone" in _text(desk)
    words = {"oldpassword": "a good password", "password1": "another good one", "password2": "another good one"}
    desk.post("/account/password/", words)
    assert again.get("/").status_code == 302
    assert "iPhone" not in _text(desk)
    assert "This browser" in _text(desk)


def test_when_it_was_last_used_is_noted_now_and_then(desk: Client) -> None:
    long_ago = timezone.now() - datetime.timedelta(hours=2)
    UserSession.objects.update(last_seen_at=long_ago)

    desk.get("/", REMOTE_ADDR="192.0.2.33")

    row = UserSession.objects.get()
    assert row.last_seen_at > long_ago
    assert row.ip == "192.0.2.33"


def test_what_is_known_of_a_browser_goes_with_its_session(desk: Client, phone: Client) -> None:
    Session.objects.filter(session_key=UserSession.objects.get(ip="192.0.2.7").session_key).update(
        expire_date=timezone.now() - datetime.timedelta(days=1)
    )

    assert retention.tidy().sessions == 1
    assert [row.ip for row in UserSession.objects.all()] == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (DESK, "Firefox on Linux"),
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "Another program"),
        ("", "Another program"),
    ],
)
def test_a_browser_is_told_in_words(agent: str, device: str) -> None:
    assert device_of(agent) == device
