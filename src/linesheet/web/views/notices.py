"""What one was told of runs, and choosing what one is told."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linesheet.sync import mailing, notifications
from linesheet.sync.models import Connection, Emailing, Notice, NoticeSeverity
from linesheet.sync.notifications import Wish
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections, platform_of, task_name
from linesheet.web.paging import page_of


@dataclass(frozen=True, slots=True)
class Day:
    """The notices of a day in the company's zone."""

    date: datetime.date
    notices: list[tuple[Notice, str]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One line of the table of a connection: how a run may end, and how one is told of it."""

    severity: str
    label: str
    in_app: bool
    emailing: str

    @property
    def emailings(self) -> list[tuple[str, str]]:
        """The ways to be told by e-mail, by what is sent and what is read."""
        return Emailing.choices


@require_safe
def show(request: MemberRequest) -> HttpResponse:
    """What the member was told in the app, by day, the latest first; `read` in the query string offers to undo."""
    rows = _mine(request).select_related("connection").defer("connection__credentials")
    if request.GET.get("show") == "unread":
        rows = rows.filter(read_at=None)
    undo = _moment(request.GET.get("read", ""))
    return render(
        request,
        "web/notices/list.html",
        {
            "page": page_of(rows, request.GET, newest_first=True).map(_by_day),
            "only_unread": request.GET.get("show") == "unread",
            "any_unread": _mine(request).filter(read_at=None).exists(),
            "undo": undo,
        },
    )


@require_safe
def open_run(request: MemberRequest, notice_id: int) -> HttpResponseBase:
    """Go to the run of a notice, which is read by that."""
    notice = _notice_or_404(request, notice_id)
    notifications.read(_mine(request).filter(pk=notice.pk), timezone.now())
    return redirect("run", notice.run_id)


@require_POST
def read(request: MemberRequest, notice_id: int) -> HttpResponseBase:
    """Mark a notice as read, or as unread with `read` = no."""
    notice = _notice_or_404(request, notice_id)
    if request.POST.get("read") == "no":
        if notice.read_at:
            notifications.unread_again(_mine(request).filter(pk=notice.pk), notice.read_at)
    else:
        notifications.read(_mine(request).filter(pk=notice.pk), timezone.now())
    return redirect(f"{reverse('notices')}{'?show=unread' if request.POST.get('show') == 'unread' else ''}")


@require_POST
def read_all(request: MemberRequest) -> HttpResponseBase:
    """Mark all as read that the member has been shown; the page then offers to undo it."""
    until = request.POST.get("until", "")
    if not until.isdecimal():
        raise Http404
    moment = timezone.now()
    notifications.read(_mine(request).filter(pk__lte=until), moment)
    return redirect(reverse("notices") + "?" + _query(read=moment.isoformat()))


@require_POST
def unread_again(request: MemberRequest) -> HttpResponseBase:
    """Undo marking all as read."""
    moment = _moment(request.POST.get("read", ""))
    if moment is None:
        raise Http404
    notifications.unread_again(_mine(request), moment)
    return redirect("notices")


@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: MemberRequest) -> HttpResponseBase:
    """What the member is told of each connection, in the app and by e-mail; and when the digest comes."""
    mine = list(connections(request))
    if request.method == "POST":
        wishes, digest_at = _given(request.POST, mine)
        if digest_at is None:
            error = "Give the time of the digest as hours and minutes, such as 07:00."
            return _choices_page(request, mine, wishes, request.POST.get("digest_at", ""), error)
        notifications.choose(request.member, wishes)
        if digest_at != notifications.digest_time(request.member):
            notifications.set_digest_time(request.member, digest_at)
        messages.success(request, "Saved. This counts from the next run on.")
        return redirect("notice_choices")
    found = notifications.wishes_of(request.member, mine)
    wishes = {(pk, severity): wish for pk, of_one in found.items() for severity, wish in of_one.items()}
    return _choices_page(request, mine, wishes, f"{notifications.digest_time(request.member):%H:%M}")


@require_POST
def test(request: MemberRequest) -> HttpResponseBase:
    """Send the member a message now, and say what the mail server said."""
    tested = mailing.send_test(request.member)
    (messages.success if tested.ok else messages.error)(request, f"{tested.says} {tested.fix}".strip())
    return redirect("notice_choices")


def _mine(request: MemberRequest) -> "QuerySet[Notice]":
    mine: QuerySet[Notice] = request.may.only_seen(notifications.listed(request.member))
    return mine


def _notice_or_404(request: MemberRequest, pk: int) -> Notice:
    notice: Notice = get_object_or_404(_mine(request), pk=pk)
    return notice


def _by_day(notices: Iterable[Notice]) -> Iterator[Day]:
    """The notices by day, each with the name of its task."""
    for date, of_day in groupby(notices, key=lambda one: timezone.localtime(one.made_at).date()):
        yield Day(date, [(one, task_name(one.connection, one.task)) for one in of_day])


def _given(post: QueryDict, mine: Iterable[Connection]) -> tuple[dict[tuple[int, str], Wish], datetime.time | None]:
    """What was chosen, and when the digest is to come; None when that is no time. What is no way to be told is none."""
    wishes = {}
    for connection in mine:
        for severity in NoticeSeverity.values:
            name = f"{connection.pk}-{severity}"
            emailing = post.get(f"mail-{name}", "")
            wishes[connection.pk, severity] = Wish(
                in_app=f"app-{name}" in post,
                emailing=Emailing(emailing) if emailing in Emailing.values else Emailing.NEVER,
            )
    try:
        return wishes, datetime.time.fromisoformat(post.get("digest_at", "")).replace(second=0, tzinfo=None)
    except ValueError:
        return wishes, None


def _choices_page(
    request: MemberRequest,
    mine: Iterable[Connection],
    wishes: dict[tuple[int, str], Wish],
    digest_at: str,
    error: str = "",
) -> HttpResponse:
    context: dict[str, Any] = {
        "tables": [
            (
                one,
                platform_of(one),
                [
                    Chosen(severity, label, wishes[one.pk, severity].in_app, wishes[one.pk, severity].emailing)
                    for severity, label in NoticeSeverity.choices
                ],
            )
            for one in mine
        ],
        "digest_at": digest_at,
        "zone": notifications.zone_of(request.member).key,
        "error": error,
    }
    return render(request, "web/notices/choices.html", context, status=422 if error else 200)


def _moment(text: str) -> datetime.datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _query(**parts: str) -> str:
    query = QueryDict(mutable=True)
    query.update(parts)
    return query.urlencode()
