"""Amounts of orders: exact within, plain JSON numbers without (sheet 7.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from linesheet_sandbox.common.store import Record

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an order comes to, in its currency."""

    units: int
    gross: Decimal
    discount: Decimal
    discount_percent: Decimal
    shipping: Decimal

    @property
    def total(self) -> Decimal:
        """Lines less discount, and shipping."""
        return self.gross - self.discount + self.shipping


def amounts(order: Record, lines: Iterable[Record]) -> Amounts:
    """What an order with these lines comes to. Cancelled lines count for nothing."""
    counted = [line for line in lines if not line["cancelled"]]
    gross = sum((extended(line) for line in counted), Decimal(0))
    kind, value = order["discount"]["type"], decimal(order["discount"]["value"])
    percent = value if kind == "PERCENTAGE" else Decimal(0)
    return Amounts(
        units=sum(line["quantity"] * line["multiplier"] for line in counted),
        gross=gross,
        discount=cents(gross * percent / 100) if kind == "PERCENTAGE" else value,
        discount_percent=percent,
        shipping=decimal(order["shipping_price"]),
    )


def extended(line: Record) -> Decimal:
    """A line's price for all its units."""
    return cents(decimal(line["price"]) * line["quantity"] * line["multiplier"])


def decimal(value: Any) -> Decimal:
    """A stored amount; none is 0."""
    return Decimal(str(value or 0))


def cents(amount: Decimal) -> Decimal:
    """An amount to the cent."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def plain(amount: Decimal) -> int | float:
    """An amount as JSON has it: 475, 95.5."""
    return int(amount) if amount == int(amount) else float(amount)
