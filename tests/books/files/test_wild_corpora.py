"""Files as they come from people, programs and attackers, against every importer."""

import codecs
import csv
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from linesheet.books.files import IMPORTERS, FileUnreadable, ImportReport, State, import_file
from linesheet.books.files.records import MOST_IN_A_CELL
from linesheet.books.files.shopify import plain_text
from linesheet.books.models import SKU, Customer, Order, Price, Product, Stock

SHOPIFY = (
    ("Handle", "Title", "Body (HTML)", "Type", "Option1 Name", "Option1 Value", "Variant SKU", "Variant Price"),
    ("coat", "Coat", "<p>Warm</p>", "Coats", "Size", "S", "C-S", "10"),
)
GOOD: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "products": (("Style", "Colour", "Size", "Name", "Description"), ("Hat", "Red", "M", "Hat", "Warm")),
    "shopify": SHOPIFY,
    "prices": (("Code", "Season", "Price list", "Currency", "Amount"), ("COAT", "SS26", "Wholesale", "EUR", "10")),
    "customers": (("Name", "Account code", "Email", "Contact"), ("Shop", "S1", "anne@example.com", "Anne")),
    "stock": (("Code", "Size", "Season", "Quantity"), ("COAT", "S", "SS26", "5")),
    "barcodes": (("Code", "Size", "Barcode"), ("COAT", "S", "4006381333931")),
    "orders": (
        ("Order", "Customer", "Season", "Currency", "Barcode", "Quantity", "Price"),
        ("7", "Shop", "SS26", "EUR", "4006381333948", "2", "10"),
    ),
}
OPTIONS: dict[str, dict[str, object]] = {
    "orders": {"create_missing": True},
    "shopify": {"season": "SS26", "currency": "EUR", "location": "MAIN"},
}
MOST_SAID = 1_500
WRITTEN = (Product, SKU, Price, Customer, Stock, Order)


@pytest.fixture
def shop(books: object) -> None:
    """Books with one coat in one size."""
    coat = Product.objects.create(code="COAT", style="Coat", colour="Black", name="Coat")
    SKU.objects.create(product=coat, size="S")
    SKU.objects.create(product=coat, size="M", barcode="4006381333948")


def bring_in(kind: str, path: Path) -> ImportReport:
    """The report of an import in which each row has one state and the counts add up."""
    report = import_file("products" if kind == "shopify" else kind, path, **OPTIONS.get(kind, {}))  # type: ignore[arg-type]
    assert report.total == sum(report.counts.values()) > 0
    assert report.counts[State.REFUSED] == len(report.rows) == len({row.row for row in report.rows})
    for row in report.rows:
        assert row.says
        assert row.fix
        assert len(row.says) < MOST_SAID
        assert len(row.value) <= 120
    return report


def books_now() -> list[int]:
    return [model.objects.count() for model in WRITTEN]


def lines(kind: str, *rows: tuple[str, ...], delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in (*GOOD[kind], *rows)) + "\r\n"


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le-mark", "utf-16-be-mark"])
def test_any_encoding_and_delimiter_brings_in_the_same(shop, tmp_path, kind, encoding):
    marks = {"utf-16-le-mark": codecs.BOM_UTF16_LE, "utf-16-be-mark": codecs.BOM_UTF16_BE}
    for delimiter in ",;\t|":
        path = tmp_path / "file.csv"
        content = lines(kind, delimiter=delimiter).encode(encoding.removesuffix("-mark"))
        path.write_bytes(marks.get(encoding, b"") + content)

        assert bring_in(kind, path).refused == 0


