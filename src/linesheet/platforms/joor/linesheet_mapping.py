"""Books to wire: a season of the catalogue's linesheet as JOOR's collection (sheet joor.md 3.5, 9.4). Pure."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from linesheet.books.reasons import Said
from linesheet.platforms.joor import catalogue_reasons
from linesheet.platforms.joor.product_wire import LinesheetColour, LinesheetItem, LinesheetWire
from linesheet.platforms.joor.styles import Claim

# 2026, or 26 that is not part of a longer number, as in AW26; of several, the first.
_LONG_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_SHORT_YEAR = re.compile(r"(?<!\d)(\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class PlacedColour:
    """A product on a linesheet, with the sizes it has barcodes for; `style` is the key of JOOR's product."""

    product: Claim
    style: str
    sizes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linesheet:
    """A section of the second level: the season of a linesheet, with the products in and below it, in order.

    `starts_on` is when the season of the books that has its name begins. `linked`: JOOR has it.
    """

    section_id: int
    name: str
    season: str
    starts_on: datetime.date | None = None
    placed: tuple[PlacedColour, ...] = ()
    linked: bool = False

    @property
    def label(self) -> str:
        """How people call it."""
        return f"{self.name} > {self.season}"


@dataclass(frozen=True, slots=True)
class GoneLinesheet:
    """A linesheet of JOOR's whose section was removed or moved, as JOOR last took it."""

    section_id: int
    remote_id: str
    last: Mapping[str, object]

    @property
    def label(self) -> str:
        """How people called it."""
        return f"{self.last.get('name', '')} > {self.last.get('season', '')}"


def linesheet_findings(sheet: Linesheet | GoneLinesheet) -> list[Said]:
    """What to mind about a linesheet; nothing keeps one from JOOR."""
    if isinstance(sheet, GoneLinesheet):
        return [catalogue_reasons.LINESHEET_GONE.about(record=sheet.label)]
    return [] if sheet.placed else [catalogue_reasons.LINESHEET_EMPTY.about(record=sheet.label)]


def linesheet_to_wire(sheet: Linesheet) -> LinesheetWire:
    """JOOR's collection: its styles in the order of the catalogue, each in the colours and sizes that are placed."""
    colours: dict[str, list[LinesheetColour]] = {}
    for each in sheet.placed:
        colour = LinesheetColour(each.product.code, each.product.colour, each.sizes)
        colours.setdefault(each.style, []).append(colour)
    return LinesheetWire(
        name=sheet.name,
        season=sheet.season,
        year=season_year(sheet.season, sheet.starts_on),
        items=tuple(LinesheetItem(style, tuple(of_style)) for style, of_style in colours.items()),
    )


def gone_to_wire(sheet: GoneLinesheet) -> LinesheetWire:
    """The linesheet as JOOR last took it, with nothing on it."""
    last = msgspec.convert(sheet.last, LinesheetWire, strict=False)
    return msgspec.structs.replace(last, items=())


def season_year(name: str, starts_on: datetime.date | None) -> int | None:
    """The year of a season: what its name says, else when it begins in the books; None when neither tells."""
    if found := _LONG_YEAR.search(name):
        return int(found[1])
    if found := _SHORT_YEAR.search(name):
        return 2000 + int(found[1])
    return starts_on.year if starts_on else None


def same_name(name: str) -> str:
    """What a season or a linesheet is known by: spaces and case do not count, nothing else is forgiven (sheet 9.2)."""
    return " ".join(name.split()).casefold()


def placed_colours(
    products: Iterable[Claim], keys: Mapping[tuple[str, str], str], sizes: Mapping[int, tuple[str, ...]]
) -> tuple[PlacedColour, ...]:
    """Those of the products, in order, that can be on a linesheet: on offer, and in the sizes that have barcodes."""
    return tuple(
        PlacedColour(each, keys[each.group], sizes[each.pk])
        for each in products
        if each.on_offer and sizes.get(each.pk) and each.group in keys
    )
