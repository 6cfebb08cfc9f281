"""Passwords, addresses and second factors: setting, changing, forgetting and guessing them."""

import datetime
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from cryptography.fernet import Fernet
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from linesheet.books.models import User
from linesheet.site.origin import address_of
from linesheet.sync import secrets
from tests.web.second_factors import code_of

PASSWORD, NEW = "a good password", "correct horse battery"


def _log_in(email: str = "owner@example.com", password: str = PASSWORD, client: Client | None = None, **extra: str):
    return (client or Client()).post("/login/", {"login": email, "password": password}, **extra)


def _link() -> str:
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.fixture
def owner(people: dict[str, User]) -> Client:
    """An owner who has shown a moment ago that it is them."""
    client = Client()
    _log_in(client=client)
    client.post("/account/confirm/password/", {"password": PASSWORD})
    return client


def test_five_wrong_passwords_hold_up_the_sixth_even_if_it_is_right(people: dict[str, User]) -> None:
    answers = [_log_in(password="wrong").status_code for _ in range(5)]
    right = _log_in()

    assert answers == [422, 422, 422, 422, 429]
    assert right.status_code == 429
    text = " ".join(right.content.decode().split())
    assert "Too many wrong passwords" in text
    assert "Try again in <b>15 minutes</b>" in text