BAD_FILES = {
    "nothing": b"",
    "a mark only": codecs.BOM_UTF8,
    "half a sign": codecs.BOM_UTF16_LE + b"a\0b",
    "utf-32": "Style,Colour,Size\nA,B,C".encode("utf-32"),
    "half a surrogate": codecs.BOM_UTF16_LE + "Code,Size\n".encode("utf-16-le") + b"\x00\xd8",
    "mixed encodings": "Code,Name\nCOAT,Écru\n".encode() + "COAT,Écru\x81".encode("latin-1"),
    "lines only": b"\n\r\n\r\r\n",
    "quote only": b'"',
    "quotes only": b'"""""""',
    "nul": b"\0" * 100,
    "nul in the header": b"Sty\0le,Colour,Size,Code,Name\na,b,c,d,e\n",
    "noise": bytes(range(256)) * 20,
    "html": b"<!doctype html><table><tr><td>Code</td></tr></table>",
    "json": b'[{"Code": "COAT"}]',
    "no header we know": b"A,B\n1,2\n",
    "one huge line": b"x" * 500_000,
    "an empty zip": b"PK\x05\x06" + b"\0" * 18,
    "a zip cut short": b"PK\x03\x04" + b"\0" * 50,
    "old excel cut short": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "old excel of noise": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 40,
}


@pytest.mark.parametrize("kind", IMPORTERS)
def test_a_file_that_cannot_be_read_writes_nothing_and_says_why(shop, tmp_path, kind):
    before = books_now()
    for number, (what, content) in enumerate(BAD_FILES.items()):
        path = tmp_path / ("file.xlsx" if number % 2 else "file.csv")
        path.write_bytes(content)

        with pytest.raises(FileUnreadable) as refused:
            import_file(kind, path)
        assert refused.value.says, what
        assert refused.value.fix, what
        assert len(refused.value.says) < MOST_SAID, what
    assert books_now() == before


CELLS = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1", "''=1", "\t=1"),
    *(
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e308",
        "-1e308",
        "1e-9",
        "9" * 400,
        "0x10",
        "1_000",
        "٣",
        "½",
        "\N{MINUS SIGN}5",
    ),
    *("4.00638E+12", "4006381333931.0", "4,006,381,333,931", " 4006381333931 ", "400638133393", "0" * 13),
    *("46000", "1900-02-29", "31/12/9999", "0001-01-01", "10000-01-01", "2026-13-01", "now", "12:00", "TRUE", "FALSE"),
    *("#N/A", "#REF!", "#DIV/0!", "#####", "null", "None", "undefined", "[]", "{}", '{"a": NaN}', '["\\u0000"]'),
    *('["\\ud800"]', "[" * 5_000, '{"a":' * 5_000, "[1e999]", "[" + "9" * 5_000 + "]"),
    *("\u202egnirts", "שלום", "\u200b", "\ufeff", "\x1b[31m", "\x07", "\x7f", "\u2028", "\u0301", "\U0001f9e5"),
    *("\0", "a\0b", "x" * (MOST_IN_A_CELL + 1), "x" * MOST_IN_A_CELL, " " * 1_000, "\n" * 1_000, "a,b;c\td|e"),
    *("<script>", "'; DROP TABLE books_product; --", "../../etc/passwd", "{column}", "{0}", "%s", "\\"),
)


@pytest.mark.parametrize("kind", GOOD)
def test_any_cell_is_taken_or_refused_and_the_row_above_goes_in(shop, tmp_path, kind):
    titles, good = GOOD[kind]
    wild = [(*good[:at], cell, *good[at + 1 :]) for at in range(len(titles)) for cell in CELLS]
    path = tmp_path / "wild.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([titles, good, *wild])

    report = bring_in(kind, path)

    assert report.total == 1 + len(wild)
    assert 2 not in {row.row for row in report.rows}
    assert {row.reason for row in report.rows}.isdisjoint({"database_refused"}), report.rows


def test_formulas_are_text_as_they_stand_and_no_amount(shop, tmp_path):
    path = tmp_path / "formulas.csv"
    path.write_text("Style,Colour,Size,Name\nCap,Red,S,=1+1\n", encoding="utf-8")
    bring_in("products", path)
    assert Product.objects.get(style="Cap").name == "=1+1"

    path.write_text("Code,Season,Price list,Currency,Amount\nCOAT,SS26,Wholesale,EUR,=1+1\n", encoding="utf-8")
    assert [row.reason for row in bring_in("prices", path).rows] == ["amount_unreadable"]


