"""Files that the command line brings in, beside the workers of the app."""

import datetime
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from linesheet.books.models import Company, Import, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.sync import imports
from linesheet.sync.imports_at_once import bring_in, take_back
from linesheet.web.undoing import is_of_import
from tests.processes import Workers, empty_queue, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(transactional_db: None) -> Iterator[Company]:
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    empty_queue()
    with acting_for(company):
        Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))
        yield company


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "range.csv"
    path.write_text("Style,Colour,Name,Size,Barcode\nCoat,Black,Coat,M,4006381333931\n")
    return path


def test_what_the_command_line_brought_in_is_undone_by_a_worker_as_all_imports_are(company, file):
    _, imported = bring_in("products", file, season="AW26")
    assert imported is not None
    assert imported.change_set is not None
    assert is_of_import(imported.change_set)

    workers = Workers("-m", "tests.sync.toy_worker")
    workers.start()
    imports.start_undo(imported)
    until(lambda: Import.objects.get().state == Import.State.DONE)
    workers.end()

    assert Import.objects.get().undone
    assert not Product.objects.exists()


def test_the_command_line_waits_for_its_turn_among_the_imports_of_the_company(company, file):
    done: list[str] = []

    def work() -> None:
        with acting_for(company):
            _, imported = bring_in("products", file, season="AW26")
            assert imported is not None
            done.append("brought in")
            take_back(imported)
            done.append("taken back")
        connection.close()

    thread = threading.Thread(target=work)
    with transaction.atomic():
        imports.in_turn()
        thread.start()
        until(_somebody_waits_for_a_turn)
        assert done == []
    thread.join()

    assert done == ["brought in", "taken back"]


def _somebody_waits_for_a_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])
