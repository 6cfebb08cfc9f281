"""An order as it comes in, in the hub's words and before anything is looked up in the books."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from linesheet.sync.differences import fingerprint, wire_form

LONGEST_KEY = 200
"""Characters of a key that a match can keep."""
_HASH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingLine:
    """Units of one size at one unit price, in the order's currency.

    `style`, `colour` and `size` are the platform's words for it and `product_id` its own id of the product, as far as
    it gives them: they help to find the size of the books that is meant.
    """

    barcode: str
    described_as: str
    quantity: int
    price: Decimal
    original_price: Decimal | None = None
    ships_from: datetime.date | None = None
    ships_until: datetime.date | None = None
    comment: str = ""
    product_id: str = ""
    style: str = ""
    colour: str = ""
    size: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """How the line names its size: by barcode, by the platform's product and by words, the surest first."""
        size = _folded(self.size)
        words = "|".join((_folded(self.style), _folded(self.colour), size)) if self.style and size else ""
        named = (
            ("barcode", self.barcode.strip()),
            ("id", f"{self.product_id.strip()}/{size}" if self.product_id.strip() and size else ""),
            ("words", words or _folded(self.described_as)),
        )
        return tuple(match_key(how, text) for how, text in named if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingOrder:
    """A remote order, whatever platform it came from.

    `addresses` is keyed `delivery` and `accounts`, each a mapping of the books' address fields. `season_name` is the
    platform's word for the season, "" when it has none. `total` is what the platform says the order comes to.
    `customer_id` is the platform's own id of the customer, `customer_email` that of the person who ordered.
    `price_label` is the platform's word for the price list that the order was priced by. `by_code_only`: the customer
    is known by its code and by nothing else, as two of the platform's customers may have one name. `customer_contact`
    has `name`, `email` and `phone` of the person who ordered, for a customer who is new to the books. `customer_record`
    is the books' own id of the customer, where the platform was given it and gives it back.
    """

    remote_id: str
    number: str
    customer_name: str
    customer_code: str
    currency: str
    lines: tuple[IncomingLine, ...]
    customer_reference: str = ""
    season_name: str = ""
    ships_from: datetime.date | None = None
    ships_until: datetime.date | None = None
    discount_percent: Decimal = Decimal(0)
    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    comments: str = ""
    total: Decimal | None = None
    cancelled: bool = False
    customer_id: str = ""
    customer_email: str = ""
    price_label: str = ""
    by_code_only: bool = False
    customer_contact: Mapping[str, str] = field(default_factory=dict)
    customer_record: int | None = None

    def content_hash(self) -> str:
        """SHA-256 over all the order means; two payloads that differ only in status or times hash alike.

        What is empty does not count, so that a field added here later makes no old order look changed. Nor does what
        only helps to find the customer or the size.
        """
        meant = {key: part for key, part in wire_form(self).items() if key not in _NOT_MEANT}
        meant["lines"] = [
            {key: part for key, part in line.items() if key not in _NOT_MEANT_OF_LINES} for line in meant["lines"]
        ]
        return fingerprint(_filled(meant))

    @property
    def customer_keys(self) -> tuple[str, ...]:
        """How the order names its customer: by id, by code and by name, as far as it does, the surest first."""
        code = self.customer_code.strip()
        named = (
            ("id", self.customer_id.strip()),
            ("code", code),
            ("name", "" if self.by_code_only and code else _folded(self.customer_name)),
        )
        return tuple(match_key(how, text) for how, text in named if text)


_NOT_MEANT = frozenset({"customer_id", "customer_email", "by_code_only", "customer_contact", "customer_record"})
_NOT_MEANT_OF_LINES = frozenset({"product_id", "style", "colour", "size"})


def match_key(how: str, text: str) -> str:
    """A key that fits into a match: of a long text its beginning and a hash, so that no two become one.

    `how` is what a record is named by, such as "id", "code" or "name".
    """
    key = f"{how}:{text}"
    if len(key) <= LONGEST_KEY:
        return key
    told = fingerprint(text)[:_HASH]
    return f"{key[: LONGEST_KEY - _HASH - 1]}#{told}"


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items() if item}
    return [_filled(item) for item in value] if isinstance(value, list) else value
