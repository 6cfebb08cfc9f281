"""What the forms on ORDRE's pages do; each ends on a page."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec

from linesheet_sandbox.common.http import Answer, Call, error_answer, whole_number
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.buying import Wish, edit_order, find_order, place_order
from linesheet_sandbox.ordre.desk import Desk
from linesheet_sandbox.ordre.errors import AbandonedError, HubError, RefusedError
from linesheet_sandbox.ordre.events import know_secret, take
from linesheet_sandbox.ordre.lines import OrderedLine, OrderedLook
from linesheet_sandbox.ordre.markup import to
from linesheet_sandbox.ordre.page import front_page
from linesheet_sandbox.ordre.page_order import order_page
from linesheet_sandbox.ordre.picturing import picture_of
from linesheet_sandbox.ordre.slips import Slip
from linesheet_sandbox.ordre.submitting import at_the_hub, submit, validate

Fields = dict[str, str]
PageHandler = Callable[[Desk, Call], Answer | Awaitable[Answer] | None]
_AT_ONCE = 10


def _front(desk: Desk, call: Call) -> Answer:
    return front_page(desk)


async def _picture(desk: Desk, call: Call) -> Answer:
    """The picture held of a product; one that is not held yet is fetched now."""
    return await picture_of(desk.portal, desk.hub, call.parts["id"]) or error_answer(404, "there is no such picture")


async def _hub(desk: Desk, call: Call, fields: Fields) -> Answer:
    """Connect, see whether the hub lets us in, and collect; or call nobody any more."""
    if fields.get("disconnect"):
        desk.hub.disconnect()
        return to("/")
    desk.hub.connect(fields.get("url", ""), fields.get("key", "").strip())
    try:
        await desk.hub.read("/status")
    except HubError as problem:
        desk.hub.disconnect()
        raise RefusedError(400, f"Linesheet did not let us in: {problem}") from None
    await desk.collector.collect()
    return to("/")


async def _collect(desk: Desk, call: Call, fields: Fields) -> Answer:
    await desk.collector.collect(full=bool(fields.get("full")))
    return to("/")


async def _slip(desk: Desk, call: Call, fields: Fields) -> Answer:
    if fields.get("clear"):
        desk.portal.slips.clear()
    else:
        desk.portal.slips.add({"kind": fields.get("kind"), "count": _AT_ONCE})
    return to("/")


async def _write(desk: Desk, call: Call, fields: Fields) -> Answer:
    """A new order of a whole look; of a customer that was collected, or of one that nobody knows."""
    name = fields.get("customer", "").strip()
    if not name:
        raise RefusedError(400, "An order needs a customer.")
    known = next((each for each in desk.portal.customers.all() if each.get("name") == name), None)
    who: dict[str, Any] = {"customer_id": str(known["id"])} if known else {"customer": name}
    look = OrderedLook(look_id=fields.get("look", ""), quantity=_number(fields.get("quantity", ""), "Units"))
    order = place_order(desk.portal, Wish(looks=[look], po_number=fields.get("po_number") or None, **who))
    return to(_address(order))


def _event(desk: Desk, call: Call) -> Answer:
    """A message of the hub's; one whose signature is wrong is refused, and shown all the same (sheet 6.7)."""
    return Answer(204) if take(desk.portal, call) else error_answer(401, "the signature is wrong")


async def _secret(desk: Desk, call: Call, fields: Fields) -> Answer:
    know_secret(desk.portal, fields.get("secret", ""))
    return to("/#events")


def _order(desk: Desk, call: Call) -> Answer:
    return order_page(desk, call.parts["number"])


