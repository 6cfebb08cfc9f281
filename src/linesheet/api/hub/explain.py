"""Why a record is on a platform, or is not."""

from collections.abc import Sequence
from typing import Any

from ninja import Router

from linesheet.api.hub.visible import connections
from linesheet.books.models import Customer, Order, Product
from linesheet.sync.explain import customer_explained, product_explained
from linesheet.sync.explain_order import order_explained
from linesheet.sync.models import Connection
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.problems import not_found
from linesheet.sync.serving.values import Shape

router = Router(tags=["Explain"], auth=scoped("connections:read"))


class Explained(Shape):
    """How a record stands with each task that would take it along, as `linesheet explain --json` tells it.

    `ways` of an explanation have the connection, the task, the `outlook` (blocked, create, update, nothing, agrees,
    differs) and `findings` with `says` and `fix`. An order that came several times has an explanation for each.
    """

    data: list[dict[str, Any]]


@router.get("/products/{int:product_id}/explain", response=Explained, summary="Why a product is where it is")
def explain_product(request: ApiRequest, product_id: int) -> Any:
    """Over the connections that are on and that the key's member may see. Nothing is called."""
    product = _held(Product, product_id, "product")
    return Explained(data=[product_explained(product, _active(request)).to_dict()])


@router.get("/customers/{int:customer_id}/explain", response=Explained, summary="Why a customer is where it is")
def explain_customer(request: ApiRequest, customer_id: int) -> Any:
    """Over the connections that are on and that the key's member may see. Nothing is called."""
    customer = _held(Customer, customer_id, "customer")
    return Explained(data=[customer_explained(customer, _active(request)).to_dict()])


@router.get("/orders/{int:order_id}/explain", response=Explained, summary="Where an order came from, and goes")
def explain_order(request: ApiRequest, order_id: int) -> Any:
    """As far as connections gave it that the key's member may see. Nothing is called."""
    order = _held(Order, order_id, "order")
    return Explained(data=[one.to_dict() for one in order_explained(order, connections(request))])


def _active(request: ApiRequest) -> Sequence[Connection]:
    return [each for each in connections(request) if each.active]


def _held(model: Any, pk: int, what: str) -> Any:
    found = model.objects.filter(pk=pk).first()
    if found is None:
        raise not_found(what)
    return found
