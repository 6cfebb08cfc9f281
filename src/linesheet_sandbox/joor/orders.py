"""Storing orders: each change with its rules, its stamps and its stock (sheet 7.1)."""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.fields import invalid, text_in
from linesheet_sandbox.joor.moments import zoned
from linesheet_sandbox.joor.order_status import NOT_ATTEMPTED, edited, exported, failed, why_not
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.stock import settle_order


def stamp(portal: JoorPortal) -> str:
    """The present moment as orders carry it."""
    return zoned(portal.clock.now())


def with_status(
    portal: JoorPortal, order: Record, lines: list[Record], status: str, former: str | None = None
) -> Record:
    """The order with these lines in a status, `former` being where it stands. Raises ItemError if rules forbid it."""
    if problem := why_not(order, lines, status, former):
        raise invalid(problem)
    return in_status(portal, order, status)


def in_status(portal: JoorPortal, order: Record, status: str) -> Record:
    """The order in a status, whatever the rules say."""
    approved = order["approved"] or (stamp(portal) if status == "APPROVED" else "")
    return {**order, "status": status, "approved": approved}


def store_order(portal: JoorPortal, order: Record) -> Record:
    """Store an order, and take its stock or give it back."""
    portal.orders.put(order["id"], order)
    settle_order(portal, order)
    return order


def store_edited(portal: JoorPortal, order: Record) -> Record:
    """Store an order that somebody changed: an exported one is modified from now on."""
    return store_order(portal, edited(order, stamp(portal)))


def with_export_status(portal: JoorPortal, order: Record, item: Record) -> Record:
    """The order with the `export_status` sent by an integration, and its `export_description` (sheet 7.3)."""
    status = text_in(item, "export_status")
    if status == "SUCCESS":
        return exported(order, stamp(portal))
    if status == "FAILED":
        return failed(order, text_in(item, "export_description"))
    if status == "UNDEFINED":
        return {**order, "export_state": NOT_ATTEMPTED, "export_description": "", "exported": ""}
    raise invalid("export_status must be SUCCESS, FAILED or UNDEFINED")
