"""The runs of a connection as a list: what each shows, and what narrows them."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from linesheet.sync import activity
from linesheet.sync.models import Connection, Run
from linesheet.sync.platform import Direction
from linesheet.web.accounting import terms_of
from linesheet.web.activity.files import details_of
from linesheet.web.declared import platform_of, task_name
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists.days import days
from linesheet.web.templatetags import show as shown

DIRECTIONS = {Direction.OUT: "Out", Direction.IN: "In", Direction.FILE: "File", Direction.CHECK: "Check"}
MOST_COUNTED = 10_000


def runs_of(connection: Connection) -> RecordList:
    """The runs of a connection as a list."""
    platform = platform_of(connection)
    tasks = {task.key: task for task in platform.tasks} if platform else {}

    def direction(run: Run) -> str:
        return DIRECTIONS[tasks[run.task].direction] if run.task in tasks else ""

    def compares(run: Run) -> bool:
        return run.task in tasks and tasks[run.task].direction is Direction.CHECK

    def of_direction(rows: "QuerySet[Run]", value: str) -> "QuerySet[Run]":
        return rows.filter(task__in=[key for key, task in tasks.items() if task.direction == value])

    return RecordList(
        key="activity",
        one="run",
        many="runs",
        rows=lambda request: Run.objects.filter(connection=connection).select_related("requested_by"),
        columns=(
            Column(key="task", label="Task", value=lambda run: task_name(connection, run.task), cell=_task(connection)),
            Column(key="direction", label="Direction", value=direction),
            Column(key="state", label="Status", value=lambda run: run.get_state_display(), cell=_badge),
            Column(key="when", label="Date/Time", value=lambda run: run.queued_at, cell=_when, sort="pk"),
            Column(key="result", label="Result", value=_in_words(compares), cell=_result(compares)),
            Column(key="by", label="Asked for by", value=_asked_by),
            Column(key="took", label="Seconds", value=_took, number=True, usual=False),
            Column(key="calls", label="Calls", value=lambda run: run.calls, number=True, usual=False),
            Column(key="run", label="Run", value=lambda run: run.pk, number=True, usual=False),
        ),
        filters=(
            Filter(key="q", label="Record or run number", narrow=activity.runs_with),
            Filter(
                key="direction",
                label="Direction",
                narrow=of_direction,
                choices=lambda: [(str(value), label) for value, label in DIRECTIONS.items()],
            ),
            Filter(
                key="task",
                label="Task",
                narrow=lambda rows, value: rows.filter(task=value),
                choices=lambda: [(key, task.name) for key, task in tasks.items()],
            ),
            Filter(
                key="state",
                label="Status",
                narrow=lambda rows, value: rows.filter(state=value),
                choices=lambda: Run.State.choices,
            ),
            *days("queued_at"),
        ),
        actions=(Action(key="details", label="Details as CSV", do=details_of(connection)),),
        order="-pk",
        label=lambda run: f"{task_name(connection, run.task)}, run {run.pk}",
        details=lambda run: reverse("run_details", args=[run.pk]),
        count_most=MOST_COUNTED,
        template="web/activity/runs.html",
        empty="Start a task on the Actions tab; what it did is listed here.",
    )


def _task(connection: Connection) -> Callable[[Run], str]:
    def cell(run: Run) -> str:
        tags = []
        if run.preview and not run.approved_at:
            tags.append(("Preview",))
        if run.only_record:
            tags.append(("One record",))
        if run.replay_of_id:
            tags.append((f"Again, after run {run.replay_of_id}",))
        name = task_name(connection, run.task)
        link = format_html('<a class="strong" href="{}">{}</a>', reverse("run", args=[run.pk]), name)
        return format_html("{} {}", link, format_html_join(" ", '<span class="tag">{}</span>', tags))

    return cell


def _badge(run: Run) -> str:
    return render_to_string("web/parts/badge.html", shown.badge(run))


def _when(run: Run) -> str:
    return format_html('<span class="nowrap">{}</span>', shown.when(run.queued_at))


def _result(compares: Callable[[Run], bool]) -> Callable[[Run], str]:
    def cell(run: Run) -> str:
        said: str
        if run.selected:
            said = render_to_string("web/parts/sum.html", shown.run_sum(run, compares=compares(run)))
        else:
            said = run.says or ("" if run.state in Run.UNFINISHED else "Nothing selected")
        if not run.file:
            return said
        address = reverse("run_file", args=[run.pk])
        return format_html('{} <a class="target" href="{}" download>Download</a>', said, address)

    return cell


def _in_words(compares: Callable[[Run], bool]) -> Callable[[Run], str]:
    def value(run: Run) -> str:
        terms = terms_of(run, compares=compares(run))
        said = ", ".join(f"{term.number} {term.label}" for term in terms if term.number)
        return f"{run.selected} selected: {said}" if run.selected else run.says

    return value


def _asked_by(run: Run) -> str:
    return "schedule" if run.scheduled else str(run.requested_by or "")


def _took(run: Run) -> int | None:
    ended = run.finished_at or run.planned_at
    return round((ended - run.started_at).total_seconds()) if ended and run.started_at else None
