"""Files to bring in, and books to bring them into."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from linesheet.books.models import Company, Location, PriceList, Season

WriteCsv = Callable[..., Path]


@pytest.fixture
def books(company: Company) -> Company:
    """A company with two seasons, three price lists and one location."""
    spring = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1), previous=spring)
    for kind in (PriceList.Kind.WHOLESALE, PriceList.Kind.RETAIL, PriceList.Kind.COST):
        PriceList.objects.create(name=kind.label, kind=kind)
    Location.objects.create(name="Main warehouse", code="MAIN")
    return company


@pytest.fixture
def csv_file(tmp_path: Path) -> WriteCsv:
    """Write lines to a file; each line is a row as it stands in the file."""

    def write(*lines: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write


@pytest.fixture
def xlsx_file(tmp_path: Path) -> Callable[..., Path]:
    """Write rows of cells to a workbook, each cell as the type it has."""
    from xlsxwriter import Workbook

    def write(*rows: Sequence[object], name: str = "file.xlsx", sheet: str = "Sheet1") -> Path:
        path = tmp_path / name
        book = Workbook(str(path), {"strings_to_formulas": False})
        dates = book.add_format({"num_format": "dd/mm/yyyy"})
        page = book.add_worksheet(sheet)
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime.date):
                    page.write_datetime(line, column, datetime.datetime.combine(cell, datetime.time()), dates)
                else:
                    page.write(line, column, cell)
        book.close()
        return path

    return write
