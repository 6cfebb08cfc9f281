"""Stock files: what there is of each SKU now, or was when it was counted, and what comes on which date.

A count takes the place of what is there, unless that was counted later, or units came or went later. Units that came or
went are added, unless they did before the count, which has them already. So what comes late spoils nothing. Where
nobody said when what is there was counted, a count takes its place unless units moved since.
"""

import datetime
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from linesheet.books.bulk import save_changed, save_new
from linesheet.books.files.columns import Field, Vocabulary
from linesheet.books.files.importer import Chunk, Importer, disagrees
from linesheet.books.files.job import Job, names_of, one_of
from linesheet.books.files.product_rows import SEASON
from linesheet.books.files.reasons import (
    COUNT_DATED,
    COUNTED_ALREADY,
    COUNTED_LATER,
    LOCATION_MISSING,
    MOVED_LATER,
    QUANTITY_DATED,
    QUANTITY_MISSING,
)
from linesheet.books.files.report import State
from linesheet.books.files.rows import Row, RowRefused
from linesheet.books.files.skus import SKU_FIELDS, Named, SKUs
from linesheet.books.files.values import date_in, past_moment_in, spoken_moment, whole_number
from linesheet.books.models import SKU, Company, FutureStock, Location, Season, Stock
from linesheet.books.tenancy import company_in_hand

LOCATION = ("Location", "Warehouse", "Location name", "Warehouse code")
FIGURES = ("opening", "adjustments", "received")
TIMES = ("counted_at", "moved_at")
AS_OF = Field(
    ("Counted at", "As of", "Counted on", "Stock as of"),
    "When this was there, as 2026-03-31 14:30; what was counted later stays",
)
_LARGEST = 2**31 - 1
_LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)
_HERE = {"location": "Main warehouse", "season": "Standard"}


@dataclass(slots=True)
class _Wanted:
    """The figures a row gives, by name; `available_on` is None for what is there now.

    `as_of` is when it was so, None where the row does not say. What `moves` came or went then: it is added to the
    figures there are, and does not take their place.
    """

    named: Named
    location: Location
    season: Season
    available_on: datetime.date | None
    figures: dict[str, int]
    as_of: datetime.datetime | None
    moves: bool = False


class StockImporter(Importer):
    """Sets stock per SKU, location and season: the opening figure by Quantity, or each figure by its own column.

    A row with a date is stock to come. An empty cell leaves its figure alone. A row that says when it was counted has
    in its quantity all that was there then: the adjustments and what was received begin anew.
    """

    vocabulary = Vocabulary(
        kind="stock",
        fields={
            **SKU_FIELDS,
            "location": Field(
                LOCATION,
                "Where it lies, by name or code; --location where there is no such column, else the only one there is",
            ),
            "season": Field(SEASON, "The season it is kept for; --season where there is no such column"),
            "opening": Field(("Opening", "Opening stock"), "Units that were there when counting began"),
            "adjustments": Field(("Adjustments", "Adjustment"), "Units added, or taken off by a minus sign"),
            "received": Field(("Received", "Stock received"), "Units that came in"),
            "quantity": Field(
                ("Quantity", "Qty", "Available", "On hand", "ATS", "Stock", "Available to sell", "Inventory"),
                "Units: without a date the opening figure, with one those that come then",
            ),
            "available_on": Field(
                ("Available on", "Date", "Available date", "Available from", "Availability date"),
                "The day units come, as 2026-03-31; empty for what is there now",
            ),
            "as_of": AS_OF,
        },
        needed=(
            (("barcode",), ("sku_code",), ("code", "size"), ("style", "colour", "size")),
            (("quantity",), ("opening",), ("adjustments",), ("received",)),
        ),
        examples=(
            {"code": "COAT-WOOL-BLACK", "size": "S", **_HERE, "quantity": "12", "available_on": ""},
            {"code": "COAT-WOOL-BLACK", "size": "M", **_HERE, "quantity": "30", "available_on": "2030-03-01"},
        ),
    )

    @cached_property
    def now(self) -> datetime.datetime:
        """The moment of rows that speak of now, the same for all."""
        return timezone.now()

    @cached_property
    def zone(self) -> datetime.tzinfo:
        """Where times are read that name no zone."""
        company: Company = Company.objects.get(pk=company_in_hand())
        return company.zone

    def write(self, rows: list[Row], chunk: Chunk) -> None:
        wanted = []
        for row in rows:
            try:
                wanted.append(self.wanted_by(row))
            except RowRefused as refused:
                chunk.done(row, refused)
        skus = SKUs(each.named for each in wanted)
        placed: list[tuple[_Wanted, SKU]] = []
        for each in wanted:
            try:
                placed.append((each, skus.needed(each.named)))
            except RowRefused as refused:
                chunk.done(each.named.row, refused)
        held = any(each.moves or each.as_of for each, _ in placed)
        shelves = _Shelves({sku.pk for _, sku in placed}, self.now, held=held)
        for each, sku in placed:
            try:
                chunk.done(each.named.row, shelves.put(each, sku, chunk))
            except RowRefused as refused:
                chunk.done(each.named.row, refused)
        shelves.save()

    def wanted_by(self, row: Row) -> _Wanted:
        """Read a row. Raises RowRefused."""
        wanted = _wanted(row, self.job)
        wanted.as_of = self.as_of(row)
        if wanted.as_of is None:
            return wanted
        if wanted.available_on is not None:
            raise row.refuse(COUNT_DATED, "as_of", value=wanted.available_on.isoformat())
        if row.get("quantity"):
            wanted.figures = {name: wanted.figures.get(name, 0) for name in FIGURES}
        return wanted

    def as_of(self, row: Row) -> datetime.datetime | None:
        """When a row says that it was so. Raises RowRefused."""
        return past_moment_in(row, "as_of", self.zone, self.now)


