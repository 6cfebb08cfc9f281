"""The notices of a member as a list: what each tells, what narrows them, and marking them as read."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from linesheet.sync import notifications
from linesheet.sync.models import Notice, NoticeSeverity
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections, task_name
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists.days import days
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags import show as shown
from linesheet.web.templatetags.notices import severity_badge

MOST_COUNTED = 10_000


def notices_of(request: MemberRequest, query: QueryDict) -> RecordList:
    """What the member was told in the app as a list, the latest first; `query` is what is asked of it."""

    def read(notice: Notice) -> str:
        given = {"notice": notice, "name": _name(notice), "query": query.urlencode()}
        return render_to_string("web/notices/read.html", given)

    return RecordList(
        key="notices",
        one="notice",
        many="notices",
        rows=_rows,
        columns=(
            Column(key="run", label="About", value=_name, cell=_link),
            Column(key="ended", label="Ended", value=lambda one: one.get_severity_display(), cell=_badge),
            Column(key="says", label="What happened", value=lambda one: one.says, cell=_said),
            Column(key="reasons", label="Reasons", value=_reasons, usual=False),
            Column(key="made", label="Date/Time", value=lambda one: one.made_at, cell=_made, sort="pk"),
            Column(key="read", label="Read", value=lambda one: one.read_at, cell=read),
        ),
        filters=(
            Filter(
                key="show",
                label="Show",
                narrow=lambda rows, value: rows.filter(read_at__isnull=value == "unread"),
                choices=lambda: [("unread", "unread"), ("read", "read")],
            ),
            Filter(
                key="ended",
                label="Ended",
                narrow=lambda rows, value: rows.filter(severity=value),
                choices=lambda: NoticeSeverity.choices,
            ),
            Filter(
                key="connection",
                label="Connection",
                narrow=lambda rows, value: rows.filter(connection=value),
                choices=lambda: [(str(one.pk), one.name) for one in connections(request)],
            ),
            *days("made_at"),
        ),
        actions=(
            Action(key="read", label="Mark as read", do=_mark_read),
            Action(key="unread", label="Mark as unread", do=_mark_unread),
        ),
        order="-pk",
        label=_name,
        attributes=lambda one: {} if one.read_at else {"class": "notice--unread"},
        count_most=MOST_COUNTED,
        template="web/notices/list.html",
        empty="When a run ends, you are told here as you choose, once a run.",
    )


def _rows(request: MemberRequest) -> Rows:
    related = mine(request).select_related("connection", "webhook")
    return related.defer("connection__credentials", "webhook__secrets")


def mine(request: MemberRequest) -> "QuerySet[Notice]":
    """What the member was told in the app, of connections they may see."""
    found: QuerySet[Notice] = request.may.only_seen(notifications.listed(request.member))
    return found


def back_to_list(query: QueryDict, **more: str) -> HttpResponseBase:
    """The list as it was asked for, with `more` in the query string."""
    asked = query.copy()
    for key, value in more.items():
        asked[key] = value
    return redirect(f"{reverse('notices')}?{asked.urlencode()}" if asked else reverse("notices"))


def _mark_read(request: MemberRequest, rows: Rows) -> HttpResponseBase:
    moment = timezone.now()
    notifications.read(rows, moment)
    return back_to_list(request.GET, read=moment.isoformat())


def _mark_unread(request: MemberRequest, rows: Rows) -> None:
    notifications.unread(rows)


def _name(notice: Notice) -> str:
    if notice.connection is None:
        return f"Webhook {notice.webhook}"
    return f"{task_name(notice.connection, notice.task)} on {notice.connection}"


def _link(notice: Notice) -> str:
    new = "" if notice.read_at else format_html(' <span class="notice__new">{}</span>', "Unread")
    return format_html('<a href="{}">{}</a>{}', reverse("notice", args=[notice.pk]), _name(notice), new)


def _badge(notice: Notice) -> str:
    return render_to_string("web/parts/badge.html", severity_badge(notice))


def _said(notice: Notice) -> str:
    return render_to_string("web/notices/said.html", {"notice": notice})


def _made(notice: Notice) -> str:
    return format_html('<span class="nowrap">{}</span>', shown.when(notice.made_at))


def _reasons(notice: Notice) -> str:
    return "; ".join(_in_words(one) for one in notice.reasons)


def _in_words(reason: dict[str, Any]) -> str:
    return f"{reason['says']} ({reason['count']:,})" if reason["count"] > 1 else str(reason["says"])
