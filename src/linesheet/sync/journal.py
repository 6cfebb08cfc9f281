"""The run's own account: each outcome in one transaction with its link, counters and exchanges."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Count, F
from django.utils import timezone

from linesheet.books.bulk import insert, save_changed
from linesheet.books.reasons import Said
from linesheet.sync import reasons
from linesheet.sync.lease import fence
from linesheet.sync.models import Exchange, Item, Link, Run
from linesheet.sync.transport import Call

COUNTED = {
    Item.State.CREATED: "created",
    Item.State.UPDATED: "updated",
    Item.State.UNCHANGED: "unchanged",
    Item.State.BLOCKED: "blocked",
    Item.State.FAILED: "failed",
    Item.State.CANCELLED: "not_attempted",
}
EXCHANGED = (
    "item_ids",
    "method",
    "url",
    "status",
    "error",
    "started_at",
    "milliseconds",
    "request_headers",
    "request_body",
    "response_headers",
    "response_body",
)
"""What the exchange log keeps of a call, by the names that both have for it."""


@dataclass(slots=True)
class Outcome:
    """What became of an item; `link` is the link to keep when the platform took the record or a part of it."""

    item: Item
    state: Item.State
    said: Said | None = None
    link: Link | None = None
    notes: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Holder:
    """The run this worker holds, and where its rows belong."""

    run_id: int
    epoch: int
    connection_id: int
    company_id: int


def said_as_json(said: Said) -> dict[str, str]:
    """A said reason as items, inbox records and reports keep it."""
    return {
        "code": said.reason.code,
        "severity": str(said.reason.severity),
        "says": said.says,
        "fix": said.fix,
        **({"pointer": said.pointer} if said.pointer else {}),
    }


def record(holder: Holder, outcomes: Sequence[Outcome], calls: Sequence[Call]) -> None:
    """Keep outcomes and calls, all or nothing. Raises Stopped when another worker has the run."""
    with transaction.atomic():
        fence(holder.run_id, holder.epoch)
        settle(holder.run_id, outcomes)
        keep_calls(holder, calls)


def settle(run_id: int, outcomes: Sequence[Outcome]) -> None:
    """Write outcomes inside the caller's fenced transaction."""
    if not outcomes:
        return
    now = timezone.now()
    for outcome in outcomes:
        item = outcome.item
        item.state, item.settled_at = outcome.state, now
        item.notes = [*item.notes, *outcome.notes]
        if outcome.said:
            item.reason_code, item.says, item.fix = (
                outcome.said.reason.code,
                outcome.said.says,
                outcome.said.fix,
            )
    save_changed(
        (outcome.item for outcome in outcomes),
        ["state", "settled_at", "notes", "reason_code", "says", "fix", "remote_id", "action"],
    )
    keep_links([outcome.link for outcome in outcomes if outcome.link])
    added = Counter(COUNTED[outcome.state] for outcome in outcomes)
    Run.objects.filter(pk=run_id).update(**{counter: F(counter) + count for counter, count in added.items()})


def keep_links(links: Sequence[Link]) -> None:
    """Keep what the platform has taken, in place of what it had before, inside the caller's transaction."""
    if links:
        Link.objects.bulk_create(
            links,
            update_conflicts=True,
            unique_fields=["connection", "kind", "record_id"],
            update_fields=["remote_id", "fingerprint", "payload", "accepted_at"],
        )


def keep_calls(holder: Holder, calls: Sequence[Call]) -> None:
    """Write the exchange log, and count the calls, inside the caller's transaction."""
    if not calls:
        return
    insert(
        Exchange,
        ("connection", "run", *EXCHANGED),
        [(holder.connection_id, holder.run_id, *(getattr(call, name) for name in EXCHANGED)) for call in calls],
    )
    Run.objects.filter(pk=holder.run_id).update(calls=F("calls") + len(calls))
    _count_calls(holder, calls)


