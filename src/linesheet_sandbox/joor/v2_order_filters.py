"""Which orders a call to `/v2/order` means (sheet 7.2)."""

from collections.abc import Iterable

from linesheet_sandbox.common.http import Call
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import RefusedCallError
from linesheet_sandbox.joor.moments import moment_of
from linesheet_sandbox.joor.order_status import EXPORT_STATES, EXPORTED, FAILED, MODIFIED, NOT_ATTEMPTED, STATUSES
from linesheet_sandbox.joor.portal import JoorPortal

APPROVED_AND_SHIPPED, EVERYTHING = "2", "8"

_ORDER_TYPES = {
    "1": ("NOTES",),
    APPROVED_AND_SHIPPED: ("APPROVED", "SHIPPED"),
    "3": ("PENDING",),
    "4": tuple(status for status in STATUSES if status != "CANCELLED"),
    "5": ("CANCELLED",),
    "6": ("APPROVED",),
    "7": ("SHIPPED",),
    EVERYTHING: tuple(STATUSES),
}
_EXPORT_STATUSES = {
    "1": EXPORT_STATES,
    "2": (NOT_ATTEMPTED, FAILED),
    "3": (EXPORTED,),
    "4": (MODIFIED,),
    "5": (NOT_ATTEMPTED, FAILED, MODIFIED),
    "6": (NOT_ATTEMPTED,),
    "7": (NOT_ATTEMPTED, MODIFIED),
}
_CHECKS = {"0": (False, False), "1": (True, False), "2": (False, True), "3": (True, True)}


def matching(portal: JoorPortal, call: Call, orders: Iterable[Record], *, sync: bool, order_type: str) -> list[Record]:
    """The orders the parameters of a call leave in; `order_type` is what it means by none."""
    query = call.query()
    statuses = _ORDER_TYPES[_choice(call, "order_type", order_type, _ORDER_TYPES)]
    states = _EXPORT_STATUSES[_choice(call, "export_status", "2" if sync else "1", _EXPORT_STATUSES)]
    first, last = _range(call)
    code, group = query.get("customer_code"), query.get("customer_group_name")
    return [
        order
        for order in orders
        if order["status"] in statuses
        and order["export_state"] in states
        and first <= order["modified"] <= last
        and code in (None, _said(order, "customer_code"))
        and group in (None, _said(order, "customer_group_name"))
    ]


def check_asked(call: Call, *, sync: bool) -> tuple[bool, bool]:
    """Whether missing required fields, and deleted styles or colours, fail an order."""
    return _CHECKS[_choice(call, "check", "1" if sync else "0", _CHECKS)]


def _said(order: Record, key: str) -> str:
    return str(order["raw"].get(key, order[key]))


def _choice(call: Call, name: str, default: str, choices: Iterable[str]) -> str:
    value = call.query().get(name) or default
    if value not in choices:
        raise RefusedCallError(400, f"{name} must be one of {', '.join(choices)}")
    return value


def _range(call: Call) -> tuple[str, str]:
    """The range of modified dates, of which both ends are given or none."""
    query = call.query()
    start, end = query.get("date_start"), query.get("date_end")
    if not start and not end:
        return "", "9999"
    first, last = moment_of(start or ""), moment_of(end or "", whole_day=True)
    if first is None or last is None:
        raise RefusedCallError(400, "date_start and date_end must both be dates")
    return first, last
