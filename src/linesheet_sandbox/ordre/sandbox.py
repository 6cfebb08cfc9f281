"""The ORDRE room: one brand on ORDRE as a sandbox, which calls the hub instead of being called by it."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from linesheet_sandbox.common.http import Answer, Call, error_answer
from linesheet_sandbox.common.outgoing import Outgoing
from linesheet_sandbox.common.routes import RouteTable
from linesheet_sandbox.common.sandbox import Sandbox
from linesheet_sandbox.ordre.collecting import Collector
from linesheet_sandbox.ordre.control import CONTROL_ROUTES, ControlHandler
from linesheet_sandbox.ordre.desk import Desk
from linesheet_sandbox.ordre.errors import AbandonedError, RefusedError
from linesheet_sandbox.ordre.hub import Hub
from linesheet_sandbox.ordre.page_forms import ROUTES, PageHandler
from linesheet_sandbox.ordre.portal import OrdrePortal
from linesheet_sandbox.ordre.settings import OrdreSettings

_FURNISHED_SECONDS = 60

_PAGES: RouteTable[PageHandler] = RouteTable(ROUTES)


def open_sandbox(state: Path | None) -> Sandbox:
    """The ORDRE sandbox, with what it holds kept in `state` or in memory."""
    ordre = _Ordre(OrdrePortal(state))
    return Sandbox(ordre, works=ordre.works, calls=ordre.calls)


class _Ordre:
    name = "ordre"

    def __init__(self, portal: OrdrePortal) -> None:
        self._portal = portal
        self._outgoing = Outgoing(portal.clock)
        hub = Hub(portal, self._outgoing)
        self._desk = Desk(portal, hub, Collector(portal, hub))
        self.clock = portal.clock
        self.change_settings = portal.change_settings
        self.move_clock = portal.move_clock
        self.dump = portal.dump
        self.close = portal.store.close

    async def works(self) -> None:
        """Collect on the timer, and close the connections to the hub at the end."""
        try:
            await self._desk.collector.work()
        finally:
            await self._outgoing.close()

    def calls(self, url: str, key: str) -> None:
        """Call this hub, from the start on. Raises ValueError."""
        try:
            self._desk.hub.connect(url, key)
        except RefusedError as problem:
            raise ValueError(problem.message) from None
        self._portal.store.commit()

    @property
    def settings(self) -> OrdreSettings:
        return self._portal.settings

    def credentials(self) -> dict[str, str]:
        """None: the hub gives ORDRE a key (sheet 6.1), see `POST /_control/hub`."""
        return {}

    def caller(self, call: Call) -> str:
        return ""

    def template(self, call: Call) -> str:
        found = _PAGES.find(call.method, call.raw_path)
        return found[0].template if found else ""

    def answer(self, call: Call) -> Answer | Awaitable[Answer]:
        """The pages for people: no program calls ORDRE."""
        answer = None
        if found := _PAGES.find(call.method, call.raw_path):
            route, call.parts = found
            try:
                answer = route.handler(self._desk, call)
            except RefusedError as problem:
                answer = error_answer(problem.status, problem.message)
        return answer or error_answer(404, f"there is no {call.raw_path}")

    def control(self, call: Call) -> Awaitable[Answer] | None:
        found = CONTROL_ROUTES.find(call.method, call.raw_path)
        if not found:
            return None
        route, call.parts = found
        return self._controlled(route.handler, call)

    def refusal(self, call: Call, status: int, message: str) -> Answer:
        return error_answer(status, message)

    def list_of(self, payload: Any) -> list[Any] | None:
        return None

    def figures(self) -> dict[str, Any]:
        """Calls made to the hub, by method and path template, then by status (`cut` for no answer)."""
        return {"calls": self._outgoing.journal.counts()}

    def writes(self) -> dict[str, Any]:
        """Nobody writes to ORDRE."""
        return {}

    def furnish(self) -> None:
        """A sandbox that nobody set up yet collects every minute."""
        if self._portal.never_set_up:
            self._portal.change_settings({"collect_seconds": _FURNISHED_SECONDS})

    def reset(self) -> None:
        self._portal.reset()
        self._outgoing.forget()

    async def _controlled(self, handler: ControlHandler, call: Call) -> Answer:
        try:
            answer = handler(self._desk, call)
            if isinstance(answer, Awaitable):
                answer = await answer
        except RefusedError as problem:
            return error_answer(problem.status, problem.message)
        except AbandonedError:
            return error_answer(409, "the sandbox was emptied meanwhile")
        finally:
            self._portal.store.commit()
        return answer
