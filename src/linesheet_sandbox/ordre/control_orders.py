"""Control: what buyers do on ORDRE, and what is sent of it to the hub (sheet ordre.md R12, 6.4, 6.5)."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from linesheet_sandbox.common.control import control_body
from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.buying import Wish, edit_order, find_order, place_order
from linesheet_sandbox.ordre.desk import Desk
from linesheet_sandbox.ordre.errors import RefusedError
from linesheet_sandbox.ordre.lines import units_and_amount
from linesheet_sandbox.ordre.slips import Slip
from linesheet_sandbox.ordre.submitting import at_the_hub, shown, submit, validate


class _SubmitOrder(msgspec.Struct, forbid_unknown_fields=True):
    """`slip` is made with this submission; `keyless` sends no Idempotency-Key (sheet 6.5)."""

    slip: dict[str, Any] | None = None
    keyless: bool = False


def _list_orders(desk: Desk, call: Call) -> Answer:
    return json_answer([_order_shown(desk, order) for order in desk.portal.orders.all()])


def _place_order(desk: Desk, call: Call) -> Answer:
    order = place_order(desk.portal, msgspec.convert(control_body(call), Wish))
    return json_answer(_order_shown(desk, order), 201)


def _read_order(desk: Desk, call: Call) -> Answer:
    return json_answer(_order_shown(desk, _order(desk, call)))


def _edit_order(desk: Desk, call: Call) -> Answer:
    wish = msgspec.convert(control_body(call), Wish)
    return json_answer(_order_shown(desk, edit_order(desk.portal, _order(desk, call), wish)))


def _delete_order(desk: Desk, call: Call) -> Answer:
    order = _order(desk, call)
    told = _order_shown(desk, order)
    desk.portal.orders.remove(order["number"])
    return json_answer(told)


async def _submit(desk: Desk, call: Call) -> Answer:
    """Submit the order, and answer when the hub did or ORDRE gave up."""
    sent = msgspec.convert(control_body(call), _SubmitOrder)
    slip = msgspec.convert(sent.slip, Slip) if sent.slip else None
    if slip and slip.kind == "stale_cursor":
        raise RefusedError(400, "a stale cursor is a slip of collects")
    submission = await submit(desk.portal, desk.hub, _order(desk, call), slip=slip, keyless=sent.keyless)
    return json_answer(shown(submission))


async def _validate(desk: Desk, call: Call) -> Answer:
    return json_answer(await validate(desk.portal, desk.hub, _order(desk, call)))


async def _ask_hub(desk: Desk, call: Call) -> Answer:
    return json_answer(await at_the_hub(desk.hub, call.parts["number"]))


def _list_submissions(desk: Desk, call: Call) -> Answer:
    return json_answer([shown(submission) for submission in desk.portal.submissions.all()])


def _order(desk: Desk, call: Call) -> Record:
    return find_order(desk.portal, call.parts["number"])


def _order_shown(desk: Desk, order: Record) -> Record:
    """The order with its sums and its submissions, oldest first."""
    units, amount = units_and_amount(order)
    submissions = desk.portal.submissions
    told = [shown(found) for key in submissions.ids_by("order", order["number"]) if (found := submissions.get(key))]
    return {**order, "units": units, "amount": amount, "submissions": told}


ROUTES: list[Route[Callable[[Desk, Call], Answer | Awaitable[Answer]]]] = [
    Route("GET", "/_control/orders", _list_orders),
    Route("POST", "/_control/orders", _place_order),
    Route("GET", "/_control/orders/{number}", _read_order),
    Route("PATCH", "/_control/orders/{number}", _edit_order),
    Route("DELETE", "/_control/orders/{number}", _delete_order),
    Route("POST", "/_control/orders/{number}/submit", _submit),
    Route("POST", "/_control/orders/{number}/validate", _validate),
    Route("GET", "/_control/orders/{number}/hub", _ask_hub),
    Route("GET", "/_control/submissions", _list_submissions),
]
