"""A connection: its tasks, when they run, what they did, and what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from linesheet.books.reasons import Refused
from linesheet.sync import activity, connections, runs, schedules
from linesheet.sync.connection_checks import Health, stops_of
from linesheet.sync.models import Connection, InboxRecord, Run, Schedule
from linesheet.sync.platform import CALLS_PER_SECOND, Direction, Platform, Task
from linesheet.sync.quota import left as quota_left
from linesheet.sync.quota import quota_of
from linesheet.web.access import MemberRequest
from linesheet.web.declared import (
    connection_or_404,
    connection_to_configure,
    connection_to_run,
    platform_of,
    task_name,
)
from linesheet.web.forms.schedules import ScheduleForm, schedule_form
from linesheet.web.problems import open_problems

RECENT = 5


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as the connection page shows it.

    `last` is its latest run that was not limited to one record, `working` the one that is not finished. `after` has
    the tasks that are to run before it.
    """

    task: Task
    after: Sequence["Before"]
    last: Run | None
    schedule: Schedule | None
    form: ScheduleForm
    working: Run | None = None

    @property
    def compares(self) -> bool:
        """Whether it writes nothing anywhere, so that there is nothing to preview."""
        return self.task.direction is Direction.CHECK


@dataclass(frozen=True, slots=True)
class Before:
    """A task that is to run before another, and when it last did."""

    name: str
    last: Run | None

    @property
    def done(self) -> bool:
        """Whether its latest run has sent something, so that what comes after finds it."""
        return self.last is not None and self.last.state in (Run.State.DONE, Run.State.PROBLEMS)


@require_safe
def show(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Everything about one connection."""
    connection = connection_or_404(request, connection_id)
    platform = platform_of(connection)
    missing, checks = stops_of(connection)
    quota = quota_of(connection.settings, platform) if platform else None
    recent = Run.objects.filter(connection=connection).select_related("requested_by")[:RECENT]
    return render(
        request,
        "web/connection.html",
        {
            "connection": connection,
            "platform": platform,
            "rows": _task_rows(connection, platform) if platform else [],
            "checks": checks,
            "missing": missing,
            "can_run": connection.active
            and not missing
            and all(check.health is not Health.PROBLEM for check in checks),
            "calls_per_second": connection.settings.get(CALLS_PER_SECOND.key)
            or (platform and platform.budget.per_second),
            "quota": quota,
            "credits_left": quota and quota_left(connection, quota, timezone.now()),
            "paused": connection.paused_until
            if connection.paused_until and connection.paused_until > timezone.now()
            else None,
            "recent": [
                (run, task_name(connection, run.task), activity.compares(connection, run.task)) for run in recent
            ],
            "problems": open_problems(connection=connection),
            "held": InboxRecord.objects.filter(connection=connection, state=InboxRecord.State.HELD).count(),
        },
    )


@require_POST
def start(request: MemberRequest, connection_id: int, task: str) -> HttpResponseBase:
    """Queue a run or a preview. A second click while it is unfinished leads to the same run."""
    connection = connection_to_run(request, connection_id, "start runs")
    declared = _task_of(connection, task)
    try:
        run, new = runs.start(connection, declared.key, preview=request.POST.get("preview") == "yes", by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("connection", connection.pk)
    if not new:
        messages.info(request, f"{declared.name} is at work already, in this run. Nothing new was queued.")
    return redirect("run", run.pk)


@require_POST
def schedule(request: MemberRequest, connection_id: int, task: str) -> HttpResponseBase:
    """Set when a task runs by itself; answers with the task's schedule, or the form and what is wrong in it."""
    connection = connection_to_configure(request, connection_id, "change schedules")
    declared = _task_of(connection, task)
    row = Schedule.objects.filter(connection=connection, task=declared.key).first()
    form = ScheduleForm(request.POST)
    if form.is_valid():
        try:
            row = _set(connection, declared, row, form)
        except Refused as refused:
            form.add_error(None, str(refused))
    if form.is_valid() and not request.htmx:
        messages.success(request, f"The schedule of {declared.name} is saved.")
        return redirect("connection", connection.pk)
    shown = TaskRow(declared, [], None, row, schedule_form(row) if form.is_valid() else form)
    return render(
        request,
        "web/_schedule.html" if request.htmx else "web/schedule.html",
        {"connection": connection, "row": shown, "saved": form.is_valid(), "open": not form.is_valid()},
        status=200 if form.is_valid() else 422,
    )


@require_POST
def switch(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Switch a connection on or off; a connection that is off starts no runs."""
    connection = connection_to_configure(request, connection_id, "change the state")
    connections.switch(connection, on=request.POST.get("active") == "yes")
    told = "switched on" if connection.active else "switched off: no run starts. Switch on, at the top, takes that back"
    messages.success(request, f"{connection} is {told}.")
    return redirect("connection", connection.pk)


def _task_of(connection: Connection, key: str) -> Task:
    platform = platform_of(connection)
    task = next((task for task in platform.tasks if task.key == key), None) if platform else None
    if task is None:
        raise Http404
    return task


def _set(connection: Connection, task: Task, row: Schedule | None, form: ScheduleForm) -> Schedule | None:
    if form.off:
        return schedules.switch_off(connection, task.key) if row else None
    return schedules.set_schedule(connection, task.key, every_minutes=form.every_minutes, daily_at=form.daily_at)


def _task_rows(connection: Connection, platform: Platform) -> list[TaskRow]:
    latest = _latest_runs(connection, platform)
    working = {run.task: run for run in Run.objects.filter(connection=connection, state__in=Run.UNFINISHED)}
    by_task = {row.task: row for row in Schedule.objects.filter(connection=connection)}
    return [
        TaskRow(
            task=task,
            after=[Before(task_name(connection, key), latest.get(key)) for key in task.after],
            last=latest.get(task.key),
            schedule=by_task.get(task.key),
            form=schedule_form(by_task.get(task.key)),
            working=working.get(task.key),
        )
        for task in platform.tasks
    ]


def _latest_runs(connection: Connection, platform: Platform) -> dict[str, Run]:
    """The latest run of each task as a whole, one look into the index a task, all in one query."""
    whole = Run.objects.filter(connection=connection, only_record="")
    of_each = [whole.filter(task=task.key).order_by("-pk")[:1] for task in platform.tasks]
    if not of_each:
        return {}
    first, *others = of_each
    return {run.task: run for run in first.union(*others, all=True)}
