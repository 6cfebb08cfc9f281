"""The calls a connection made as a list: what each shows, and what narrows them."""

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from linesheet.sync import activity
from linesheet.sync.models import Connection, Exchange
from linesheet.web.activity.files import calls_as_csv
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists.days import days
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags import show as shown

BODIES = ("request_headers", "request_body", "response_headers", "response_body")
MOST_COUNTED = 5_000

TROUBLE = Q(status=None) | Q(status__gte=400)
ANSWERS = {
    "good": ("Good", Q(status__lt=400)),
    "trouble": ("Trouble of any kind", TROUBLE),
    "refused": ("Refused (4xx)", TROUBLE & Q(status__gte=400, status__lt=500)),
    "failed": ("Failed there (5xx)", TROUBLE & Q(status__gte=500)),
    "none": ("No answer", TROUBLE & Q(status=None)),
}
"""Kinds of answer; all but the good ones name what the index of trouble is over, so that it is used."""


def calls_of(connection: Connection) -> RecordList:
    """The calls of a connection as a list, newest first."""
    return RecordList(
        key="calls",
        one="call",
        many="calls",
        rows=lambda request: Exchange.objects.filter(connection=connection).defer(*BODIES),
        columns=(
            Column(key="method", label="Method", value=lambda call: call.method),
            Column(key="url", label="Address", value=lambda call: call.url, cell=_address),
            Column(key="status", label="Status", value=lambda call: call.status or "No answer", cell=_status),
            Column(key="ms", label="ms", value=lambda call: call.milliseconds, number=True),
            Column(key="when", label="Date/Time", value=lambda call: call.started_at, cell=_when, sort="started_at"),
            Column(key="run", label="Run", value=lambda call: call.run_id, cell=_run),
            Column(key="error", label="Error", value=lambda call: call.error, usual=False),
        ),
        filters=(
            Filter(
                key="answer",
                label="Status",
                narrow=lambda rows, value: rows.filter(ANSWERS[value][1]),
                choices=lambda: [(key, label) for key, (label, _) in ANSWERS.items()],
            ),
            Filter(key="run", label="Run number", narrow=_of_run),
            *days("started_at"),
            # The last, as it looks into the latest of those that pass all others.
            Filter(key="q", label=f"Address, in the latest {activity.LATEST_CALLS:,}", narrow=activity.calls_with),
        ),
        actions=(Action(key="details", label="Details as CSV", do=calls_as_csv),),
        order="-started_at",
        label=lambda call: f"{call.method} {call.url}",
        details=lambda call: reverse("call", args=[call.pk]),
        count_most=MOST_COUNTED,
        template="web/activity/calls.html",
        empty="What is sent to the platform and what it answers is listed here, call by call.",
    )


def _of_run(rows: Rows, text: str) -> Rows:
    return rows.filter(run=int(text)) if text.isdecimal() and len(text) < 19 else rows.none()


def _address(call: Exchange) -> str:
    return format_html('<span class="id">{}</span>', call.url)


def _status(call: Exchange) -> str:
    good = call.status is not None and call.status < 400
    return format_html('<span class="badge badge--{}">{}</span>', "good" if good else "bad", call.status or "No answer")


def _when(call: Exchange) -> str:
    return format_html('<span class="nowrap">{}</span>', shown.when(call.started_at))


def _run(call: Exchange) -> str:
    return format_html('<a href="{}">{}</a>', reverse("run", args=[call.run_id]), call.run_id) if call.run_id else ""
