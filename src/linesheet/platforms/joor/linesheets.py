"""Data export, second leg: the linesheets, JOOR's collections, with what the catalogue has on each."""

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from linesheet.books.reasons import Said
from linesheet.platforms.joor import catalogue_reasons
from linesheet.platforms.joor.account import not_checked
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.client_v4 import ClientV4
from linesheet.platforms.joor.linesheet_mapping import (
    GoneLinesheet,
    Linesheet,
    gone_to_wire,
    linesheet_findings,
    linesheet_to_wire,
    same_name,
)
from linesheet.platforms.joor.owners import Owners, by_owner
from linesheet.platforms.joor.placed_linesheets import (
    LINESHEET,
    gone_linesheets,
    gone_sections,
    linesheet_sections,
    linesheets,
    live_linesheets,
)
from linesheet.platforms.joor.product_wire import LinesheetWire
from linesheet.platforms.joor.seasons import Seasons
from linesheet.platforms.joor.shelf import Shelf
from linesheet.platforms.joor.wire import DUPLICATED, NOT_TOLD, Json
from linesheet.sync.legs import Accepted, Context, NotTaken, Outbound, Sending
from linesheet.sync.tolerant import text

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Written:
    """A linesheet on its way: what is sent of it, what is lacking on it, and whether it was somebody else's there."""

    sending: Sending
    item: Json
    lacking: Sequence[str]
    adopted: bool

    @property
    def would_clear(self) -> bool:
        """Whether a linesheet there would lose most of what it is to list, for JOOR not listing it."""
        return (
            bool(self.lacking) and "id" in self.item and 2 * len(self.item["items"]) < len(self.sending.payload.items)
        )


class Linesheets(Outbound[Linesheet | GoneLinesheet, LinesheetWire]):
    """Each season of a linesheet in the catalogue is a collection there; what it lists replaces what it listed.

    Products are named by their keys, and found on JOOR when the linesheet is sent, after they were. One that is not
    there leaves the rest of the linesheet as it is to be, and fails it, so that the next run sends it again. Where
    JOOR does not list most of them, the linesheet stays as it was: the list is more likely to be short than the shelf.
    """

    kind = LINESHEET
    of = "section"
    wire = LinesheetWire
    # Sizes on linesheets; what is written costs the same however much it is.
    batch_size = 5000
    calls_per_batch = 2
    reads_per_batch = 1
    repeatable = True
    _collections: dict[str, Json] | None = None

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._one_at_a_time = asyncio.Lock()

    def ready(self) -> Sequence[Said]:
        return not_checked(self.context)

    def select(self) -> Any:
        return linesheet_sections(self.context.connection_id)

    def gone(self) -> Sequence[str]:
        return gone_sections(self.context.connection_id)

    def load(self, ids: Sequence[str]) -> Sequence[Linesheet | GoneLinesheet]:
        sheets = linesheets(self.context.connection_id, ids)
        gone = gone_linesheets(self.context.connection_id, ids)
        there = self._collections
        return [*sheets, *(each for each in gone if there is None or each.remote_id in there)]

    def record_id(self, record: Linesheet | GoneLinesheet) -> str:
        return str(record.section_id)

    def label(self, record: Linesheet | GoneLinesheet) -> str:
        return record.label

    def check(self, record: Linesheet | GoneLinesheet) -> Sequence[Said]:
        return linesheet_findings(record)

    def map(self, record: Linesheet | GoneLinesheet) -> LinesheetWire:
        return gone_to_wire(record) if isinstance(record, GoneLinesheet) else linesheet_to_wire(record)

    def weigh(self, payload: LinesheetWire) -> int:
        return max(sum(len(colour.sizes) for item in payload.items for colour in item.colours), 1)

    async def present(self) -> set[str] | None:
        """All linesheets there; one whose section has gone and that is not among them is done with."""
        return set(await self._listed(again=True))

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted | NotTaken]:
        async with self._one_at_a_time:
            ends: dict[str, Accepted | NotTaken] = {}
            refused = await self._seasons.have({each.payload.season: each.payload.year for each in batch})
            ends |= {each.record_id: NotTaken(says) for each in batch if (says := refused.get(each.payload.season))}
            await self._shelf.know(item.code for each in batch for item in each.payload.items)
            for again in (False, True):
                if waiting := [each for each in batch if each.record_id not in ends]:
                    ends |= await self._written(waiting, again=again)
            return [ends.get(each.record_id, NotTaken(NOT_TOLD)) for each in batch]

    async def _written(self, batch: Sequence[Sending], *, again: bool) -> dict[str, Accepted | NotTaken]:
        """What became of linesheets; those that turn out to be there already are left out, to be found `again`."""
        there = await self._listed(again=again)
        new = any(each.remote_id not in there for each in batch)
        live = await self.db(live_linesheets, self.context.connection_id) if new else set()
        prepared = [self._prepared(each, there, live) for each in batch]
        kept = {each.sending.record_id: _kept(each) for each in prepared if each.would_clear}
        going = [each for each in prepared if not each.would_clear]
        created, late = await self._write(self._v4.created, [each for each in going if "id" not in each.item], again)
        updated, _ = await self._write(self._v4.updated, [each for each in going if "id" in each.item], again)
        ends = kept | created | updated
        return {pk: end for pk, end in ends.items() if pk not in late}

    async def _write(
        self, call: Any, going: Sequence[_Written], again: bool
    ) -> tuple[dict[str, Accepted | NotTaken], Collection[str]]:
        if not going:
            return {}, ()
        owners = Owners()
        for each in going:
            owners.add(each.item, [each.sending.record_id])
        written = await call("collections", [each.item for each in going])
        says = by_owner(written, owners)
        there = await self._listed()
        there |= {text("id", done.get("id")): done for done in written.done}
        ids = {text("external_id", done.get("external_id")): text("id", done.get("id")) for done in written.done}
        ends = {}
        for each in going:
            remote_id = each.item.get("id") or ids.get(each.item["external_id"], "")
            ends[each.sending.record_id] = _end_of(each, remote_id, says.get(each.sending.record_id, []))
        late = by_owner(written, owners, only=DUPLICATED) if not again else {}
        return ends, late

    def _prepared(self, sending: Sending, there: Mapping[str, Json], live: Collection[str]) -> _Written:
        wire: LinesheetWire = sending.payload
        season_id = self._seasons.id_of(wire.season)
        items, lacking = self._shelf.items(wire.items)
        item: Json = {"name": wire.name, "season_id": season_id, "items": items}
        if sending.remote_id in there:
            target = sending.remote_id
        else:
            namesakes = (pk for pk, each in there.items() if pk not in live and _is_it(each, wire.name, season_id))
            target = next(namesakes, "")
        if not target:
            key = _free_key(
                sending.record_id, {text("external_id", each.get("external_id")) for each in there.values()}
            )
            return _Written(sending, {"external_id": key, **item}, lacking, adopted=False)
        key = text("external_id", there[target].get("external_id"))
        adopted = target != sending.remote_id and not _is_ours(key, sending.record_id)
        # The key is compulsory (sheet 3.5); it stays as JOOR has it, and may be anything.
        key = key or _key(sending.record_id)
        return _Written(sending, {"id": target, "external_id": key, **item}, lacking, adopted)

    async def _listed(self, *, again: bool = False) -> dict[str, Json]:
        if self._collections is None or again:
            listed = await self._v4.listed("collections")
            self._collections = {text("id", each.get("id")): each for each in listed if each.get("id")}
        return self._collections

    @cached_property
    def _seasons(self) -> Seasons:
        return Seasons(self._v4)

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(self._v4)

    @property
    def _v4(self) -> ClientV4:
        client: JoorClient = self.context.client
        return client.v4


