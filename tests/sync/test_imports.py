"""Uploaded files in the hands of real workers."""

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from linesheet.books import changes, imports
from linesheet.books.models import SKU, Change, ChangeSet, Company, Customer, Import, ImportRow, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.sync import imports as work
from linesheet.sync import retention
from tests.processes import Workers, empty_queue, until

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCTS = "Style,Colour,Name,Size,Barcode\nCoat,Black,Coat,M,4006381333931\nCoat,Black,Coat,L,4006381333932\n"


@pytest.fixture
def company(transactional_db: None) -> Iterator[Company]:
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    empty_queue()
    with acting_for(company):
        Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))
        yield company


@pytest.fixture
def workers() -> Iterator[Workers]:
    found = Workers("-m", "tests.sync.toy_worker")
    yield found
    found.end()


def uploaded(text: str, kind: str = "", name: str = "range.csv") -> Import:
    imported = imports.upload(ContentFile(text.encode()), name, kind=kind)
    imports.choose_columns(imported, imported.kind, {}, {"season": "AW26"})
    return imported


def done(imported: Import) -> bool:
    imported.refresh_from_db()
    return imported.state not in Import.AT_WORK


def test_a_file_is_checked_brought_in_and_undone(company, workers):
    workers.start()
    imported = uploaded(PRODUCTS)

    work.start(imported, really=False)
    until(lambda: done(imported))

    assert (imported.state, imported.seen, imported.total) == ("checked", 2, 2)
    assert imported.report["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert [(row.number, row.state, row.label) for row in imported.rows.all()] == [
        (2, "created", "Coat · Black · Coat"),
        (3, "refused", "Coat · Black · Coat"),
    ]
    refused = imported.rows.get(state="refused")
    assert (refused.column, refused.value) == ("Barcode", "4006381333932")
    assert "mistyped" in refused.says
    assert not Product.objects.exists()

    work.start(imported, really=True)
    until(lambda: done(imported))

    assert (imported.state, imported.report["counts"]["created"]) == ("done", 1)
    assert SKU.objects.get().barcode == "4006381333931"
    assert imported.change_set.says == "Brought in range.csv: 1 created, 1 refused."

    work.start_undo(imported)
    until(lambda: done(imported))

    assert (imported.state, imported.report["kept_rows"]) == ("done", 0)
    assert Import.objects.get().undone
    assert not Product.objects.exists()
    with pytest.raises(imports.ImportRefused, match="There is nothing of"):
        work.start_undo(imported)


def test_what_was_worked_on_since_stays_when_an_import_is_undone(company, workers):
    workers.start()
    imported = uploaded("Style,Colour,Name\nCoat,Black,Coat\nScarf,Red,Scarf\n")
    for really in (False, True):
        work.start(imported, really=really)
        until(lambda: done(imported))
    Product.objects.filter(style="Coat").update(category="Coats")

    work.start_undo(imported)
    until(lambda: done(imported))

    assert imported.report["kept"] == ["Product COAT-BLACK was changed since and stays as it is."]
    assert [each.style for each in Product.objects.all()] == ["Coat"]


def test_an_undo_whose_worker_is_gone_says_so_and_can_be_asked_again(company):
    imported = uploaded(PRODUCTS)
    with changes.recorded("import", "Brought in range.csv.") as change_set:
        Product.objects.create(code="COAT", style="Coat", colour="Black", name="Coat")
    Import.objects.filter(pk=imported.pk).update(state="done", change_set=change_set)
    work.start_undo(imported)
    empty_queue()

    assert work.end_lost() == 1

    imported.refresh_from_db()
    assert imported.state == "done"
    assert "could not be taken back" in imported.says
    assert Product.objects.exists()
    work.start_undo(imported)
    imported.refresh_from_db()
    assert (imported.state, imported.says) == ("undoing", "")


def test_a_file_that_changes_nothing_leaves_nothing_to_undo(company, workers):
    workers.start()
    imported = uploaded("Name\nHaus Berlin\n")
    Customer.objects.create(name="Haus Berlin")

    for really in (False, True):
        work.start(imported, really=really)
        until(lambda: done(imported))

    assert (imported.kind, imported.state, imported.change_set) == ("customers", "done", None)
    assert not ChangeSet.objects.exists()


