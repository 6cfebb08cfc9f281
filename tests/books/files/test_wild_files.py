"""Whatever a file holds, every row of it is accounted for, and nothing else happens."""

import csv
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from linesheet.books.files import IMPORTERS, FileUnreadable, import_file
from linesheet.books.models import SKU, Customer, Order, Product
from tests.wild import examples

WILD = st.sampled_from(
    [
        *("", "S", "M", "Coat", "coat", "Black", "COAT-BLACK", "SS26", "AW26", "Wholesale", "Shop", "S1", "EUR", "€"),
        *("1", "-1", "0", "1,5", "1.234,50", "1e9", "99999999999999999999", "nan", "yes", "no", "maybe"),
        *("4006381333931", "036000291452", "36000291452", "4.0E+12", "2026-02-30", "2026-03-04", "now", "07/08/2026"),
        *("'", "'=1", "=1+1", "{", '{"a": 1}', "[1", "line_1: x\ncity: y", "İ", "ẞ", "É", "E\u0301", "\u200b", "\x1f"),
        *("x" * 600, "anne@example.com", "delivery", "retail", "Main warehouse", "joor:1", "٣", "½"),
    ]
)
LIKELY = {
    "code": ["", "", "COAT-BLACK", "HAT-1", "coat-black"],
    "style": ["Coat", "Hat", "COAT", "Écru"],
    "fabric": ["", "Wool"],
    "colour": ["Black", "Red"],
    "size": ["S", "M", "s", "L", "XL"],
    "barcode": ["", "", "4006381333931", "4006381333948", "036000291452", "0036000291452"],
    "sku_code": ["", "A", "B"],
    "season": ["SS26", "AW26"],
    "seasons": ["", "SS26", "SS26;AW26"],
    "price_list": ["Wholesale", "Retail"],
    "currency": ["EUR", "GBP"],
    "amount": ["1", "12,50", "1.234,50"],
    "name": ["Shop", "SHOP", "Boutique"],
    "customer": ["Shop", "Boutique"],
    "account_code": ["", "S1", "B1"],
    "line_1": ["", "Via A", "via a.", "Via B"],
    "address_kind": ["", "Delivery", "billing"],
    "email": ["", "anne@example.com", "marc@example.com"],
    "contact": ["", "Anne", "Marc"],
    "number": ["7", "8", "SO 9"],
    "position": ["", "1", "2", "3"],
    "source_key": ["", "joor:1", "joor:2"],
    "quantity": ["", "1", "2"],
    "price": ["10", "12,50"],
    "available_on": ["", "now", "2026-03-04"],
    "location": ["", "MAIN"],
    "season_starts_on": ["2026-01-01"],
    **dict.fromkeys(("size_range", "hold_status", "owner", "city", "country", "region", "address_code"), ("",)),
    **dict.fromkeys(("ships_from", "ships_until", "line_ships_from", "line_ships_until"), ("", "2026-03-04")),
    **dict.fromkeys(("payment_due_days", "discount_percent", "original_price"), ("", "30")),
    **dict.fromkeys(("opening", "adjustments", "received"), ("", "", "5")),
    "type": ["", "Retail"],
    "delivery_address": ["", "line_1: Via A\ncity: Rome", "Via A"],
}
SETTINGS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(15),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


def _clear() -> None:
    """Two products with two sizes each, and nothing else."""
    for model in (Order, Customer, Product):
        model.objects.all().delete()
    for code, style, colour in (("COAT-BLACK", "Coat", "Black"), ("HAT-1", "Hat", "Red")):
        product = Product.objects.create(code=code, style=style, colour=colour, name=style)
        for size in ("S", "M"):
            SKU.objects.create(product=product, size=size)


def _write(path: Path, rows: list[list[str]]) -> None:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return
    with Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)


@pytest.mark.parametrize("kind", IMPORTERS)
@SETTINGS
@given(data=st.data())
def test_rows_of_any_cells_add_up_and_a_second_time_change_nothing(books, tmp_path, kind, data):
    vocabulary = IMPORTERS[kind].vocabulary
    names = list(vocabulary.fields)
    titles = [vocabulary.title(name) for name in names]
    if vocabulary.custom:
        names, titles = [*names, "amount", "fit"], [*titles, "Wholesale EUR", "Custom: Fit"]
    likely = [st.sampled_from(LIKELY.get(name, ["", "", "yes", "1"])) for name in names]
    tame = st.tuples(*likely).map(list)
    wild = st.tuples(tame, st.integers(0, len(names) - 1), WILD).map(
        lambda drawn: [*drawn[0][: drawn[1]], drawn[2], *drawn[0][drawn[1] + 1 :]]
    )
    rows = data.draw(st.lists(tame | wild, min_size=1, max_size=12))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    _clear()
    if not rows:
        return
    path = tmp_path / data.draw(st.sampled_from(["wild.csv", "wild.xlsx"]))
    _write(path, [titles, *rows])

    options = {"create_missing": True} if kind == "orders" else {}
    dry = import_file(kind, path, dry_run=True, **options)
    note(str(dry.to_dict()))
    first = import_file(kind, path, **options)
    second = import_file(kind, path, **options)

    assert first.total == dry.total == second.total == len(rows)
    assert first.counts == dry.counts
    assert [row.row for row in first.rows] == [row.row for row in dry.rows]
    # What was refused beside a record that has changed since may go in now.
    assert second.created <= first.refused
    if not first.refused:
        assert second.unchanged == second.total


@SETTINGS
@given(
    content=st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: ("Style,Colour\n" + text).encode("utf-8", "replace"))
)
def test_any_bytes_are_rows_or_a_file_that_cannot_be_read(books, tmp_path, content):
    path = tmp_path / "wild.csv"
    path.write_bytes(content)
    with suppress(FileUnreadable):
        assert import_file("products", path, dry_run=True).total > 0