class StockMovesImporter(StockImporter):
    """Adds units to what there is now, or takes them off, among the adjustments; rows of one SKU add up.

    For rows that come once: a file that is brought in a second time would count twice.
    """

    vocabulary = Vocabulary(
        kind="stock moves",
        fields={
            **{name: StockImporter.vocabulary.fields[name] for name in (*SKU_FIELDS, "location", "season")},
            "change": Field(("Change",), "Units that came, or went by a minus sign"),
            "as_of": AS_OF,
        },
        needed=((("barcode",), ("sku_code",), ("code", "size"), ("style", "colour", "size")), (("change",),)),
        examples=(),
    )

    def wanted_by(self, row: Row) -> _Wanted:
        named = Named.by(row)
        change = whole_number(row, "change", least=-_LARGEST, most=_LARGEST)
        if change is None:
            raise row.refuse(QUANTITY_MISSING, "change")
        at = (location_of(row, self.job), self.job.needed_season_of(row))
        return _Wanted(named, *at, None, {"adjustments": change}, self.as_of(row) or self.now, moves=True)


class _Shelves:
    """The stock of some SKUs, now and to come, by SKU, location, season and date."""

    def __init__(self, sku_ids: set[int], moment: datetime.datetime, *, held: bool) -> None:
        self._moment = moment
        now = Stock.objects.filter(sku_id__in=sku_ids)
        if held:
            # What is added to or held against must not change meanwhile; in one order, so that nobody waits for others.
            now = now.select_for_update(of=("self",)).order_by("pk")
        self._now = {(each.sku_id, each.location_id, each.season_id): each for each in now}
        self._later = {
            (each.sku_id, each.location_id, each.season_id, each.available_on): each
            for each in FutureStock.objects.filter(sku_id__in=sku_ids)
        }
        self._changed: dict[int, Stock | FutureStock] = {}
        self._confirmed: dict[int, Stock] = {}

    def put(self, wanted: _Wanted, sku: SKU, chunk: Chunk) -> State:
        """Set the figures of a row. Raises RowRefused when an earlier row gave others, RowLeft when it is too late."""
        at = (sku.pk, wanted.location.pk, wanted.season.pk)
        on = wanted.available_on
        kept: Stock | FutureStock | None = self._now.get(at) if on is None else self._later.get((*at, on))
        key = (*at, on)
        figures = wanted.figures
        if wanted.moves and kept is not None:
            figures = {name: getattr(kept, name) + units for name, units in figures.items()}
        changes = {name: value for name, value in figures.items() if kept is None or getattr(kept, name) != value}
        if isinstance(kept, Stock):
            _leave_if_known_better(wanted, kept, changes)
        # What was counted at another time is no contradiction.
        anew = isinstance(kept, Stock) and wanted.as_of is not None and wanted.as_of != kept.counted_at
        for name in () if wanted.moves or anew else changes:
            first = chunk.row_of((key, name))
            if first and kept is not None:
                field = "quantity" if name not in wanted.named.row.cells else name
                raise disagrees(wanted.named.row, field, first=first, other=getattr(kept, name), what="SKU")
        for name in wanted.figures:
            chunk.rows.setdefault((key, name), wanted.named.row.number)
        if kept is not None and not changes:
            if isinstance(kept, Stock) and wanted.as_of and not wanted.moves:
                self._confirm(kept, wanted.as_of)
            return State.UNCHANGED
        state = State.UPDATED
        if kept is None:
            state = State.CREATED
            kept = self._new(at, on)
        for name, value in changes.items():
            setattr(kept, name, value)
        if isinstance(kept, Stock):
            _note(kept, wanted, self._moment)
        self._changed[id(kept)] = kept
        return state

    def save(self) -> None:
        changed = list(self._changed.values())
        now = [each for each in changed if isinstance(each, Stock)]
        later = [each for each in changed if isinstance(each, FutureStock)]
        known, due = [each for each in now if each.pk], [each for each in later if each.pk]
        save_new(each for each in now if not each.pk)
        save_new(each for each in later if not each.pk)
        save_changed(known, (*FIGURES, *TIMES))
        save_changed(due, ["quantity"])
        # Apart, as nothing that was made of the figures is stale by it.
        save_changed((each for key, each in self._confirmed.items() if key not in self._changed), ["counted_at"])

    def _confirm(self, kept: Stock, as_of: datetime.datetime) -> None:
        """Note that what is there was so at a later moment, too."""
        if as_of > (kept.counted_at or _LONG_AGO) and as_of >= (kept.moved_at or _LONG_AGO):
            kept.counted_at = as_of
            self._confirmed[id(kept)] = kept

    def _new(self, at: tuple[int, int, int], on: datetime.date | None) -> Stock | FutureStock:
        sku_id, location_id, season_id = at
        if on is None:
            now = Stock(sku_id=sku_id, location_id=location_id, season_id=season_id)
            self._now[at] = now
            return now
        due = FutureStock(sku_id=sku_id, location_id=location_id, season_id=season_id, available_on=on, quantity=0)
        self._later[(*at, on)] = due
        return due


