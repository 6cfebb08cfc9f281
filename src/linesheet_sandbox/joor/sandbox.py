"""The JOOR room: one brand's account as a sandbox."""

from pathlib import Path
from typing import Any

from linesheet_sandbox.common.http import Answer, Call, error_answer
from linesheet_sandbox.common.sandbox import Sandbox
from linesheet_sandbox.joor.accounts import ready_made_credentials
from linesheet_sandbox.joor.app import JoorApi, template_of
from linesheet_sandbox.joor.auth import account_calling
from linesheet_sandbox.joor.control import CONTROL_ROUTES
from linesheet_sandbox.joor.envelopes import ItemError, RefusedCallError, refusal
from linesheet_sandbox.joor.holdings import price_told, sku_told
from linesheet_sandbox.joor.portal import JoorPortal, add_price_type
from linesheet_sandbox.joor.settings import JoorSettings
from linesheet_sandbox.joor.throttle import Throttle


def open_sandbox(state: Path | None) -> Sandbox:
    """The JOOR sandbox, with its account kept in `state` or in memory."""
    return Sandbox(_Joor(JoorPortal(state)))


class _Joor:
    name = "joor"

    def __init__(self, portal: JoorPortal) -> None:
        self._portal = portal
        self._throttle = Throttle(portal)
        self._api = JoorApi(portal, self._throttle)
        self.clock = portal.clock
        self.answer = self._api.answer
        self.change_settings = portal.change_settings
        self.move_clock = portal.move_clock
        self.writes = portal.writes
        self.close = portal.store.close

    def dump(self) -> dict[str, Any]:
        """All records by kind, SKUs and prices with what their ids stand for."""
        portal, dumped = self._portal, self._portal.dump()
        skus = {key: {**sku, **sku_told(portal, sku)} for key, sku in dumped["skus"].items()}
        prices = {key: {**price, **price_told(portal, price)} for key, price in dumped["prices"].items()}
        return {**dumped, "skus": skus, "prices": prices}

    @property
    def settings(self) -> JoorSettings:
        return self._portal.settings

    def credentials(self) -> dict[str, str]:
        return ready_made_credentials(self._portal)

    def caller(self, call: Call) -> str:
        """The account: limits hold for all its connections together (sheet 2)."""
        try:
            return account_calling(self._portal, call)
        except RefusedCallError:
            return ""

    def template(self, call: Call) -> str:
        return template_of(call)

    def control(self, call: Call) -> Answer | None:
        found = CONTROL_ROUTES.find(call.method, call.raw_path)
        if not found:
            return None
        route, call.parts = found
        try:
            answer = route.handler(self._portal, call)
        except RefusedCallError as problem:
            return error_answer(problem.status, problem.message)
        except ItemError as problem:
            return error_answer(400, problem.message)
        self._portal.store.commit()
        return answer

    def refusal(self, call: Call, status: int, message: str) -> Answer:
        answer = refusal(call.raw_path, status, message)
        if account := self.caller(call):
            answer.headers.update(self._throttle.headers(account))
        return answer

    def list_of(self, payload: Any) -> list[Any] | None:
        """`data` of v4, or the first list within the envelope of v2."""
        if not isinstance(payload, dict):
            return None
        if isinstance(data := payload.get("data"), list):
            return data
        for within in payload.values():
            if isinstance(within, dict) and "response" in within:
                return next((part for part in within.values() if isinstance(part, list)), None)
        return None

    def figures(self) -> dict[str, Any]:
        return {"credits": self._throttle.figures()}

    def furnish(self) -> None:
        """A wholesale price type in each of the usual currencies."""
        for currency in ("EUR", "GBP", "USD"):
            if not self._portal.price_types.by("pair", ("Wholesale", currency)):
                add_price_type(self._portal, "Wholesale", currency, currency)
        self._portal.store.commit()

    def reset(self) -> None:
        self._portal.reset()
        self._throttle.forget()
