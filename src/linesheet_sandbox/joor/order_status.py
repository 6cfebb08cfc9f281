"""Order statuses with their entry rules, and whether an order was exported (sheet 7.1)."""

from dataclasses import dataclass
from typing import Final

from linesheet_sandbox.common.store import Record

CLAIMING: Final = ("PENDING", "APPROVED", "SHIPPED")
"""Statuses in which an order holds stock."""

OPEN: Final = ("IN_PROGRESS", "NOTES", "PENDING")
"""Statuses in which lines can be added (sheet 7.1)."""

NOT_ATTEMPTED, EXPORTED, FAILED, MODIFIED = "not_attempted", "exported", "failed", "modified"
EXPORT_STATES = (NOT_ATTEMPTED, EXPORTED, FAILED, MODIFIED)

_WORDS = {"approve": "APPROVED", "cancel": "CANCELLED", "ship": "SHIPPED", "submit": "PENDING", "note": "NOTES"}


@dataclass(frozen=True, slots=True)
class Status:
    """A status as the two generations of the API tell it: a code of v2 replies (sheet 7.2), and its name."""

    code: str
    name: str


STATUSES: Final = {
    "IN_PROGRESS": Status("1", "In Progress"),
    "NOTES": Status("2", "Notes"),
    "PENDING": Status("3", "Pending"),
    "APPROVED": Status("4", "Approved"),
    "SHIPPED": Status("5", "Shipped"),
    "CANCELLED": Status("6", "Cancelled"),
}


def status_named(word: str) -> str | None:
    """The status meant by its name in any case, or by what somebody does to get there."""
    status = _WORDS.get(word.lower(), word.upper().replace("-", "_"))
    return status if status in STATUSES else None


def why_not(order: Record, lines: list[Record], status: str, former: str | None = None) -> str:
    """What keeps an order, as it is to be stored, from a status; "" when nothing does. `former` is where it stands."""
    if former is not None and former != status:
        if status == "IN_PROGRESS":
            return "no order can go back to IN_PROGRESS"
        if former in ("SHIPPED", "CANCELLED"):
            return f"the order is {former}"
    if status in ("IN_PROGRESS", "CANCELLED"):
        return ""
    for side in ("shipping", "billing"):
        if not order[side]:
            return f"a {side} address is needed for {status}"
    if not order["payment_method"]["code"] and not order["payment_method"]["name"]:
        return f"a payment method is needed for {status}"
    if status != "NOTES" and any(line["quantity"] < 1 for line in lines):
        return f"every item needs at least one unit for {status}"
    return ""


def edited(order: Record, now: str) -> Record:
    """The order as changed by somebody: an exported one now counts as modified since."""
    state = MODIFIED if order["export_state"] == EXPORTED else order["export_state"]
    return {**order, "modified": now, "export_state": state}


def exported(order: Record, now: str) -> Record:
    """The order as taken over by an integration. That is no change of the order itself."""
    return {**order, "export_state": EXPORTED, "export_description": "", "exported": now}


def failed(order: Record, description: str) -> Record:
    """The order as one that an integration could not take over."""
    return {**order, "export_state": FAILED, "export_description": description}
