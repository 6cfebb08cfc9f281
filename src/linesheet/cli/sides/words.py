"""What both sides hold, in the hub's words, so that they can be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A line of an order as a buyer wants it; without a price, at that of the platform.

    `ahead` takes nothing of the stock there. Style, colour and size are what a barcode that is in no book is called.
    """

    barcode: str
    units: int
    price: Decimal | None = None
    ahead: bool = False
    style: str = ""
    colour: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An order as a buyer places it, approved at once or not; it ships between two days, or at once."""

    customer: str
    lines: Sequence[Wanted]
    approved: bool = True
    po: str = ""
    ships: tuple[date, date] | None = None
    currency: str = "EUR"


class Standing(StrEnum):
    """Where an order stands on a platform."""

    PENDING = "pending"
    APPROVED = "approved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteLine:
    """A line of an order on a platform. One that is `loose` changed the stock there by itself."""

    barcode: str
    units: int
    price: Decimal
    loose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteOrder:
    """An order on a platform, or as our inbox kept it.

    `key` is how the inbox knows it, `number` how people do. `taken`: the platform was told that we have it.
    """

    key: str
    number: str
    standing: Standing
    taken: bool
    customer: str
    po: str
    currency: str
    lines: Sequence[RemoteLine]

    @property
    def units(self) -> int:
        """Units of all lines."""
        return sum(line.units for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A product as a platform shows it, or is to show it: barcodes by size, prices by what the platform calls them.

    `pictures` are content hash and extension of each picture, None where any will do; `places` the parts of the
    catalogue it stands in, as far as a platform has them.
    """

    key: str
    name: str
    sizes: Mapping[str, str]
    prices: Mapping[str, Decimal]
    on_offer: bool
    pictures: Sequence[str] | None
    places: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A customer as a platform has it, or is to have it; each address is its kind, code and parts, in order."""

    key: str
    name: str
    terms: str
    addresses: Sequence[tuple[str, ...]]


Units = Mapping[str, Sequence[int]]
"""Units of one size by when they are there ("now" or "coming"), of each warehouse."""
