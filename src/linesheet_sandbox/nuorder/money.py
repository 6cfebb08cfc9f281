"""Order amounts (sheet 8.2 and 8.3)."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from linesheet_sandbox.common.store import Record

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_CENT = Decimal("0.01")


def with_totals(order: Record) -> Record:
    """The order with totals: a line is quantity times price, and the header discount comes off their sum.

    Amounts that are missing count as 0: orders written raw through the control API may lack any field.
    """
    lines = [_line_with_totals(line, order["currency_code"]) for line in order.get("line_items", ())]
    gross = _sum(line["effective_subtotal"] for line in lines)
    original = _sum(line["original_total"] for line in lines)
    net = _cents(gross * (100 - _decimal(order["discount"])) / 100)
    header_discount = gross - net
    return {
        **order,
        "line_items": lines,
        "total": plain_number(net),
        "total_quantity": sum(size.get("quantity", 0) for line in lines for size in line["sizes"]),
        "order_discounts": {
            "original_total": str(original),
            "discounted_total": str(net),
            "total_after_line_item_discount": str(gross),
            "total_applied": str(original - net),
            "total_order_level_discount": str(header_discount),
            "company_manual_discount": "0.00",
            "total_line_item_manual_discounts": str(original - gross),
            "total_line_items_discount": str(original - gross),
            "total_line_item_product_promotions": "0.00",
            "surcharge": "0.00",
            "shipping_final_amount": "0.00",
            "net_terms_extension": "0.00",
            "applied": [],
            "surcharges": {"total_surcharge": "0.00", "applied": []},
        },
    }


def plain_number(amount: Decimal) -> int | float:
    """An amount as JSON writes it: 60, 60.5."""
    return int(amount) if amount == int(amount) else float(amount)


def _line_with_totals(line: Record, currency: str) -> Record:
    sizes = line.get("sizes", [])
    gross = _sum(_worth(size, "price") for size in sizes)
    original = _sum(_worth(size, "original_price") for size in sizes)
    first: Record = {"price": 0, "original_price": 0, **(sizes[0] if sizes else {})}
    return {
        **line,
        "sizes": sizes,
        "original_total": str(original),
        "discounted_total": str(gross),
        "effective_subtotal": str(gross),
        "total_applied": str(original - gross),
        "total_adjustment": str(gross - original),
        "company_manual_discount_on_item": "0.00",
        "item_manual_discount_on_item": str(original - gross),
        "item_price_after_discount": _shown(first["price"], currency),
        "adjusted_wholesale_string": _shown(first["original_price"], currency),
        "retail_string": _shown(first["retail"], currency) if first.get("retail") not in (None, "") else "",
    }


def _worth(size: Record, field: str) -> Decimal:
    return _decimal(size.get(field, size.get("price", 0))) * _decimal(size.get("quantity", 0))


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _sum(amounts: Iterable[Any]) -> Decimal:
    return _cents(sum((_decimal(amount) for amount in amounts), Decimal(0)))


def _shown(amount: Any, currency: str) -> str:
    return f"{_SIGNS.get(currency, currency + ' ')}{_cents(_decimal(amount))}"
