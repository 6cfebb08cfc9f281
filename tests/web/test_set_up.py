"""The first start: somebody opens a company and owns it, once."""

import threading

import pytest
from django.db import connection as database
from django.test import Client

from linesheet.books import companies
from linesheet.books.models import Company, Member, User
from linesheet.books.reasons import Refused
from linesheet.books.tenancy import acting_for

GIVEN = {
    "name": "Atelier Nord",
    "email": "Ada@example.com",
    "password": "correct horse battery",
    "currency": "sek",
    "timezone": "Europe/Stockholm",
}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/login/", "/password/", "/runs/7/", "/members/"])
def test_every_page_leads_to_set_up_while_there_is_no_user(address: str) -> None:
    assert Client().get(address)["Location"] == "/set-up/"


@pytest.mark.django_db
def test_the_time_zone_is_the_browsers_until_a_person_chose_one() -> None:
    asked = Client().get("/set-up/").content.decode()
    refused = Client().post("/set-up/", {**GIVEN, "name": ""}).content.decode()

    assert "data-time-zone" in asked
    assert "data-time-zone" not in refused
    assert '<option value="Europe/Stockholm" selected>' in refused


@pytest.mark.django_db
def test_whoever_sets_up_owns_the_company_and_is_logged_in() -> None:
    client = Client()

    assert client.post("/set-up/", GIVEN)["Location"] == "/"

    company = Company.objects.get()
    assert (company.currency, company.timezone) == ("SEK", "Europe/Stockholm")
    with acting_for(company):
        assert Member.objects.get().role == Member.Role.OWNER
    assert "<h1>Atelier Nord</h1>" in client.get("/").content.decode()
    assert Client().post("/login/", {"login": "ada@example.com", "password": GIVEN["password"]})["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("password", "short", "too short"),
        ("currency", "12", "is not a currency"),
        ("name", "", "Fill this in."),
        ("timezone", "Mars/Base", "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(field: str, value: str, said: str) -> None:
    answer = Client().post("/set-up/", {**GIVEN, field: value})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Company.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_set_up_is_closed_once_there_is_a_user() -> None:
    User.objects.create_user("ada@example.com")

    assert Client().get("/set-up/")["Location"] == "/login/"
    assert Client().post("/set-up/", GIVEN)["Location"] == "/login/"
    assert not Company.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_up_at_once_one_wins() -> None:
    together, won, lost = threading.Barrier(2), [], []

    def try_it(name: str) -> None:
        together.wait()
        try:
            won.append(
                companies.set_up(
                    name,
                    owner_email=f"{name}@example.com",
                    password="correct horse battery",
                    currency="EUR",
                    timezone="UTC",
                )
            )
        except Refused as refused:
            lost.append(refused.reason)
        finally:
            database.close()

    threads = [threading.Thread(target=try_it, args=(name,)) for name in ("ada", "bo")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), lost) == (1, [companies.ALREADY_SET_UP])
    assert (Company.objects.count(), User.objects.count()) == (1, 1)
