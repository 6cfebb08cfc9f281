"""Order statuses and how an order moves between them (sheet 8.1)."""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.errors import conflict, invalid
from linesheet_sandbox.nuorder.portal import Portal
from linesheet_sandbox.nuorder.stock import settle_claims

STATUSES = ("draft", "review", "pending", "approved", "processed", "shipped", "cancelled")
_VERBS = {"approve": "approved", "process": "processed", "ship": "shipped", "cancel": "cancelled"}


class StatusUnchangedError(Exception):
    """The order has the status asked for already, which is answered with 304."""


def status_named(word: str) -> str:
    """The status a path word means: the status itself or its verb, in any case. Refuses others with 400."""
    lower = word.lower()
    status = _VERBS.get(lower, lower)
    if status not in STATUSES:
        invalid(f"unknown status {word}")
    return status


def move(portal: Portal, order: Record, status: str) -> Record:
    """Give an order a status. Nothing leaves `cancelled`; otherwise any change is allowed."""
    if order["status"] == status:
        raise StatusUnchangedError
    if order["status"] == "cancelled":
        conflict("order is cancelled")
    now = portal.clock.stamp()
    moved = {**order, "status": status, "modified_on": now}
    if status == "processed":
        moved |= {"__processed_on": now, "__exported": True}
    portal.orders.put(order["_id"], moved)
    settle_claims(portal, moved)
    return moved
