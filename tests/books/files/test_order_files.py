"""Order files: orders by number, a line on each row."""

from decimal import Decimal

import pytest

from linesheet.books.files import import_file
from linesheet.books.models import SKU, Company, Customer, HoldStatus, Location, Order, OrderLine, Season
from linesheet.books.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("books")

HEADER = "Order number,Customer,Season,Currency,Reference,Line,Product code,Size,Barcode,Quantity,Price"


@pytest.fixture(autouse=True)
def _records(csv_file, books):
    lines = ("Coat,Black,S,4006381333931,C-S", "Coat,Black,M,,C-M")
    import_file("products", csv_file("Style,Colour,Size,Barcode,SKU", *lines, name="p.csv"))
    import_file("customers", csv_file("Name,Account code,Currency", "Shop,S1,EUR", "Boutique,B1,USD", name="c.csv"))


def refusals(report):
    return [(outcome.row, outcome.column, outcome.reason) for outcome in report.rows]


def test_rows_of_one_number_make_one_order(csv_file):
    path = csv_file(
        HEADER,
        "7,Shop,SS26,EUR,PO 1,1,COAT-BLACK,S,,2,100",
        "7,Shop,SS26,EUR,PO 1,2,COAT-BLACK,M,,3,100.50",
        '8,boutique,ss26,,,1,,,4006381333931,1,"99,90"',
    )

    report = import_file("orders", path)

    assert (report.created, report.total) == (3, 3)
    order = Order.objects.get(number=7)
    assert (order.customer.name, order.currency, order.reference) == ("Shop", "EUR", "PO 1")
    assert [(line.sku.size, line.quantity, line.price) for line in order.lines.all()] == [
        ("S", 2, Decimal("100.0000")),
        ("M", 3, Decimal("100.5000")),
    ]
    assert Order.objects.get(number=8).currency == "USD"
    assert OrderLine.objects.get(order__number=8).sku == SKU.objects.get(size="S")
    assert import_file("orders", path).unchanged == 3


def test_lines_without_numbers_follow_the_order_of_the_file(csv_file, monkeypatch):
    monkeypatch.setattr("linesheet.books.files.importer.ROWS_AT_A_TIME", 1)
    path = csv_file(
        "Order,Account code,Season,SKU,Qty,Price", "7,S1,SS26,C-S,1,10", "7,S1,SS26,C-M,2,10", "7,S1,SS26,C-S,3,10"
    )

    assert import_file("orders", path).created == 3
    assert list(OrderLine.objects.values_list("position", "quantity")) == [(1, 1), (2, 2), (3, 3)]
    assert import_file("orders", path).unchanged == 3


def test_a_line_whose_sku_is_not_in_the_books_is_kept_as_described(csv_file):
    report = import_file("orders", csv_file(HEADER, "7,Shop,SS26,EUR,,1,HAT-RED,OS,123,2,100"))

    assert report.created == 1
    assert [(each.said.reason.code, each.count) for each in report.warnings] == [("line_unmatched", 1)]
    line = OrderLine.objects.get()
    assert (line.sku, line.barcode, line.described_as, line.quantity) == (None, "123", "HAT-RED OS", 2)


def test_order_columns_must_agree_across_the_rows_of_an_order(csv_file):
    path = csv_file(
        HEADER,
        "7,Shop,SS26,EUR,PO 1,1,COAT-BLACK,S,,2,100",
        "7,Shop,SS26,EUR,PO 2,2,COAT-BLACK,M,,3,100",
        "7,Boutique,SS26,EUR,PO 1,3,COAT-BLACK,M,,3,100",
        "7,Shop,SS26,EUR,PO 1,1,COAT-BLACK,S,,4,100",
    )

    assert refusals(import_file("orders", path)) == [
        (3, "Reference", "disagrees"),
        (4, "Customer", "disagrees"),
        (5, "Quantity", "disagrees"),
    ]


def test_what_an_order_needs_and_lacks_is_refused(csv_file):
    path = csv_file(
        HEADER,
        ",Shop,SS26,EUR,,1,COAT-BLACK,S,,2,100",
        "seven,Shop,SS26,EUR,,1,COAT-BLACK,S,,2,100",
        "7,,SS26,EUR,,1,COAT-BLACK,S,,2,100",
        "7,Nobody,SS26,EUR,,1,COAT-BLACK,S,,2,100",
        "7,Shop,SS99,EUR,,1,COAT-BLACK,S,,2,100",
        "7,Shop,,EUR,,1,COAT-BLACK,S,,2,100",
        "7,Shop,SS26,EUR,,1,COAT-BLACK,S,,-2,100",
        "7,Shop,SS26,EUR,,1,COAT-BLACK,S,,2,",
    )

    assert refusals(import_file("orders", path)) == [
        (2, "Order number", "missing"),
        (3, "Order number", "not_a_whole_number"),
        (4, "Customer", "missing"),
        (5, "Customer", "customer_unknown"),
        (6, "Season", "unknown"),
        (7, "Season", "season_missing"),
        (8, "Quantity", "not_a_whole_number"),
        (9, "Price", "missing"),
    ]
    assert not Order.objects.exists()