@contextmanager
def held_up() -> Iterator[None]:
    """Has everybody wait who wants to write a SKU."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE books_sku IN EXCLUSIVE MODE")
        yield
    finally:
        other.close()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'books_sku'::regclass")
        return bool(cursor.fetchone()[0])


def test_an_import_whose_worker_is_killed_says_so_and_can_be_started_again(company, workers):
    imported = uploaded(PRODUCTS)
    first = workers.start()
    work.start(imported, really=False)
    until(lambda: done(imported))
    with held_up():
        work.start(imported, really=True)
        until(somebody_waits)

        first.kill()
        first.wait()
    workers.start()
    until(lambda: done(imported))

    assert imported.state == "failed"
    assert imported.says == "The worker stopped before range.csv was through. Nothing of it was written to the books."
    assert not Product.objects.exists()
    assert not Change.objects.exists()
    work.start(imported, really=True)
    until(lambda: done(imported))
    assert (imported.state, Product.objects.count(), imported.rows.count()) == ("done", 1, 2)


def test_a_worker_that_is_to_stop_takes_back_what_it_did(company):
    imported = uploaded(PRODUCTS)
    work.start(imported, really=False)
    imported.refresh_from_db()
    stop = threading.Event()
    stop.set()

    work.work(imported.pk, imported.job_id, stop)

    assert done(imported)
    assert imported.state == "failed"
    assert "The worker stopped" in imported.says


def test_a_job_that_another_has_replaced_does_nothing(company):
    imported = uploaded(PRODUCTS)
    work.start(imported, really=False)
    imported.refresh_from_db()

    work.work(imported.pk, imported.job_id + 1, threading.Event())

    assert not done(imported)
    assert not ImportRow.objects.exists()


@pytest.mark.parametrize("really", [False, True])
def test_work_that_no_worker_has_taken_is_cancelled_at_once(company, really):
    imported = uploaded(PRODUCTS)
    if really:
        Import.objects.filter(pk=imported.pk).update(state="checked", report={"counts": {}})
    work.start(imported, really=really)
    imported.refresh_from_db()

    assert work.cancel(imported)

    job = imported.job_id
    assert done(imported)
    assert imported.state == "cancelled"
    assert imported.says == "range.csv was cancelled. Nothing of it is in the books."
    work.work(imported.pk, job, threading.Event())
    assert Import.objects.get().state == "cancelled"
    assert not Product.objects.exists()


@pytest.mark.parametrize("really", [False, True])
def test_what_a_worker_is_at_is_cancelled_and_nothing_of_it_stays(company, workers, really):
    workers.start()
    imported = uploaded(PRODUCTS)
    if really:
        work.start(imported, really=False)
        until(lambda: done(imported))
    with held_up():
        work.start(imported, really=really)
        until(somebody_waits)
        imported.refresh_from_db()

        assert not work.cancel(imported)
        assert not done(imported)
        assert imported.cancelled_at
    until(lambda: done(imported))

    assert imported.state == "cancelled"
    assert not Product.objects.exists()
    assert not Change.objects.exists()
    assert not ChangeSet.objects.exists()
    assert not imported.rows.exists()
    work.start(imported, really=really)
    until(lambda: done(imported))
    assert imported.state == ("done" if really else "checked")


def test_what_was_to_be_cancelled_when_its_worker_died_is_cancelled(company, workers):
    imported = uploaded(PRODUCTS)
    first = workers.start()
    with held_up():
        work.start(imported, really=False)
        until(somebody_waits)
        work.cancel(imported)
        first.kill()
        first.wait()
    workers.start()
    until(lambda: done(imported))

    assert imported.state == "cancelled"


def test_what_has_come_to_its_end_is_not_cancelled(company, workers):
    workers.start()
    imported = uploaded(PRODUCTS)
    for really in (False, True):
        work.start(imported, really=really)
        until(lambda: done(imported))

    with pytest.raises(imports.ImportRefused, match=r"is done, so there is nothing to cancel\. If it was brought in"):
        work.cancel(imported)


def test_a_file_that_is_gone_is_told_of(company, workers):
    workers.start()
    imported = uploaded(PRODUCTS)
    default_storage.delete(imported.stored)

    work.start(imported, really=False)
    until(lambda: done(imported))

    assert (imported.state, imported.says, imported.fix) == (
        "failed",
        "range.csv is no longer kept.",
        "Upload it again.",
    )


def test_nothing_is_brought_in_before_it_was_checked_nor_twice_at_once(company):
    imported = uploaded(PRODUCTS)
    with pytest.raises(imports.ImportRefused, match="Have it checked first"):
        work.start(imported, really=True)

    work.start(imported, really=False)

    with pytest.raises(imports.ImportRefused, match="being worked on"):
        work.start(imported, really=False)
    with pytest.raises(imports.ImportRefused, match="being worked on"):
        imports.choose_columns(imported, "products", {}, {})
    with pytest.raises(imports.ImportRefused, match="being worked on"):
        imports.discard(imported)


def test_old_imports_go_with_their_files(company):
    old, young = uploaded(PRODUCTS), uploaded(PRODUCTS)
    Import.objects.filter(pk=old.pk).update(made_at=timezone.now() - datetime.timedelta(days=200))

    assert retention.tidy().imports == 1

    assert list(Import.objects.all()) == [young]
    assert not default_storage.exists(old.stored)
    assert default_storage.exists(young.stored)
