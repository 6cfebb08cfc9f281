"""The match workbench: what records of a connection name and nobody has linked; and the matches that were made."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from linesheet.books.changes import recorded
from linesheet.books.reasons import Refused
from linesheet.books.words import counted
from linesheet.sync import matches as matching
from linesheet.sync import suggestions as rules
from linesheet.sync.known import SIZE
from linesheet.sync.likeness import LIKELY, SURE
from linesheet.sync.links import called
from linesheet.sync.matches import Matched
from linesheet.sync.models import Connection, Match, Suggestion
from linesheet.sync.moves import subject_of
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404, connection_to_configure, platform_of
from linesheet.web.lists.declared import Rows
from linesheet.web.record_links import record_link
from linesheet.web.templatetags.show import when
from linesheet.web.undoing import offer_undo
from linesheet.web.why import why_link

FOUND = 20
GONE = "Gone from the books"
MOST_TOLD = 5
"""How many refusals a message names."""
ASIDE = "aside"
OF_THE_LIST = ("q", "kind", "sure", "state", "sort")
KINDS = {"customer": "Customer", SIZE: "Size", "product": "Product"}
SURENESS = [("sure", "Sure"), ("likely", "Likely"), ("perhaps", "Perhaps"), ("none", "No suggestion")]


@require_http_methods(["GET", "HEAD", "POST"])
def workbench(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """What nobody has linked, as the latest records name it, with what it may be in the books."""
    connection = _connection(request, connection_id)
    if request.method != "POST" and not request.htmx and "export" not in request.GET:
        rules.look(connection)
    context = _context(request, connection)
    return lists.show(
        request, _workbench(connection, may_configure=context["may_configure"], asked=_asked(request)), context
    )


@require_http_methods(["GET", "HEAD", "POST"])
def suggestion(request: MemberRequest, connection_id: int, suggestion_id: int) -> HttpResponseBase:
    """All that one thing may be, a search for anything else, and the accepting of one record."""
    if request.method == "POST":
        connection = connection_to_configure(request, connection_id, "link records")
    else:
        connection = _connection(request, connection_id)
    found = get_object_or_404(
        Suggestion.objects.filter(connection=connection).select_related("inbox"), pk=suggestion_id
    )
    if request.method == "POST":
        return _accept_one(request, connection, found)
    wanted = request.GET.get("find", "").strip()
    return render(
        request,
        "web/connections/_suggestion.html" if request.htmx else "web/connections/suggestion.html",
        {
            **_context(request, connection),
            "suggestion": found,
            "kind": KINDS.get(found.kind, found.kind),
            "asked": _asked(request),
            "choices": [_best(found), *found.others] if found.record_id else [],
            "wanted": wanted,
            "found": called(found.kind, wanted, FOUND),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def made(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The matches that people made, which go before all that the books say by themselves."""
    connection = _connection(request, connection_id)
    return lists.show(request, _matches(connection), _context(request, connection))


def _asked(request: MemberRequest) -> str:
    """What the list was asked for, as a query string to come back to."""
    kept = {key: value for key in OF_THE_LIST if (value := request.GET.get(key))}
    return f"?{urlencode(kept)}" if kept else ""


def _context(request: MemberRequest, connection: Connection) -> dict[str, Any]:
    return {
        "connection": connection,
        "platform": platform_of(connection),
        "may_configure": request.may.configure(connection),
    }


def _connection(request: MemberRequest, connection_id: int) -> Connection:
    connection = connection_or_404(request, connection_id)
    if platform_of(connection) is None:
        raise Http404
    return connection


def _accept_one(request: MemberRequest, connection: Connection, found: Suggestion) -> HttpResponseBase:
    try:
        with recorded("matches", "Linked by a suggestion.", by=request.user, subject=subject_of(connection)) as changes:
            record = rules.accept(found, request.POST.get("record", ""), by=request.user)
            changes.says = f"{found.label} is {record}."
        offer_undo(request, changes, f"{changes.says} {rules.follows(found)}")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(reverse("unlinked", args=[connection.pk]) + _asked(request))


