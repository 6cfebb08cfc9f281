"""The links of a connection: seen, searched, taken away and made by hand."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from linesheet.books.changes import recorded
from linesheet.books.reasons import Refused
from linesheet.books.words import counted
from linesheet.sync import links as linking
from linesheet.sync.called import only_calls_us
from linesheet.sync.links import LinkedRecord
from linesheet.sync.models import Connection, Link
from linesheet.sync.moves import MATCHES, subject_of
from linesheet.sync.platform import Platform
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404, connection_to_match, platform_of
from linesheet.web.lists.declared import Rows
from linesheet.web.record_links import record_link
from linesheet.web.templatetags.show import when
from linesheet.web.undoing import offer_undo
from linesheet.web.why import why_mark

GONE = "Gone from the books"


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
            "comes_in": [kind for kind in sorted(kinds) if linking.comes_in(connection, kind)],
            "may_match": request.may.match(connection) and not only_calls_us(platform_of(connection)),
        },
    )


@require_POST
def add(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Link a record of the books with one of the platform by hand."""
    connection = connection_to_match(request, connection_id, "link records")
    sent = {name: request.POST.get(name, "").strip() for name in ("kind", "record", "remote_id")}
    says = f"{sent['record']} is linked with {sent['remote_id']} on {connection}."
    try:
        with recorded("links", says, by=request.user, subject=subject_of(connection, MATCHES)) as changes:
            linking.link_by_hand(connection, sent["kind"], sent["record"], sent["remote_id"], request.may.hidden)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("links", connection.pk)
    follows = "The next run updates that record there, and creates a new one if it is gone."
    if linking.comes_in(connection, sent["kind"]):
        follows = "When it comes in, it is taken for this one and not stored a second time."
    offer_undo(request, changes, f"{says} Nobody asked there whether that id exists. {follows}")
    return redirect("links", connection.pk)


def _connection(request: MemberRequest, connection_id: int) -> Connection:
    connection = connection_or_404(request, connection_id)
    if platform_of(connection) is None:
        raise Http404
    return connection


def _links_list(connection: Connection, kinds: dict[str, str]) -> lists.RecordList:
    def unlink(request: MemberRequest, rows: Rows) -> None:
        count = rows.count()
        says = f"{counted(count, 'link')} of {connection} taken away."
        with recorded("links", says, by=request.user, subject=subject_of(connection, MATCHES)) as changes:
            linking.unlink(connection, rows)
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
            lists.Column(
                key="remote",
                label="On the platform",
                value=lambda row: row.link.remote_id,
                cell=_remote,
                sort="remote_id",
            ),
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
                key="unlink", label="Unlink", do=unlink, allowed=lambda request: request.may.match(connection)
            ),
        ),
        load=lambda rows: linking.with_labels(rows, kinds),
        label=lambda row: row.label or row.link.remote_id,
        template="web/connections/links.html",
        empty=_empty(platform_of(connection)),
    )


def _empty(platform: Platform | None) -> str:
    """Why there are no links yet, or need to be none."""
    if platform is not None and only_calls_us(platform):
        return (
            f"{platform.name} needs none: it collects records with the ids that they have in the books, and names them "
            "by these. What its orders call a customer or a size otherwise is under Matched by hand."
        )
    return "A link is made when the platform takes a record for the first time, or by hand."


def _record(row: LinkedRecord, kinds: dict[str, str]) -> str:
    if not row.label:
        return GONE
    of = kinds.get(row.link.kind, "")
    link = record_link(of, row.link.record_id, row.label)
    return format_html("{} {}", link, why_mark(of, row.link.record_id, row.label))


def _remote(row: LinkedRecord) -> str:
    return format_html('<span class="id">{}</span>', row.link.remote_id)


def _of(connection: Connection) -> "QuerySet[Link]":
    links: QuerySet[Link] = Link.objects.filter(connection=connection).defer("payload")
    return links
