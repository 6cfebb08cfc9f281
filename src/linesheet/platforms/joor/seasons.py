"""The seasons of the account: found by name, and created where they are missing (sheet joor.md 3.4, 9.4)."""

from collections.abc import Iterable, Mapping

from linesheet.platforms.joor.client_v4 import ClientV4
from linesheet.platforms.joor.linesheet_mapping import same_name
from linesheet.platforms.joor.owners import NOT_TOLD
from linesheet.platforms.joor.wire import DUPLICATED, Json
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
        says: dict[str, str] = {}
        if missing := self._missing(wanted):
            self._take(await self._v4.listed("seasons"))
        for name in (name for name in missing if not self.id_of(name)):
            if not await self._made(name, wanted[name], says) and not self.id_of(name):
                says.setdefault(name, NOT_TOLD)
        return {name: why for name, why in says.items() if not self.id_of(name)}

    async def _made(self, name: str, year: int | None, says: dict[str, str]) -> bool:
        """Create a season, without its year when JOOR does not want that (sheet 3.4)."""
        item: Json = {"name": name, "external_id": name}
        for tried in [{**item, "year": year}, item] if year else [item]:
            written = await self._v4.created("seasons", [tried])
            self._take(written.done)
            if self.id_of(name):
                return True
            if any(error.status == DUPLICATED for error in written.errors):
                self._take(await self._v4.listed("seasons"))
                return bool(self.id_of(name))
            if written.errors:
                says[name] = f"The season {name}: {written.errors[0].says}"
        return False

    def _missing(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if not self.id_of(name)]

    def _take(self, records: Iterable[Json]) -> None:
        for record in records:
            if season_id := text("id", record.get("id")):
                self._ids.setdefault(same_name(text("name", record.get("name"))), season_id)
