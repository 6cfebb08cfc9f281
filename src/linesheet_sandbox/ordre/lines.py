"""Lines of an order: by look, as buyers order on ORDRE, or one by one (sheet ordre.md 1, 6.4)."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.errors import RefusedError
from linesheet_sandbox.ordre.portal import OrdrePortal, skus_of
from linesheet_sandbox.ordre.shelves import products_in


class OrderedLook(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A look, every product of it in every size, or in these `sizes` with their quantities."""

    look_id: str
    quantity: int = 1
    sizes: dict[str, int] | None = None
    unit_price: str | None = None


class OrderedLine(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One line. Any barcode may be given, also one that was never collected, but then with its price."""

    barcode: str
    quantity: int = 1
    unit_price: str | None = None
    discount_percent: str | None = None
    note: str | None = None
    description: str | None = None


def lines_by_look(portal: OrdrePortal, order: Record, looks: Iterable[OrderedLook]) -> list[Record]:
    """The lines of whole looks, in the order of products and sizes. Raises RefusedError."""
    lines = []
    for look in looks:
        products = products_in(portal, look.look_id)
        if not products:
            raise RefusedError(404, f"there is nothing in look {look.look_id}; was it collected?")
        for product in products:
            for sku in skus_of(product):
                quantity = look.quantity if look.sizes is None else look.sizes.get(str(sku.get("size")), 0)
                if quantity:
                    price = look.unit_price or price_of(product, order)
                    lines.append(_line(product, sku, quantity=quantity, price=price))
    return lines


def lines_one_by_one(portal: OrdrePortal, order: Record, lines: Iterable[OrderedLine]) -> list[Record]:
    """The lines as given, with what ORDRE knows of the product. Raises RefusedError without a price."""
    made = []
    for line in lines:
        product = portal.products.by("barcode", line.barcode)
        price = line.unit_price or (price_of(product, order) if product else None)
        if price is None:
            raise RefusedError(400, f"barcode {line.barcode or '(none)'} was not collected, so unit_price is needed")
        sku = next((sku for sku in skus_of(product or {}) if sku.get("barcode") == line.barcode), {})
        known = _line(product or {}, sku, quantity=line.quantity, price=price)
        said = {name: value for name, value in msgspec.structs.asdict(line).items() if value is not None}
        made.append({**known, **said, "unit_price": price})
    return made


def price_of(product: Record, order: Record) -> str:
    """The wholesale price in the order's price list and currency; in its currency alone when it names no list."""
    prices = [price for price in product.get("prices") or [] if isinstance(price, dict)]
    prices = [price for price in prices if price.get("wholesale") is not None]
    for name in ("price_list", "currency"):
        if wanted := order.get(name):
            prices = [price for price in prices if price.get(name) == wanted]
    if not prices:
        wanted = f"{order.get('price_list') or 'any price list'} in {order.get('currency') or 'any currency'}"
        raise RefusedError(400, f"{product_name(product)} has no price in {wanted}")
    return str(prices[0]["wholesale"])


def product_name(product: Record) -> str:
    """The product as people call it."""
    words = (str(product.get(name) or "") for name in ("style", "description", "fabric", "colour"))
    return " ".join(word for word in words if word) or str(product.get("id"))


def units_and_amount(order: Record) -> tuple[int, str]:
    """Units and amount after discounts, for the check sums (sheet 6.4 `totals`)."""
    amount = Decimal(0)
    for line in order["lines"]:
        price = line["quantity"] * _decimal(line["unit_price"])
        amount += price * (100 - _decimal(line.get("discount_percent"))) / 100
    amount = amount * (100 - _decimal(order.get("discount_percent"))) / 100
    return sum(line["quantity"] for line in order["lines"]), f"{amount:.2f}"


def _line(product: Record, sku: Record, *, quantity: int, price: str) -> Record:
    line: dict[str, Any] = {"barcode": sku.get("barcode") or "", "quantity": quantity, "unit_price": price}
    if product:
        line["description"] = f"{product_name(product)}, {sku.get('size')}"
        for level in ("collection", "look"):
            if isinstance(place := product.get(level), dict) and place.get("name"):
                line[level] = place["name"]
    return line


def _decimal(text: Any) -> Decimal:
    try:
        number = Decimal(str(text or 0))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() and abs(number) < 10**12 else Decimal(0)
