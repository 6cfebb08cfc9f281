"""Submitting orders to the hub: once, whatever happens on the way, or with slips (sheet ordre.md 6.4, 6.5)."""

import asyncio
import time
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import msgspec

from linesheet_sandbox.common.http import decode_json
from linesheet_sandbox.common.outgoing import Heard, UnansweredError
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.buying import SUBMITTED
from linesheet_sandbox.ordre.errors import HubError, RefusedError
from linesheet_sandbox.ordre.hub import Hub, refused, seconds_told, told_to_come_later
from linesheet_sandbox.ordre.lines import units_and_amount
from linesheet_sandbox.ordre.portal import OrdrePortal
from linesheet_sandbox.ordre.slips import Slip

UNKNOWN_BARCODE = "0000000000000"
ACCEPTED, REFUSED, UNANSWERED, PUT_OFF = "accepted", "refused", "unanswered", "put_off"
_OPEN = (UNANSWERED, PUT_OFF)
_OTHER_BODY = ("unknown_barcode", "empty_barcode", "other_body")
_OPTIONAL = ("po_number", "currency", "delivery", "discount_percent", "notes", "shipping_address", "billing_address")
_OF_A_LINE = (
    "line_id",
    "barcode",
    "quantity",
    "unit_price",
    "discount_percent",
    "note",
    "collection",
    "look",
    "description",
)


async def submit(portal: OrdrePortal, hub: Hub, order: Record, *, slip: Slip | None, keyless: bool) -> Record:
    """Send the order. Raises RefusedError without a hub, AbandonedError when the sandbox was emptied meanwhile.

    A submission the hub gave no final answer to is sent again as it was, unless the order was edited since: only
    then is it the same to the hub. Anything else is a new submission, under a new key.
    """
    if not hub.known():
        raise RefusedError(409, "no hub to call yet: POST /_control/hub")
    slip = slip or portal.slips.strike(
        "twice", "parallel", "give_up", "retry", "unknown_barcode", "empty_barcode", "other_body"
    )
    last = last_submission(portal, order["number"])
    open_still = last is not None and last["outcome"] in _OPEN and order["status"] == SUBMITTED
    if open_still and last and not (slip and slip.kind in _OTHER_BODY):
        submission = {**last, "slip": slip.kind if slip else None}
    else:
        same_key = last["idempotency_key"] if slip and slip.kind == "other_body" and last else None
        submission = _begun(portal, order, slip, keyless=keyless, same_key=same_key)
    portal.orders.put(order["number"], {**order, "status": SUBMITTED})
    portal.store.commit()
    epoch = portal.epoch()
    answers = await _sent(hub, submission, slip)
    portal.still(epoch)
    return _kept(portal, submission, answers)


async def submit_again(portal: OrdrePortal, hub: Hub) -> None:
    """Send what the hub gave no final answer to once more, as it was, unless it said to come later still."""
    for order in list(portal.orders.all()):
        last = last_submission(portal, order["number"])
        open_still = last is not None and last["outcome"] in _OPEN and order["status"] == SUBMITTED
        if open_still and last and last.get("not_before", 0) <= time.time():
            await submit(portal, hub, order, slip=None, keyless=False)


async def validate(portal: OrdrePortal, hub: Hub, order: Record) -> Record:
    """The hub's report on the order, of which it stores nothing (sheet 6.2)."""
    body = msgspec.json.encode(body_of(portal, order, "validation"))
    try:
        heard = await hub.patiently("POST", "/orders/validate", body=body)
    except HubError as problem:
        return {"status": None, "message": str(problem), "answer": None}
    return {"status": heard.status, "message": "", "answer": heard.json()}


async def at_the_hub(hub: Hub, number: str) -> Record:
    """What the hub has of an order number (sheet 6.2)."""
    try:
        heard = await hub.patiently("GET", f"/orders/{quote(number, safe='')}", template="/orders/{order_number}")
    except HubError as problem:
        return {"status": None, "message": str(problem), "answer": None}
    return {"status": heard.status, "message": "", "answer": heard.json()}


def last_submission(portal: OrdrePortal, number: str) -> Record | None:
    """The newest submission of an order."""
    keys = portal.submissions.ids_by("order", number)
    return portal.submissions.get(keys[-1]) if keys else None