def test_who_waits_gets_in(people: dict[str, User]) -> None:
    for _ in range(5):
        _log_in(password="wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - datetime.timedelta(minutes=13, seconds=50))
    assert "Try again in <b>2 minutes</b>" in " ".join(_log_in().content.decode().split())

    AccessAttempt.objects.update(attempt_time=timezone.now() - datetime.timedelta(minutes=15, seconds=1))
    assert _log_in().status_code == 302


def test_guessing_at_one_person_holds_up_nobody_else_and_from_nowhere_else(people: dict[str, User]) -> None:
    for _ in range(5):
        _log_in(password="wrong")

    assert _log_in("editor@example.com").status_code == 302
    assert _log_in(REMOTE_ADDR="192.0.2.7").status_code == 302


def test_an_address_with_capitals_is_the_same_person(people: dict[str, User]) -> None:
    for email in (
        "owner@example.com",
        "Owner@example.com",
        "OWNER@example.com",
        "owner@Example.com",
        " owner@example.com",
    ):
        _log_in(email, "wrong")

    assert _log_in().status_code == 429


@pytest.mark.parametrize(
    ("proxies", "reported", "address"),
    [
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "10.9.9.9, 198.51.100.1", "198.51.100.1"),
        (2, "10.9.9.9, 198.51.100.1, 192.0.2.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.9"),
        (1, "not an address", "203.0.113.9"),
        (1, "", "203.0.113.9"),
    ],
)
def test_only_what_our_own_proxies_report_is_believed(
    settings: Settings, rf: object, proxies: int, reported: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": reported})  # type: ignore[attr-defined]

    assert address_of(request) == address


def test_a_forgotten_password_is_set_anew_by_mail_and_ends_a_lock_out(people: dict[str, User]) -> None:
    for _ in range(5):
        _log_in(password="wrong")
    person = Client()
    person.post("/password/", {"email": "Owner@example.com"})
    assert mail.outbox[-1].to == ["owner@example.com"]
    form = person.get(_link(), follow=True).redirect_chain[-1][0]

    answer = person.post(form, {"password1": NEW, "password2": NEW})

    assert answer["Location"] == "/password/new/done/"
    assert _log_in(password=NEW).status_code == 302
    assert _log_in(password=PASSWORD).status_code == 422


def test_a_link_to_a_new_password_works_once(people: dict[str, User]) -> None:
    person = Client()
    person.post("/password/", {"email": "owner@example.com"})
    link = _link()
    person.post(person.get(link, follow=True).redirect_chain[-1][0], {"password1": NEW, "password2": NEW})

    assert "This link is used up" in Client().get(link, follow=True).content.decode()


def test_nobody_learns_who_is_a_member_by_forgetting_a_password(people: dict[str, User]) -> None:
    known = Client().post("/password/", {"email": "owner@example.com"})
    unknown = Client().post("/password/", {"email": "nobody@example.com"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [one.to for one in mail.outbox] == [["owner@example.com"]]


def test_links_in_mails_lead_to_the_public_address(people: dict[str, User], settings: Settings) -> None:
    settings.PUBLIC_URL = "https://books.example.com"

    Client().post("/password/", {"email": "owner@example.com"})

    assert "https://books.example.com/password/new/" in str(mail.outbox[-1].body)
    assert "testserver" not in str(mail.outbox[-1].body)


def test_a_changed_password_logs_other_browsers_out(owner: Client) -> None:
    elsewhere = Client()
    _log_in(client=elsewhere)

    owner.post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert owner.get("/").status_code == 200
    assert elsewhere.get("/")["Location"] == "/login/?next=/"
    assert "Was it not you?" in str(mail.outbox[-1].body)


def test_a_new_address_counts_once_it_is_confirmed(owner: Client, people: dict[str, User]) -> None:
    owner.post("/account/email/", {"email": "Ada@example.com", "action_add": ""})
    assert mail.outbox[-1].to == ["ada@example.com"]
    assert _log_in("ada@example.com")["Location"] == "/email/sent/"

    link = _link()
    assert "you log in as" in owner.get(link).content.decode()
    owner.post(link)

    people["owner"].refresh_from_db()
    assert people["owner"].email == "ada@example.com"
    assert _log_in("ada@example.com").status_code == 302
    assert _log_in("owner@example.com").status_code == 422


def test_nobody_takes_an_address_that_is_somebody_elses(owner: Client, people: dict[str, User]) -> None:
    owner.post("/account/email/", {"email": "editor@example.com", "action_add": ""})

    people["owner"].refresh_from_db()
    assert people["owner"].email == "owner@example.com"
    assert not any("/email/" in str(one.body) for one in mail.outbox)


@pytest.mark.parametrize("address", ["/account/app/", "/account/passkeys/add/", "/account/recovery-codes/new/"])
def test_what_lets_one_in_is_changed_only_after_showing_who_one_is(people: dict[str, User], address: str) -> None:
    client = Client()
    _log_in(client=client)

    assert client.get(address)["Location"].startswith("/account/confirm/password/")
    answer = client.post(f"/account/confirm/password/?next={address}", {"password": PASSWORD, "next": address})
    assert answer["Location"] == address
    assert client.get(address).status_code == 200


@pytest.fixture
def secret(owner: Client) -> str:
    """The secret of the owner's app, which is on."""
    page = owner.get("/account/app/").content.decode()
    found = re.search(r"<code[^>]*>([A-Z2-7]+)</code>", page)
    assert found
    owner.post("/account/app/", {"code": code_of(found[1], time.time() - 30)})
    return found[1]


def test_with_an_app_a_password_alone_lets_nobody_in(secret: str) -> None:
    client = Client()
    assert _log_in(client=client)["Location"] == "/login/code/"
    assert client.get("/")["Location"].startswith("/login/")

    assert client.post("/login/code/", {"code": "000000"}).status_code == 422
    assert client.post("/login/code/", {"code": code_of(secret)})["Location"] == "/"
    assert client.get("/").status_code == 200


def test_codes_cannot_be_guessed_for_long(secret: str) -> None:
    client = Client()
    _log_in(client=client)
    for guess in range(5):
        client.post("/login/code/", {"code": f"00000{guess}"})

    answer = client.post("/login/code/", {"code": code_of(secret)})

    assert answer.status_code == 422
    assert "Too many wrong tries" in answer.content.decode()


def test_a_recovery_code_lets_one_in_once(owner: Client, secret: str) -> None:
    code = owner.get("/account/recovery-codes/").context["unused_codes"][0]

    def with_it() -> int:
        client = Client()
        _log_in(client=client)
        status: int = client.post("/login/code/", {"code": code}).status_code
        return status

    assert [with_it(), with_it()] == [302, 422]
    assert "9 left" in owner.get("/account/").content.decode()


def test_without_the_app_the_password_is_enough_again(owner: Client, secret: str) -> None:
    owner.post("/account/app/remove/")

    assert _log_in()["Location"] == "/"
    assert not Authenticator.objects.exists()


def test_secrets_of_apps_are_encrypted_and_rotated_with_all_others(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept

    old, new = secrets.encryption_keys(), Fernet.generate_key().decode()
    monkeypatch.setattr(secrets, "encryption_keys", lambda: [new, *old])
    secrets._fernet.cache_clear()
    secrets.encrypt_anew()
    monkeypatch.setattr(secrets, "encryption_keys", lambda: [new])
    secrets._fernet.cache_clear()
    try:
        client = Client()
        _log_in(client=client)
        assert client.post("/login/code/", {"code": code_of(secret)}).status_code == 302
    finally:
        monkeypatch.undo()
        secrets._fernet.cache_clear()


def test_every_page_of_coming_in_is_ours_and_asks_for_no_inline_script(owner: Client, secret: str) -> None:
    client = Client()
    _log_in(client=client)
    pages = [client.get("/login/code/"), *(Client().get(address) for address in ("/login/", "/password/"))]
    pages += [
        owner.get(f"/account/{address}")
        for address in (
            "",
            "email/",
            "password/",
            "passkeys/add/",
            "recovery-codes/",
            "recovery-codes/new/",
            "app/remove/",
        )
    ]

    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "web/people.css" in text
        assert not re.findall(r"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>", text)
        assert " style=" not in text