async def _edit(desk: Desk, call: Call, fields: Fields) -> Answer:
    """Keep what the buyer wants now, where that is another thing, and submit it when that was asked for."""
    order = find_order(desk.portal, call.parts["number"])
    try:
        wish = _wish(order, fields)
        if any(value is not msgspec.UNSET for value in msgspec.structs.asdict(wish).values()):
            order = edit_order(desk.portal, order, wish)
        if fields.get("then") == "submit":
            kind = fields.get("slip")
            slip = msgspec.convert({"kind": kind, "count": _AT_ONCE}, Slip) if kind else None
            await submit(desk.portal, desk.hub, order, slip=slip, keyless=False)
        if fields.get("then") == "validate":
            return order_page(desk, order["number"], found=await validate(desk.portal, desk.hub, order))
    except RefusedError as problem:
        return order_page(desk, order["number"], problem.message)
    return to(_address(order))


async def _ask(desk: Desk, call: Call, fields: Fields) -> Answer:
    number = find_order(desk.portal, call.parts["number"])["number"]
    return order_page(desk, number, found=await at_the_hub(desk.hub, number))


def _wish(order: Record, fields: Fields) -> Wish:
    """What differs from the order as it is; nothing else counts as an edit."""
    lines = [_line(line, fields) for line in order["lines"]]
    if fields.get("quantity-new"):
        lines.append(_line({"line_id": "new"}, fields))
    wanted = [line for line in lines if line.quantity]
    was = [(line["barcode"], line["quantity"], line["unit_price"]) for line in order["lines"]]
    wish = Wish()
    if [(line.barcode, line.quantity, line.unit_price) for line in wanted] != was:
        if not wanted:
            raise RefusedError(400, "An order needs a line.")
        wish.lines = wanted
    for name in ("po_number", "notes"):
        if (fields.get(name) or "") != (order[name] or ""):
            setattr(wish, name, fields.get(name) or None)
    delivery = {name: fields[name] for name in ("start", "end") if fields.get(name)}
    if delivery != (order["delivery"] or {}):
        wish.delivery = delivery or None
    return wish


def _line(line: Record, fields: Fields) -> OrderedLine:
    key = line["line_id"]
    return OrderedLine(
        barcode=fields.get(f"barcode-{key}", str(line.get("barcode") or "")).strip(),
        quantity=_number(fields.get(f"quantity-{key}", str(line.get("quantity", ""))), "Units"),
        unit_price=fields.get(f"price-{key}", str(line.get("unit_price") or "")).strip() or None,
        discount_percent=line.get("discount_percent"),
        note=line.get("note"),
        description=line.get("description"),
    )


def _number(text: str, what: str) -> int:
    number = whole_number(text.strip())
    if number is None:
        raise RefusedError(400, f"{what}: {text or 'nothing'} is no whole number.")
    return number


def _address(order: Record) -> str:
    return f"/orders/{quote(order['number'], safe='')}"


def _posted(handler: Callable[[Desk, Call, Fields], Awaitable[Answer]]) -> PageHandler:
    """A form of our own pages; a page of somebody else cannot send it."""

    async def handle(desk: Desk, call: Call) -> Answer:
        origin = call.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != call.headers.get("host"):
            return error_answer(403, "this form is sent from the sandbox's own pages")
        fields = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            return await handler(desk, call, fields)
        except RefusedError as problem:
            return front_page(desk, problem.message)
        except msgspec.ValidationError as problem:
            return front_page(desk, str(problem))
        except AbandonedError:
            return front_page(desk, "The sandbox was emptied meanwhile.")
        finally:
            desk.portal.store.commit()

    return handle


ROUTES: list[Route[PageHandler]] = [
    Route("GET", "/", _front),
    Route("GET", "/images/{id}", _picture),
    Route("GET", "/orders/{number}", _order),
    Route("POST", "/events", _event),
    Route("POST", "/events/secret", _posted(_secret)),
    Route("POST", "/hub", _posted(_hub)),
    Route("POST", "/collect", _posted(_collect)),
    Route("POST", "/slips", _posted(_slip)),
    Route("POST", "/orders", _posted(_write)),
    Route("POST", "/orders/{number}", _posted(_edit)),
    Route("POST", "/orders/{number}/ask", _posted(_ask)),
]
