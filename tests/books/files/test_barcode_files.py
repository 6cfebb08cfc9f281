"""Barcode files: barcodes onto SKUs that are there."""

import pytest

from linesheet.books.files import FileUnreadable, import_file
from linesheet.books.models import SKU, RetiredBarcode

pytestmark = pytest.mark.usefixtures("books")

ONE, TWO, THREE = "4006381333931", "4006381333948", "036000291452"


@pytest.fixture(autouse=True)
def _coat(csv_file, books):
    lines = (f"Coat,Black,S,{ONE},C-S", "Coat,Black,M,,C-M")
    import_file("products", csv_file("Style,Colour,Size,Barcode,SKU", *lines, name="p.csv"))


def barcodes():
    return dict(SKU.objects.values_list("size", "barcode"))


def refusals(report):
    return [(outcome.row, outcome.column, outcome.reason) for outcome in report.rows]


def test_a_sku_is_named_by_product_and_size_by_sku_code_or_by_style(csv_file):
    assert import_file("barcodes", csv_file("Product code,Size,Barcode", f"coat-black,m,{TWO}")).updated == 1
    assert import_file("barcodes", csv_file("SKU,EAN", f"C-M,{TWO}")).unchanged == 1
    assert import_file("barcodes", csv_file("Style,Color,Size,UPC", f"Coat,Black,M,{THREE}")).updated == 1
    assert barcodes() == {"S": ONE, "M": THREE}
    assert list(RetiredBarcode.objects.values_list("gtin", flat=True)) == [TWO]


def test_a_sku_code_is_found_as_the_database_lowers_it(csv_file):
    SKU.objects.filter(size="M").update(code="ΠΑΛΤΟΣ")

    assert import_file("barcodes", csv_file("SKU,EAN", f"ΠΑΛΤΟΣ,{TWO}")).updated == 1


def test_a_barcode_is_taken_off_its_holder_first(csv_file):
    taken = csv_file("SKU,Barcode", f"C-M,{ONE}")
    assert refusals(import_file("barcodes", taken)) == [(2, "Barcode", "barcode_taken")]

    moved = csv_file("SKU,Barcode", f"C-S,{TWO}", f"C-M,{ONE}")
    assert import_file("barcodes", moved).updated == 2
    assert barcodes() == {"S": TWO, "M": ONE}


def test_a_retired_number_may_be_put_on_by_file(csv_file):
    import_file("barcodes", csv_file("SKU,Barcode", f"C-S,{TWO}"))

    assert import_file("barcodes", csv_file("SKU,Barcode", f"C-M,{ONE}")).updated == 1


def test_an_empty_cell_leaves_a_barcode_alone(csv_file):
    report = import_file("barcodes", csv_file("SKU,Barcode", "C-S,"))

    assert report.unchanged == 1
    assert [each.said.reason.code for each in report.warnings] == ["barcode_left"]
    assert barcodes()["S"] == ONE


def test_a_zero_lost_by_a_spreadsheet_is_put_back(xlsx_file):
    assert import_file("barcodes", xlsx_file(("SKU", "Barcode"), ("C-M", 36000291452))).updated == 1
    assert barcodes()["M"] == THREE


def test_what_cannot_go_on_a_sku_is_refused(csv_file):
    path = csv_file(
        "SKU,Barcode", "C-M,4.0E+12", "C-M,4006381333932", "C-X,4006381333948", f"C-M,{TWO}", f"C-M,{THREE}"
    )

    assert refusals(import_file("barcodes", path)) == [
        (2, "Barcode", "barcode_scientific"),
        (3, "Barcode", "barcode_check_digit"),
        (4, "SKU", "sku_unknown"),
        (6, "Barcode", "disagrees"),
    ]


def test_a_file_must_say_which_skus(csv_file):
    with pytest.raises(FileUnreadable, match="SKU code"):
        import_file("barcodes", csv_file("Barcode,Note", f"{TWO},x"))
