"""Opening files: encodings, delimiters, quotes, workbooks, and what is no file of rows at all."""

import csv
import datetime
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books.files import FileUnreadable, import_file
from linesheet.books.files.columns import recognise
from linesheet.books.files.delimited import protected, unprotected
from linesheet.books.files.product_rows import VOCABULARY
from linesheet.books.files.read import open_table
from linesheet.books.files.rows import clean
from linesheet.books.models import ColumnMapping, Product

HEADER = "Style,Colour,Size,Name"


def rows_of(path, sheet=None):
    table = open_table(path, sheet)
    columns = recognise(VOCABULARY, table.headers, file=path.name, price_lists={})
    return [(row.number, row.refused.said.reason.code if row.refused else row.cells) for row in table.rows(columns)]


def reason_of(path, kind="products", **options):
    with pytest.raises(FileUnreadable) as refused:
        import_file(kind, path, **options)
    assert refused.value.fix
    return refused.value.reason.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_encoding_and_delimiter_reads_the_same(tmp_path, encoding, delimiter):
    path = tmp_path / "file.csv"
    lines = [HEADER.replace(",", delimiter), delimiter.join(["Coat", "Écru", "S", "Manteau d\N{EN DASH}hiver, 12"])]
    text = (
        "\r\n".join(lines) if delimiter != "," else "\r\n".join([HEADER, 'Coat,Écru,S,"Manteau d\N{EN DASH}hiver, 12"'])
    )
    path.write_bytes(text.encode(encoding))

    assert rows_of(path) == [
        (2, {"style": "Coat", "colour": "Écru", "size": "S", "name": "Manteau d\N{EN DASH}hiver, 12"})
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_are_numbered_by_the_line_they_begin_on(tmp_path, end):
    path = tmp_path / "file.csv"
    text = end.join([HEADER, 'Coat,Black,S,"two', 'lines"', "", "Hat,Black,S,one", ""])
    path.write_bytes(text.encode())

    assert [number for number, _ in rows_of(path)] == [2, 5]


def test_excels_hint_about_the_delimiter_is_followed(csv_file):
    path = csv_file("sep=;", HEADER.replace(",", ";"), "Coat;Black, grey;S;x")

    assert rows_of(path) == [(3, {"style": "Coat", "colour": "Black, grey", "size": "S", "name": "x"})]


def test_text_is_trimmed_and_composed(csv_file):
    path = csv_file(HEADER, "  Coat\u00a0 long ,E\u0301cru,S,x")

    ((_, cells),) = rows_of(path)
    assert (cells["style"], cells["colour"]) == ("Coat long", "Écru")


def test_windows_text_is_read_with_a_warning(csv_file, books):
    report = import_file("products", csv_file(HEADER, "Coat,Écru,S,x", encoding="cp1252"))

    assert [each.said.reason.code for each in report.warnings] == ["read_as_1252"]
    assert Product.objects.get().colour == "Écru"


def test_a_missing_file_is_named(tmp_path, books):
    assert reason_of(tmp_path / "nowhere.csv") == "file_missing"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file_empty"),
        (b"\r\n\r\n", "file_empty"),
        (b"Style,Colour,Size\r\n", "file_no_rows"),
        (b"Style,Colour,Size\r\n,,\r\n", "file_no_rows"),
        (b"%PDF-1.7 ...", "file_not_a_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n....", "file_not_a_spreadsheet"),
        (b"PK\x03\x04 not really a workbook", "file_not_a_spreadsheet"),
        (b"\xd0\xcf\x11\xe0 nor this", "file_not_a_spreadsheet"),
        ("Style,Colour\nCoat,Black".encode("utf-16-le"), "file_not_a_spreadsheet"),
        (b"Style,Colour,Size\nCoat,\x81\x8d,S\n", "file_encoding"),
        (b"Style,Colour,Style\nCoat,Black,x\n", "headers_twice"),
        (b"Style,Colour,STYLE_\nCoat,Black,x\n", "headers_twice"),
        (b"Foo,Bar\n1,2\n", "header_missing"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(tmp_path, books, content, reason):
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    assert reason_of(path) == reason


def test_a_missing_header_is_named_with_those_that_were_found(csv_file, books):
    with pytest.raises(FileUnreadable) as refused:
        import_file("products", csv_file("Stil,Colour,Size", "Coat,Black,S"))

    assert "Product code, or for Style and Colour" in refused.value.says
    assert "Stil, Colour, Size" in refused.value.says


def test_a_cell_of_ten_megabytes_refuses_its_row_only(csv_file, books):
    report = import_file("products", csv_file(HEADER, f'Coat,Black,S,"{"x" * 10_000_000}"', "Hat,Black,S,x"))

    assert [(row.row, row.column, row.reason) for row in report.rows] == [(2, "Name", "cell_too_long")]
    assert len(report.rows[0].value) <= 120
    assert Product.objects.get().style == "Hat"


def test_a_nul_character_refuses_its_row_only(tmp_path, books):
    path = tmp_path / "file.csv"
    path.write_bytes((HEADER + "\nCo\0at,Black,S,x\n" + "Hat,Black,S,x\n" * 1).encode())

    report = import_file("products", path)

    assert [(row.row, row.column, row.reason) for row in report.rows] == [(2, "Style", "cell_nul")]


def test_a_row_with_more_cells_than_headers_is_refused(csv_file, books):
    report = import_file("products", csv_file(HEADER, "Coat,Black,S,12,50", "Hat,Black,S,x,"))

    assert [(row.row, row.reason) for row in report.rows] == [(2, "more_cells")]


def test_a_quotation_mark_left_open_does_not_swallow_rows_silently(csv_file, books):
    report = import_file("products", csv_file(HEADER, "Hat,Black,S,x", 'Coat,Black,S,"5 inch', "Cap,Red,S,x"))

    assert [(row.row, row.reason) for row in report.rows] == [(3, "quote_open")]
    assert report.created == 1


def test_workbook_cells_become_plain_text(xlsx_file):
    path = xlsx_file(
        ("Style", "Colour", "Size", "Name"),
        (1001, "Black", 38.0, 12.5),
        ("Coat", True, datetime.date(2026, 3, 31), 5012345678900.0),
    )

    assert rows_of(path) == [
        (2, {"style": "1001", "colour": "Black", "size": "38", "name": "12.5"}),
        (3, {"style": "Coat", "colour": "yes", "size": "2026-03-31", "name": "5012345678900"}),
    ]


def test_rows_of_a_sheet_are_numbered_as_the_sheet_shows_them(xlsx_file):
    path = xlsx_file((), ("Style", "Colour", "Size"), (), ("Coat", "Black", "S"))

    assert [number for number, _ in rows_of(path)] == [4]


def test_a_sheet_is_taken_by_name(xlsx_file, books):
    path = xlsx_file(("Style", "Colour"), ("Coat", "Black"), sheet="Products")

    assert [number for number, _ in rows_of(path, "Products")] == [2]
    assert reason_of(path, sheet="Nothing") == "sheet_missing"


def bomb(path, size):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * size)


def test_a_workbook_that_unpacks_to_an_absurd_size_is_not_unpacked(tmp_path, books):
    path = tmp_path / "bomb.xlsx"
    bomb(path, 60 * 2**20)

    assert reason_of(path) == "file_too_large"


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path, books):
    path = tmp_path / "liar.xlsx"
    bomb(path, 2 * 2**20)
    content = path.read_bytes().replace((2 * 2**20).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(content)

    assert reason_of(path) == "file_not_a_spreadsheet"


def test_a_sheet_with_one_cell_at_its_far_end_is_refused(tmp_path, books):
    from xlsxwriter import Workbook

    path = tmp_path / "far.xlsx"
    book = Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Style")
    sheet.write(1_048_575, 16_383, "x")
    book.close()

    assert reason_of(path) == "file_too_large"


def test_a_given_mapping_names_headers_nobody_could_guess(csv_file, books):
    path = csv_file("Art,Farbton,Gr,Style", "Coat,Black,S,ignored")

    report = import_file("products", path, mapping={"Art": "style", "farbton": "colour", "Gr": "size"})

    assert report.created == 1
    assert report.columns == {"Art": "style", "Farbton": "colour", "Gr": "size"}
    assert report.ignored == ["Style"]


def test_a_mapping_is_saved_by_name_and_used_again(csv_file, books):
    path = csv_file("Art,Farbton,Gr,EK,Season", "Coat,Black,S,100,SS26")
    mapping = {"Art": "style", "Farbton": "colour", "Gr": "size", "EK": "wholesale:EUR"}
    import_file("products", path, mapping=mapping, save_mapping_as="Our ERP")

    saved = ColumnMapping.objects.get()
    assert saved.columns["EK"] == "Wholesale:EUR"
    assert import_file("products", path, use_mapping="our erp").unchanged == 1
    assert reason_of(path, use_mapping="Another") == "mapping_missing"


def test_a_mapping_to_a_field_there_is_not_is_refused(csv_file, books):
    assert reason_of(csv_file(HEADER, "Coat,Black,S,x"), mapping={"Name": "title of it"}) == "mapping_field"


def test_two_headers_for_one_field_take_the_first_and_say_so(csv_file, books):
    report = import_file("products", csv_file("Style,Style Number,Colour,Size", "Coat,X,Black,S"))

    assert [each.said.reason.code for each in report.warnings] == ["header_second"]
    assert Product.objects.get().style == "Coat"


def test_headers_that_were_not_read_are_told(csv_file, books):
    report = import_file("products", csv_file("Style,Colour,Size,Shelf,Image URL", "Coat,Black,S,4,https://x"))

    assert report.ignored == ["Shelf", "Image URL"]
    assert [each.said.reason.code for each in report.warnings] == ["images_not_read"]


@pytest.mark.parametrize(
    ("option", "value"), [("season", "SS99"), ("price_list", "X"), ("location", "X"), ("currency", "EURO")]
)
def test_a_choice_that_is_not_in_the_books_is_refused(csv_file, books, option, value):
    assert reason_of(csv_file(HEADER, "Coat,Black,S,x"), **{option: value}) == "option_unknown"


def test_a_kind_there_is_not_is_refused(csv_file, books):
    assert reason_of(csv_file(HEADER, "Coat,Black,S,x"), kind="invoices") == "kind_unknown"


CELLS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters="\n\r\t"), max_size=12).map(
    lambda text: text.replace("\r", "\n")
)


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_dialect_reads_back_what_was_written(tmp_path_factory, rows, delimiter, end, encoding, quoting):
    rows = [["x" + row[0], "x" + row[1], "x" + row[2]] for row in rows]
    out = io.StringIO(newline="")
    if end == "\r":
        quoting = csv.QUOTE_ALL  # Python's writer leaves other line ends in cells unquoted
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["Style", "Colour", "Name"])
    writer.writerows(rows)
    path = tmp_path_factory.mktemp("dialect") / "file.csv"
    path.write_bytes(out.getvalue().encode(encoding))

    read = [[cells["style"], cells["colour"], cells["name"]] for _, cells in rows_of(path)]
    assert read == [[clean(cell) for cell in row] for row in rows]


@given(st.text())
def test_text_made_harmless_for_spreadsheets_is_given_back_as_it_was(text):
    assert unprotected(protected(text)) == text
    assert not protected(text).startswith(("=", "+", "-", "@"))
