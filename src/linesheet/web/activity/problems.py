"""The open problems of a connection as a list: what each shows, and what narrows them."""

from functools import cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from linesheet.sync import problems
from linesheet.sync.models import Connection, Problem
from linesheet.sync.runs import kind_in_books
from linesheet.web.activity.in_books import links_of
from linesheet.web.declared import platform_of, task_name
from linesheet.web.lists import Column, Filter, RecordList
from linesheet.web.templatetags import show as shown
from linesheet.web.why import why_link

MOST_COUNTED = 10_000


def problems_of(connection: Connection) -> RecordList:
    """The open problems of a connection as a list, the newest first."""
    link = links_of(connection)
    platform = platform_of(connection)

    @cache
    def of(task: str, kind: str) -> str:
        return kind_in_books(connection, task, kind)

    def record(row: Problem) -> str:
        name = link(row.task, row.kind, row.record_id, row.label)
        why = why_link(of(row.task, row.kind), row.record_id, row.label)
        kind = row.kind.replace("_", " ")
        return format_html('<span class="strong">{}</span><p class="quiet">{} {}</p>', name, kind, why)

    return RecordList(
        key="problems",
        one="open problem",
        many="open problems",
        rows=lambda request: problems.open_of(connection),
        columns=(
            Column(key="record", label="Record", value=lambda row: row.label, cell=record),
            Column(key="kind", label="Kind", value=lambda row: row.kind, usual=False),
            Column(key="reason", label="Reason", value=lambda row: row.says, cell=_reason),
            Column(key="fix", label="What helps", value=lambda row: row.fix, usual=False),
            Column(key="code", label="Code", value=lambda row: row.reason_code, usual=False),
            Column(key="task", label="Task", value=lambda row: task_name(connection, row.task)),
            Column(key="times", label="Times", value=lambda row: row.times, cell=_times, number=True),
            Column(key="since", label="Since", value=lambda row: row.first_seen_at, cell=_since, sort="first_seen_at"),
            Column(key="seen", label="Last seen", value=lambda row: row.last_seen_at, cell=_seen),
        ),
        filters=(
            Filter(key="q", label="Record begins with", narrow=problems.called),
            Filter(
                key="reason",
                label="Reason",
                narrow=lambda rows, value: rows.filter(reason_code=value),
                choices=lambda: [(code, in_words(code)) for code in problems.reasons_of(connection)],
            ),
            Filter(
                key="task",
                label="Task",
                narrow=lambda rows, value: rows.filter(task=value),
                choices=lambda: [(task.key, task.name) for task in platform.tasks] if platform else [],
            ),
        ),
        order="-first_seen_at",
        label=lambda row: row.label,
        count_most=MOST_COUNTED,
        template="web/problems.html",
        empty="Records that a run could not send or take in are listed here until one can.",
    )


def in_words(code: str) -> str:
    """The code of a reason as a choice of it."""
    return code.replace("_", " ")


def _reason(row: Problem) -> str:
    return render_to_string("web/parts/reason.html", shown.reason(row))


def _times(row: Problem) -> str:
    return shown.number(row.times)


def _since(row: Problem) -> str:
    return format_html('<span class="nowrap">{}</span>', shown.when(row.first_seen_at))


def _seen(row: Problem) -> str:
    moment = format_html('<span class="nowrap">{}</span>', shown.when(row.last_seen_at))
    if not row.last_run_id:
        return moment
    return format_html('<a href="{}">{}</a>', reverse("run", args=[row.last_run_id]), moment)