def test_a_name_and_an_account_code_of_two_customers_are_refused(csv_file):
    header = "Order,Customer,Account code,Season,SKU,Qty,Price"
    path = csv_file(header, "7,Shop,B1,SS26,C-S,1,10", "8,Shop,X9,SS26,C-S,1,10")

    assert refusals(import_file("orders", path)) == [
        (2, "Account code", "customer_contradicts"),
        (3, "Account code", "customer_unknown"),
    ]


def test_a_locked_order_takes_no_change_but_may_come_in_locked(csv_file):
    header = "Order,Customer,Season,SKU,Qty,Price,Locked"
    assert import_file("orders", csv_file(header, "7,Shop,SS26,C-S,1,10,yes", "7,Shop,SS26,C-M,1,10,yes")).created == 2

    report = import_file("orders", csv_file(header, "7,Shop,SS26,C-S,1,10,yes", "7,Shop,SS26,C-M,2,10,yes"))

    assert report.unchanged == 1
    assert refusals(report) == [(3, "Order", "order_locked")]


def test_a_customer_on_hold_gives_no_orders_and_no_approvals(csv_file):
    barred = HoldStatus.objects.create(name="Stop", allows_orders=False)
    unapproved = HoldStatus.objects.create(name="Wait", allows_approval=False)
    Customer.objects.filter(name="Shop").update(hold_status=barred)
    Customer.objects.filter(name="Boutique").update(hold_status=unapproved)
    header = "Order,Customer,Season,SKU,Qty,Price,Approved"

    report = import_file(
        "orders",
        csv_file(header, "7,Shop,SS26,C-S,1,10,no", "8,Boutique,SS26,C-S,1,10,yes", "9,Boutique,SS26,C-S,1,10,"),
    )

    assert refusals(report) == [
        (2, "Customer", "customer_may_not_order"),
        (3, "Approved", "customer_may_not_be_approved"),
    ]
    assert report.created == 1


def test_one_record_of_a_platform_does_not_become_two_orders(csv_file):
    header = "Order,Customer,Season,SKU,Qty,Price,Source"

    report = import_file("orders", csv_file(header, "7,Shop,SS26,C-S,1,10,joor:1", "8,Shop,SS26,C-S,1,10,joor:1"))

    assert refusals(report) == [(3, "Source", "order_elsewhere")]


def test_missing_records_are_created_only_when_that_is_allowed(csv_file):
    header = "Order,Customer,Account code,Season,Season starts on,Location,SKU,Qty,Price,Currency"
    path = csv_file(header, *(f"{n},New Shop,N1,SS27,2027-01-01,Lyon,X,1,10,EUR" for n in (7, 8)))
    with acting_for(Company.objects.create(name="Other", slug="other")):
        assert import_file("orders", path).refused == 2
        report = import_file("orders", path, create_missing=True)

        assert report.created == 2
        assert [each.said.reason.code for each in report.warnings] == [
            "record_created",
            "record_created",
            "record_created",
            "line_unmatched",
        ]
        assert Customer.objects.values_list("name", "account_code", "currency").get() == ("New Shop", "N1", "EUR")
        assert Season.objects.get().starts_on.isoformat() == "2027-01-01"
        assert Location.objects.get().name == "Lyon"
        assert import_file("orders", path, create_missing=True).unchanged == 2


def test_the_number_of_queries_does_not_grow_with_the_lines(csv_file, django_assert_max_num_queries):
    path = csv_file(HEADER, *(f"{n // 5 + 1},Shop,SS26,EUR,,{n % 5 + 1},COAT-BLACK,S,,1,10" for n in range(500)))

    with django_assert_max_num_queries(30):
        assert import_file("orders", path).created == 500
    assert Order.objects.count() == 100


def test_a_second_row_may_not_give_a_customer_the_file_created_another_account_code(csv_file):
    path = csv_file(
        "Order,Customer,Account code,Season,Quantity,Price",
        "7,New Shop,N1,SS26,1,10",
        "8,New Shop,N2,SS26,1,10",
    )

    report = import_file("orders", path, create_missing=True)

    assert refusals(report) == [(3, "Account code", "customer_unknown")]
    assert import_file("orders", path, create_missing=True).unchanged == 1
