"""What is behind the selected rows, as a CSV file."""

import datetime
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils import timezone

from linesheet.books.reasons import Reason, Refused
from linesheet.sync.models import Connection, Item
from linesheet.web.access import MemberRequest
from linesheet.web.declared import task_name
from linesheet.web.downloads import rows_as_file
from linesheet.web.lists.declared import Do, Rows
from linesheet.web.templatetags import show as shown

MOST_LINES = 100_000
MOST_CALLS = 1_000
MOST_IN_A_CELL = 32_000
"""Characters: what spreadsheets can hold in a cell, and a bit less."""

TOO_MANY_LINES = Reason(
    "too_many_details",
    "The selected runs have more than {most:,} records in them.",
    "Select fewer of them, by date say, and take the rest after.",
)
TOO_MANY_CALLS = Reason(
    "too_many_calls",
    "More than {most:,} calls are selected, and their bodies are long.",
    "Select fewer of them, by date say, and take the rest after; Export has all of them without their bodies.",
)


def details_of(connection: Connection) -> Do:
    """The action that answers with the items of the selected runs."""

    def file(request: MemberRequest, rows: Rows) -> HttpResponseBase:
        items = Item.objects.filter(run__in=rows.order_by().values("pk")).order_by("-run_id", "pk")
        if items.order_by()[: MOST_LINES + 1].count() > MOST_LINES:
            raise Refused(TOO_MANY_LINES, most=MOST_LINES)
        return rows_as_file("activity", _items(connection, items.defer("payload").select_related("run")))

    return file


def _items(connection: Connection, items: "QuerySet[Item]") -> Iterator[Sequence[object]]:
    yield (
        "Run", "Task", "Asked for", "Kind", "Record", "State", "Action", "Reason", "Why", "What helps", "Remote id",
        "Changes", "Settled",
    )  # fmt: skip
    for item in items.iterator(chunk_size=1000):
        changes = "; ".join(
            f"{change['field']}: {shown.plain(change['old'])} -> {shown.plain(change['new'])}"
            for change in item.changes
        )
        yield (
            item.run_id,
            task_name(connection, item.run.task),
            _local(item.run.queued_at),
            item.kind,
            item.label,
            item.get_state_display(),
            item.get_action_display(),
            item.reason_code,
            item.says,
            item.fix,
            item.remote_id,
            changes,
            _local(item.settled_at),
        )


def calls_as_csv(request: MemberRequest, rows: Rows) -> HttpResponseBase:
    """The selected calls with what was sent and answered, secrets masked as they are kept."""
    if rows.order_by()[: MOST_CALLS + 1].count() > MOST_CALLS:
        raise Refused(TOO_MANY_CALLS, most=MOST_CALLS)
    return rows_as_file("calls", _calls(rows.order_by("-started_at", "-pk")))


def _calls(calls: Rows) -> Iterator[Sequence[object]]:
    yield ("Call", "Run", "Time", "Method", "Address", "Status", "Milliseconds", "Error", "Sent", "Answered")
    for call in calls.iterator(chunk_size=100):
        yield (
            call.pk,
            call.run_id,
            _local(call.started_at),
            call.method,
            call.url,
            call.status,
            call.milliseconds,
            call.error,
            call.request_body[:MOST_IN_A_CELL],
            call.response_body[:MOST_IN_A_CELL],
        )


def _local(moment: datetime.datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
