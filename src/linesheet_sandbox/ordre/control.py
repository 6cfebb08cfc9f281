"""ORDRE's part of the control API: the hub, collects, and what was collected. Buyers are in `control_orders`."""

from collections.abc import Awaitable, Callable

import msgspec

from linesheet_sandbox.common.control import control_body
from linesheet_sandbox.common.http import Answer, Call, json_answer, whole_number
from linesheet_sandbox.common.routes import Route, RouteTable
from linesheet_sandbox.common.store import Collection, Record
from linesheet_sandbox.ordre import control_orders
from linesheet_sandbox.ordre.collecting import RESOURCES
from linesheet_sandbox.ordre.desk import Desk
from linesheet_sandbox.ordre.errors import HubError, RefusedError
from linesheet_sandbox.ordre.events import know_secret
from linesheet_sandbox.ordre.keeping import held_tree
from linesheet_sandbox.ordre.shelves import barcodes_of_several, looks_of

ControlHandler = Callable[[Desk, Call], Answer | Awaitable[Answer]]


class _HubOrder(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    key: str


class _SecretOrder(msgspec.Struct, forbid_unknown_fields=True):
    secret: str


class _CollectOrder(msgspec.Struct, forbid_unknown_fields=True):
    full: bool = False
    only: list[str] | None = None


def _show_hub(desk: Desk, call: Call) -> Answer:
    return json_answer(desk.hub.shown())


def _connect(desk: Desk, call: Call) -> Answer:
    order = msgspec.convert(control_body(call), _HubOrder)
    desk.hub.connect(order.url, order.key)
    return _show_hub(desk, call)


def _disconnect(desk: Desk, call: Call) -> Answer:
    desk.hub.disconnect()
    return _show_hub(desk, call)


async def _ask_status(desk: Desk, call: Call) -> Answer:
    """What the hub says of itself (sheet 6.2)."""
    try:
        heard = await desk.hub.read("/status")
    except HubError as problem:
        return json_answer({"status": problem.status, "message": str(problem), "answer": problem.problem or None})
    return json_answer({"status": heard.status, "message": "", "answer": heard.json()})


async def _collect(desk: Desk, call: Call) -> Answer:
    """Collect now, and answer when it is done. `only` names some of the resources."""
    order = msgspec.convert(control_body(call), _CollectOrder)
    wanted = RESOURCES if order.only is None else order.only
    if unknown := set(wanted) - set(RESOURCES):
        raise RefusedError(400, f"only: {', '.join(sorted(unknown))} is none of {', '.join(RESOURCES)}")
    return json_answer(await desk.collector.collect(full=order.full, resources=wanted))


def _list_collects(desk: Desk, call: Call) -> Answer:
    return json_answer(list(desk.portal.collects.all()))


def _list_marks(desk: Desk, call: Call) -> Answer:
    marks = desk.portal.marks
    return json_answer({key: marks.get(key) for key in marks.ids()})


def _list_calls(desk: Desk, call: Call) -> Answer:
    """The last calls made to the hub, oldest first."""
    limit = whole_number(call.query().get("limit", "100"))
    if not limit:
        raise RefusedError(400, "limit must be a whole number above 0")
    return json_answer(desk.hub.outgoing.journal.last(limit))


def _forget_calls(desk: Desk, call: Call) -> Answer:
    desk.hub.outgoing.forget()
    return json_answer({"forgotten": True})


def _list_collections(desk: Desk, call: Call) -> Answer:
    return json_answer(held_tree(desk.portal))


def _list_looks(desk: Desk, call: Call) -> Answer:
    return json_answer(looks_of(desk.portal))


def _list_duplicates(desk: Desk, call: Call) -> Answer:
    return json_answer(barcodes_of_several(desk.portal))


def _list_slips(desk: Desk, call: Call) -> Answer:
    return json_answer(desk.portal.slips.all())


def _add_slip(desk: Desk, call: Call) -> Answer:
    return json_answer(desk.portal.slips.add(control_body(call)), 201)


def _clear_slips(desk: Desk, call: Call) -> Answer:
    desk.portal.slips.clear()
    return json_answer([])


def _remove_slip(desk: Desk, call: Call) -> Answer:
    number = whole_number(call.parts["id"])
    if number is None or not desk.portal.slips.remove(number):
        raise RefusedError(404, f"no slip {call.parts['id']}")
    return _list_slips(desk, call)


def _know_secret(desk: Desk, call: Call) -> Answer:
    know_secret(desk.portal, msgspec.convert(control_body(call), _SecretOrder).secret)
    return json_answer({"known": True})


def _lister(shelf: Callable[[Desk], Collection]) -> ControlHandler:
    def listed(desk: Desk, call: Call) -> Answer:
        return json_answer(list(shelf(desk).all()))

    return listed


def _reader(shelf: Callable[[Desk], Collection]) -> ControlHandler:
    def read(desk: Desk, call: Call) -> Answer:
        found: Record | None = shelf(desk).get(call.parts["id"])
        if found is None:
            raise RefusedError(404, f"nothing is held under {call.parts['id']}")
        return json_answer(found)

    return read


CONTROL_ROUTES: RouteTable[ControlHandler] = RouteTable(
    [
        Route("GET", "/_control/hub", _show_hub),
        Route("POST", "/_control/hub", _connect),
        Route("DELETE", "/_control/hub", _disconnect),
        Route("GET", "/_control/hub/status", _ask_status),
        Route("POST", "/_control/collect", _collect),
        Route("GET", "/_control/collects", _list_collects),
        Route("GET", "/_control/marks", _list_marks),
        Route("GET", "/_control/calls", _list_calls),
        Route("DELETE", "/_control/calls", _forget_calls),
        Route("GET", "/_control/collections", _list_collections),
        Route("GET", "/_control/looks", _list_looks),
        Route("GET", "/_control/customers", _lister(lambda desk: desk.portal.customers)),
        Route("GET", "/_control/customers/{id}", _reader(lambda desk: desk.portal.customers)),
        Route("GET", "/_control/products", _lister(lambda desk: desk.portal.products)),
        Route("GET", "/_control/products/{id}", _reader(lambda desk: desk.portal.products)),
        Route("GET", "/_control/images", _lister(lambda desk: desk.portal.pictures)),
        Route("GET", "/_control/inventory", _lister(lambda desk: desk.portal.stock)),
        Route("GET", "/_control/removed", _lister(lambda desk: desk.portal.removed)),
        Route("GET", "/_control/duplicate-barcodes", _list_duplicates),
        Route("GET", "/_control/events", _lister(lambda desk: desk.portal.events)),
        Route("POST", "/_control/events/secret", _know_secret),
        Route("GET", "/_control/slips", _list_slips),
        Route("POST", "/_control/slips", _add_slip),
        Route("DELETE", "/_control/slips", _clear_slips),
        Route("DELETE", "/_control/slips/{id}", _remove_slip),
        *control_orders.ROUTES,
    ]
)
