"""The lists of the match workbench: what nobody has linked, and the matches that were made; their cells and actions."""

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from linesheet.books.changes import recorded
from linesheet.books.kinds import CUSTOMER, LABELS, PRODUCT, SIZE
from linesheet.books.reasons import Refused
from linesheet.books.words import counted
from linesheet.sync import matches as matching
from linesheet.sync import suggestions as rules
from linesheet.sync.likeness import LIKELY, SURE
from linesheet.sync.matches import Matched
from linesheet.sync.models import Connection, Match, Suggestion
from linesheet.sync.moves import MATCHES, subject_of
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.lists.declared import Rows
from linesheet.web.record_links import record_link
from linesheet.web.templatetags.show import when
from linesheet.web.undoing import offer_undo
from linesheet.web.why import why_link

GONE = "Gone from the books"
MOST_TOLD = 5
"""How many refusals a message names."""
ASIDE = "aside"
SUGGESTED = (CUSTOMER, SIZE, PRODUCT)
SURENESS = [("sure", "Sure"), ("likely", "Likely"), ("perhaps", "Perhaps"), ("none", "No suggestion")]


def open_list(connection: Connection, *, may_match: bool, asked: str) -> lists.RecordList:
    """What nobody has linked; `asked` is the query string of the list, to which one comes back from a row."""
    return lists.RecordList(
        key="unlinked",
        one="record to match",
        many="records to match",
        rows=lambda request: rules.listed(connection, aside=_is_aside(request)).select_related("inbox"),
        columns=_open_columns(connection, may_match=may_match, asked=asked),
        filters=(
            lists.Filter(key="q", label="Name", narrow=lambda rows, text: rows.filter(label__icontains=text)),
            lists.Filter(
                key="kind",
                label="Kind",
                narrow=lambda rows, value: rows.filter(kind=value),
                choices=lambda: [(kind, LABELS[kind]) for kind in SUGGESTED],
            ),
            lists.Filter(key="sure", label="How sure", narrow=_as_sure, choices=lambda: SURENESS),
            lists.Filter(
                key="state", label="State", narrow=lambda rows, value: rows, choices=lambda: [(ASIDE, "Set aside")]
            ),
        ),
        actions=(
            lists.Action(
                key="accept",
                label="Accept the likeliest",
                do=lambda request, rows: _accept(connection, request, rows),
                allowed=lambda request: may_match,
            ),
            lists.Action(
                key="aside",
                label="Set aside",
                do=lambda request, rows: _put_aside(connection, request, rows, aside=True),
                allowed=lambda request: may_match and not _is_aside(request),
            ),
            lists.Action(
                key="take_up",
                label="Take up again",
                do=lambda request, rows: _put_aside(connection, request, rows, aside=False),
                allowed=lambda request: may_match and _is_aside(request),
            ),
        ),
        order="-score",
        label=lambda row: row.label,
        details=lambda row: _address(connection, row, asked),
        template="web/connections/unlinked.html",
        empty="What the latest records name is in the books, and linked.",
    )


def match_list(connection: Connection) -> lists.RecordList:
    """The matches that people made."""
    return lists.RecordList(
        key="matches",
        one="match",
        many="matches",
        rows=lambda request: Match.objects.filter(connection=connection).select_related("made_by"),
        load=matching.with_records,
        columns=MATCH_COLUMNS,
        filters=(
            lists.Filter(
                key="q", label="Name there", narrow=lambda rows, text: rows.filter(remote_label__icontains=text)
            ),
            lists.Filter(
                key="kind",
                label="Kind",
                narrow=lambda rows, value: rows.filter(kind=value),
                choices=lambda: [(kind, LABELS[kind]) for kind in matching.KINDS],
            ),
        ),
        actions=(
            lists.Action(
                key="take_back",
                label="Take back",
                do=lambda request, rows: _take_back(connection, request, rows),
                allowed=lambda request: request.may.match(connection),
            ),
        ),
        order="-pk",
        label=lambda row: row.match.remote_label,
        template="web/connections/matches.html",
        empty="Orders find their customers and sizes by links, codes, names and barcodes; what a person says here goes "
        "before that.",
    )


def _is_aside(request: MemberRequest) -> bool:
    return request.GET.get("state") == ASIDE


