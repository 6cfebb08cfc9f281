"""Files into the books, and out of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from linesheet.books.files import IMPORTERS
from linesheet.books.models import SKU, ColumnMapping, Import, Product

HEADER = "Style,Colour,Name,Size,Barcode\n"
GOOD = "COAT,Black,Wool coat,M,4006381333931\n"
BAD = "COAT,Black,Wool coat,L,4006381333932\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "range.csv"


def test_a_file_goes_in_with_counts_that_add_up(linesheet, company, file):
    file.write_text(HEADER + GOOD)

    result = linesheet("import", "products", str(file))

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == "range.csv: 1 rows = 1 created + 0 updated + 0 unchanged + 0 refused"
    assert SKU.objects.get().barcode == "4006381333931"


def test_a_refused_row_is_told_with_its_place_and_remedy(linesheet, company, file):
    file.write_text(HEADER + GOOD + BAD)

    result = linesheet("import", "products", str(file))

    assert result.exit_code == 3
    assert "range.csv: 2 rows = 1 created + 0 updated + 0 unchanged + 1 refused" in result.stdout
    assert "Row 3, Barcode: 4006381333932 is mistyped somewhere" in result.stdout
    assert "enter it again" in result.stdout


def test_the_account_comes_as_json(as_json, company, file):
    file.write_text(HEADER + GOOD + BAD)

    report = as_json("import", "products", str(file))

    assert report["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert [(row["row"], row["column"]) for row in report["rows"]] == [(3, "Barcode")]


def test_a_dry_run_writes_nothing(linesheet, company, file):
    file.write_text(HEADER + GOOD)

    result = linesheet("import", "products", str(file), "--dry-run")

    assert "1 created" in result.stdout
    assert "nothing was written" in result.stdout
    assert not Product.objects.exists()


def test_headers_can_be_mapped_and_the_mapping_kept(linesheet, company, file):
    file.write_text(HEADER.replace("Style", "Our=style") + GOOD)
    mapped = linesheet("import", "products", str(file), "--columns", "Our=style=style", "--save-mapping", "Ours")
    assert mapped.exit_code == 0, mapped.output

    again = linesheet("import", "products", str(file), "--mapping", "ours")

    assert ColumnMapping.objects.get().columns["Our=style"] == "style"
    assert "1 unchanged" in again.stdout


def test_a_file_that_cannot_be_read_is_told_in_two_lines(linesheet, company, file):
    file.write_text("Weather\nfair\n")

    result = linesheet("import", "products", str(file))

    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 2)


@pytest.mark.parametrize("arguments", [("weather", "range.csv"), ("products", "nowhere.csv")])
def test_what_is_no_kind_or_no_file_is_wrong_usage(linesheet, company, arguments):
    assert linesheet("import", *arguments).exit_code == 2


def test_an_export_comes_back_unchanged(linesheet, company, file, tmp_path):
    file.write_text(HEADER + GOOD)
    linesheet("import", "products", str(file))

    out = linesheet("export", "products", str(tmp_path / "out.xlsx"))
    back = linesheet("import", "products", str(tmp_path / "out.xlsx"))

    assert out.stdout.startswith("1 rows of products are in ")
    assert "1 rows = 0 created + 0 updated + 1 unchanged + 0 refused" in back.stdout


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_examples_go_into_the_books_of_a_new_company(linesheet, as_json, db, tmp_path, ending):
    linesheet("company", "create", "Atelier Nord", "--owner", "ada@example.com")
    for kind in IMPORTERS:
        file = str(tmp_path / f"{kind}.{ending}")
        assert linesheet("template", kind, file).exit_code == 0

        report = as_json("import", kind, file)

        counts = report["counts"]
        assert counts["refused"] == 0, report
        assert counts["created"] + counts["updated"] == report["total"] == 2
        assert (report["ignored"], report["warnings"]) == ([], [])


def test_an_example_is_not_written_over_a_file(linesheet, file):
    file.write_text(HEADER)

    assert linesheet("template", "products", str(file)).exit_code == 1
    assert file.read_text() == HEADER


@pytest.mark.parametrize("kind", IMPORTERS)
def test_every_column_is_told_with_what_it_holds(linesheet, as_json, kind):
    told = linesheet("columns", kind).stdout
    columns = as_json("columns", kind)["columns"]

    assert [column["field"] for column in columns] == list(IMPORTERS[kind].vocabulary.fields)
    assert all(f"{column['header']} ({column['field']}): {column['holds']}" in told for column in columns)


def test_what_a_file_must_have_is_told(linesheet):
    assert linesheet("columns", "prices").stdout.startswith(
        "Needed: Product code, or Style and Colour, or Barcode, or SKU code.\n"
    )


def test_columns_and_examples_need_no_installation(tmp_path):
    for arguments in (["columns", "orders"], ["template", "orders", "orders.csv"]):
        subprocess.run([sys.executable, "-m", "linesheet.cli.main", *arguments], cwd=tmp_path, check=True)

    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


@pytest.mark.parametrize("command", ["export", "template"])
def test_a_folder_that_is_not_there_is_named(linesheet, company, tmp_path, command):
    result = linesheet(command, "products", str(tmp_path / "nowhere" / "products.csv"))

    assert result.exit_code == 1
    assert result.stderr == f"There is no folder {tmp_path / 'nowhere'}.\nCreate it, or choose another.\n"


def test_an_import_is_listed_and_taken_back(linesheet, as_json, company, file):
    file.write_text(HEADER + GOOD + BAD)

    told = linesheet("import", "products", str(file)).stdout
    (listed,) = as_json("imports")
    assert f"To take it back: linesheet undo-import {listed['import']}" in told
    assert (listed["file"], listed["state"], listed["undone"]) == ("range.csv", "done", False)
    imported = Import.objects.get()
    assert imported.change_set.says == "Brought in range.csv: 1 created, 1 refused."
    assert [(row.number, row.state) for row in imported.rows.all()] == [(3, "refused")]

    result = linesheet("undo-import", str(listed["import"]))

    assert result.exit_code == 0, result.output
    assert "range.csv is taken back" in result.stdout
    assert not Product.objects.exists()
    assert "Undone" in linesheet("imports").stdout
    assert "nothing of range.csv to undo" in linesheet("undo-import", str(listed["import"])).output


def test_what_was_worked_on_since_stays_and_is_told(linesheet, company, file):
    file.write_text(HEADER + GOOD)
    linesheet("import", "products", str(file))
    Product.objects.update(category="Coats")

    result = linesheet("undo-import", str(Import.objects.get().pk))

    assert result.exit_code == 3
    assert "was changed since and stays as it is" in result.stdout
    assert Product.objects.exists()


def test_a_file_that_changes_nothing_is_not_listed(linesheet, as_json, company, file):
    file.write_text(HEADER + GOOD)
    linesheet("import", "products", str(file))

    assert as_json("import", "products", str(file))["import"] is None
    assert Import.objects.count() == 1


def test_an_import_that_is_none_is_told(linesheet, company):
    result = linesheet("undo-import", "77")

    assert result.exit_code == 1
    assert "There is no import 77." in result.output