@pytest.mark.parametrize("kind", GOOD)
def test_very_many_columns_are_passed_over(shop, tmp_path, kind):
    titles, good = GOOD[kind]
    path = tmp_path / "wide.csv"
    more = [f"More {number}" for number in range(20_000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*titles, *more], [*good, *("x" for _ in more)], good])

    assert bring_in(kind, path).refused == 0


SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(path: Path, sheet: str, *, head: str = "") -> Path:
    """A workbook whose only sheet has these cells in XML."""
    office = "http://schemas.openxmlformats.org"
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{office}/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="r1" '
            'Target="xl/workbook.xml" '
            f'Type="{office}/officeDocument/2006/relationships/officeDocument"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook {MAIN} xmlns:r="{office}/officeDocument/2006/relationships"><sheets>'
            '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="r1" '
            'Target="worksheets/sheet1.xml" '
            f'Type="{office}/officeDocument/2006/relationships/worksheet"/></Relationships>'
        ),
        SHEET: f"{head}<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def cells(*rows: str) -> str:
    header = "".join(f'<c t="inlineStr"><is><t>{title}</t></is></c>' for title in GOOD["prices"][0])
    named = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in GOOD["prices"][1][:4])
    body = "".join(f'<row r="{number}">{named}{row}</row>' for number, row in enumerate(rows, start=2))
    return f'<row r="1">{header}</row>{body}'


def test_cells_of_a_workbook_of_any_type_are_taken_or_refused(shop, tmp_path):
    amounts = {
        "<c><v>12.5</v></c>": "",
        "<c><v>1e308</v></c>": "amount_too_large",
        "<c><v>NaN</v></c>": "amount_unreadable",
        "<c><v>inf</v></c>": "amount_unreadable",
        "<c><v>-1</v></c>": "amount_negative",
        '<c t="e"><v>#N/A</v></c>': "cell_error",
        "<c t='e'><f>1/0</f><v>#DIV/0!</v></c>": "cell_error",
        '<c t="b"><v>1</v></c>': "amount_unreadable",
        '<c t="str"><f>1+1</f><v>2</v></c>': "disagrees",
        "<c><f>1+1</f><v>3</v></c>": "disagrees",
        "<c><f>1+1</f></c>": "",
        '<c t="d"><v>2026-03-04</v></c>': "amount_unreadable",
        '<c t="inlineStr"><is><t>a_x0000_b</t></is></c>': "",
        '<c t="inlineStr"><is><t>&#x202e;1</t></is></c>': "amount_unreadable",
    }
    path = workbook(tmp_path / "types.xlsx", cells(*amounts))

    report = bring_in("prices", path)

    assert report.total == len(amounts)
    said = {row.row: row.reason for row in report.rows}
    for number, (cell, reason) in enumerate(amounts.items(), start=2):
        if reason:
            assert said.get(number) == reason, cell


