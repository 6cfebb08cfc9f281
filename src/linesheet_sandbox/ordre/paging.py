"""Reading a resource page by page (sheet ordre.md 6.3)."""

from collections.abc import AsyncIterator
from typing import Any

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.errors import HubError
from linesheet_sandbox.ordre.hub import Hub
from linesheet_sandbox.ordre.portal import OrdrePortal

_MADE_UP_CURSOR = "c3RhbGU"
_FLAGS = {"customers": {"include_inactive": "true"}, "products": {"include_removed": "true"}}
_CURSOR_REFUSED = (400, 410)


class Pages:
    """The pages of one collect of one resource.

    A cursor the hub does not take any more begins the collect anew, once; `started_anew` is true for the first page
    after that. `as_of` is what is sent as `updated_since` next time.
    """

    def __init__(self, portal: OrdrePortal, hub: Hub, resource: str, since: str, counts: Record) -> None:
        self._portal = portal
        self._hub = hub
        self._resource = resource
        self._counts = counts
        self._query = {"limit": str(portal.settings.page_limit), **_FLAGS.get(resource, {})}
        if since:
            self._query["updated_since"] = since
        self.as_of = ""
        self.last_cursor = str((portal.marks.get(resource) or {}).get("cursor") or "")
        self.started_anew = False

    async def __aiter__(self) -> AsyncIterator[Record]:
        slip = self._portal.slips.strike("stale_cursor")
        cursor: str | None = (self.last_cursor or _MADE_UP_CURSOR) if slip else None
        while True:
            try:
                page = await self._page(cursor)
            except HubError as problem:
                if problem.status not in _CURSOR_REFUSED or cursor is None or self._counts["restarts"]:
                    raise
                self._counts["restarts"] += 1
                self.as_of, cursor, self.started_anew = "", None, True
                continue
            self.as_of = self.as_of or str(page.get("as_of") or "")
            self._counts["pages"] += 1
            yield page
            self.started_anew = False
            following = page.get("next_cursor")
            if not following:
                return
            if following == cursor:
                raise HubError(200, f"{self._resource}: the hub gave the same cursor again")
            cursor = self.last_cursor = str(following)

    async def _page(self, cursor: str | None) -> Record:
        query = {**self._query, "cursor": cursor} if cursor else self._query
        heard = await self._hub.read(f"/{self._resource}", query)
        page: Any = heard.json()
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise HubError(heard.status, f"{self._resource}: the answer is no page of records")
        return page
