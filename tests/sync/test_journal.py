"""Outcomes are written however many come at once."""

from linesheet.books.models import Company
from linesheet.sync.journal import Outcome, settle
from linesheet.sync.models import Connection, Item, Run


def test_what_a_large_call_brought_is_settled_and_counted_at_once(company: Company) -> None:
    connection = Connection.objects.create(platform="toy", name="Toy", base_url="http://127.0.0.1")
    run = Run.objects.create(connection=connection, task="stock")
    items = Item.objects.bulk_create(Item(run=run, kind="stock", record_id=str(number)) for number in range(3_000))

    settle(run.pk, [Outcome(item, Item.State.FAILED if number == 0 else Item.State.CREATED)
                    for number, item in enumerate(items)])  # fmt: skip

    run.refresh_from_db()
    assert (run.created, run.failed) == (2_999, 1)
    assert run.items.filter(state=Item.State.CREATED).count() == 2_999
