"""The links of a connection: seen, searched, taken away and made by hand; and the workbench for unknown customers."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linesheet.books.changes import recorded
from linesheet.books.models import Customer
from linesheet.books.reasons import Refused
from linesheet.books.words import counted
from linesheet.sync import links as linking
from linesheet.sync import matches as matching
from linesheet.sync.links import LinkedRecord
from linesheet.sync.models import Connection, Link, Match
from linesheet.sync.platform import Direction
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404, connection_to_configure, platform_of
from linesheet.web.lists.declared import Rows
from linesheet.web.record_links import record_link
from linesheet.web.templatetags.show import when
from linesheet.web.undoing import offer_undo

GONE = "Gone from the books"
MOST_MATCHES = 200
"""Matches that are shown: they are made by hand, one at a time."""


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Every link with the names of both sides; selected ones can be taken away."""
    connection = _connection(request, connection_id)
    kinds = linking.kinds_of(connection)
    return lists.show(
        request,
        _links_list(connection, kinds),
        {
            "connection": connection,
            "platform": platform_of(connection),
            "kinds": sorted(kinds),
            "takes_orders": _takes_orders(connection),
            "may_configure": request.may.configure(connection),
        },
    )


@require_POST
def add(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Link a record of the books with one of the platform by hand."""
    connection = connection_to_configure(request, connection_id, "link records")
    sent = {name: request.POST.get(name, "").strip() for name in ("kind", "record", "remote_id")}
    says = f"{sent['record']} is linked with {sent['remote_id']} on {connection}."
    try:
        with recorded("links", says, by=request.user, subject=f"connection:{connection.pk}") as changes:
            linking.link_by_hand(connection, sent["kind"], sent["record"], sent["remote_id"])
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("links", connection.pk)
    offer_undo(
        request,
        changes,
        f"{says} The next run updates that record there, and creates a new one if it is gone.",
    )
    return redirect("links", connection.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def matches(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Whom held orders name and the books do not know, with suggestions; and the matches that were made."""
    if request.method == "POST":
        connection = connection_to_configure(request, connection_id, "match customers")
        _change_match(request, connection)
        return redirect("matches", connection.pk)
    connection = _connection(request, connection_id)
    made = list(Match.objects.filter(connection=connection).select_related("made_by").order_by("-pk")[:MOST_MATCHES])
    customers = Customer.objects.in_bulk([int(match.record_id) for match in made])
    return _workbench(request, connection, [(match, customers.get(int(match.record_id))) for match in made])


def _workbench(request: MemberRequest, connection: Connection, made: list[Any]) -> HttpResponse:
    return render(
        request,
        "web/connections/matches.html",
        {
            "connection": connection,
            "platform": platform_of(connection),
            "unknown": matching.unknown_customers(connection),
            "made": made,
            "kinds": linking.kinds_of(connection),
            "takes_orders": True,
            "may_configure": request.may.configure(connection),
        },
    )


def _change_match(request: MemberRequest, connection: Connection) -> None:
    subject = f"connection:{connection.pk}"
    try:
        if request.POST.get("do") == "take_back":
            match = get_object_or_404(Match.objects.filter(connection=connection), pk=_number(request, "match"))
            says = f"{match.remote_label} is matched with nobody now."
            with recorded("matches", says, by=request.user, subject=subject) as changes:
                match.delete()
            offer_undo(request, changes, f"{says} Orders that came in stay with their customer.")
            return
        name = request.POST.get("customer", "")
        with recorded("matches", "Matched a customer.", by=request.user, subject=subject) as changes:
            made, unknown = matching.match_customer(connection, request.POST.get("key", ""), name, by=request.user)
            changes.says = f"Orders of {made.remote_label} go to {' '.join(name.split())}."
            changes.save(update_fields=["says"])
        held = len(unknown.records)
        waits = "The order that is held goes" if held == 1 else f"The {held} orders that are held go"
        offer_undo(request, changes, f"{changes.says} {waits} in with the next run, from what was kept.")
    except Refused as refused:
        messages.error(request, str(refused))


def _number(request: MemberRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() else 0


def _connection(request: MemberRequest, connection_id: int) -> Connection:
    connection = connection_or_404(request, connection_id)
    if platform_of(connection) is None:
        raise Http404
    return connection


def _takes_orders(connection: Connection) -> bool:
    platform = platform_of(connection)
    return platform is not None and any(task.direction is Direction.IN for task in platform.tasks)


def _links_list(connection: Connection, kinds: dict[str, str]) -> lists.RecordList:
    def unlink(request: MemberRequest, rows: Rows) -> None:
        count = rows.count()
        says = f"{counted(count, 'link')} of {connection} taken away."
        with recorded("links", says, by=request.user, subject=f"connection:{connection.pk}") as changes:
            rows.delete()
        offer_undo(request, changes, f"{says} The next run finds or creates these records anew.")

    return lists.RecordList(
        key="links",
        one="link",
        many="links",
        rows=lambda request: _of(connection),
        columns=(
            lists.Column(
                key="label",
                label="In the books",
                value=lambda row: row.label or GONE,
                cell=lambda row: _record(row, kinds),
            ),
            lists.Column(key="kind", label="Kind", value=lambda row: row.link.kind),
            lists.Column(key="remote", label="On the platform", value=lambda row: row.link.remote_id),
            lists.Column(
                key="accepted",
                label="Last taken",
                value=lambda row: row.link.accepted_at,
                cell=lambda row: when(row.link.accepted_at),
                sort="accepted_at",
            ),
        ),
        filters=(
            lists.Filter(
                key="text",
                label="Name, code or id",
                narrow=lambda rows, text: linking.searched(rows, text, kinds),
            ),
            lists.Filter(
                key="kind",
                label="Kind",
                narrow=lambda rows, value: rows.filter(kind=value),
                choices=lambda: [(kind, kind) for kind in sorted(kinds)],
            ),
        ),
        actions=(
            lists.Action(
                key="unlink", label="Unlink", do=unlink, allowed=lambda request: request.may.configure(connection)
            ),
        ),
        load=lambda rows: linking.with_labels(rows, kinds),
        label=lambda row: row.label or row.link.remote_id,
        template="web/connections/links.html",
        empty="A link is made when the platform takes a record for the first time, or by hand.",
    )


def _record(row: LinkedRecord, kinds: dict[str, str]) -> str:
    return record_link(kinds.get(row.link.kind, ""), row.link.record_id, row.label) if row.label else GONE


def _of(connection: Connection) -> "QuerySet[Link]":
    links: QuerySet[Link] = Link.objects.filter(connection=connection).defer("payload")
    return links