def _count_calls(holder: Holder, calls: Sequence[Call]) -> None:
    by_status = sorted(Counter(call.status or 0 for call in calls).items())
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO sync_callcount (company_id, connection_id, status, calls) VALUES (%s, %s, %s, %s)
                ON CONFLICT (connection_id, status) DO UPDATE SET calls = sync_callcount.calls + EXCLUDED.calls
            """,
            [(holder.company_id, holder.connection_id, status, count) for status, count in by_status],
        )


def give_up(run: Run, platform: str, said: Said) -> None:
    """Close every item that is still planned, inside the caller's transaction.

    What was on its way is failed, its outcome unknown; the rest was not attempted.
    """
    planned = Item.objects.filter(run=run, state=Item.State.PLANNED)
    stopped = "the run stopped before an answer told"
    sent = [
        Outcome(
            item, Item.State.FAILED, reasons.OUTCOME_UNKNOWN.about(record=item.label, platform=platform, said=stopped)
        )
        for item in planned.filter(sent_at__isnull=False)
    ]
    settle(run.pk, sent)
    left = planned.filter(sent_at=None).update(
        state=Item.State.CANCELLED,
        reason_code=said.reason.code,
        says=said.says,
        fix=said.fix,
        settled_at=timezone.now(),
    )
    Run.objects.filter(pk=run.pk).update(not_attempted=F("not_attempted") + left)


def miscounted(run: Run) -> dict[str, tuple[int, int]]:
    """Counters that disagree with the items, as {counter: (counted, in items)}; {} when all is well.

    Of a run whose items were tidied away nothing can be said, so that is {} too. Unchanged records have no items of
    their own, so `unchanged` may only be larger than its items.
    """
    if run.items_tidied_at:
        return {}
    by_state = dict(run.items.values_list("state").annotate(Count("id")))
    wrong = {}
    for state, counter in COUNTED.items():
        counted, items = getattr(run, counter), by_state.get(state, 0)
        if counted < items or (counted > items and counter != "unchanged"):
            wrong[counter] = (counted, items)
    planned = by_state.get(Item.State.PLANNED, 0)
    if planned and run.state != Run.State.PLANNED:
        wrong["planned"] = (0, planned)
    return wrong


def keep_problems(run: Run, *, whole: bool) -> None:
    """Open a problem for every blocked or failed item of the run, or count it once more.

    With `whole`, the run saw all there is, or the one record it is limited to, so problems it did not meet again are
    cleared.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO sync_problem (company_id, connection_id, task, kind, record_id, label, reason_code, says,
                                      fix, times, last_run_id, first_seen_at, last_seen_at)
            SELECT company_id, %s, %s, kind, record_id, label, reason_code, says, fix, 1, run_id, now(), now()
              FROM sync_item
             WHERE run_id = %s AND state IN ('blocked', 'failed')
                ON CONFLICT (connection_id, task, kind, record_id, reason_code) DO UPDATE
               SET times = CASE WHEN sync_problem.last_run_id = EXCLUDED.last_run_id
                                THEN sync_problem.times ELSE sync_problem.times + 1 END,
                   first_seen_at = CASE WHEN sync_problem.cleared_at IS NULL
                                        THEN sync_problem.first_seen_at ELSE now() END,
                   label = EXCLUDED.label, says = EXCLUDED.says, fix = EXCLUDED.fix,
                   last_run_id = EXCLUDED.last_run_id, last_seen_at = now(), cleared_at = NULL
            """,
            [run.connection_id, run.task, run.pk],
        )
        if whole:
            cursor.execute(
                """
                UPDATE sync_problem SET cleared_at = now()
                 WHERE connection_id = %s AND task = %s AND cleared_at IS NULL
                   AND last_run_id IS DISTINCT FROM %s
                   AND (%s = '' OR (kind = %s AND record_id = %s))
                """,
                [run.connection_id, run.task, run.pk, run.only_record, run.only_kind, run.only_record],
            )
