"""From the body that ORDRE posts to an order in the hub's words (sheet ordre.md 5.1 and 6.4)."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from linesheet.books.barcodes import gtin
from linesheet.books.reasons import Said
from linesheet.books.words import day_in_words
from linesheet.platforms.ordre import reasons
from linesheet.platforms.ordre.references import reference
from linesheet.sync.incoming import IncomingLine, IncomingOrder

Json = Mapping[str, Any]
MOST_UNITS = 100_000
_LONGEST_ID = 19
_PRICE_STEP = Decimal("0.0001")
_PERCENT_STEP = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was posted, with its place, the first being 0; `first` is that of the line it is added to."""

    place: int
    raw: Json
    meant: IncomingLine
    first: int | None = None

    @property
    def name(self) -> str:
        """What people know the line by: Line 3, or Line 3 (Silk shirt, M)."""
        described = f" ({self.meant.described_as})" if self.meant.described_as else ""
        return f"Line {self.place + 1}{described}"

    @property
    def pointer(self) -> str:
        """Where it stands in the body."""
        return f"/lines/{self.place}"

    @property
    def countable(self) -> bool:
        """Whether its quantity is one."""
        return 0 < self.meant.quantity <= MOST_UNITS


def lines_of(payload: Json) -> list[Line]:
    """All lines of a body; a line with barcode and prices of one before says so."""
    found: list[Line] = []
    firsts: dict[tuple[Any, ...], int] = {}
    for place, raw in enumerate(payload["lines"]):
        meant = _line(raw)
        key = (gtin(meant.barcode), meant.price, meant.original_price)
        line = Line(place, raw, meant, firsts.get(key) if meant.barcode else None)
        if line.countable and meant.barcode:
            firsts.setdefault(key, place)
        found.append(line)
    return found


def order_from(payload: Json, template: str) -> IncomingOrder | Said:
    """What a body means; why not, when it makes no order."""
    number, po = payload["order_number"], (payload.get("po_number") or "").strip()
    start, end = _dates(payload)
    if start and end and start > end:
        return reasons.INVALID_DATES.about(
            order=number, start=day_in_words(start, year=True), end=day_in_words(end, year=True)
        )
    lines = tuple(_added_up(lines_of(payload)))
    if not lines:
        return reasons.NO_VALID_LINES.about(order=number)
    customer, totals = payload["customer"], payload.get("totals") or {}
    contact = _contact(customer.get("contact") or {})
    amount = totals.get("amount")
    return IncomingOrder(
        remote_id=number,
        number=reference(template, number, po),
        customer_name=" ".join(customer["name"].split()),
        customer_code=customer.get("account_code") or "",
        customer_id=customer.get("external_id") or "",
        customer_email=contact.get("email", ""),
        customer_contact=contact,
        customer_reference=po,
        currency=payload.get("currency") or "",
        lines=lines,
        ships_from=start,
        ships_until=end,
        discount_percent=_decimal(payload.get("discount_percent"), _PERCENT_STEP),
        addresses=dict(_addresses(payload)),
        comments="\n".join(_comments(payload)),
        total=None if amount is None else Decimal(str(amount)),
        customer_record=_record(customer.get("id") or ""),
    )


def _line(raw: Json) -> IncomingLine:
    price = _decimal(raw["unit_price"], _PRICE_STEP)
    discount = Decimal(str(raw.get("discount_percent") or 0))
    places = " > ".join(raw[key] for key in ("collection", "look") if raw.get(key))
    return IncomingLine(
        barcode="".join((raw.get("barcode") or "").split()),
        described_as=raw.get("description") or "",
        quantity=raw["quantity"],
        price=_decimal(price * (100 - discount) / 100, _PRICE_STEP) if discount else price,
        original_price=price if discount else None,
        comment="; ".join(text for text in (places, raw.get("note")) if text),
    )


def _decimal(value: Any, step: Decimal) -> Decimal:
    """A number as the books keep it; nothing is 0."""
    return Decimal(str(value or 0)).quantize(step, ROUND_HALF_UP)


def _added_up(lines: Sequence[Line]) -> Iterator[IncomingLine]:
    """Lines with a quantity, those of one barcode and price as one (sheet ordre.md 4)."""
    units: dict[int, int] = {}
    for line in lines:
        if line.countable:
            place = line.place if line.first is None else line.first
            units[place] = units.get(place, 0) + line.meant.quantity
    for place, quantity in units.items():
        meant = lines[place].meant
        yield IncomingLine(
            barcode=meant.barcode,
            described_as=meant.described_as,
            quantity=quantity,
            price=meant.price,
            original_price=meant.original_price,
            comment=meant.comment,
        )


def _record(hub_id: str) -> int | None:
    """The books' own id of a customer, as collected; anything else that may stand there is none."""
    return int(hub_id) if hub_id.isascii() and hub_id.isdecimal() and len(hub_id) < _LONGEST_ID else None


def _dates(payload: Json) -> tuple[datetime.date | None, datetime.date | None]:
    delivery = payload.get("delivery") or {}
    start, end = (delivery.get(key) for key in ("start", "end"))
    return (
        datetime.date.fromisoformat(start) if start else None,
        datetime.date.fromisoformat(end) if end else None,
    )


def _contact(contact: Json) -> dict[str, str]:
    name = " ".join(contact.get(key) or "" for key in ("first_name", "last_name")).strip()
    email = contact.get("email") or ""
    if not name and not email:
        return {}
    return {"name": name or email, "email": email, "phone": contact.get("phone") or ""}


def _addresses(payload: Json) -> Iterator[tuple[str, dict[str, str]]]:
    for kind, key in (("delivery", "shipping_address"), ("accounts", "billing_address")):
        address = payload.get(key) or {}
        first, *rest = [*(address[line] for line in ("line1", "line2", "line3") if address.get(line)), ""]
        parts = {
            "company_name": address.get("company"),
            "line_1": first,
            "line_2": ", ".join(line for line in rest if line),
            **{part: address.get(part) for part in ("city", "region", "postcode", "country")},
        }
        if filled := {part: text for part, text in parts.items() if text}:
            yield kind, filled


def _comments(payload: Json) -> Iterator[str]:
    if payload.get("notes"):
        yield payload["notes"]
    if window := (payload.get("delivery") or {}).get("window_name"):
        yield f"Delivery window: {window}"
    for key in ("payment_terms", "shipping_terms"):
        if payload.get(key):
            yield f"{key.replace('_', ' ').capitalize()} on ORDRE: {payload[key]}"
