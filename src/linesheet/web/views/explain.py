"""Why a product, customer or order is on a platform or is not: the answer of `linesheet explain`, as part of a page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from linesheet.books.models import Customer, Order, Product
from linesheet.sync.explain import customer_explained, product_explained
from linesheet.sync.explain_order import order_explained
from linesheet.sync.models import Connection
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


@require_safe
def show(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """The explanation of a record, over the connections the member may see; on its own page without HTMX."""
    if kind not in _KINDS:
        raise Http404
    model, explained = _KINDS[kind]
    record = get_object_or_404(model.objects, pk=pk)
    among = [each for each in connections(request) if platform_of(each)]
    return render(
        request,
        "web/parts/explanation.html" if request.htmx else "web/explanation.html",
        {"record": record, "kind": kind, "explanations": explained(record, among)},
    )