def _kept(written: _Written) -> NotTaken:
    return NotTaken(f"The linesheet was left as it is, as JOOR does not list most of it: {_named(written.lacking)}.")


def _named(lacking: Sequence[str]) -> str:
    more = len(lacking) - _MOST_NAMED
    return ", ".join(lacking[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _end_of(written: _Written, remote_id: str, says: Sequence[str]) -> Accepted | NotTaken:
    if says or not remote_id:
        return NotTaken(" ".join(says) or NOT_TOLD, remote_id)
    if written.lacking:
        says = f"The linesheet is there without what is not on JOOR yet: {_named(written.lacking)}."
        return NotTaken(says, remote_id)
    about = catalogue_reasons.LINESHEET_TAKEN_OVER.about(record=written.sending.label)
    return Accepted(remote_id, [about] if written.adopted else ())


def _is_it(collection: Json, name: str, season_id: str) -> bool:
    """Whether a linesheet there, which is none of ours, is the one of that name and season."""
    season = collection.get("season")
    of_season = season.get("id") if isinstance(season, dict) else collection.get("season_id")
    if collection.get("archived") is True or collection.get("is_custom") is True:
        return False
    return same_name(text("name", collection.get("name"))) == same_name(name) and text("id", of_season) == season_id


def _key(section_id: str) -> str:
    """What we call the linesheet of a section there."""
    return f"LS-{section_id}"


def _free_key(section_id: str, taken: Collection[str]) -> str:
    key = _key(section_id)
    return next(each for each in (key, *(f"{key}-{n}" for n in range(2, len(taken) + 3))) if each not in taken)


def _is_ours(key: str, section_id: str) -> bool:
    return re.fullmatch(rf"{re.escape(_key(section_id))}(-\d+)?", key) is not None
