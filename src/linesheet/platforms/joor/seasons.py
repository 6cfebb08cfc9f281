"""The seasons of the account: found by name, and created where they are missing (sheet joor.md 3.4, 9.4)."""

from collections.abc import Iterable, Mapping, Sequence

from linesheet.platforms.joor.client_v4 import ClientV4
from linesheet.platforms.joor.linesheet_mapping import same_name
from linesheet.platforms.joor.owners import Owners, by_owner
from linesheet.platforms.joor.wire import DUPLICATED, NOT_TOLD, Json
from linesheet.sync.tolerant import text


class Seasons:
    """The account's seasons as this run has found and left them. Raises the errors of `sync.errors`."""

    def __init__(self, v4: ClientV4) -> None:
        self._v4 = v4
        self._ids: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """JOOR's id of the season of that name, "" when it is not known to have one."""
        return self._ids.get(same_name(name), "")

    async def have(self, wanted: Mapping[str, int | None]) -> dict[str, str]:
        """See to it that the seasons of these names are there, new ones with their year; why not, by name."""
        if self._missing(wanted):
            self._take(await self._v4.listed("seasons"))
        says: dict[str, str] = {}
        # A year may be refused (sheet 3.4): then once more without.
        for with_year in (True, False):
            if items := [_item(name, wanted[name] if with_year else None) for name in self._missing(wanted)]:
                says |= await self._created(items)
        return {name: says.get(name, NOT_TOLD) for name in self._missing(wanted)}

    async def _created(self, items: Sequence[Json]) -> dict[str, str]:
        """What JOOR said against seasons, by name."""
        owners = Owners()
        for item in items:
            owners.add(item, [item["name"]])
        written = await self._v4.created("seasons", items)
        self._take(written.done)
        if any(error.status == DUPLICATED for error in written.errors):
            self._take(await self._v4.listed("seasons"))
        said = by_owner(written, owners)
        return {name: f"The season {name}: {' '.join(errors)}" for name, errors in said.items()}

    def _missing(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if not self.id_of(name)]

    def _take(self, records: Iterable[Json]) -> None:
        for record in records:
            if season_id := text("id", record.get("id")):
                self._ids.setdefault(same_name(text("name", record.get("name"))), season_id)


def _item(name: str, year: int | None) -> Json:
    item: Json = {"name": name, "external_id": name}
    return {**item, "year": year} if year else item
