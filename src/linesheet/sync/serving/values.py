"""Values as programs write and read them."""

import datetime
import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, PlainSerializer

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


class Shape(BaseModel):
    """Base of what endpoints answer with; made of its fields, or of an object that has them.

    A `ninja.Schema` looks its fields up in a way that takes twice as long, which pages of hundreds of records feel.
    """

    model_config = ConfigDict(from_attributes=True)


def money(amount: Decimal) -> str:
    """An amount as text, with two decimals, or as many more as it has."""
    plain = amount.normalize()
    decimals = max(2, -int(plain.as_tuple().exponent))
    return f"{plain:.{decimals}f}"


Money = Annotated[Decimal, PlainSerializer(money, return_type=str)]


def _as_text(value: Any) -> Any:
    if isinstance(value, str) and not _MOMENT.match(value):
        raise ValueError("a time is written as in 2026-01-31T12:00:00Z")
    return value


def _in_utc(moment: datetime.datetime) -> datetime.datetime:
    # The database knows no zones as far from UTC as texts may name.
    try:
        return moment.astimezone(datetime.UTC)
    except OverflowError:
        raise ValueError("there is no such time in UTC") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_in_utc)]
"""A time with its zone, in RFC 3339; in hand it is in UTC."""