def _workbench(connection: Connection, *, may_configure: bool, asked: str) -> lists.RecordList:
    """The list; `asked` is the query string of it, to which one comes back from a row."""

    def may(request: MemberRequest) -> bool:
        return may_configure

    def accept(request: MemberRequest, rows: Rows) -> None:
        done, refused = 0, []
        with recorded("matches", "Accepted.", by=request.user, subject=subject_of(connection)) as changes:
            for each in rows.order_by("pk"):
                try:
                    rules.accept(each, by=request.user)
                    done += 1
                except Refused as said:
                    refused.append(str(said))
            changes.says = f"{counted(done, 'suggestion')} accepted."
        offer_undo(request, changes, changes.says)
        if refused:
            more = f" So do {len(refused) - MOST_TOLD:,} more." if len(refused) > MOST_TOLD else ""
            messages.warning(request, f"Left as they are: {' '.join(refused[:MOST_TOLD])}{more}")

    def put_aside(request: MemberRequest, rows: Rows) -> None:
        aside = request.GET.get("state") != ASIDE
        count = rules.set_aside(rows, aside=aside)
        told = "set aside. They are listed under Set aside" if aside else "taken up again"
        messages.success(request, f"{count:,} {told}.")

    def rows(request: MemberRequest) -> Rows:
        aside = request.GET.get("state") == ASIDE
        found: Rows = Suggestion.objects.filter(connection=connection, set_aside=aside).select_related("inbox")
        return found

    def address_of(row: Suggestion) -> str:
        return reverse("suggestion", args=[connection.pk, row.pk]) + asked

    def likeliest(row: Suggestion) -> str:
        if not row.record_id:
            return format_html('<span class="quiet">{}</span>', "Nothing like it")
        link = record_link(row.kind, row.record_id, row.record_label)
        return format_html('<span class="likeliest">{}{}</span>', link, _sureness_badge(row.score))

    def like(row: Suggestion) -> str:
        percent = f"{row.score}\N{NO-BREAK SPACE}%" if row.record_id else ""
        if not (percent and may_configure):
            return percent
        return format_html(
            '<span class="nowrap">{} <button type="submit" class="button button--small" formaction="{}" name="record"'
            ' value="{}">Accept<span class="hidden"> {} as {}</span></button></span>',
            percent,
            address_of(row),
            row.record_id,
            row.record_label,
            row.label,
        )

    return lists.RecordList(
        key="unlinked",
        one="record to match",
        many="records to match",
        rows=rows,
        columns=(
            lists.Column(
                key="label",
                label="On the platform",
                value=lambda row: row.label,
                cell=lambda row: _named(address_of(row), row),
                sort="label",
            ),
            lists.Column(key="kind", label="Kind", value=lambda row: KINDS.get(row.kind, row.kind), sort="kind"),
            lists.Column(key="record", label="In the books", value=lambda row: row.record_label, cell=likeliest),
            lists.Column(key="because", label="Why", value=lambda row: "; ".join(row.because), cell=_because),
            lists.Column(
                key="score",
                label="Like",
                value=lambda row: row.score,
                cell=like,
                sort="score",
                number=True,
            ),
            lists.Column(
                key="named", label="Named by", value=lambda row: row.named_by, cell=_named_by, sort="named_by"
            ),
            lists.Column(key="detail", label="Code, e-mail or id", value=lambda row: row.detail, usual=False),
        ),
        filters=(
            lists.Filter(key="q", label="Name", narrow=lambda rows, text: rows.filter(label__icontains=text)),
            lists.Filter(
                key="kind",
                label="Kind",
                narrow=lambda rows, value: rows.filter(kind=value),
                choices=lambda: list(KINDS.items()),
            ),
            lists.Filter(key="sure", label="How sure", narrow=_as_sure, choices=lambda: SURENESS),
            lists.Filter(
                key="state", label="State", narrow=lambda rows, value: rows, choices=lambda: [(ASIDE, "Set aside")]
            ),
        ),
        actions=(
            lists.Action(key="accept", label="Accept the likeliest", do=accept, allowed=may),
            lists.Action(
                key="aside",
                label="Set aside, or take up again",
                do=put_aside,
                allowed=may,
            ),
        ),
        order="-score",
        label=lambda row: row.label,
        details=address_of,
        template="web/connections/unlinked.html",
        empty="What the latest records name is in the books, and linked.",
    )


