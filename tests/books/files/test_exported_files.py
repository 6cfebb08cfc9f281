"""Exported files come back in with every row unchanged, and make the same books elsewhere."""

import csv
import datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from linesheet.books.files import FileUnreadable, export_file, import_file
from linesheet.books.models import (
    SKU,
    Address,
    Company,
    Contact,
    Customer,
    FutureStock,
    HoldStatus,
    Location,
    Member,
    Order,
    OrderLine,
    Price,
    PriceList,
    Product,
    Season,
    SizeRange,
    Stock,
    User,
    Visibility,
)
from linesheet.books.tenancy import acting_for

KINDS = ("products", "customers", "orders", "stock")


@pytest.fixture
def full(books):
    """Books with something in every corner."""
    season = Season.objects.get(name="SS26")
    location = Location.objects.get()
    sizes = SizeRange.objects.create(name="Letters", sizes=["S", "M"])
    coat = Product.objects.create(
        code="COAT-1",
        style="=Coat",
        colour="'-Black",
        colour_code="007",
        name='+Coat; long, "warm"',
        description="First line\nSecond  line",
        category="@Coats",
        size_range=sizes,
        withdrawn=True,
        custom={"Fit": "Slim", "image_urls": ["https://x/1.jpg"], "Weight": 1.5, "Care": "-30 degrees"},
    )
    hat = Product.objects.create(code="HAT-1", style="Hat", fabric="Felt", colour="Écru", name="Hat", active=False)
    Product.objects.create(code="BARE-1", style="Bare", colour="Red", name="No size yet")
    small = SKU.objects.create(product=coat, size="S", position=0, barcode="036000291452", code="0012")
    SKU.objects.create(product=coat, size="M", position=1)
    SKU.objects.create(product=hat, size="1/2", position=0, code="=1+1")
    for each in Season.objects.all():
        Visibility.objects.create(product=coat, season=each)
    retail = PriceList.objects.create(name="Ex-works", kind=PriceList.Kind.OTHER)
    for price_list in (retail, PriceList.objects.get(kind="wholesale")):
        Price.objects.create(product=coat, season=season, price_list=price_list, currency="EUR", amount="1234.567")

    hold = HoldStatus.objects.create(name="Overdue")
    shop = Customer.objects.create(
        name="=Shop", account_code="001", currency="EUR", hold_status=hold, price_list=retail, payment_due_days=30
    )
    Customer.objects.create(name="Boutique", type="retail", active=False)
    for number, kind in enumerate(Address.Kind):
        Address.objects.create(customer=shop, kind=kind, line_1=f"{number} Via A", postcode="00100", is_default=True)
    Contact.objects.create(customer=shop, name="Anne", email="anne@example.com", phone="+39 06 1", is_default=True)

    Stock.objects.create(sku=small, location=location, season=season, opening=10, adjustments=-3, received=2)
    FutureStock.objects.create(
        sku=small, location=location, season=season, available_on=datetime.date(2026, 3, 4), quantity=9
    )

    owner = User.objects.create_user("owner@example.com")
    Member.objects.create(user=owner, role=Member.Role.OWNER)
    order = Order.objects.create(
        number=12,
        customer=shop,
        season=season,
        location=location,
        owner=owner,
        reference="PO-1",
        currency="EUR",
        discount_percent="12.5",
        ships_from=datetime.date(2026, 2, 1),
        addresses={"delivery": {"line_1": "1 Via A", "city": "Rome: centre"}, "store": {"odd": ["x"]}},
        price_label="WS EUR",
        comments="-10% promised\nsecond line",
        approved=True,
        locked=True,
        source_key="joor:99",
    )
    OrderLine.objects.create(order=order, position=1, sku=small, barcode="036000291452", quantity=3, price="99.9")
    OrderLine.objects.create(
        order=order, position=2, barcode="ABC", described_as="Scarf", quantity=0, price=0, original_price="1.234"
    )
    return books


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_exported_comes_back_unchanged(full, tmp_path, kind, ending):
    path = tmp_path / f"{kind}.{ending}"

    count = export_file(kind, path)
    report = import_file(kind, path)

    assert count > 1
    assert report.rows == []
    assert (report.unchanged, report.total) == (count, count)
    assert report.ignored == []


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_prices_of_a_season_go_out_and_come_back_with_the_products(full, tmp_path, ending):
    path = tmp_path / f"products.{ending}"
    count = export_file("products", path, season="SS26")

    assert import_file("products", path).unchanged == count

    Price.objects.all().delete()
    assert import_file("products", path).updated == 1
    assert set(Price.objects.values_list("price_list__name", "amount")) == {
        ("Ex-works", Decimal("1234.5670")),
        ("Wholesale", Decimal("1234.5670")),
    }


