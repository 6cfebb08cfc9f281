"""The calls that programs make of us as a list: what each shows, and what narrows them."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from linesheet.sync.models import ApiCall
from linesheet.web.access import MemberRequest
from linesheet.web.lists import Column, Filter, RecordList
from linesheet.web.lists.days import days
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags import show as shown

BODIES = ("request_body", "response_body")
MOST_COUNTED = 5_000

ANSWERS = {"good": ("Good", {"status__lt": 400}), "refused": ("Refused", {"status__gte": 400})}


def calls_to_us(key: str, rows: Callable[[MemberRequest], Rows], template: str) -> RecordList:
    """Those of these calls that a member may see, newest first."""
    return RecordList(
        key=key,
        one="call",
        many="calls",
        rows=lambda request: rows(request).defer(*BODIES),
        columns=(
            Column(key="path", label="Address", value=lambda call: call.path, cell=_address),
            Column(key="method", label="Method", value=lambda call: call.method),
            Column(key="status", label="Status", value=lambda call: call.status, cell=_status),
            Column(key="calls", label="Calls", value=lambda call: call.calls, number=True, usual=False),
            Column(key="records", label="Records", value=_records, number=True),
            Column(key="ms", label="ms", value=lambda call: call.milliseconds, number=True),
            Column(key="when", label="Date/Time", value=lambda call: call.at, cell=_when, sort="at"),
            Column(key="key", label="Key", value=lambda call: f"{call.key_prefix}…"),
            Column(key="address", label="From", value=lambda call: call.address, usual=False),
            Column(key="request", label="Request", value=lambda call: call.request_id, usual=False),
        ),
        filters=(
            Filter(
                key="answer",
                label="Status",
                narrow=lambda rows, value: rows.filter(**ANSWERS[value][1]),
                choices=lambda: [(key, label) for key, (label, _) in ANSWERS.items()],
            ),
            Filter(key="request", label="Request id", narrow=lambda rows, text: rows.filter(request_id=text)),
            *days("at"),
        ),
        order="-at",
        label=lambda call: f"{call.method} {call.path}",
        details=lambda call: reverse("api_call", args=[call.pk]),
        count_most=MOST_COUNTED,
        template=template,
        empty="Every call that a program makes with a key is listed here.",
    )


def _records(call: ApiCall) -> Any:
    return "" if call.records is None else call.records


def _address(call: ApiCall) -> str:
    path = format_html('<span class="id">{}</span>', call.path)
    if call.calls == 1:
        return path
    return format_html('{}<p class="quiet">The last of {} calls</p>', path, shown.number(call.calls))


def _status(call: ApiCall) -> str:
    return format_html(
        '<span class="badge badge--{}">{}</span> {}', "good" if call.status < 400 else "bad", call.status, call.refused
    )


def _when(call: ApiCall) -> str:
    first = format_html('<span class="nowrap">{}</span>', shown.when(call.at))
    if call.calls == 1:
        return first
    return format_html('{} <span class="quiet nowrap">to {}</span>', first, shown.when(call.last_at))
