"""An order as it comes in, in the hub's words and before anything is looked up in the books."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from linesheet.sync.differences import fingerprint, wire_form

LONGEST_KEY = 200
"""Characters of a customer's key that a match can keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingLine:
    """Units of one size at one unit price, in the order's currency."""

    barcode: str
    described_as: str
    quantity: int
    price: Decimal
    original_price: Decimal | None = None
    ships_from: datetime.date | None = None
    ships_until: datetime.date | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingOrder:
    """A remote order, whatever platform it came from.

    `addresses` is keyed `delivery` and `accounts`, each a mapping of the books' address fields. `season_name` is the
    platform's word for the season, "" when it has none. `total` is what the platform says the order comes to.
    `customer_id` is the platform's own id of the customer, `customer_email` that of the person who ordered.
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

    def content_hash(self) -> str:
        """SHA-256 over all the order means; two payloads that differ only in status or times hash alike.

        What is empty does not count, so that a field added here later makes no old order look changed. Nor does what
        only helps to find the customer.
        """
        return fingerprint(_filled({key: part for key, part in wire_form(self).items() if key not in _NOT_MEANT}))

    @property
    def customer_keys(self) -> tuple[str, ...]:
        """How the order names its customer: by id, by code and by name, as far as it does, the surest first."""
        named = (
            ("id", self.customer_id.strip()),
            ("code", self.customer_code.strip()),
            ("name", " ".join(self.customer_name.split()).casefold()),
        )
        return tuple(f"{how}:{text}"[:LONGEST_KEY] for how, text in named if text)


_NOT_MEANT = frozenset({"customer_id", "customer_email"})


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items() if item}
    return [_filled(item) for item in value] if isinstance(value, list) else value
