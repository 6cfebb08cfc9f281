"""What one was told of runs, and choosing what one is told."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linesheet.sync import mailing, notifications
from linesheet.sync.models import Connection, Emailing, Notice, NoticeSeverity
from linesheet.sync.notifications import Wish
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections, platform_of
from linesheet.web.notice_list import back_to_list, mine, notices_of


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


def show(request: MemberRequest) -> HttpResponseBase:
    """What the member was told in the app, the latest first; `read` in the query string offers to undo."""
    undo = _moment(request.GET.get("read", ""))
    # It is asked once, and not of every page that is reached from here.
    query = request.GET.copy()
    query.pop("read", None)
    unread = mine(request).filter(read_at=None).order_by("-pk")
    context = {"undo": undo, "newest": unread.values_list("pk", flat=True).first()}
    return lists.show(request, notices_of(request, query), context, query)


@require_safe
def open_run(request: MemberRequest, notice_id: int) -> HttpResponseBase:
    """Go to the run of a notice, or to the webhook, which is read by that."""
    notice = _notice_or_404(request, notice_id)
    notifications.read(mine(request).filter(pk=notice.pk), timezone.now())
    return redirect("run", notice.run_id) if notice.run_id else redirect("webhook", notice.webhook_id)


@require_POST
def read(request: MemberRequest, notice_id: int) -> HttpResponseBase:
    """Mark a notice as read, or as unread with `read` = no."""
    notice = _notice_or_404(request, notice_id)
    if request.POST.get("read") == "no":
        if notice.read_at:
            notifications.unread_again(mine(request).filter(pk=notice.pk), notice.read_at)
    else:
        notifications.read(mine(request).filter(pk=notice.pk), timezone.now())
    return back_to_list(request.GET)


@require_POST
def read_all(request: MemberRequest) -> HttpResponseBase:
    """Mark all as read that the member has been shown; the page then offers to undo it."""
    until = request.POST.get("until", "")
    if not until.isdecimal():
        raise Http404
    moment = timezone.now()
    notifications.read(mine(request).filter(pk__lte=until), moment)
    return back_to_list(QueryDict(), read=moment.isoformat())


@require_POST
def unread_again(request: MemberRequest) -> HttpResponseBase:
    """Undo marking all as read."""
    moment = _moment(request.POST.get("read", ""))
    if moment is None:
        raise Http404
    notifications.unread_again(mine(request), moment)
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


def _notice_or_404(request: MemberRequest, pk: int) -> Notice:
    notice: Notice = get_object_or_404(mine(request), pk=pk)
    return notice


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