def _leave_if_known_better(wanted: _Wanted, kept: Stock, changes: dict[str, int]) -> None:
    """Raises RowLeft for what is older than what is there."""
    as_of, row = wanted.as_of, wanted.named.row
    if as_of is None or not changes:
        return
    if kept.counted_at and (as_of <= kept.counted_at if wanted.moves else as_of < kept.counted_at):
        reason = COUNTED_ALREADY if wanted.moves else COUNTED_LATER
        raise row.leave(reason, "as_of", counted_at=spoken_moment(kept.counted_at), as_of=spoken_moment(as_of))
    if kept.moved_at and as_of < kept.moved_at and not wanted.moves:
        raise row.leave(MOVED_LATER, "as_of", moved_at=spoken_moment(kept.moved_at), as_of=spoken_moment(as_of))


def _note(kept: Stock, wanted: _Wanted, now: datetime.datetime) -> None:
    """Keep of when the figures are that a row gives."""
    moment = wanted.as_of or now
    if wanted.moves:
        kept.moved_at = max(kept.moved_at or moment, moment)
    elif "opening" in wanted.figures:
        # Other figures by themselves are no count: what went before them still counts.
        kept.counted_at = moment


def _wanted(row: Row, job: Job) -> _Wanted:
    """Read a row, all but when it is of. Raises RowRefused."""
    named = Named.by(row)
    on = date_in(row, "available_on")
    figures: dict[str, int] = {}
    for name in FIGURES:
        value = whole_number(row, name, least=-_LARGEST, most=_LARGEST)
        if value is None:
            continue
        if on is not None:
            raise row.refuse(QUANTITY_DATED, name, value=on.isoformat())
        figures[name] = value
    quantity = whole_number(row, "quantity", least=-_LARGEST, most=_LARGEST)
    if quantity is not None:
        if on is not None:
            figures["quantity"] = quantity
        elif "opening" not in figures:
            figures["opening"] = quantity
    if not figures:
        raise row.refuse(QUANTITY_MISSING, "quantity")
    return _Wanted(named, location_of(row, job), job.needed_season_of(row), on, figures, None)


def location_of(row: Row, job: Job) -> Location:
    """The location a row is for: the one it names, else the caller's, else the only one. Raises RowRefused."""
    known = job.known.locations_by_name_or_code()
    if row.get("location"):
        return one_of(known, row, "location", what="location")
    if job.location is not None:
        return job.location
    locations = list(job.known.locations.values())
    if len(locations) != 1:
        raise row.refuse(LOCATION_MISSING, "location", known=names_of(locations))
    return locations[0]
