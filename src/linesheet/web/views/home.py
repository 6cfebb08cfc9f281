"""Home: how every connection is doing, and what wants a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linesheet.sync.models import Connection, InboxRecord, Run, Schedule
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections, platform_of, task_name
from linesheet.web.problems import ProblemGroup, open_problems


@dataclass(frozen=True, slots=True)
class Row:
    """A connection as home shows it."""

    connection: Connection
    platform: str
    last: Run | None
    last_task: str
    next: Schedule | None
    next_task: str
    problems: int
    held: int


@require_safe
def show(request: MemberRequest) -> HttpResponse:
    """Connections with their last and next run, and open problems by reason."""
    problems = [group for group in open_problems() if request.may.see(group.connection_id)]
    return render(request, "web/home.html", {"rows": _rows(request, problems), "problems": problems})


def _rows(request: MemberRequest, problems: Sequence[ProblemGroup]) -> list[Row]:
    latest = Run.objects.filter(connection=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    rows = list(connections(request).annotate(last_run_id=Subquery(latest)))
    last = Run.objects.in_bulk([connection.last_run_id for connection in rows])
    due: dict[int, Schedule] = {}
    for schedule in Schedule.objects.filter(enabled=True).order_by("due_at"):
        due.setdefault(schedule.connection_id, schedule)
    waiting = InboxRecord.objects.filter(state=InboxRecord.State.HELD).order_by()
    held = dict(waiting.values_list("connection").annotate(Count("pk")))
    return [_row(one, last.get(one.last_run_id), due, problems, held) for one in rows]


def _row(
    connection: Connection,
    last: Run | None,
    due: dict[int, Schedule],
    problems: Sequence[ProblemGroup],
    held: dict[int, int],
) -> Row:
    platform = platform_of(connection)
    next_run = due.get(connection.pk) if connection.active else None
    return Row(
        connection=connection,
        platform=platform.name if platform else f"{connection.platform}, which is not installed",
        last=last,
        last_task=task_name(connection, last.task) if last else "",
        next=next_run,
        next_task=task_name(connection, next_run.task) if next_run else "",
        problems=sum(group.count for group in problems if group.connection_id == connection.pk),
        held=held.get(connection.pk, 0),
    )