def test_orders_are_recreated_in_an_empty_company(full, tmp_path):
    path = tmp_path / "orders.csv"
    count = export_file("orders", path)
    with acting_for(Company.objects.create(name="Empty", slug="empty")):
        report = import_file("orders", path, create_missing=True)

        assert report.rows == []
        assert report.created == count
        order = Order.objects.get()
        assert (order.number, order.customer.name, order.season.name) == (12, "=Shop", "SS26")
        assert (order.approved, order.locked, order.source_key) == (True, True, "joor:99")
        assert (order.discount_percent, order.price_label) == (Decimal("12.5"), "WS EUR")
        assert order.addresses["delivery"]["city"] == "Rome: centre"
        assert order.addresses["store"] == {"odd": ["x"]}
        assert [(line.quantity, line.price) for line in order.lines.all()] == [(3, Decimal("99.9")), (0, 0)]
        assert import_file("orders", path, create_missing=True).unchanged == count
        assert export_file("orders", tmp_path / "again.csv") == count
        assert import_file("orders", tmp_path / "again.csv").unchanged == count


def test_products_customers_and_stock_are_recreated_where_their_lists_exist(full, tmp_path):
    paths = {kind: tmp_path / f"{kind}.csv" for kind in ("products", "customers", "stock")}
    counts = {kind: export_file(kind, path) for kind, path in paths.items()}
    with acting_for(Company.objects.create(name="Empty", slug="empty")):
        for name in ("SS26", "AW26"):
            Season.objects.create(name=name, starts_on=datetime.date(2026, 1, 1))
        SizeRange.objects.create(name="Letters", sizes=["S", "M"])
        HoldStatus.objects.create(name="Overdue")
        PriceList.objects.create(name="Ex-works", kind="other")
        Location.objects.create(name="Main warehouse")

        products = import_file("products", paths["products"])
        assert [(row.column, row.reason) for row in products.rows] == [("Size", "missing")]
        assert products.created == counts["products"] - 1
        assert import_file("customers", paths["customers"]).created == counts["customers"]
        assert import_file("stock", paths["stock"]).created == counts["stock"]

        coat = Product.objects.get(code="COAT-1")
        assert (coat.style, coat.colour, coat.name) == ("=Coat", "'-Black", '+Coat; long, "warm"')
        assert coat.description == "First line\nSecond line"
        assert coat.custom["image_urls"] == ["https://x/1.jpg"]


def test_csv_is_utf8_with_a_mark_and_no_cell_reads_as_a_formula(full, tmp_path):
    path = tmp_path / "products.csv"
    export_file("products", path)

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(path.open(encoding="utf-8-sig", newline="")))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert "036000291452" in [cell for row in rows for cell in row]


def test_barcodes_are_text_cells_in_a_workbook(full, tmp_path):
    path = tmp_path / "products.xlsx"
    export_file("products", path)

    cells = [cell for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows() for cell in row]
    assert "036000291452" in cells
    assert "=Coat" in cells
    assert "0012" in cells


def test_an_export_that_breaks_off_leaves_no_file(full, tmp_path):
    Product.objects.filter(code="COAT-1").update(description="x" * 40_000)
    path = tmp_path / "products.xlsx"

    with pytest.raises(FileUnreadable, match=r"\.csv"):
        export_file("products", path)
    assert list(tmp_path.iterdir()) == []


def test_the_number_of_queries_does_not_grow_with_the_records(books, tmp_path, django_assert_max_num_queries):
    for number in range(60):
        product = Product.objects.create(code=f"P{number}", style=f"P{number}", colour="Red", name="x")
        SKU.objects.create(product=product, size="S")

    with django_assert_max_num_queries(20):
        assert export_file("products", tmp_path / "p.csv", season="SS26") == 60


@pytest.mark.parametrize(("kind", "name"), [("invoices", "x.csv"), ("products", "x.pdf")])
def test_another_kind_or_ending_is_refused(books, tmp_path, kind, name):
    with pytest.raises(FileUnreadable):
        export_file(kind, tmp_path / name)


TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=15)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None, phases=[Phase.generate]
)
@given(
    texts=st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT), min_size=1, max_size=4),
    custom=st.dictionaries(st.sampled_from(["Fit", "Care"]), TEXT | st.integers() | st.lists(TEXT) | st.booleans()),
    ending=st.sampled_from(["csv", "xlsx"]),
)
def test_products_of_any_text_come_back_unchanged(books, tmp_path, texts, custom, ending):
    Product.objects.all().delete()
    for number, (style, colour, name, description) in enumerate(texts):
        product = Product.objects.create(
            code=f"P{number}",
            style=f"{style}{number}",
            colour=f"{colour}x",
            name=f"{name}x",
            description=description,
            custom=custom,
        )
        SKU.objects.create(product=product, size=f"{colour}x", code=name)
    path = tmp_path / f"products.{ending}"

    count = export_file("products", path)
    report = import_file("products", path)

    assert (report.rows, report.unchanged) == ([], count)
