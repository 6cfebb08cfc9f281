"""Seasons, price lists and stock: their lists, and what is edited in them."""

import datetime
from decimal import Decimal

import pytest
from django.test import Client

from linesheet.books.models import SKU, ChangeSet, Company, Location, Price, PriceList, Product, Season, Stock
from linesheet.books.prices import make_visible, set_price
from linesheet.books.stock import set_stock
from tests.web.conftest import ClientOf

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/stock/?q=coat"}


@pytest.fixture
def ss26(company: Company) -> Season:
    season: Season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    return season


@pytest.fixture
def wholesale(company: Company) -> PriceList:
    price_list: PriceList = PriceList.objects.create(name="Wholesale", kind="wholesale")
    return price_list


@pytest.fixture
def coat(ss26: Season, wholesale: PriceList) -> Product:
    coat: Product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    make_visible([coat], ss26)
    set_price(coat, ss26, wholesale, Decimal(95), "EUR")
    return coat


@pytest.fixture
def stock(coat: Product, ss26: Season) -> Stock:
    sku = SKU.objects.create(product=coat, size="M", barcode="4006381333931")
    return set_stock(sku, Location.objects.create(name="Paris"), ss26, opening=12)


@pytest.fixture
def editor(client_of: ClientOf) -> Client:
    return client_of("editor")


def undo(client: Client) -> None:
    client.post(f"/undo/{ChangeSet.objects.filter(undone_at=None).latest('pk').pk}/", {"next": "/"})


def test_the_list_of_seasons_counts_what_hangs_on_each(operator: Client, coat: Product, ss26: Season) -> None:
    page = operator.get("/seasons/").content.decode()

    assert f'<a href="/products/?season={ss26.pk}">1</a>' in page


def test_a_season_is_added_and_changed(editor: Client, ss26: Season) -> None:
    form = {"name": "AW26", "starts_on": "2026-07-01", "previous": ss26.pk}
    editor.post("/seasons/add/", form)
    season = Season.objects.get(name="AW26")
    assert season.previous == ss26

    editor.post(f"/seasons/{season.pk}/", {**form, "name": "Autumn 26", "delivery_starts_on": "2026-08-01"})
    season.refresh_from_db()
    assert (season.name, season.delivery_starts_on) == ("Autumn 26", datetime.date(2026, 8, 1))
    undo(editor)
    season.refresh_from_db()
    assert season.name == "AW26"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "", "starts_on": "2026-07-01"}, "Fill this in."),
        ({"name": "ss26", "starts_on": "2026-07-01"}, "There is a season ss26 already."),
        ({"name": "AW26", "starts_on": "soon"}, "Enter a valid date."),
    ],
)
def test_a_season_that_cannot_be_is_told_of(editor: Client, ss26: Season, given: dict[str, str], says: str) -> None:
    answer = editor.post("/seasons/add/", given)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Season.objects.count() == 1


def test_a_season_is_carried_on_and_archived(editor: Client, coat: Product, ss26: Season) -> None:
    season = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1), previous=ss26)

    page = editor.post(f"/seasons/{season.pk}/carry-on/", follow=True).content.decode()
    assert "1 product of SS26 made visible in AW26, with prices." in page
    assert Price.objects.get(season=season).carried_from == ss26
    editor.post(f"/seasons/{season.pk}/archive/", {"archived": "yes"})
    season.refresh_from_db()
    assert season.archived
    undo(editor)
    undo(editor)
    season.refresh_from_db()
    assert not season.archived
    assert not Price.objects.filter(season=season).exists()


def test_a_viewer_looks_at_seasons_only(client_of: ClientOf, ss26: Season) -> None:
    viewer = client_of("viewer")

    assert viewer.get(f"/seasons/{ss26.pk}/").status_code == 200
    assert viewer.get("/seasons/add/").status_code == 403
    assert viewer.post(f"/seasons/{ss26.pk}/", {"name": "X", "starts_on": "2026-01-01"}).status_code == 403
    assert viewer.post(f"/seasons/{ss26.pk}/archive/", {"archived": "yes"}).status_code == 403
    assert viewer.post(f"/seasons/{ss26.pk}/carry-on/").status_code == 403


def test_a_price_list_is_added_and_leads_to_its_latest_season(editor: Client, coat: Product, ss26: Season) -> None:
    Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))
    editor.post("/price-lists/add/", {"name": "Landed", "kind": "other"})
    assert editor.post("/price-lists/add/", {"name": "landed", "kind": "other"}).status_code == 422
    wholesale = PriceList.objects.get(name="Wholesale")

    leads = editor.get(f"/price-lists/{wholesale.pk}/")["Location"]

    assert leads == f"/price-lists/{wholesale.pk}/{ss26.pk}/EUR/"
    assert "Landed" in editor.get("/price-lists/").content.decode()
    chosen = editor.get(f"/price-lists/{wholesale.pk}/?season={ss26.pk}&currency=jpy")["Location"]
    assert chosen == f"/price-lists/{wholesale.pk}/{ss26.pk}/JPY/"


