"""Why a record is on a platform or in the books, or is not: the answer of `linesheet explain`, as part of a page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linesheet.books.models import Customer, Order, Product
from linesheet.sync.explain import customer_explained, product_explained
from linesheet.sync.explain_order import order_explained, record_explained
from linesheet.sync.held import label_of
from linesheet.sync.models import Connection, InboxRecord, Item
from linesheet.sync.runs import kind_in_books
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections, platform_of

Explain = Callable[[Any, Sequence[Connection]], Sequence[Any]]


def _active(among: Sequence[Connection]) -> list[Connection]:
    return [each for each in among if each.active]


_KINDS: Mapping[str, tuple[Any, Explain]] = {
    "product": (Product, lambda record, among: [product_explained(record, _active(among))]),
    "customer": (Customer, lambda record, among: [customer_explained(record, _active(among))]),
    "order": (Order, order_explained),
}

_PAGES = {"product": "product", "customer": "customer", "order": "order", "record": "held_order"}
"""The page of what is explained, by its kind."""


@require_safe
def show(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """The explanation of a record, over the connections the member may see; on its own page without HTMX.

    That of an item is its record's.
    """
    among = [each for each in connections(request) if platform_of(each)]
    if kind == "item":
        kind, pk = _of_item(request, pk)
    if kind == "record":
        record: Any = _inbox_record(request, pk)
        label, explanations = label_of(record), record_explained(record, among)
    elif kind in _KINDS:
        model, explained = _KINDS[kind]
        record = get_object_or_404(model.objects, pk=pk)
        label, explanations = str(record), list(explained(record, among))
    else:
        raise Http404
    return render(
        request,
        "web/parts/explanation_dialog.html" if request.htmx else "web/explanation.html",
        {"label": label, "kind": kind, "explanations": explanations, "about": reverse(_PAGES[kind], args=[pk])},
    )


def _inbox_record(request: MemberRequest, pk: int) -> InboxRecord:
    records = InboxRecord.objects.select_related("connection").defer("connection__credentials")
    found: InboxRecord = get_object_or_404(request.may.only_seen(records), pk=pk)
    return found


def _of_item(request: MemberRequest, pk: int) -> tuple[str, int]:
    """The kind and id of what an item is of. Raises Http404 where that is gone or cannot be explained."""
    items = Item.objects.select_related("run__connection").defer("run__connection__credentials")
    item: Item = get_object_or_404(request.may.only_seen(items, by="run__connection"), pk=pk)
    if item.inbox_id:
        return "record", item.inbox_id
    if not item.record_id.isdecimal():
        raise Http404
    return kind_in_books(item.run.connection, item.run.task, item.kind), int(item.record_id)
