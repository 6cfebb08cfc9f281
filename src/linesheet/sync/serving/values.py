"""Values as programs write and read them."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer


def money(amount: Decimal) -> str:
    """An amount as text, with two decimals, or as many more as it has."""
    plain = amount.normalize()
    decimals = max(2, -int(plain.as_tuple().exponent))
    return f"{plain:.{decimals}f}"


Money = Annotated[Decimal, PlainSerializer(money, return_type=str)]