@pytest.mark.parametrize(("value", "count"), [("none", 1), ("some", 1), ("carried", 0), ("zero", 0), ("", 2)])
def test_a_sheet_has_the_products_of_its_season(
    operator: Client, coat: Product, ss26: Season, wholesale: PriceList, value: str, count: int
) -> None:
    hat, unseen = (Product.objects.create(code=code, style=code, colour="Red", name=code) for code in ("HAT", "GONE"))
    make_visible([hat], ss26)
    assert not unseen.seasons.exists()

    answer = operator.get(f"/price-lists/{wholesale.pk}/{ss26.pk}/EUR/?price={value}")

    assert answer.context["count"] == count


def test_a_price_is_set_taken_away_and_refused_in_place(
    editor: Client, coat: Product, ss26: Season, wholesale: PriceList
) -> None:
    name = f"price-{coat.pk}-{ss26.pk}-{wholesale.pk}-EUR"

    def save(text: str) -> tuple[int, str]:
        address = f"/products/{coat.pk}/prices/{ss26.pk}/{wholesale.pk}/EUR/"
        answer = editor.post(address, {name: text}, headers=HTMX)
        return answer.status_code, answer.content.decode()

    status, cell = save("1.234,50")
    assert (status, 'value="1234.50"' in cell) == (200, True)
    assert Price.objects.get().amount == Decimal("1234.50")
    for wrong in ("cheap", "-5", "99999999999", "1,234"):
        status, cell = save(wrong)
        assert (status, 'role="alert"' in cell, f'value="{wrong}"' in cell) == (422, True, True), wrong
    assert Price.objects.get().amount == Decimal("1234.50")
    save("")
    assert not Price.objects.exists()
    undo(editor)
    assert Price.objects.get().amount == Decimal("1234.50")


def test_a_sheet_goes_out_as_a_file_that_can_come_in(
    operator: Client, coat: Product, ss26: Season, wholesale: PriceList
) -> None:
    columns = "&".join(f"columns={key}" for key in ("code", "season", "price_list", "currency", "amount"))

    answer = operator.get(f"/price-lists/{wholesale.pk}/{ss26.pk}/EUR/?{columns}&export=csv")

    lines = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[call-overload]  # a file is streamed
    assert lines == ["Product code,Season,Price list,Currency,Amount", "COAT,SS26,Wholesale,EUR,95.00"]


def test_stock_tells_what_is_left_and_is_edited_in_place(editor: Client, stock: Stock) -> None:
    assert 'id="available-' in editor.get("/stock/").content.decode()
    name = f"adjustments-{stock.pk}"

    answer = editor.post(f"/stock/{stock.pk}/adjustments/", {name: "-12"}, headers=HTMX)

    assert answer.status_code == 200
    assert f'<span id="available-{stock.pk}" class="short" hx-swap-oob="true">0</span>' in answer.content.decode()
    assert 'name="next" value="/stock/?q=coat"' in answer.content.decode()
    assert editor.get("/stock/?left=none").context["count"] == 1
    undo(editor)
    assert editor.get("/stock/?left=none").context["count"] == 0
    for wrong in ("1.5", "many", "", "9999999999"):
        assert editor.post(f"/stock/{stock.pk}/adjustments/", {name: wrong}, headers=HTMX).status_code == 422, wrong
    assert editor.post(f"/stock/{stock.pk}/received/", {name: "1"}).status_code == 404


@pytest.mark.parametrize(
    ("query", "count"), [("q=coat", 1), ("q=4006381333931", 1), ("q=hat", 0), ("season={0}", 1), ("location={1}", 1)]
)
def test_stock_is_filtered(operator: Client, stock: Stock, query: str, count: int) -> None:
    answer = operator.get("/stock/?" + query.format(stock.season_id, stock.location_id))

    assert answer.context["count"] == count


def test_what_is_of_another_company_cannot_be_reached(
    editor: Client, stock: Stock, coat: Product, ss26: Season, wholesale: PriceList
) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    for model in (Season, PriceList, Stock):
        model.everywhere.update(company=other)  # type: ignore[attr-defined]  # each of them is owned

    assert editor.get(f"/seasons/{ss26.pk}/").status_code == 404
    assert editor.get(f"/price-lists/{wholesale.pk}/").status_code == 404
    assert editor.get(f"/price-lists/{wholesale.pk}/{ss26.pk}/EUR/").status_code == 404
    addresses = [
        f"/seasons/{ss26.pk}/archive/",
        f"/seasons/{ss26.pk}/carry-on/",
        f"/products/{coat.pk}/prices/{ss26.pk}/{wholesale.pk}/EUR/",
        f"/stock/{stock.pk}/opening/",
    ]
    assert {editor.post(address).status_code for address in addresses} == {404}
