"""Lines of orders as buyers place and edit them: `upc` or `sku_id`, `quantity`, and what they may say besides.

`item_price`, `discount_amount` or `discount_percentage` change the price, `comment`, `color_comment`, `multiplier`,
`door_id` and `cancelled` are taken as they are. `raw` is v2 fields of the line to be shown whatever else is known, such
as `{"item_upc": "999"}`. With `unchecked`, on the line or on the order, a barcode that JOOR does not know makes a line
of its own, described by `style_number`, `style_name`, `color`, `color_code` and `size`.
"""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.fields import invalid, object_in, objects_in, text_in, whole_in
from linesheet_sandbox.joor.order_fields import money_in
from linesheet_sandbox.joor.order_lines import discounted, face_of, lines_of, priced_line, sku_wanted
from linesheet_sandbox.joor.order_record import BLANK_FACE, blank_line
from linesheet_sandbox.joor.portal import JoorPortal

_KNOWN = frozenset(
    (
        *("upc", "sku_id", "quantity", "item_price", "discount_amount", "discount_percentage", "comment"),
        *("color_comment", "multiplier", "door_id", "cancelled", "raw", "unchecked"),
        *("style_number", "style_name", "color", "color_code", "size"),
    )
)
"""What a line of a wish may hold: a slip of the pen would make another line than was meant."""


def read_lines(portal: JoorPortal, order: Record, wish: Record) -> list[Record]:
    """The lines wished for, not stored yet. Raises ItemError for one that the buyer could not have ordered."""
    return [
        _line(portal, order, row, unchecked=bool(row.get("unchecked") or wish.get("unchecked")))
        for row in objects_in(wish, "lines")
    ]


def with_quantities(portal: JoorPortal, order: Record, changes: Record) -> list[Record]:
    """The lines whose quantities change, not stored yet; a line of nothing is to go."""
    wanted = object_in(changes, "quantities")
    lines = lines_of(portal, order["id"])
    found = [line for line in lines if line["id"] in wanted or line["face"]["upc"] in wanted]
    known = {key for line in found for key in (line["id"], line["face"]["upc"])}
    if unknown := sorted(wanted.keys() - known):
        raise invalid(f"the order has no line {', '.join(unknown)}")
    return [{**line, "quantity": _new_quantity(line, wanted)} for line in found]


def _line(portal: JoorPortal, order: Record, row: Record, *, unchecked: bool) -> Record:
    if unknown := sorted(row.keys() - _KNOWN):
        raise invalid(f"a line may not hold {', '.join(unknown)}")
    quantity = whole_in(row, "quantity")
    if quantity is None:
        raise invalid("quantity missing")
    upc, sku_id = text_in(row, "upc"), text_in(row, "sku_id")
    sku = sku_wanted(portal, upc=upc, sku_id=sku_id)
    if sku is None and not unchecked:
        raise invalid(f"{upc or sku_id or 'a line without upc and sku_id'} not found")
    if sku is None or unchecked:
        line = _unchecked_line(portal, order, row, sku, quantity)
    else:
        line = priced_line(portal, order, sku, quantity)
    return _described(_at_price(line, row), row)


def _unchecked_line(portal: JoorPortal, order: Record, row: Record, sku: Record | None, quantity: int) -> Record:
    """A line at the price there is, if there is one, of a SKU that need not exist."""
    line = {**blank_line(portal.new_id("line_item"), order["id"]), "quantity": quantity}
    if sku is None:
        described = {
            "product_name": text_in(row, "style_name"),
            "product_identifier": text_in(row, "style_number"),
            **{key: text_in(row, key) for key in ("color", "color_code", "size", "upc")},
        }
        return {**line, "face": {**BLANK_FACE, **described}}
    price: Record = portal.prices.by("pair", (sku["id"], order["price_type_id"])) or {}
    listed = str(price.get("wholesale_value") or "0")
    return {
        **line,
        "sku_id": sku["id"],
        "face": face_of(portal, sku),
        "price": listed,
        "list_price": listed,
        "retail_price": str(price.get("retail_value") or "0"),
    }


def _at_price(line: Record, row: Record) -> Record:
    price, amount, percent = (money_in(row, key) for key in ("item_price", "discount_amount", "discount_percentage"))
    if price is not None:
        return {**line, "price": str(price)}
    if amount is not None or percent is not None:
        return discounted(line, amount=amount, percent=percent)
    return line


def _described(line: Record, row: Record) -> Record:
    changed = {**line, "raw": object_in(row, "raw"), "cancelled": bool(row.get("cancelled"))}
    for key in ("comment", "color_comment", "door_id"):
        changed[key] = text_in(row, key)
    return {**changed, "multiplier": whole_in(row, "multiplier") or 1}


def _new_quantity(line: Record, wanted: Record) -> int:
    key = line["id"] if line["id"] in wanted else line["face"]["upc"]
    return whole_in(wanted, key) or 0
