"""Doing again what was done before: a whole run, one item of it, or an order that is held.

Outbound, an item's kept payload is sent once more only while it is what the books still say. A payload that the books
have left behind is never sent: the new run then says so, and `try_again` sends what the books have now. Inbound, the
kept inbox record is resolved again by today's books, and the platform is not asked what there is.
"""

from collections.abc import Iterable

from django.db import transaction

from linesheet.books.models import User
from linesheet.books.reasons import Reason
from linesheet.sync import runs
from linesheet.sync.contexts import context_of
from linesheet.sync.explain import explain_customer, explain_product
from linesheet.sync.legs import Inbound
from linesheet.sync.models import Connection, InboxRecord, Item, Run
from linesheet.sync.registry import platform
from linesheet.sync.runs import RunRefused

NOTHING_SENT = Reason(
    "nothing_sent",
    "Run {run} had nothing to send of {record}, so there is nothing to send once more.",
    "Try the record again: it is planned as the books have it now.",
)
NO_TASK_TAKES_IN = Reason(
    "no_task_takes_in",
    "No task of {connection} takes in records of the kind {kind}.",
    "Update Linesheet or the platform's package; the record stays as it is kept.",
)

REASONS = (NOTHING_SENT, NO_TASK_TAKES_IN)


def again(run: Run, *, by: User | None = None) -> tuple[Run, bool]:
    """Queue the same task once more, limited to the same record if the run was. Raises as `runs.start`."""
    return runs.start(run.connection, run.task, preview=run.preview, by=by, only=_only(run), replay_of=run)


def send_again(item: Item, *, by: User | None = None) -> tuple[Run, bool]:
    """Queue a run that sends exactly what the item sent, though the platform may have it. Raises as `runs.start`.

    If the books have moved on since, the new run blocks the record instead. Raises RunRefused when nothing was sent.
    """
    if item.payload is None:
        raise RunRefused(NOTHING_SENT, run=item.run_id, record=item.label)
    return runs.start(
        item.run.connection,
        item.run.task,
        by=by,
        only=(item.kind, item.record_id),
        replay_of=item.run,
        as_sent=item.fingerprint,
    )


def try_again(item: Item, *, preview: bool = False, by: User | None = None) -> tuple[Run, bool]:
    """Queue a run of this record alone: as the books have it now, or as it is kept in the inbox.

    Raises as `runs.start`.
    """
    only = (item.kind, item.record_id)
    return runs.start(item.run.connection, item.run.task, preview=preview, by=by, only=only, replay_of=item.run)


def resolve(record: InboxRecord, *, by: User | None = None) -> tuple[Run, bool]:
    """Queue a run that takes in one kept or held record by today's books, from its kept payload.

    Raises as `runs.start`, and RunRefused when no task takes in records of its kind.
    """
    task = _takes_in(record)
    return runs.start(record.connection, task, by=by, only=(record.kind, record.remote_id))


def resolve_all(records: Iterable[InboxRecord], *, by: User | None = None) -> list[Run]:
    """Queue what takes these in: of a connection a run of that record alone, or of the whole task where there are more.

    Raises as `resolve`, and then nothing is queued.
    """
    wanted: dict[tuple[int, str], list[InboxRecord]] = {}
    for record in records:
        wanted.setdefault((record.connection_id, _takes_in(record)), []).append(record)
    with transaction.atomic():
        return [
            (resolve(of[0], by=by) if len(of) == 1 else runs.start(of[0].connection, task, by=by))[0]
            for (_, task), of in wanted.items()
        ]


def _takes_in(record: InboxRecord) -> str:
    """The task that takes in records of such a kind. Raises RunRefused when none does."""
    connection = record.connection
    context = context_of(connection)
    for task in platform(connection.platform).tasks:
        for make in task.legs:
            leg = make(context)
            if isinstance(leg, Inbound) and leg.kind == record.kind:
                return task.key
    raise RunRefused(NO_TASK_TAKES_IN, connection=connection, kind=record.kind)


def record_called(connection: Connection, task: str, kind: str, key: str) -> str:
    """The id by which items have the record that a person knows by `key`; the key itself where nothing better is known.

    Raises RunRefused when there is no such task, and ExplainRefused when no record or several are known by it.
    """
    legs = runs.legs_of(connection, runs.task_of(connection, task))
    leg = next((leg for leg in legs if kind in leg.kinds()), None)
    if isinstance(leg, Inbound):
        known = InboxRecord.objects.filter(connection=connection, kind=kind, label__iexact=key).order_by("-pk")
        return known.values_list("remote_id", flat=True).first() or key
    match leg.kinds()[kind] if leg else "":
        case "product":
            return explain_product(key, connection).record_id
        case "customer":
            return explain_customer(key, connection).record_id
    return key


def _only(run: Run) -> tuple[str, str] | None:
    return (run.only_kind, run.only_record) if run.only_record else None