WILD_SHEETS: dict[str, tuple[str, str]] = {
    "entities": (
        cells("<c><v>&a;</v></c>"),
        '<!DOCTYPE x [<!ENTITY b "xxxxxxxxxx"><!ENTITY a "&b;&b;&b;&b;&b;">]>',
    ),
    "entities outside": (cells("<c><v>&a;</v></c>"), '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
    "cut short": (cells("<c><v>1</v></c>")[:-30], ""),
    "cells at the same place": (cells('<c r="E2"><v>1</v></c><c r="E2"><v>2</v></c>'), ""),
    "a place that is none": (cells('<c r="!!"><v>1</v></c>'), ""),
    "a row that is none": (cells().replace('r="1"', 'r="99999999999"'), ""),
    "rows backwards": (cells("<c><v>1</v></c>", "<c><v>2</v></c>").replace('r="2"', 'r="9"'), ""),
    "deep": ("<a>" * 50_000, ""),
    "nothing": ("", ""),
    "a string that is none": (cells('<c t="s"><v>-1</v></c>'), ""),
    "a type that is none": (cells('<c t="zzz"><v>1</v></c>'), ""),
    "a number that is none": (cells("<c><v>one</v></c>"), ""),
}


@pytest.mark.parametrize("what", WILD_SHEETS)
def test_a_workbook_of_any_xml_is_read_or_told(shop, tmp_path, what):
    sheet, head = WILD_SHEETS[what]
    path = workbook(tmp_path / "wild.xlsx", sheet, head=head)
    before = books_now()

    try:
        report = bring_in("prices", path)
    except FileUnreadable as refused:
        told = refused.says + refused.fix
        assert books_now() == before
    else:
        told = "".join(row.value for row in report.rows)
    assert "root:" not in told


def test_the_error_of_a_formula_is_no_value(shop, tmp_path):
    path = tmp_path / "errors.csv"
    path.write_text("Code,Name\nCOAT,#N/A\n", encoding="utf-8")
    assert [(row.column, row.reason) for row in bring_in("products", path).rows] == [("Name", "cell_error")]


def test_the_error_of_a_formula_in_a_workbook_clears_nothing(shop, tmp_path):
    Product.objects.update(composition="Wool")
    cell = '<c r="{}" t="{}"><v>{}</v></c>'.format
    header = '<c r="C3" t="inlineStr"><is><t>Code</t></is></c><c r="D3" t="inlineStr"><is><t>Composition</t></is></c>'
    coat = '<c r="C{0}" t="inlineStr"><is><t>COAT</t></is></c>'.format
    elsewhere = cell("F7", "e", "#REF!")
    path = workbook(
        tmp_path / "errors.xlsx",
        f'<row r="3">{header}</row><row r="5">{coat(5)}{cell("D5", "e", "#N/A")}</row>'
        f'<row r="7">{coat(7)}{cell("D7", "str", "Silk")}</row><row r="9">{elsewhere}</row>',
    )

    report = bring_in("products", path)

    assert [(row.row, row.column, row.reason) for row in report.rows] == [
        (5, "Composition", "cell_error"),
        (7, None, "more_cells"),
    ]
    assert Product.objects.get().composition == "Wool"


def test_errors_in_another_sheet_are_none_of_the_chosen_one(shop, tmp_path):
    from xlsxwriter import Workbook

    path = tmp_path / "two.xlsx"
    with Workbook(str(path)) as book:
        for name, value in (("Errors", "#N/A"), ("Hats & caps", "12")):
            sheet = book.add_worksheet(name)
            for column, title in enumerate(GOOD["prices"][0]):
                sheet.write(0, column, title)
                sheet.write(1, column, GOOD["prices"][1][column])
            sheet.write_formula(1, 4, "=A1", None, value)

    assert bring_in("prices", path).refused == 1
    report = import_file("prices", path, sheet="Hats & caps")
    assert (report.created, report.refused, report.warnings) == (1, 0, [])


def test_merged_cells_leave_the_cells_they_cover_empty(shop, tmp_path):
    from xlsxwriter import Workbook

    path = tmp_path / "merged.xlsx"
    book = Workbook(str(path))
    sheet = book.add_worksheet()
    for column, title in enumerate(("Style", "Colour", "Size")):
        sheet.write(0, column, title)
    sheet.merge_range(1, 0, 2, 0, "Cap")
    for line in (1, 2):
        sheet.write(line, 1, "Red")
        sheet.write(line, 2, "SM"[line - 1])
    book.close()

    report = bring_in("products", path)

    assert (report.created, [(row.row, row.column) for row in report.rows]) == (1, [(3, "Style")])


def test_a_file_of_the_other_kind_under_a_name_is_read_as_what_it_is(shop, tmp_path):
    as_workbook = tmp_path / "prices.xlsx"
    as_workbook.write_text(lines("prices"), encoding="utf-8")
    assert bring_in("prices", as_workbook).created == 1

    as_csv = workbook(tmp_path / "prices.csv", cells("<c><v>12.5</v></c>"))
    assert bring_in("prices", as_csv).updated == 1


def beginnings() -> Iterator[str]:
    for part in ("<", "<p", "<a '", '<a "', "<'", "<\"'", "<script", "<!--", "<br ", "</script ", "&#1", "<p>", "'<"):
        yield (part * MOST_IN_A_CELL)[:MOST_IN_A_CELL]


def test_html_made_of_beginnings_only_takes_no_time():
    began = time.process_time()
    for html in beginnings():
        plain_text(html)
    assert time.process_time() - began < 5
