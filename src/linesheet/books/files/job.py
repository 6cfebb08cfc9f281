"""One import: what the caller chose, and the short lists of the books that rows name things from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from linesheet.books.files.columns import Columns
from linesheet.books.files.currencies import CODES
from linesheet.books.files.reasons import OPTION_UNKNOWN, SEASON_MISSING, UNKNOWN
from linesheet.books.files.report import FileUnreadable, State
from linesheet.books.files.rows import Row, RowRefused, clean, fold, name_key
from linesheet.books.models import HoldStatus, Location, PriceList, Season, SizeRange


class _Named(Protocol):
    name: str


N = TypeVar("N", bound=_Named)

Told = Callable[[list[Row], list[tuple[int, State | RowRefused]]], None]
"""Is told of rows and, in their order, the number and fate of each."""


@dataclass(slots=True)
class Known:
    """Seasons, price lists and the like of the company in hand, by name without regard to case."""

    seasons: dict[str, Season]
    price_lists: dict[str, PriceList]
    locations: dict[str, Location]
    location_codes: dict[str, Location]
    hold_statuses: dict[str, HoldStatus]
    size_ranges: dict[str, SizeRange]

    @classmethod
    def load(cls) -> "Known":
        """Read them from the books."""
        locations = list(Location.objects.all())
        return cls(
            seasons=_by_name(Season.objects.all()),
            price_lists=_by_name(PriceList.objects.all()),
            locations=_by_name(locations),
            location_codes={name_key(each.code): each for each in locations if each.code},
            hold_statuses=_by_name(HoldStatus.objects.all()),
            size_ranges=_by_name(SizeRange.objects.all()),
        )

    def price_list_ids(self) -> dict[str, int]:
        """Ids of price lists by their kind (the first of that kind) and by their name."""
        ids: dict[str, int] = {}
        for each in self.price_lists.values():
            ids.setdefault(str(each.kind), each.pk)
        return ids | {name: each.pk for name, each in self.price_lists.items()}

    def locations_by_name_or_code(self) -> dict[str, Location]:
        """Locations by name, and by code where no other goes by that name."""
        return self.location_codes | self.locations


@dataclass(slots=True)
class Job:
    """An import as the caller chose it; the season, price list, currency and location stand in where rows name none.

    `told` is called with the rows of each chunk and what became of them, by number.
    """

    file: str
    columns: Columns
    known: Known
    season: Season | None = None
    price_list: PriceList | None = None
    currency: str = ""
    location: Location | None = None
    create_missing: bool = False
    told: "Told | None" = None

    def season_of(self, row: Row, field: str = "season") -> Season | None:
        """The season a row is for; None when neither it nor the caller names one. Raises RowRefused."""
        text = row.get(field)
        return one_of(self.known.seasons, row, field, what="season") if text else self.season

    def needed_season_of(self, row: Row) -> Season:
        """The season a row is for. Raises RowRefused when there is none."""
        season = self.season_of(row)
        if season is None:
            raise row.refuse(SEASON_MISSING, "season")
        return season


def one_of(known: Mapping[str, N], row: Row, field: str, *, what: str) -> N:
    """The record a cell names. Raises RowRefused, naming those there are."""
    found = known.get(fold(row.cells[field]))
    if found is None:
        raise row.refuse(UNKNOWN, field, what=what, known=names_of(known.values()))
    return found


def chosen(known: Mapping[str, N], value: str | None, *, what: str) -> N | None:
    """The record the caller chose by name. Raises FileUnreadable, naming those there are."""
    if value is None:
        return None
    found = known.get(fold(clean(value)))
    if found is None:
        raise FileUnreadable(OPTION_UNKNOWN, what=what, value=value, known=names_of(known.values()))
    return found


def chosen_currency(value: str | None) -> str:
    """The currency the caller chose. Raises FileUnreadable when there is no such currency."""
    code = (value or "").strip().upper()
    if code and code not in CODES:
        raise FileUnreadable(OPTION_UNKNOWN, what="currency", value=value, known="the codes of ISO 4217")
    return code


def names_of(records: Iterable[_Named]) -> str:
    """Names, to be read in a sentence."""
    return ", ".join(dict.fromkeys(record.name for record in records)) or "none yet"


def _by_name(records: Iterable[N]) -> dict[str, N]:
    return {name_key(record.name): record for record in records}
