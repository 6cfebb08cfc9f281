"""Stock that is there and stock that is coming: added, changed in place, removed, and taken back."""

import datetime
import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from linesheet.books.models import SKU, ChangeSet, Company, FutureStock, Location, Product, Season, Stock
from tests.web.conftest import ClientOf

SOON = datetime.date.today() + datetime.timedelta(days=40)


@pytest.fixture
def sku(company: Company) -> SKU:
    Location.objects.create(name="Main")
    Season.objects.create(name="SS27", starts_on=datetime.date(2027, 1, 1))
    coat = Product.objects.create(code="COAT-BLACK", style="Coat", colour="Black", name="Winter coat")
    made: SKU = SKU.objects.create(product=coat, size="M", code="S-100", barcode="4006381333931")
    SKU.objects.create(product=coat, size="L", code="S-101")
    return made


@pytest.fixture
def editor(client_of: ClientOf) -> Client:
    return client_of("editor")


def _given(**more: str) -> dict[str, str]:
    place = {"location": str(Location.objects.get().pk), "season": str(Season.objects.get().pk)}
    return {"sku": "4006381333931", "units": "12", "day": "", **place, **more}


def _undo(client: Client, page: str) -> str:
    latest = re.findall(r'action="(/undo/\d+/)"', page)[-1]
    return client.post(latest, {"next": "/stock/"}, follow=True).content.decode()


def test_stock_is_added_by_barcode_and_taken_back(editor: Client, sku: SKU) -> None:
    page = editor.post("/stock/add/", _given(), follow=True).content.decode()

    assert "12 of COAT-BLACK M at Main for SS27 added." in page
    assert Stock.objects.get().sku == sku
    _undo(editor, page)
    assert not Stock.objects.exists()


def test_units_that_come_are_listed_by_day(editor: Client, sku: SKU) -> None:
    page = editor.post("/stock/add/", _given(sku="coat-black m", day=SOON.isoformat()), follow=True).content.decode()

    assert "<h1>Stock</h1>" in page
    assert f"coming on {SOON:%d %B %Y}." in page
    row = FutureStock.objects.get()
    assert f'name="units-{row.pk}"' in page
    assert "COAT-BLACK" not in editor.get(f"/stock/coming/?from={SOON + datetime.timedelta(days=1)}").content.decode()
    assert "COAT-BLACK" in editor.get(f"/stock/coming/?from={SOON}").content.decode()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"sku": "NOPE"}, "No SKU goes by NOPE."),
        ({"units": "some"}, "Enter a whole number."),
        ({"day": "2020-01-01"}, "01 January 2020 is past."),
        ({"units": "0", "day": SOON.isoformat()}, "0 are no units that can come."),
        ({"location": "77"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_added_is_told_where_it_stands(
    editor: Client, sku: SKU, wrong: dict[str, str], says: str
) -> None:
    answer = editor.post("/stock/add/", _given(**wrong))

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Stock.objects.exists()
    assert not ChangeSet.objects.exists()


def test_stock_that_is_there_is_not_added_over(editor: Client, sku: SKU) -> None:
    editor.post("/stock/add/", _given())

    answer = editor.post("/stock/add/", _given(units="3"))

    assert answer.status_code == 422
    assert "has stock at Main in SS27 already: 12." in answer.content.decode()
    assert Stock.objects.get().opening == 12


def test_the_next_one_is_added_at_the_same_place(editor: Client, sku: SKU) -> None:
    answer = editor.post("/stock/add/", _given(day=SOON.isoformat(), then="another"))

    form = editor.get(answer["Location"]).content.decode()
    assert f'value="{SOON.isoformat()}"' in form
    assert "selected>Main" in form
    assert "4006381333931" not in form


def test_skus_are_suggested(editor: Client, sku: SKU) -> None:
    found = editor.get("/stock/skus/", {"sku": "winter"}).content.decode()

    assert '<option value="COAT-BLACK M">Winter coat · 4006381333931 · S-100</option>' in found
    assert '<option value="COAT-BLACK L">' in found


def test_what_is_coming_is_changed_in_place(editor: Client, sku: SKU) -> None:
    editor.post("/stock/add/", _given(day=SOON.isoformat()))
    row = FutureStock.objects.get()
    headers = {"HX-Request": "true"}

    answer = editor.post(f"/stock/coming/{row.pk}/units/", {f"units-{row.pk}": "1 500"}, headers=headers)
    assert answer.status_code == 200
    assert FutureStock.objects.get().quantity == 1500

    for wrong in ("0", "-3", "some"):
        answer = editor.post(f"/stock/coming/{row.pk}/units/", {f"units-{row.pk}": wrong}, headers=headers)
        assert answer.status_code == 422
    assert FutureStock.objects.get().quantity == 1500


@pytest.mark.parametrize(("list_", "model", "day"), [("/stock/", Stock, ""), ("/stock/coming/", FutureStock, SOON)])
def test_selected_rows_are_removed_and_taken_back(
    editor: Client, sku: SKU, list_: str, model: type[Stock | FutureStock], day: datetime.date | str
) -> None:
    editor.post("/stock/add/", _given(day=str(day)))
    editor.post("/stock/add/", _given(sku="S-101", day=str(day)))
    gone = model.objects.get(sku=sku)

    page = editor.post(list_, {"do": "remove", "pick": str(gone.pk)}, follow=True).content.decode()

    assert "1 row of" in page
    assert [row.sku.size for row in model.objects.all()] == ["L"]
    _undo(editor, page)
    assert model.objects.count() == 2


def test_who_may_not_change_the_books_sees_stock_and_adds_none(client_of: ClientOf, sku: SKU) -> None:
    viewer = client_of("viewer")

    for address in ("/stock/", "/stock/coming/"):
        page = viewer.get(address).content.decode()
        assert "Add stock" not in page
        assert "Remove" not in page
    assert viewer.get("/stock/add/").status_code == 403
    assert viewer.post("/stock/add/", _given()).status_code == 403
    assert not Stock.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_sku_is_chosen_from_what_is_suggested(owner_page: Page, sku: SKU) -> None:
    owner_page.goto("/stock/")
    owner_page.get_by_role("link", name="Add stock").click()
    field = owner_page.get_by_label("SKU")
    expect(field).to_be_focused()
    field.press_sequentially("winter")
    expect(owner_page.locator("#skus-found option")).to_have_count(2)
    field.fill(str(owner_page.locator("#skus-found option").first.get_attribute("value")))
    owner_page.get_by_label("Units").fill("8")
    owner_page.get_by_role("button", name="Add", exact=True).click()

    expect(owner_page.get_by_role("status").filter(has_text="8 of COAT-BLACK")).to_be_visible()
    assert Stock.objects.get().opening == 8
