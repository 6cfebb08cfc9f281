"""JOOR's API: `/auth`, `/v2` and `/v4` on one listener, and what all calls have in common (sheet 1 and 2)."""

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route, RouteTable
from linesheet_sandbox.joor import (
    downloads,
    v2_connections,
    v2_inventory,
    v2_orders,
    v2_styles,
    v4_assets,
    v4_collections,
    v4_fixed,
    v4_order_lines,
    v4_orders,
    v4_prices,
    v4_products,
    v4_seasons,
    v4_skus,
)
from linesheet_sandbox.joor.auth import account_calling, answer_auth, check_account
from linesheet_sandbox.joor.envelopes import ApiHandler, RefusedCallError, refusal
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.throttle import Throttle

_AUTH = ("/auth", "/auth/")


class JoorApi:
    """Answers calls of both generations on one account."""

    def __init__(self, portal: JoorPortal, throttle: Throttle) -> None:
        self._portal = portal
        self._throttle = throttle

    def answer(self, call: Call) -> Answer:
        """Answer one call. What it stored is durable when this returns."""
        if call.raw_path in _AUTH:
            answer = answer_auth(self._portal, call)
        elif call.raw_path.startswith(downloads.PREFIX):
            answer = downloads.answer_image(self._portal, call)
        else:
            answer = self._answer_api(call)
        self._portal.store.commit()
        return answer

    def _answer_api(self, call: Call) -> Answer:
        try:
            account = account_calling(self._portal, call)
        except RefusedCallError as problem:
            return refusal(call.raw_path, problem.status, problem.message)
        found = _route_of(call)
        paid = self._throttle.spend(call.method, found[0].template if found else "")
        try:
            answer = self._handled(call, account, found) if paid else self._too_many(call)
        except RefusedCallError as problem:
            answer = refusal(call.raw_path, problem.status, problem.message, problem.code)
        answer.headers.update(self._throttle.headers(account))
        return answer

    def _handled(self, call: Call, account: str, found: tuple[Route[ApiHandler], dict[str, str]] | None) -> Answer:
        if call.raw_path.startswith("/v2"):
            _check_content_type(call)
        else:
            check_account(call, account)
        if found is None:
            raise RefusedCallError(404, f"there is no {call.method} {call.raw_path}")
        route, call.parts = found
        return route.handler(self._portal, call)

    def _too_many(self, call: Call) -> Answer:
        seconds = self._throttle.seconds_left()
        answer = refusal(call.raw_path, 429, f"the credits of this window are spent; it ends in {seconds} s")
        answer.headers["retry-after"] = str(seconds)
        return answer


def template_of(call: Call) -> str:
    """The path template of the call's route; "" when there is none."""
    if call.raw_path in _AUTH:
        return "/auth"
    if call.raw_path.startswith(downloads.PREFIX):
        return f"{downloads.PREFIX}{{name}}"
    found = _route_of(call)
    return found[0].template if found else ""


def _route_of(call: Call) -> tuple[Route[ApiHandler], dict[str, str]] | None:
    return API_ROUTES.find("GET" if call.method == "HEAD" else call.method, call.raw_path)


def _check_content_type(call: Call) -> None:
    """v2 processes no call without a content type (sheet 1); of the two formats this sandbox speaks JSON alone."""
    if "json" not in call.headers.get("content-type", "").lower():
        raise RefusedCallError(400, "Content-Type must be application/json")


API_ROUTES: RouteTable[ApiHandler] = RouteTable(
    [
        *v4_fixed.ROUTES,
        *v4_orders.ROUTES,
        *v4_order_lines.ROUTES,
        *v2_inventory.ROUTES,
        *v2_connections.ROUTES,
        *v2_orders.ROUTES,
        *v4_products.ROUTES,
        *v4_skus.ROUTES,
        *v4_prices.ROUTES,
        *v4_seasons.ROUTES,
        *v4_collections.ROUTES,
        *v4_assets.ROUTES,
        *v2_styles.ROUTES,
    ]
)
