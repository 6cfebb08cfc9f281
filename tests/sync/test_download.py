"""Records written to a file: what was planned is in it, or is blocked."""

import asyncio
import dataclasses
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage

from linesheet.books.models import Product
from linesheet.sync import download, engine, lease, legs, registry, runs
from linesheet.sync.legs import Download
from linesheet.sync.models import Item, Run
from linesheet.sync.platform import Direction, Task
from tests.sync.test_outbound import counts
from tests.sync.toy import NAMELESS, TOY


class ToyFile(Download[Product]):
    kind = "product"
    on_load: Callable[[], None] = staticmethod(lambda: None)

    def columns(self):
        return "Code", "Name"

    def select(self):
        return Product.objects.all()

    def load(self, ids):
        self.on_load()
        return list(Product.objects.filter(pk__in=ids))

    def record_id(self, record):
        return str(record.pk)

    def label(self, record):
        return record.code

    def check(self, record):
        return [] if record.name else [NAMELESS.about(record=record.code)]

    def rows(self, record):
        return [{"Code": record.code, "Name": record.name}]


@pytest.fixture(autouse=True)
def _task(toy, monkeypatch):
    monkeypatch.setattr(legs, "PAGE", 4)
    task = Task(key="file", name="File", direction=Direction.FILE, help="", legs=(ToyFile,))
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": dataclasses.replace(TOY, tasks=(task,))})
    monkeypatch.setattr(download, "PAGE", 4)


@pytest.fixture
def files() -> Iterator[Callable[[], list[str]]]:
    """Names of the files that came since the test began."""

    def there() -> set[str]:
        return {f"{folder}/{name}" for folder in companies() for name in default_storage.listdir(folder)[1]}

    def companies() -> list[str]:
        if not default_storage.exists(""):
            return []
        folders = [f"{company}/downloads" for company in default_storage.listdir("")[0]]
        return [folder for folder in folders if default_storage.exists(folder)]

    before = there()
    return lambda: sorted(there() - before)


def written(run: Run) -> list[str]:
    with default_storage.open(run.file) as file:
        return file.read().decode("utf-8-sig").splitlines()


def approved(run: Run) -> Run:
    runs.approve(run)
    asyncio.run(engine.execute(run.pk, run.company_id))
    run.refresh_from_db()
    return run


def test_every_record_is_in_the_file_or_blocked(products, work):
    Product.objects.filter(code="P03").update(name="")
    Product.objects.filter(code="P04").update(name="Été, long")

    run = work("file")

    assert (run.state, counts(run)) == (Run.State.PROBLEMS, {"selected": 10, "created": 9, "blocked": 1})
    header, *rows = written(run)
    assert header == "Code,Name"
    assert rows[:4] == ["P00,Coat 0", "P01,Coat 1", "P02,Coat 2", 'P04,"Été, long"']
    assert not run.items.filter(settled_at=None).exists()


def test_what_is_no_longer_fit_when_an_approved_plan_is_written_is_blocked(products, work):
    preview = work("file", preview=True)
    Product.objects.filter(code="P03").update(name="")
    Product.objects.filter(code="P05").delete()

    run = approved(preview)

    assert (run.state, counts(run)) == (Run.State.PROBLEMS, {"selected": 10, "created": 8, "blocked": 2})
    assert len(written(run)) == 9
    blocked = run.items.filter(state=Item.State.BLOCKED)
    assert set(blocked.values_list("label", "reason_code")) == {("P03", "moved_in_books"), ("P05", "moved_in_books")}
    assert not run.items.filter(settled_at=None).exists()


def test_cancelling_between_two_pages_leaves_no_file(products, work, monkeypatch, files):
    run = work("file", preview=True)
    pages = []

    def cancel_at_the_second():
        pages.append(1)
        if len(pages) == 2:
            runs.cancel(Run.objects.get(pk=run.pk))
            time.sleep(2 * lease.PULSE_SECONDS)

    monkeypatch.setattr(ToyFile, "on_load", staticmethod(cancel_at_the_second))

    approved(run)

    assert (run.state, counts(run)) == (Run.State.CANCELLED, {"selected": 10, "not_attempted": 10})
    assert (len(pages), run.file, files()) == (2, "", [])


def test_a_worker_that_lost_the_run_leaves_no_file(products, work, monkeypatch, files):
    run = work("file", preview=True)
    settle = download._settle

    def taken_over(*given):
        Run.objects.filter(pk=run.pk).update(epoch=99)
        settle(*given)

    monkeypatch.setattr(download, "_settle", taken_over)

    approved(run)

    assert (run.items.filter(state=Item.State.PLANNED).count(), run.file, files()) == (10, "", [])


def test_a_worker_that_wakes_after_its_successor_wrote_the_file_leaves_that_as_it_is(
    products, work, monkeypatch, files
):
    run = work("file", preview=True)
    settle = download._settle
    names = []

    def wakes_when_its_successor_is_through(late, number, moved, name):
        names.append(name)
        if len(names) == 1:
            epoch = late.holder.epoch + 1
            Run.objects.filter(pk=run.pk).update(epoch=epoch)
            holder = dataclasses.replace(late.holder, epoch=epoch)
            successor = dataclasses.replace(late, holder=holder, pulse=lease.Pulse(run.pk, epoch))
            download.write(successor, number, ToyFile(SimpleNamespace()))
        settle(late, number, moved, name)

    monkeypatch.setattr(download, "_settle", wakes_when_its_successor_is_through)

    approved(run)

    assert (len(names), files()) == (2, [run.file])
    assert len(written(run)) == 11