def _matches(connection: Connection) -> lists.RecordList:
    def take_back(request: MemberRequest, rows: Rows) -> None:
        count = rows.count()
        names = ", ".join(rows.order_by("pk").values_list("remote_label", flat=True)[:MOST_TOLD])
        says = f"{names} {'is' if count == 1 else 'are'} matched no more." if count <= MOST_TOLD else ""
        says = says or f"{count:,} matches taken back."
        with recorded("matches", says, by=request.user, subject=subject_of(connection)) as changes:
            rows.delete()
        offer_undo(request, changes, f"{says} Orders that came in stay as they are.")

    return lists.RecordList(
        key="matches",
        one="match",
        many="matches",
        rows=lambda request: Match.objects.filter(connection=connection).select_related("made_by"),
        load=matching.with_records,
        columns=(
            lists.Column(
                key="remote",
                label="On the platform",
                value=lambda row: row.match.remote_label,
                cell=lambda row: format_html('<span class="strong">{}</span>', row.match.remote_label),
                sort="remote_label",
            ),
            lists.Column(key="kind", label="Kind", value=lambda row: KINDS.get(row.match.kind, row.match.kind)),
            lists.Column(
                key="record",
                label="In the books",
                value=lambda row: str(row.record or GONE),
                cell=_record,
            ),
            lists.Column(key="known", label="Known there by", value=lambda row: row.match.remote_key, cell=_known_by),
            lists.Column(key="by", label="Matched by", value=lambda row: str(row.match.made_by or "")),
            lists.Column(
                key="when",
                label="Matched",
                value=lambda row: row.match.made_at,
                cell=lambda row: when(row.match.made_at),
                sort="made_at",
            ),
        ),
        filters=(
            lists.Filter(
                key="q", label="Name there", narrow=lambda rows, text: rows.filter(remote_label__icontains=text)
            ),
            lists.Filter(
                key="kind",
                label="Kind",
                narrow=lambda rows, value: rows.filter(kind=value),
                choices=lambda: [(kind, KINDS[kind]) for kind in matching.MODELS],
            ),
        ),
        actions=(
            lists.Action(
                key="take_back",
                label="Take back",
                do=take_back,
                allowed=lambda request: request.may.configure(connection),
            ),
        ),
        order="-pk",
        label=lambda row: row.match.remote_label,
        template="web/connections/matches.html",
        empty="Orders find their customers and sizes by links, codes, names and barcodes; what a person says here goes "
        "before that.",
    )


def _best(found: Suggestion) -> dict[str, Any]:
    return {
        "record_id": found.record_id,
        "label": found.record_label,
        "score": found.score,
        "because": found.because,
    }


def _as_sure(rows: Rows, value: str) -> Rows:
    match value:
        case "sure":
            return rows.filter(score__gte=SURE)
        case "likely":
            return rows.filter(score__gte=LIKELY, score__lt=SURE)
        case "perhaps":
            return rows.filter(score__gt=0, score__lt=LIKELY)
    return rows.filter(record_id="")


def _sureness_badge(score: int) -> str:
    tone, label = ("off", "Perhaps")
    if score >= LIKELY:
        tone, label = ("good", "Sure") if score >= SURE else ("waiting", "Likely")
    return format_html('<span class="badge badge--{}">{}</span>', tone, label)


def _named(address: str, row: Suggestion) -> str:
    detail = format_html('<span class="quiet breaks under">{}</span>', row.detail) if row.detail else ""
    return format_html('<a class="strong" href="{}">{}</a>{}', address, row.label, detail)


def _because(row: Suggestion) -> str:
    return format_html_join("", '<span class="under">{}</span>', ((each,) for each in row.because))


def _named_by(row: Suggestion) -> str:
    address = reverse("held_order", args=[row.inbox_id])
    name = row.inbox.label or row.inbox.remote_id
    more = f" and {row.named_by - 1} more" if row.named_by > 1 else ""
    return format_html('<a href="{}">{}</a>{}', address, name, more)


def _record(row: Matched) -> str:
    if row.record is None:
        return GONE
    of, pk = _explained(row.match.kind, row.record)
    link = record_link(of, str(pk), str(row.record))
    return format_html("{} {}", link, why_link(of, pk, str(row.record)))


def _explained(kind: str, record: Any) -> tuple[str, int]:
    """The kind and id of what has a page and an explanation: of a size its product."""
    return ("product", record.product_id) if kind == SIZE else (kind, record.pk)


def _known_by(row: Matched) -> str:
    how, _, text = row.match.remote_key.partition(":")
    return format_html('<span class="quiet">{}</span> <span class="id">{}</span>', how, text)
