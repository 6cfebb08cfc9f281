"""Locations: their list, and adding and changing them."""

import datetime

import pytest
from django.test import Client

from linesheet.books.models import SKU, ChangeSet, Company, Location, Product, Season, Stock
from tests.web.conftest import ClientOf

NORD = {"name": "Nord", "code": "N1", "sells": "on", "active": "on"}


@pytest.fixture
def editor(client_of: ClientOf) -> Client:
    return client_of("editor")


def test_a_location_is_added_listed_and_taken_back(editor: Client, company: Company) -> None:
    editor.post("/stock/locations/add/", NORD)
    Location.objects.create(name="Archive", sells=False)

    nord = Location.objects.get(name="Nord")
    page = editor.get("/stock/locations/").content.decode()
    assert (nord.code, nord.sells, nord.active) == ("N1", True, True)
    assert page.count("Sells first") == 1
    assert "Archive" in page
    assert "Archive" not in editor.get("/stock/locations/?sells=yes").content.decode()

    editor.post(f"/undo/{ChangeSet.objects.get().pk}/")

    assert not Location.objects.filter(name="Nord").exists()


def test_a_location_is_renamed_and_closed_down_and_its_stock_stays(editor: Client, company: Company) -> None:
    nord = Location.objects.create(name="Nord")
    coat = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    season = Season.objects.create(name="SS27", starts_on=datetime.date(2027, 1, 1))
    Stock.objects.create(sku=SKU.objects.create(product=coat, size="M"), location=nord, season=season, opening=5)

    editor.post(f"/stock/locations/{nord.pk}/", {"name": "North", "sells": "on"})

    nord.refresh_from_db()
    assert (nord.name, nord.sells, nord.active) == ("North", True, False)
    assert "not sold here" in editor.get("/stock/").content.decode()

    editor.post(f"/undo/{ChangeSet.objects.get().pk}/")

    nord.refresh_from_db()
    assert (nord.name, nord.active) == ("Nord", True)


def test_a_name_that_is_taken_is_told_in_the_form(editor: Client, company: Company) -> None:
    Location.objects.create(name="Nord")

    answer = editor.post("/stock/locations/add/", {**NORD, "name": " NORD "})

    assert answer.status_code == 422
    assert "There is a location NORD already." in answer.content.decode()


def test_who_only_looks_sees_a_location_and_changes_nothing(client_of: ClientOf, company: Company) -> None:
    viewer, nord = client_of("viewer"), Location.objects.create(name="Nord")

    assert "Add a location" not in viewer.get("/stock/locations/").content.decode()
    assert "disabled" in viewer.get(f"/stock/locations/{nord.pk}/").content.decode()
    assert viewer.post(f"/stock/locations/{nord.pk}/", NORD).status_code == 403
    assert viewer.get("/stock/locations/add/").status_code == 403


def test_who_adds_stock_before_there_is_a_location_is_led_to_one(editor: Client, company: Company) -> None:
    Location.objects.all().delete()

    page = editor.get("/stock/add/").content.decode()

    assert "There is no active location yet" in page
    assert 'href="/stock/locations/add/"' in page
