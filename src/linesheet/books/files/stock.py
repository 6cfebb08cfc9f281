"""Stock files: what there is of each SKU now, and what comes on which date."""

import datetime
from dataclasses import dataclass

from linesheet.books.bulk import save_changed, save_new
from linesheet.books.files.columns import Field, Vocabulary
from linesheet.books.files.importer import Chunk, Importer, disagrees
from linesheet.books.files.job import Job, names_of, one_of
from linesheet.books.files.product_rows import SEASON
from linesheet.books.files.reasons import LOCATION_MISSING, QUANTITY_DATED, QUANTITY_MISSING
from linesheet.books.files.report import State
from linesheet.books.files.rows import Row, RowRefused
from linesheet.books.files.skus import SKU_FIELDS, Named, SKUs
from linesheet.books.files.values import date_in, whole_number
from linesheet.books.models import SKU, FutureStock, Location, Season, Stock

LOCATION = ("Location", "Warehouse", "Location name", "Warehouse code")
FIGURES = ("opening", "adjustments", "received")
_LARGEST = 2**31 - 1
_HERE = {"location": "Main warehouse", "season": "Standard"}


@dataclass(slots=True)
class _Wanted:
    """The figures a row gives, by name; `available_on` is None for what is there now.

    What `moves` is added to the figures there are, and does not take their place.
    """

    named: Named
    location: Location
    season: Season
    available_on: datetime.date | None
    figures: dict[str, int]
    moves: bool = False


class StockImporter(Importer):
    """Sets stock per SKU, location and season: the opening figure by Quantity, or each figure by its own column.

    A row with a date is stock to come. An empty cell leaves its figure alone.
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
        shelves = _Shelves({sku.pk for _, sku in placed}, held=any(each.moves for each, _ in placed))
        for each, sku in placed:
            try:
                chunk.done(each.named.row, shelves.put(each, sku, chunk))
            except RowRefused as refused:
                chunk.done(each.named.row, refused)
        shelves.save()

    def wanted_by(self, row: Row) -> _Wanted:
        """Read a row. Raises RowRefused."""
        return _wanted(row, self.job)


class StockMovesImporter(StockImporter):
    """Adds units to what there is now, or takes them off, among the adjustments; rows of one SKU add up.

    For rows that come once: a file that is brought in a second time would count twice.
    """

    vocabulary = Vocabulary(
        kind="stock moves",
        fields={
            **{name: StockImporter.vocabulary.fields[name] for name in (*SKU_FIELDS, "location", "season")},
            "change": Field(("Change",), "Units that came, or went by a minus sign"),
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
        return _Wanted(named, *at, None, {"adjustments": change}, moves=True)


class _Shelves:
    """The stock of some SKUs, now and to come, by SKU, location, season and date."""

    def __init__(self, sku_ids: set[int], *, held: bool) -> None:
        now = Stock.objects.filter(sku_id__in=sku_ids)
        if held:
            # What is added to must not change meanwhile; in one order, so that nobody waits for each other.
            now = now.select_for_update(of=("self",)).order_by("pk")
        self._now = {(each.sku_id, each.location_id, each.season_id): each for each in now}
        self._later = {
            (each.sku_id, each.location_id, each.season_id, each.available_on): each
            for each in FutureStock.objects.filter(sku_id__in=sku_ids)
        }
        self._changed: dict[int, Stock | FutureStock] = {}

    def put(self, wanted: _Wanted, sku: SKU, chunk: Chunk) -> State:
        """Set the figures of a row. Raises RowRefused when an earlier row of the file gave others."""
        at = (sku.pk, wanted.location.pk, wanted.season.pk)
        on = wanted.available_on
        kept: Stock | FutureStock | None = self._now.get(at) if on is None else self._later.get((*at, on))
        key = (*at, on)
        figures = wanted.figures
        if wanted.moves and kept is not None:
            figures = {name: getattr(kept, name) + units for name, units in figures.items()}
        changes = {name: value for name, value in figures.items() if kept is None or getattr(kept, name) != value}
        for name in () if wanted.moves else changes:
            first = chunk.row_of((key, name))
            if first and kept is not None:
                field = "quantity" if name not in wanted.named.row.cells else name
                raise disagrees(wanted.named.row, field, first=first, other=getattr(kept, name), what="SKU")
        for name in wanted.figures:
            chunk.rows.setdefault((key, name), wanted.named.row.number)
        if kept is not None and not changes:
            return State.UNCHANGED
        state = State.UPDATED
        if kept is None:
            state = State.CREATED
            kept = self._new(at, on)
        for name, value in changes.items():
            setattr(kept, name, value)
        self._changed[id(kept)] = kept
        return state

    def save(self) -> None:
        changed = list(self._changed.values())
        now = [each for each in changed if isinstance(each, Stock)]
        later = [each for each in changed if isinstance(each, FutureStock)]
        known, due = [each for each in now if each.pk], [each for each in later if each.pk]
        save_new(each for each in now if not each.pk)
        save_new(each for each in later if not each.pk)
        save_changed(known, FIGURES)
        save_changed(due, ["quantity"])

    def _new(self, at: tuple[int, int, int], on: datetime.date | None) -> Stock | FutureStock:
        sku_id, location_id, season_id = at
        if on is None:
            now = Stock(sku_id=sku_id, location_id=location_id, season_id=season_id)
            self._now[at] = now
            return now
        due = FutureStock(sku_id=sku_id, location_id=location_id, season_id=season_id, available_on=on, quantity=0)
        self._later[(*at, on)] = due
        return due


def _wanted(row: Row, job: Job) -> _Wanted:
    """Read a row. Raises RowRefused."""
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
    return _Wanted(named, location_of(row, job), job.needed_season_of(row), on, figures)


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
