"""The hub as ORDRE knows it: an address and a key, and calls that are made again when that is right (sheet 6.1)."""

import asyncio
from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.outgoing import Heard, Outgoing, UnansweredError, address_on_this_machine
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.errors import HubError, RefusedError
from linesheet_sandbox.ordre.portal import OrdrePortal
from linesheet_sandbox.ordre.settings import OrdreSettings

BASE_PATH = "/api/ordre/v1"
WRONG_KEY = "wrong-key-of-the-sandbox"
_LATER = (429, 503)
_MOST_WAITS = 100
_SOON_SECONDS = 60


class Hub:
    """Calls the hub under its key."""

    def __init__(self, portal: OrdrePortal, outgoing: Outgoing) -> None:
        self._portal = portal
        self.outgoing = outgoing

    @property
    def settings(self) -> OrdreSettings:
        """The settings in force."""
        return self._portal.settings

    def known(self) -> bool:
        """Whether there is a hub to call."""
        return self._portal.hub.get("hub") is not None

    def shown(self) -> Record:
        """The address, and the end of the key."""
        hub = self._portal.hub.get("hub")
        return {"url": hub["url"], "key": f"…{hub['key'][-4:]}"} if hub else {"url": None, "key": None}

    def connect(self, url: str, key: str) -> None:
        """Call this hub from now on; of an address without a path, below the sheet's own (sheet 6.1)."""
        if not key or not key.isascii() or not key.isprintable():
            raise RefusedError(400, "key must be the key the hub gave")
        try:
            base = address_on_this_machine(url)
        except ValueError as problem:
            raise RefusedError(400, f"url: {problem}") from None
        if base.count("/") == 2:
            base += BASE_PATH
        self._portal.hub.put("hub", {"url": base, "key": key})
        self._portal.changed.set()

    def disconnect(self) -> None:
        """Call nobody any more."""
        self._portal.hub.remove("hub")

    async def read(
        self, path: str, query: Mapping[str, str] | None = None, *, template: str = "", etag: str = ""
    ) -> Heard:
        """A good answer to a GET, or that nothing changed (304). Raises HubError."""
        headers = {"If-None-Match": etag} if etag else {}
        heard = await self.patiently("GET", path, query=query, headers=headers, template=template)
        if heard.status not in (200, 304):
            raise refused(heard)
        return heard

    async def patiently(self, method: str, path: str, **parts: Any) -> Heard:
        """Make the call until it is answered, as often as the settings say. Raises HubError without any answer."""
        tries = waits = 0
        while True:
            tries += 1
            try:
                heard = await self.once(method, path, **parts)
            except UnansweredError as problem:
                if tries >= self.settings.tries:
                    raise HubError(None, str(problem)) from None
                await asyncio.sleep(0.2 * tries)
                continue
            seconds = seconds_told(heard)
            if not told_to_come_later(heard) or seconds > _SOON_SECONDS:
                return heard
            if heard.status == 429 and waits < _MOST_WAITS:
                # Others call under the same key, so it may be too often once more.
                waits, tries = waits + 1, tries - 1
            elif tries >= self.settings.tries:
                return heard
            await asyncio.sleep(min(seconds, self.settings.longest_wait_seconds))

    async def once(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        seconds: float | None = None,
        template: str = "",
        fault: str | None = None,
        wrong_key: bool = False,
    ) -> Heard:
        """Make the call once. Raises UnansweredError, or RefusedError when there is no hub yet."""
        hub = self._portal.hub.get("hub")
        if hub is None:
            raise RefusedError(409, "no hub to call yet: POST /_control/hub")
        if not wrong_key and self._portal.slips.strike("wrong_key"):
            wrong_key, fault = True, "wrong_key"
        sent = {
            "Authorization": f"Bearer {WRONG_KEY if wrong_key else hub['key']}",
            "Accept": "application/json",
            "User-Agent": "ORDRE sandbox",
            **({"Content-Type": "application/json"} if body else {}),
            **(headers or {}),
        }
        return await self.outgoing.call(
            method,
            hub["url"],
            path,
            query=query,
            headers=sent,
            body=body,
            seconds=seconds or self.settings.patience_seconds,
            template=template,
            fault=fault,
        )


def refused(heard: Heard) -> HubError:
    """The refusal an answer is (sheet 6.6)."""
    problem = heard.json()
    told = problem if isinstance(problem, dict) else {}
    words = [str(heard.status), str(told.get("code") or ""), str(told.get("detail") or told.get("title") or "")]
    return HubError(heard.status, " ".join(word for word in words if word), told)


def told_to_come_later(heard: Heard) -> bool:
    """Whether the same call is to be made again: too many, not ready, or still running (sheet 6.5, 6.6)."""
    return heard.status in _LATER or (heard.status == 409 and refused(heard).code == "in_progress")


def seconds_told(heard: Heard) -> float:
    """The seconds of `Retry-After`; 1 without."""
    told = heard.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 7 else 1.0
