"""JOOR's ids: numeric text that counts up, by kind of record.

Each kind starts high enough to keep its number of digits, so that ids in text order are in order of creation.
"""

from linesheet_sandbox.common.store import Collection

_FIRST = {
    "warehouse": 11,
    "category": 9_001,
    "price_type": 21,
    "season": 33_001,
    "product": 3_300_001,
    "trait_value": 5_517_001,
    "sku": 18_230_001,
    "price": 50_000_001,
    "collection": 710_001,
    "asset": 90_000_001,
    "connection": 610_001,
    "address": 820_001,
    "order": 481_001,
    "line_item": 7_000_001,
    "job": 1_001,
    "mail": 2_001,
}


class Numbers:
    """The next number of each kind, kept with the portal."""

    def __init__(self, kept: Collection) -> None:
        self._kept = kept

    def next(self, kind: str) -> str:
        """A fresh id for a record of this kind."""
        numbers = self._kept.get("numbers") or _FIRST
        self._kept.put("numbers", {**_FIRST, **numbers, kind: numbers[kind] + 1})
        return str(numbers[kind])
