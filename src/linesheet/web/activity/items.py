"""The items of a run as a list: what each shows, and what narrows them."""

from collections.abc import Container, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linesheet.sync import activity
from linesheet.sync.models import Item, Run
from linesheet.web.access import MemberRequest
from linesheet.web.accounting import SHOWN, Term
from linesheet.web.activity.problems import in_words
from linesheet.web.lists import Column, Filter, RecordList
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags import show as shown
from linesheet.web.why import item_whys

MOST_COUNTED = 10_000
MOST_CHANGES = 3
NOT_SHOWN = ("payload", "fingerprint")


def items_of(run: Run, groups: Sequence[activity.Group], remarks: Sequence[activity.Remark] = ()) -> RecordList:
    """The items of a run as a list, in the order they were planned.

    `groups` are those that have a reason, `remarks` the warnings about the others.
    """
    why, asks = _why(run), item_whys(run.connection)
    compares, compared = activity.compares(run.connection, run.task), activity.mismatches_of(run.connection, run.task)

    def rows(request: MemberRequest) -> Rows:
        narrowed = any(request.GET.get(key) for key in ("show", "action", "reason", "remark", "q"))
        items = Item.objects.filter(run=run) if narrowed else activity.items_of(run)
        return items.defer(*NOT_SHOWN)

    def record(item: Item) -> str:
        return _record(item, asks(run.task, item))

    return RecordList(
        key="items",
        one="item",
        many="items",
        rows=rows,
        columns=(
            Column(key="record", label="Record", value=lambda item: item.label, cell=record),
            Column(key="kind", label="Kind", value=lambda item: item.kind, usual=False),
            Column(
                key="state",
                label="State",
                value=lambda item: shown.badge(item, compared)["label"],
                cell=_state(compared),
            ),
            Column(key="action", label="Action", value=lambda item: item.get_action_display(), usual=False),
            Column(key="why", label="Why", value=_why_in_words, cell=why),
            Column(key="fix", label="What helps", value=lambda item: item.fix, usual=False),
            Column(key="code", label="Reason", value=lambda item: item.reason_code, usual=False),
            Column(key="remote", label="Remote id", value=lambda item: item.remote_id, cell=_remote),
            Column(key="attempts", label="Attempts", value=lambda item: item.attempts, number=True, usual=False),
            Column(key="settled", label="Settled", value=lambda item: item.settled_at, cell=_settled, usual=False),
        ),
        filters=(
            Filter(key="q", label="Record begins with", narrow=activity.items_called),
            Filter(
                key="show",
                label="State",
                narrow=lambda rows, value: rows.filter(SHOWN[value]),
                choices=lambda: [(term.key, term.label) for key in SHOWN if (term := Term(key, 0, compares)).happens],
            ),
            *([] if compares else [_planned_to()]),
            Filter(
                key="reason",
                label="Reason",
                narrow=lambda rows, value: rows.filter(reason_code=value),
                choices=lambda: [(code, in_words(code)) for code in sorted({group.reason_code for group in groups})],
            ),
            Filter(
                key="remark",
                label="Warning",
                narrow=activity.items_remarked,
                choices=lambda: [(remark.code, in_words(remark.code)) for remark in remarks],
            ),
        ),
        order="pk",
        within="run_id",
        label=lambda item: item.label,
        details=lambda item: reverse("item", args=[run.pk, item.pk]),
        count_most=MOST_COUNTED,
        anchor="#items",
        live=run.state in Run.UNFINISHED,
        template="web/run.html",
    )


def says_nothing(run: Run, query: Any) -> SafeString | str:
    """What stands where items would be that there are none of; "" where the list says it."""
    if run.items_tidied_at:
        return format_html(
            "The items of this run were kept until {}. Its numbers stay.", shown.when(run.items_tidied_at)
        )
    if query.get("show") == "unchanged":
        if activity.compares(run.connection, run.task):
            return "Records that agree are counted and not listed."
        return "Unchanged records are counted and not listed: the platform has exactly what the books say."
    if run.state in Run.UNFINISHED and not query.get("show"):
        return "No items yet. They appear here once the plan is made."
    return ""


def _planned_to() -> Filter:
    return Filter(
        key="action",
        label="Planned",
        narrow=lambda rows, value: rows.filter(SHOWN["planned"], action=value),
        choices=lambda: [(Item.Action.CREATE, "to create"), (Item.Action.UPDATE, "to update")],
    )


def _record(item: Item, why: str) -> str:
    address = reverse("item", args=[item.run_id, item.pk])
    kind = item.kind.replace("_", " ")
    return format_html('<a class="strong" href="{}">{}</a><p class="quiet">{} {}</p>', address, item.label, kind, why)


def _state(compared: Container[int]) -> Any:
    def cell(item: Item) -> str:
        badge = render_to_string("web/parts/badge.html", shown.badge(item, compared))
        if item.state != Item.State.PLANNED or not item.action:
            return badge
        return format_html('{} <span class="quiet nowrap">to {}</span>', badge, item.action)

    return cell


def _why(run: Run) -> Any:
    def cell(item: Item) -> str:
        if not (item.says or item.notes or item.changes or item.action == Item.Action.CREATE):
            return ""
        return render_to_string("web/parts/item_why.html", {"item": item, "run": run, "most": MOST_CHANGES})

    return cell


def _why_in_words(item: Item) -> str:
    changes = (f"{each['field']}: {shown.plain(each['old'])} -> {shown.plain(each['new'])}" for each in item.changes)
    return "; ".join(part for part in (item.says, *(note["says"] for note in item.notes), *changes) if part)


def _remote(item: Item) -> str:
    return format_html('<span class="id">{}</span>', item.remote_id) if item.remote_id else ""


def _settled(item: Item) -> str:
    return format_html('<span class="nowrap">{}</span>', shown.when(item.settled_at))
