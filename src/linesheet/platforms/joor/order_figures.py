"""What a JOOR order comes to: units and prices of its lines, discount and total (sheet joor.md 7.2). Pure functions.

Which of its figures JOOR means is not documented, so those are taken that make the sums which JOOR states.
"""

from collections.abc import Iterable
from decimal import Decimal

from linesheet.platforms.joor.order_wire import LineWire, OrderWire
from linesheet.sync.incoming import IncomingLine
from linesheet.sync.tolerant import Unfit

# What the books can hold: four decimals, ten digits before them, and units in 32 bits.
_STEP = Decimal("0.0001")
_PERCENT_STEP = Decimal("0.001")
_MOST_MONEY = Decimal(10) ** 10
_MOST_UNITS = 2**31 - 1
_HALF_A_CENT = Decimal("0.005")


class Negative(ValueError):
    """An amount or quantity is below 0; the text names it."""


def amount(what: str, value: Decimal) -> Decimal:
    """An amount as the books can hold it. Raises Negative and Unfit."""
    if value < 0:
        raise Negative(what)
    if value >= _MOST_MONEY:
        raise Unfit(f"{what} is {value}")
    return value.quantize(_STEP)


def units_of(line: LineWire, named: str) -> int:
    """How many pieces a line is of: case packs are multiplied, unless the sum of the line says that it is of pieces."""
    what = f"the quantity of {named}"
    pack = line.multiplier or Decimal(1)
    if line.quantity < 0 or pack < 0:
        raise Negative(what)
    units = line.quantity * pack
    if not any(_makes(line, price, units) for price in _prices(line)) and _makes(line, line.unit_price, line.quantity):
        units = line.quantity
    if units != int(units) or units > _MOST_UNITS:
        raise Unfit(f"{what} is {units}")
    return int(units)


def price_of(line: LineWire, units: int, named: str) -> Decimal:
    """What one piece costs, net: the price that makes the line's sum, else that sum by its units."""
    prices = _prices(line)
    found = next((price for price in prices if _makes(line, price, Decimal(units))), None)
    if found is None and line.extended:
        found = line.extended / units
    if found is None:
        found = next(iter(prices), None)
    if found is None:
        raise Unfit(f"{named} has no price")
    return amount(f"the price of {named}", found)


def original_price_of(line: LineWire, price: Decimal, named: str) -> Decimal | None:
    """What one piece cost before it was reduced; None where it was not, or where prices may be those of packs."""
    if (line.multiplier or 1) != 1:
        return None
    most = max(_prices(line), default=price)
    return amount(f"the original price of {named}", most) if most > price else None


def goods_of(lines: Iterable[IncomingLine]) -> Decimal:
    """What the lines come to, before the order's discount."""
    return sum((line.quantity * line.price for line in lines), Decimal(0))


def discount_of(wire: OrderWire, goods: Decimal) -> Decimal:
    """The discount on the whole order in percent; an amount is what it is of the goods, to three decimals."""
    percent = wire.discount_percent
    if not percent and wire.discount and goods:
        percent = wire.discount / goods * 100
    if not 0 <= percent <= 100 or wire.discount < 0:
        raise Unfit(f"its discount is {wire.discount if not wire.discount_percent else f'{percent} %'}")
    return percent.quantize(_PERCENT_STEP)


def total_of(wire: OrderWire, computed: Decimal) -> Decimal | None:
    """What the order says its goods come to. That JOOR adds the charge for shipping is told by which comes closer."""
    if wire.total is None:
        return None
    total = amount("its total", wire.total)
    return min((total, total - wire.shipping), key=lambda each: abs(each - computed))


def _prices(line: LineWire) -> list[Decimal]:
    """The line's prices for one piece, the likelier first: of a case pack `item_price` may be that of the pack."""
    pair = (line.price, line.unit_price) if (line.multiplier or 1) == 1 else (line.unit_price, line.price)
    return [price for price in pair if price is not None]


def _makes(line: LineWire, price: Decimal | None, units: Decimal) -> bool:
    return price is not None and line.extended is not None and abs(price * units - line.extended) < _HALF_A_CENT
