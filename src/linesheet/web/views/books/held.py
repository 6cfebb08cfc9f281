"""Records from connections that are not in the books: the list of them, one of them, and what is decided on it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from linesheet.books.barcodes import put_barcode
from linesheet.books.changes import recorded
from linesheet.books.kinds import CUSTOMER, SIZE, called
from linesheet.books.models import SKU, Customer
from linesheet.books.reasons import Refused
from linesheet.books.words import counted
from linesheet.sync import held as rules
from linesheet.sync.held import Held, HeldLine
from linesheet.sync.inbox import rows_of
from linesheet.sync.links import link_by_hand
from linesheet.sync.matches import Suggested, customers_for, sizes_for
from linesheet.sync.models import InboxRecord, Run
from linesheet.sync.moves import MATCHES, subject_of
from linesheet.sync.replays import resolve, resolve_all
from linesheet.sync.revisions import revisions_of_record
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.declared import connections
from linesheet.web.forms.customers import CustomerForm
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists import show as show_records
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags.show import money, number, when
from linesheet.web.undoing import offer_undo
from linesheet.web.why import why_link

State = InboxRecord.State
FOUND = 12
NOBODY = {"unknown_customer", "ambiguous_customer"}
"""Reasons that say that it is open who the customer is."""


def show_list(request: MemberRequest) -> HttpResponseBase:
    """What waits in the inboxes of all connections one may see; records of other states by filter."""
    return show_records(request, held_list(request))


def held_list(request: MemberRequest) -> RecordList:
    """The list as this member sees it."""
    return RecordList(
        key="held",
        one="held order",
        many="held orders",
        rows=lambda request: request.may.only_seen(
            InboxRecord.objects.filter(state=State.HELD).select_related("connection").defer("connection__credentials")
        ),
        load=rows_of,
        label=lambda row: row.number,
        columns=COLUMNS,
        filters=(
            Filter(key="q", label="Number or reason", narrow=_search),
            Filter(
                key="connection",
                label="Connection",
                narrow=lambda rows, value: rows.filter(connection=int(value)),
                choices=lambda: [(str(one.pk), one.name) for one in connections(request).order_by("name")],
            ),
        ),
        actions=(
            Action(key="again", label="Try again", do=_try_many_again, allowed=lambda request: _may_run(request)),
        ),
        order="-pk",
        template="web/orders/held_list.html",
        empty="What a run cannot take into the books is kept here until somebody decides.",
    )


def _may_run(request: MemberRequest) -> bool:
    """Whether there is a connection whose records one may take in."""
    return any(request.may.run(one) for one in connections(request))


def _try_many_again(request: MemberRequest, rows: Rows) -> None:
    """Take in the selected by the books as they are now; those of connections one may not run stay."""
    records = list(rows.defer("payload", "connection__credentials"))
    allowed = [one for one in records if request.may.run(one.connection)]
    runs = resolve_all(allowed, by=request.user)
    if len(runs) == 1:
        messages.success(request, f"Run {runs[0].pk} of {runs[0].connection} takes up what is held.")
    elif runs:
        messages.success(request, f"{len(runs)} runs take up what is held, one for each connection.")
    if left := len(records) - len(allowed):
        messages.warning(request, f"{counted(left, 'order')} of connections that you may not run left as they are.")


def _number_cell(row: Any) -> str:
    address = reverse("held_order", args=[row.record.pk])
    again = f", revision {row.record.revision}" if row.record.revision > 1 else ""
    return format_html('<a class="strong nowrap" href="{}">{}{}</a>', address, row.number, again)


COLUMNS = (
    Column(key="number", label="Record", value=lambda row: row.number, cell=_number_cell, sort="label"),
    Column(key="connection", label="Connection", value=lambda row: row.record.connection.name),
    Column(key="customer", label="Customer", value=lambda row: row.customer),
    Column(key="po", label="Their PO", value=lambda row: row.reference),
    Column(key="season", label="Season", value=lambda row: row.season, usual=False),
    Column(
        key="units",
        label="Units",
        value=lambda row: row.units,
        cell=lambda row: number(row.units),
        number=True,
    ),
    Column(
        key="value",
        label="Value",
        value=lambda row: row.value,
        cell=lambda row: money(row.value, row.currency),
        number=True,
    ),
    Column(
        key="why",
        label="Why it waits",
        value=lambda row: row.record.says,
        cell=lambda row: format_html("{} {}", row.record.says, why_link("record", row.record.pk, row.number)),
    ),
    Column(
        key="received",
        label="Received",
        value=lambda row: row.record.received_at,
        cell=lambda row: when(row.record.received_at),
        sort="received_at",
    ),
)


def _search(rows: Rows, text: str) -> Rows:
    return rows.filter(Q(label__icontains=text) | Q(says__icontains=text) | Q(remote_id=text))


@require_safe
def show(request: MemberRequest, inbox_id: int) -> HttpResponse:
    """One record: what it says, what keeps it out of the books, and what resolves that."""
    return _page(request, _held_or_404(request, inbox_id))


def _page(request: MemberRequest, held: Held, form: CustomerForm | None = None, status: int = 200) -> HttpResponse:
    unknown = "unknown_customer" in held.codes
    is_open = bool(held.codes & NOBODY)
    revisions = revisions_of_record(held.record)
    changes = next((each.changes for each in revisions if each.record.pk == held.record.pk), ())
    wanted = request.GET.get("customer", "").strip()
    may_add = unknown and request.may.edit_books and request.may.run(held.record.connection)
    return render(
        request,
        "web/orders/held.html",
        {
            "held": held,
            "record": held.record,
            "connection": None,
            "order": held.order,
            "row": rows_of([held.record])[0],
            "changes": changes,
            "revisions": revisions,
            "lines": _lines(request, held),
            "form": form or (CustomerForm(instance=rules.customer_of(held)) if may_add and held.order else None),
            "may_match": request.may.match(held.record.connection),
            "wanted": wanted,
            "found": called(CUSTOMER, wanted, FOUND),
            "suggestions": customers_for(held.order) if is_open and held.order and not wanted else (),
            "adds_customer": not held.customer and not held.codes & NOBODY,
            "run": _unfinished(held),
        },
        status=status,
    )


@require_POST
def decide(request: MemberRequest, inbox_id: int, decision: str) -> HttpResponseBase:
    """Try again, apply a change, set aside, or take back what was set aside."""
    held = _held_to_resolve(request, inbox_id)
    record = held.record
    try:
        match decision:
            case "again":
                return _try_again(request, record)
            case "apply":
                rules.apply_change(record, request.user)
                return _try_again(request, record)
            case "aside":
                rules.set_aside(record, request.user)
                messages.success(request, f"{held.label} is set aside and stays out of the books.")
            case "back":
                rules.take_back(record)
                return _try_again(request, record)
            case _:
                raise Http404
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("held_order", record.pk)


@require_POST
@editors_only("change customers")
def add_customer(request: MemberRequest, inbox_id: int) -> HttpResponseBase:
    """Put the customer of the record in the books, as the form has it."""
    held = _held_to_resolve(request, inbox_id)
    try:
        customer = rules.customer_of(held)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("held_order", held.record.pk)
    form = CustomerForm(request.POST, instance=customer)
    if not form.is_valid():
        return _page(request, held, form, status=422)
    says = f"{form.instance.name} is in the books now."
    try:
        with recorded("customer", says, by=request.user, subject=_subject(held)) as changes:
            rules.add_customer(held, form.instance, request.user)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, held, form, status=422)
    offer_undo(request, changes, f"{says} Try the record again now.")
    return redirect("held_order", held.record.pk)


@require_POST
def this_is(request: MemberRequest, inbox_id: int) -> HttpResponseBase:
    """Say which customer of the books the record is from."""
    held = _held_to_match(request, inbox_id, "say who their customers are")
    chosen = request.POST.get("customer", "")
    if not chosen.isdecimal():
        messages.error(request, "Choose one of the customers first.")
        return redirect("held_order", held.record.pk)
    customer: Customer = get_object_or_404(Customer.objects, pk=int(chosen))
    says = f"{held.record.connection} and Linesheet mean the same customer: {customer}."
    try:
        with recorded("customer", says, by=request.user, subject=_of_matches(held)) as changes:
            rules.this_is(held, customer, request.user)
        offer_undo(request, changes, f"{says} Try the record again now.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("held_order", held.record.pk)


@require_POST
def this_order(request: MemberRequest, inbox_id: int) -> HttpResponseBase:
    """Say that the record is an order that is in the books already, so that it is not stored a second time."""
    held = _held_to_match(request, inbox_id, "link orders")
    record, key = held.record, request.POST.get("order", "")
    says = f"{held.label} is an order of the books."
    try:
        with recorded("links", says, by=request.user, subject=_of_matches(held)) as changes:
            link_by_hand(record.connection, record.kind, key, record.remote_id, request.may.hidden)
        offer_undo(request, changes, f"{says} Try it again now: it is taken for that one.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("held_order", record.pk)


@require_POST
def give_barcode(request: MemberRequest, inbox_id: int, line: int) -> HttpResponseBase:
    """Say which size a line means, or have that size get the barcode of the line."""
    matched = request.POST.get("how") == "match"
    return _size_is(request, inbox_id, line) if matched else _give_barcode(request, inbox_id, line)


def _size_is(request: MemberRequest, inbox_id: int, line: int) -> HttpResponseBase:
    return _size(request, _held_to_match(request, inbox_id, "say what their sizes are"), line, matched=True)


@editors_only("give barcodes")
def _give_barcode(request: MemberRequest, inbox_id: int, line: int) -> HttpResponseBase:
    return _size(request, _held_to_resolve(request, inbox_id), line, matched=False)


def _size(request: MemberRequest, held: Held, line: int, *, matched: bool) -> HttpResponseBase:
    chosen = request.POST.get("sku", "")
    if line >= len(held.lines):
        raise Http404
    if not chosen.isdecimal():
        messages.error(request, "Choose one of the sizes first.")
        return redirect("held_order", held.record.pk)
    sku: SKU = get_object_or_404(SKU.objects.select_related("product"), pk=int(chosen))
    meant = held.lines[line].line
    says = f"{sku} has the barcode {meant.barcode} now."
    if matched:
        says = f"{meant.described_as or meant.barcode} of {held.record.connection} is {sku}."
    try:
        with recorded("barcode", says, by=request.user, subject=_of_matches(held) if matched else "") as changes:
            if matched:
                rules.line_is(held, line, sku, request.user)
            else:
                put_barcode(sku, meant.barcode)
        offer_undo(request, changes, says)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("held_order", held.record.pk)


def _try_again(request: MemberRequest, record: InboxRecord) -> HttpResponseBase:
    run, new = resolve(record, by=request.user)
    if not new:
        messages.info(request, f"Run {run.pk} is at work already, and takes it up.")
    return redirect("held_order", record.pk)


def _subject(held: Held) -> str:
    """What is decided here is also of the connection, so that nobody undoes it who may not run that."""
    return subject_of(held.record.connection, "held")


def _of_matches(held: Held) -> str:
    """The subject of what says which records are the same."""
    return subject_of(held.record.connection, MATCHES)


def _unfinished(held: Held) -> Run | None:
    """The run that takes the record up, while it is not finished."""
    if not held.undecided:
        return None
    unfinished = Run.objects.filter(connection=held.record.connection_id, state__in=Run.UNFINISHED)
    run: Run | None = unfinished.filter(only_kind=held.record.kind, only_record=held.record.remote_id).first()
    return run


def _held_or_404(request: MemberRequest, inbox_id: int) -> Held:
    records = InboxRecord.objects.select_related("connection__company", "order__customer", "order__season")
    records = records.defer("connection__credentials")
    return rules.held_of(get_object_or_404(request.may.only_seen(records), pk=inbox_id))


def _held_to_match(request: MemberRequest, inbox_id: int, does: str) -> Held:
    held = _held_or_404(request, inbox_id)
    request.may.match_or_refuse(held.record.connection, does)
    return held


def _held_to_resolve(request: MemberRequest, inbox_id: int) -> Held:
    held = _held_or_404(request, inbox_id)
    request.may.run_or_refuse(held.record.connection, "resolve what is held")
    return held


def _lines(request: MemberRequest, held: Held) -> list[tuple[int, HeldLine, Sequence[Suggested], str]]:
    """The lines by their place, those that matched nothing with what they may mean or what was searched for."""
    numbered = list(enumerate(held.lines))
    open_lines = [(at, each.line) for at, each in numbered if each.sku is None and each.line.keys]
    likes = sizes_for(held.record.connection, [line for _, line in open_lines]) if held.undecided else []
    suggested = dict(zip([at for at, _ in open_lines], likes, strict=False))
    wanted = {at: request.GET.get(f"find-{at}", "").strip() for at, _ in open_lines}
    for at, text in wanted.items():
        if text:
            suggested[at] = [Suggested(sku, "") for sku in called(SIZE, text, FOUND)]
    return [(at, line, suggested.get(at, ()), wanted.get(at, "")) for at, line in numbered]
