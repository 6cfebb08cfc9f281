"""`/v4/categories` and `/v4/traits`, which JOOR fixes (sheet 3)."""

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.joor.envelopes import ApiHandler, paged, records, v4_answer
from linesheet_sandbox.joor.portal import JoorPortal


def list_categories(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/categories`: the tree, flat, with the department at the top."""
    return v4_answer(records(map(portal.categories.get, paged(portal, call, portal.categories.ids()))))


def list_traits(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/traits`: traits of products and of SKUs."""
    return v4_answer(records(map(portal.traits.get, paged(portal, call, portal.traits.ids()))))


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v4/categories", list_categories),
    Route("GET", "/v4/traits", list_traits),
]
