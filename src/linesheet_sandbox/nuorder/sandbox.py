"""The NuORDER room: one brand's portal as a sandbox."""

from pathlib import Path
from typing import Any

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.sandbox import Sandbox
from linesheet_sandbox.nuorder.accounts import ready_made_credentials
from linesheet_sandbox.nuorder.app import NuOrderApi, template_of
from linesheet_sandbox.nuorder.auth import parse_authorization
from linesheet_sandbox.nuorder.control import CONTROL_ROUTES
from linesheet_sandbox.nuorder.errors import RefusedError, refusal
from linesheet_sandbox.nuorder.portal import Portal
from linesheet_sandbox.nuorder.settings import NuOrderSettings


def open_sandbox(state: Path | None) -> Sandbox:
    """The NuORDER sandbox, with its portal kept in `state` or in memory."""
    return Sandbox(_NuOrder(Portal(state)))


class _NuOrder:
    name = "nuorder"

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._api = NuOrderApi(portal)
        self.clock = portal.clock
        self.answer = self._api.answer
        self.change_settings = portal.change_settings
        self.move_clock = portal.move_clock
        self.writes = portal.writes
        self.dump = portal.dump
        self.reset = portal.reset
        self.close = portal.store.close

    @property
    def settings(self) -> NuOrderSettings:
        return self._portal.settings

    def credentials(self) -> dict[str, str]:
        return ready_made_credentials(self._portal)

    def caller(self, call: Call) -> str:
        """The consumer key and token: limits hold per connection (sheet 2.5)."""
        oauth = parse_authorization(call.headers.get("authorization", ""))
        return f"{oauth.value('oauth_consumer_key')}/{oauth.value('oauth_token')}"

    def template(self, call: Call) -> str:
        return template_of(call)

    def control(self, call: Call) -> Answer | None:
        found = CONTROL_ROUTES.find(call.method, call.raw_path)
        if not found:
            return None
        route, call.parts = found
        try:
            answer = route.handler(self._portal, call)
        except RefusedError as problem:
            return refusal(problem.status, problem.message, **problem.extra)
        self._portal.store.commit()
        return answer

    def furnish(self) -> None:
        """An account has its default warehouse from the start, and needs nothing else."""

    def refusal(self, call: Call, status: int, message: str) -> Answer:
        return refusal(status, message)

    def list_of(self, payload: Any) -> list[Any] | None:
        """Lists come bare."""
        return payload if isinstance(payload, list) else None

    def figures(self) -> dict[str, Any]:
        return {}
