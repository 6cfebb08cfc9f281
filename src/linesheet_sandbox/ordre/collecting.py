"""Collecting from the hub, on a timer and on demand (sheet ordre.md R1, 6.2, 6.3)."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.errors import AbandonedError, HubError, RefusedError
from linesheet_sandbox.ordre.hub import Hub
from linesheet_sandbox.ordre.keeping import keep_records, keep_tree, taken
from linesheet_sandbox.ordre.paging import Pages
from linesheet_sandbox.ordre.picturing import collect_pictures
from linesheet_sandbox.ordre.portal import OrdrePortal
from linesheet_sandbox.ordre.submitting import submit_again

RESOURCES = ("collections", "customers", "products", "images", "inventory")
_KEPT = 200


class Collector:
    """Collects one time after the other, never two at once."""

    def __init__(self, portal: OrdrePortal, hub: Hub) -> None:
        self._portal = portal
        self._hub = hub
        self._turn = asyncio.Lock()

    async def work(self) -> None:
        """Collect whenever it is time, for ever; the first time as soon as there is a hub."""
        self._break_off_the_interrupted()
        while True:
            self._portal.changed.clear()
            seconds = self._portal.settings.collect_seconds
            new = seconds is not None and self._hub.known() and not len(self._portal.collects)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._portal.changed.wait(), 0 if new else seconds)
                continue  # the interval, or the hub, may be another one now
            if self._hub.known():
                with suppress(RefusedError, AbandonedError):
                    await self.collect(reason="timer")
                    await submit_again(self._portal, self._hub)

    async def collect(
        self, *, reason: str = "asked", full: bool = False, resources: Iterable[str] = RESOURCES
    ) -> Record:
        """Collect, and tell how it went. A full collect begins anew, and forgets what is not there any more.

        Raises RefusedError without a hub, AbandonedError when the sandbox is emptied meanwhile.
        """
        if not self._hub.known():
            raise RefusedError(409, "no hub to call yet: POST /_control/hub")
        async with self._turn:
            epoch = self._portal.epoch()
            told = self._begun(reason, full)
            try:
                await self._steps(told, set(resources), epoch)
            except HubError as problem:
                told.update(message=str(problem), status=problem.status, code=problem.code)
            except RefusedError as problem:
                told["message"] = problem.message
            except (TypeError, ValueError, AttributeError, LookupError) as problem:
                # What the hub answers may be anything, and the timer must go on.
                told["message"] = f"an answer is not as the sheet has it: {problem!r}"
            told["outcome"] = "failed" if "message" in told else "done"
            self._portal.still(epoch)
            return self._kept(told)

    async def _steps(self, told: Record, resources: set[str], epoch: int) -> None:
        portal, settings = self._portal, self._portal.settings
        if "collections" in resources:
            heard = await self._hub.read("/collections")
            portal.still(epoch)
            told["collections"] = keep_tree(portal, heard.json())
        for resource in ("customers", "products", "inventory"):
            if resource in resources and (resource != "inventory" or settings.collect_inventory):
                await self._resource(resource, told, epoch)
        if "images" in resources and settings.collect_images:
            told["images"] = await collect_pictures(portal, self._hub, epoch)

    async def _resource(self, resource: str, told: Record, epoch: int) -> None:
        """Page by page; the mark moves on with the last page, so what is broken off is collected again."""
        portal = self._portal
        mark = portal.marks.get(resource) or {}
        since = "" if told["full"] else str(mark.get("as_of") or "")
        counts: Record = {"pages": 0, "records": 0, "removed": 0, "repeated": 0, "restarts": 0, "updated_since": since}
        told[resource] = counts
        seen: set[str] = set()
        pages = Pages(portal, self._hub, resource, since, counts)
        async for page in pages:
            portal.still(epoch)
            if pages.started_anew:
                seen.clear()
            keep_records(portal, resource, page, counts, seen)
            portal.store.commit()
        if not since:
            counts["removed"] += taken(portal, resource, seen)
        portal.marks.put(resource, {"as_of": pages.as_of or since, "cursor": pages.last_cursor})
        portal.store.commit()

    def _begun(self, reason: str, full: bool) -> Record:
        key = f"{self._portal.next_number('collect'):08d}"
        stamp = self._portal.clock.stamp()
        begun = {"id": key, "reason": reason, "full": full, "outcome": "running", "started_at": stamp}
        self._portal.collects.put(key, begun)
        for old in self._portal.collects.ids()[:-_KEPT]:
            self._portal.collects.remove(old)
        self._portal.store.commit()
        return dict(begun)

    def _kept(self, told: Record) -> Record:
        kept = self._portal.collects.put(told["id"], {**told, "ended_at": self._portal.clock.stamp()})
        self._portal.store.commit()
        return kept

    def _break_off_the_interrupted(self) -> None:
        for collect in list(self._portal.collects.all()):
            if collect["outcome"] == "running":
                self._kept({**collect, "outcome": "failed", "message": "the sandbox ended meanwhile"})
