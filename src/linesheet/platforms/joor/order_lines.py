"""Wire to books: the lines of a JOOR order (sheet joor.md 7.2 and 9.8, step 7). Pure functions."""

from collections.abc import Iterator, Mapping

from linesheet.platforms.joor.order_figures import original_price_of, price_of, units_of
from linesheet.platforms.joor.order_wire import LineWire, OrderWire
from linesheet.sync.incoming import IncomingLine

_NO_BARCODE = frozenset({"", "n/a", "na", "none", "null", "-"})


def lines_of(wire: OrderWire) -> Iterator[IncomingLine]:
    """The lines with a quantity; each says for which door of the buyer it is, and what was noted of it."""
    doors = {door.id: door.name or door.code for door in wire.doors}
    for line in wire.lines:
        named = " ".join(part for part in (line.number, line.color, line.size) if part)
        units = units_of(line, named)
        if not units:
            continue
        price = price_of(line, units, named)
        yield IncomingLine(
            barcode=barcode_of(line.upc),
            described_as=named,
            quantity=units,
            price=price,
            original_price=original_price_of(line, price, named),
            comment="; ".join(_comments(line, doors)),
            product_id=line.style_id,
            style=line.number,
            colour=line.color,
            size=line.size,
        )


def barcode_of(upc: str) -> str:
    """A barcode as the books compare it: some brands append `::` and an id, so that no two are alike (sheet 9.10)."""
    barcode = upc.partition("::")[0].strip()
    return "" if barcode.casefold() in _NO_BARCODE else barcode


def _comments(line: LineWire, doors: Mapping[str, str]) -> Iterator[str]:
    if line.door_id and line.door_id != "0":
        yield f"Door: {doors.get(line.door_id) or line.door_id}"
    yield from dict.fromkeys(text for text in (line.comment, line.color_comment) if text)
