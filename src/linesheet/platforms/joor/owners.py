"""Whose the errors are that JOOR answers a list with. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from linesheet.platforms.joor.wire import ItemError, Json, Written
from linesheet.sync.tolerant import text

_NAMES = ("id", "external_id", "sku_id", "sku_identifier", "product_identifier", "filename", "product_id", "name")


class Owners:
    """Which of our records each item of a call is about, found again by what an error repeats of the item (sheet 2)."""

    def __init__(self) -> None:
        self._all: set[str] = set()
        self._by_value: dict[str, set[str]] = defaultdict(set)

    def add(self, item: Json, records: Iterable[str]) -> None:
        """These records stand behind this item."""
        records = set(records)
        self._all |= records
        for value in _told(item):
            self._by_value[value] |= records

    def of(self, error: ItemError) -> set[str]:
        """The records an error is about; all of the call where it does not say."""
        for value in _told(error.details):
            if found := self._by_value.get(value):
                return found
        return self._all


def _told(item: Json) -> Iterator[str]:
    """What tells an item from others, of itself and then of what is within it, as a picture's product."""
    for level in (item, *(value for value in item.values() if isinstance(value, dict))):
        for name in _NAMES:
            if value := text(name, level.get(name)):
                yield value


def by_owner(
    written: Written, owners: Owners, *, but: str | None = None, only: str | None = None
) -> dict[str, list[str]]:
    """What JOOR said against each record, in errors of any status `but` one, or of `only` one; "" is none told."""
    says: dict[str, list[str]] = {}
    for error in written.errors:
        if error.status != but and only in (None, error.status):
            for record in owners.of(error):
                says.setdefault(record, []).append(error.says)
    return says
