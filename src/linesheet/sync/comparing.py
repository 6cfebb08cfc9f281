"""Comparisons: what is the same on both sides is counted, and what does not match becomes an item with its reason."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from linesheet.books.bulk import save_changed, save_new
from linesheet.sync.errors import Stopped
from linesheet.sync.journal import said_as_json
from linesheet.sync.keeping import kept_id, storable
from linesheet.sync.lease import fence
from linesheet.sync.legs import Compared, Comparison
from linesheet.sync.models import Item, Run
from linesheet.sync.work import Work

THERE = "there:"
"""What the ids of records begin with that are on the platform and not in the books, so that they are not mixed up."""


async def compare(work: Work, number: int, leg: Comparison) -> None:
    """Compare one leg, a page at a time. Raises Stopped, and the errors of `sync.errors`."""
    told: dict[str, Item | None] = {}
    async with work.recording():
        async for page in leg.compare():
            if not work.pulse.may_send():
                raise Stopped("The run was cancelled or taken over.")
            await work.db(_keep, work, number, leg, page, told)


def begin_anew(work: Work, numbers: Iterable[int]) -> None:
    """Forget what a worker before has compared of these legs: it is all asked anew. Raises Stopped."""
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        run = Run.objects.filter(pk=work.holder.run_id)
        agreed = run.values_list("agreed", flat=True).get()
        differing, _ = Item.objects.filter(run_id=work.holder.run_id, leg__in=list(numbers)).delete()
        run.update(
            selected=F("selected") - agreed - differing,
            unchanged=F("unchanged") - agreed,
            blocked=F("blocked") - differing,
            agreed=0,
        )


def _keep(work: Work, number: int, leg: Comparison, page: Sequence[Compared], told: dict[str, Item | None]) -> None:
    """Count what agrees, and keep what does not; what is said of a record once more is put to what was said before."""
    new: dict[str, Item] = {}
    more: dict[str, Item] = {}
    selected = agreed = 0
    for record in page:
        record_id = _id_of(leg, record)
        if work.only and (record.kind or leg.kind, record_id) != (work.only.kind, work.only.record_id):
            continue
        known = told.get(record_id)
        if record_id not in told:
            selected += 1
            agreed += record.said is None
            told[record_id] = None
        elif known is None and record.said:
            agreed -= 1
        if record.said is None:
            continue
        if known is None:
            told[record_id] = new[record_id] = _differing(work, number, leg, record, record_id)
            continue
        known.notes = [*known.notes, storable(said_as_json(record.said))]
        if known.pk:
            more[record_id] = known
    with transaction.atomic():
        fence(work.holder.run_id, work.holder.epoch)
        save_new(list(new.values()))
        save_changed(more.values(), ["notes"])
        Run.objects.filter(pk=work.holder.run_id).update(
            selected=F("selected") + selected,
            unchanged=F("unchanged") + agreed,
            agreed=F("agreed") + agreed,
            blocked=F("blocked") + len(new),
        )


def _id_of(leg: Comparison, record: Compared) -> str:
    """The id by which items have the record. Raises ValueError for what the leg does not declare."""
    kinds = leg.kinds()
    of = record.of or kinds.get(record.kind or leg.kind, "")
    if of == "-":
        return kept_id(f"{THERE}{record.record_id}")
    if record.of and record.of != kinds.get(record.kind or leg.kind):
        raise ValueError(f"{type(leg).__name__} does not declare that a {record.kind or leg.kind} is a {record.of}.")
    return kept_id(record.record_id)


def _differing(work: Work, number: int, leg: Comparison, record: Compared, record_id: str) -> Item:
    assert record.said
    words = storable({"label": record.label[:250], "says": record.said.says, "fix": record.said.fix})
    return Item(
        company_id=work.holder.company_id,
        run_id=work.holder.run_id,
        leg=number,
        kind=record.kind or leg.kind,
        record_id=record_id,
        remote_id=kept_id(record.remote_id),
        state=Item.State.BLOCKED,
        reason_code=record.said.reason.code,
        settled_at=timezone.now(),
        **words,
    )