def body_of(portal: OrdrePortal, order: Record, submission_id: str, slip: Slip | None = None) -> Record:
    """The order as the sheet has it (6.4)."""
    units, amount = units_and_amount(order)
    lines = [{name: line[name] for name in _OF_A_LINE if line.get(name) is not None} for line in order["lines"]]
    if slip and lines and slip.kind in ("unknown_barcode", "empty_barcode"):
        lines[0]["barcode"] = UNKNOWN_BARCODE if slip.kind == "unknown_barcode" else ""
    notes = {"notes": f"{order['notes'] or ''} (another body)".strip()} if slip and slip.kind == "other_body" else {}
    body = {
        "order_number": order["number"],
        "submission_id": submission_id,
        "submitted_at": portal.clock.stamp(),
        "customer": order["customer"],
        **{name: order[name] for name in _OPTIONAL if order[name] is not None},
        **notes,
        "lines": lines,
        "totals": {"units": units, "amount": amount},
        **order["raw"],
    }
    return {name: value for name, value in body.items() if value is not None}


def _begun(portal: OrdrePortal, order: Record, slip: Slip | None, *, keyless: bool, same_key: str | None) -> Record:
    key = f"{portal.next_number('submission'):08d}"
    submission = {
        "id": key,
        "order_number": order["number"],
        "idempotency_key": same_key or (None if keyless else str(uuid4())),
        "slip": slip.kind if slip else None,
        "body": msgspec.json.encode(body_of(portal, order, key, slip)).decode(),
        "sent_at": portal.clock.stamp(),
        "outcome": UNANSWERED,
        "answers": [],
    }
    return portal.submissions.put(key, submission)


async def _sent(hub: Hub, submission: Record, slip: Slip | None) -> list[Record]:
    """Everything the hub answered to this submission, in the order of the answers."""
    key = submission["idempotency_key"]
    parts: dict[str, Any] = {"headers": {"Idempotency-Key": key} if key else {}, "body": submission["body"].encode()}
    parts["wrong_key"] = slip is not None and slip.kind == "wrong_key"
    kind, answers = slip.kind if slip else "", []
    if slip and kind == "parallel":
        return list(await asyncio.gather(*(_posted(hub, parts, fault=kind) for _ in range(slip.count))))
    if slip and kind in ("give_up", "retry"):
        answers.append(await _posted(hub, parts, fault=kind, seconds=slip.seconds))
        if kind == "give_up":
            return answers
    if kind == "twice":
        answers.append(await _posted(hub, parts, fault=kind))
    try:
        answers.append(_told(await hub.patiently("POST", "/orders", fault=kind or None, **parts)))
    except HubError as problem:
        answers.append(_nothing(problem))
    return answers


async def _posted(hub: Hub, parts: dict[str, Any], *, fault: str, seconds: float | None = None) -> Record:
    try:
        return _told(await hub.once("POST", "/orders", fault=fault, seconds=seconds, **parts))
    except UnansweredError as problem:
        return _nothing(problem)


def _told(heard: Heard) -> Record:
    """One answer. 5xx says nothing final, and neither does what is to come later."""
    if heard.status in (200, 201):
        outcome, message = ACCEPTED, ""
    elif told_to_come_later(heard) or heard.status >= 500:
        outcome, message = PUT_OFF, str(refused(heard))
    else:
        outcome, message = REFUSED, str(refused(heard))
    return {
        "outcome": outcome,
        "status": heard.status,
        "message": message,
        "replayed": heard.headers.get("idempotency-replayed", "").lower() == "true",
        "request_id": heard.headers.get("x-request-id"),
        "come_in": seconds_told(heard) if outcome == PUT_OFF else 0,
        "answer": heard.json(),
    }


def _nothing(problem: Exception) -> Record:
    told = {"outcome": UNANSWERED, "status": None, "message": str(problem), "replayed": False}
    return {**told, "request_id": None, "come_in": 0, "answer": None}


def _kept(portal: OrdrePortal, submission: Record, answers: list[Record]) -> Record:
    """The submission with its answers, with those that came meanwhile too. An order that was made is made."""
    before = portal.submissions.get(submission["id"]) or submission
    every = [*before["answers"], *answers]
    outcomes = {answer["outcome"] for answer in every}
    outcome = next(outcome for outcome in (ACCEPTED, REFUSED, PUT_OFF, UNANSWERED) if outcome in outcomes)
    not_before = time.time() + max((answer["come_in"] for answer in answers), default=0)
    told = {"outcome": outcome, "answers": every, "not_before": not_before}
    kept = portal.submissions.put(submission["id"], {**submission, **told})
    portal.store.commit()
    return kept


def shown(submission: Record) -> Record:
    """A submission with its body readable, and the hub's report on top."""
    accepted = [answer for answer in submission["answers"] if answer["outcome"] == ACCEPTED]
    report = accepted[0]["answer"] if accepted else None
    return {**submission, "body": decode_json(submission["body"].encode()), "report": report}