def _accept(connection: Connection, request: MemberRequest, rows: Rows) -> None:
    """Accept each as it was shown; what is most like something else by now is refused."""
    shown = dict(each.split(":", 1) for each in request.POST.getlist("shown") if ":" in each)
    done, refused = 0, []
    with recorded("matches", "Accepted.", by=request.user, subject=subject_of(connection, MATCHES)) as changes:
        for each in rows.order_by("pk"):
            try:
                rules.accept(each, by=request.user, shown=shown.get(str(each.pk), ""))
                done += 1
            except Refused as said:
                refused.append(str(said))
        changes.says = f"{counted(done, 'suggestion')} accepted."
    offer_undo(request, changes, changes.says)
    if refused:
        more = f" So do {len(refused) - MOST_TOLD:,} more." if len(refused) > MOST_TOLD else ""
        messages.warning(request, f"Left as they are: {' '.join(refused[:MOST_TOLD])}{more}")


def _put_aside(connection: Connection, request: MemberRequest, rows: Rows, *, aside: bool) -> None:
    with recorded("matches", "Set aside.", by=request.user, subject=subject_of(connection, MATCHES)) as changes:
        count = rules.set_aside(rows, aside=aside)
        told = "set aside. They are listed under State: Set aside." if aside else "taken up again."
        changes.says = f"{counted(count, 'record')} {told}"
    offer_undo(request, changes, changes.says)


def _take_back(connection: Connection, request: MemberRequest, rows: Rows) -> None:
    count = rows.count()
    names = ", ".join(rows.order_by("pk").values_list("remote_label", flat=True)[:MOST_TOLD])
    says = f"{names} {'is' if count == 1 else 'are'} matched no more." if count <= MOST_TOLD else ""
    says = says or f"{count:,} matches taken back."
    with recorded("matches", says, by=request.user, subject=subject_of(connection, MATCHES)) as changes:
        rows.delete()
    offer_undo(request, changes, f"{says} Orders that came in stay as they are.")


def _open_columns(connection: Connection, *, may_match: bool, asked: str) -> tuple[lists.Column, ...]:
    return (
        lists.Column(
            key="label",
            label="On the platform",
            value=lambda row: row.label,
            cell=lambda row: _named(_address(connection, row, asked), row),
            sort="label",
        ),
        lists.Column(key="kind", label="Kind", value=lambda row: LABELS.get(row.kind, row.kind), sort="kind"),
        lists.Column(key="record", label="In the books", value=lambda row: row.record_label, cell=_likeliest),
        lists.Column(key="because", label="Why", value=lambda row: "; ".join(row.because), cell=_because),
        lists.Column(
            key="score",
            label="How sure",
            value=lambda row: row.score,
            cell=lambda row: _score(_address(connection, row, asked), row, may_match=may_match),
            sort="score",
            number=True,
        ),
        lists.Column(key="named", label="Named by", value=lambda row: row.named_by, cell=_named_by, sort="named_by"),
        lists.Column(key="detail", label="Code, e-mail or id", value=lambda row: row.detail, usual=False),
    )


def _address(connection: Connection, row: Suggestion, asked: str) -> str:
    return reverse("suggestion", args=[connection.pk, row.pk]) + asked


def _likeliest(row: Suggestion) -> str:
    if not row.record_id:
        return format_html('<span class="quiet">{}</span>', "Nothing like it")
    link = record_link(row.kind, row.record_id, row.record_label)
    return format_html('<span class="likeliest">{}{}</span>', link, _sureness_badge(row.score))


def _score(address: str, row: Suggestion, *, may_match: bool) -> str:
    percent = f"{row.score}\N{NO-BREAK SPACE}%" if row.record_id else ""
    if not (percent and may_match):
        return percent
    return format_html(
        '<span class="nowrap">{} <input type="hidden" name="shown" value="{}:{}" />'
        '<button type="submit" class="button button--small" formaction="{}" name="record" value="{}">Accept'
        '<span class="hidden"> {} as {}</span></button></span>',
        percent,
        row.pk,
        row.record_id,
        address,
        row.record_id,
        row.record_label,
        row.label,
    )


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


MATCH_COLUMNS = (
    lists.Column(
        key="remote",
        label="On the platform",
        value=lambda row: row.match.remote_label,
        cell=lambda row: format_html('<span class="strong">{}</span>', row.match.remote_label),
        sort="remote_label",
    ),
    lists.Column(key="kind", label="Kind", value=lambda row: LABELS.get(row.match.kind, row.match.kind)),
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
)
