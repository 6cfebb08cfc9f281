"""Who gets in, and what needs no log-in."""

from io import BytesIO
from pathlib import Path

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from linesheet.books.models import Company, Member, User
from linesheet.sync.models import Connection
from linesheet.sync.pictures import picture_url
from tests.web.conftest import ClientOf

HASH = "ab" * 32


def test_a_member_logs_in_with_their_e_mail_whatever_its_case(people: dict[str, User]) -> None:
    answer = Client().post("/login/", {"login": "Owner@Example.com", "password": "a good password"})

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_wrong_password_says_what_to_check(people: dict[str, User]) -> None:
    answer = Client().post("/login/", {"login": "owner@example.com", "password": "wrong"})

    assert "No member has this e-mail and password" in answer.content.decode()


def test_log_in_leads_back_to_the_page_that_was_asked_for(people: dict[str, User], connection: Connection) -> None:
    asked = f"/connections/{connection.pk}/"
    log_in = Client().get(asked)["Location"]
    answer = Client().post(log_in, {"login": "owner@example.com", "password": "a good password", "next": asked})

    assert log_in == f"/login/?next={asked}"
    assert answer["Location"] == asked


def test_log_in_leads_to_no_other_site(people: dict[str, User]) -> None:
    answer = Client().post(
        "/login/",
        {"login": "owner@example.com", "password": "a good password", "next": "https://evil.example/"},
    )

    assert answer["Location"] == "/"


def test_logging_out_ends_the_session(operator: Client) -> None:
    assert operator.post("/logout/")["Location"] == "/login/"
    assert operator.get("/")["Location"] == "/login/?next=/"


def test_a_part_of_a_page_asked_for_after_log_out_sends_the_whole_page_to_log_in(
    people: dict[str, User],
) -> None:
    answer = Client().get("/", headers={"HX-Request": "true"})

    assert answer["HX-Redirect"] == "/login/"


def test_a_user_without_a_company_is_told_so_and_can_log_out(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("new@example.com"))

    answer = client.get("/")

    assert answer.status_code == 403
    assert "You are in no company yet" in answer.content.decode()
    assert client.post("/logout/").status_code == 302


def test_a_person_in_two_companies_chooses(people: dict[str, User], client_of: ClientOf) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    Member.everywhere.create(company=other, user=people["owner"], role=Member.Role.VIEWER)
    client = client_of("owner")

    assert "<h1>Atelier Nord</h1>" in client.get("/").content.decode()
    client.post("/company/choose/", {"company": other.pk})
    assert "<h1>Second House</h1>" in client.get("/").content.decode()


def test_a_company_one_is_not_in_cannot_be_chosen(client_of: ClientOf) -> None:
    other = Company.objects.create(name="Second House", slug="second")

    assert client_of("owner").post("/company/choose/", {"company": other.pk}).status_code == 404


def test_a_member_who_was_removed_from_the_chosen_company_falls_back_to_another(
    people: dict[str, User], client_of: ClientOf
) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    member = Member.everywhere.create(company=other, user=people["owner"], role=Member.Role.OWNER)
    client = client_of("owner")
    client.post("/company/choose/", {"company": other.pk})
    member.delete()

    assert "<h1>Atelier Nord</h1>" in client.get("/").content.decode()


def test_every_answer_carries_the_policy(db: None) -> None:
    policy = Client().get("/login/")["Content-Security-Policy"]

    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_a_form_without_its_token_is_refused(people: dict[str, User], connection: Connection) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["operator"])

    answer = client.post(f"/connections/{connection.pk}/tasks/stock/start/")

    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_whoever_holds_a_signed_link_gets_the_picture(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = _in(tmp_path)
    default_storage.save(f"7/ab/{HASH}.jpg", ContentFile(b"a picture"))

    answer = Client().get(picture_url("", 7, HASH, "jpg"))

    assert b"".join(answer.streaming_content) == b"a picture"
    assert answer["Content-Type"] == "image/jpeg"
    assert "immutable" in answer["Cache-Control"]
    assert "Cookie" not in answer.get("Vary", "")


def test_a_link_that_asks_for_a_frame_gets_the_picture_in_it(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = _in(tmp_path)
    drawn = BytesIO()
    PIL.Image.new("RGB", (40, 20), "red").save(drawn, "PNG")
    default_storage.save(f"7/ab/{HASH}.png", ContentFile(drawn.getvalue()))
    link = picture_url("", 7, HASH, "png", frame=(66, 90))

    answer = Client().get(link)

    content = b"".join(answer.streaming_content)
    assert PIL.Image.open(BytesIO(content)).size == (66, 90)
    assert (answer["Content-Type"], answer["Content-Length"]) == ("image/jpeg", str(len(content)))
    assert "immutable" in answer["Cache-Control"]
    assert Client().get(link.replace(".jpg", ".png")).status_code == 404
    assert Client().get(picture_url("", 7, "cd" * 32, "png", frame=(66, 90))).status_code == 404


@pytest.mark.parametrize(
    "link",
    [
        "/pictures/forged.jpg",
        picture_url("", 7, HASH, "jpg").replace(".jpg", ".png"),
        picture_url("", 7, HASH, "jpg").replace("/pictures/", "/pictures/x"),
        picture_url("", 7, "cd" * 32, "jpg"),
        picture_url("", 7, HASH, "svg"),
    ],
)
def test_no_other_link_leads_to_a_picture(settings: Settings, tmp_path: Path, link: str) -> None:
    settings.STORAGES = _in(tmp_path)
    default_storage.save(f"7/ab/{HASH}.jpg", ContentFile(b"a picture"))

    assert Client().get(link).status_code == 404


def _in(folder: Path) -> dict[str, object]:
    return {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
