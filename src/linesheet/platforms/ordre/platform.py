"""ORDRE as Linesheet knows it: what it asks for, and what it calls on us."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from linesheet.platforms.ordre.events import WATCHED
from linesheet.platforms.ordre.orders import TASK, Orders
from linesheet.platforms.ordre.reasons import REASONS
from linesheet.platforms.ordre.settings import SETTINGS
from linesheet.sync.endpoints import Endpoints, Rehearsal, Sample, Scope
from linesheet.sync.platform import BudgetRules, Catalogue, CheckResult, Direction, Level, Platform, Task

if TYPE_CHECKING:
    from ninja import Router

    from linesheet.sync.models import Connection


def _routers() -> "Sequence[tuple[str, Router]]":
    from linesheet.platforms.ordre.endpoints.routers import routers

    return routers()


def _rehearse(connection: "Connection", sample: Sample) -> Rehearsal:
    from linesheet.platforms.ordre.endpoints.rehearsing import rehearse

    return rehearse(connection, sample)


async def check(client: None, settings: Mapping[str, Any]) -> Sequence[CheckResult]:
    """Whether orders can be taken in: there is nobody to ask, as ORDRE calls us.

    That settings are missing is told anyway, of every connection.
    """
    owner = settings.get("order_owner")
    if owner is not None and not owner.is_active:
        fix = "Choose another in the settings of the connection; until then ORDRE is told to try again later."
        return [CheckResult("Orders", False, f"The order owner, {owner}, is switched off.", fix)]
    return [CheckResult("Calls", True, "ORDRE calls Linesheet; there is nothing to try from here.")]


SAYS = """\
What ORDRE collects from the brand's books, and where it submits orders.

**Keys.** Send one as `Authorization: Bearer <key>`, or as `X-API-Key: <key>`, over https. The brand makes keys in
Linesheet, on the page of the connection; two may be valid at once, so that one can be exchanged for the next.
`GET /status` says what a key may be used for, and whether orders can be submitted.

**Collecting.** Lists come in pages: follow `next_cursor` until it is null. Store `as_of`, and send it as
`updated_since` the next time: only what changed comes, and nothing is missed. A cursor is valid for 24 hours, then it
is answered with 410 `cursor_expired`: begin anew without one. With `include_removed=true`, `removed` has a tombstone of
what is not offered any more: its `id`, `removed_at` and a `reason` such as `out_of_catalogue`.

**Submitting.** `POST /orders` makes an order; `POST /orders/validate` checks one the same way and keeps nothing. A line
whose barcode is missing or unknown is left out and told in `issues`; the order is made of the rest. With an
`Idempotency-Key`, the same request is done once: repeated, it is answered with the same answer, status 200 and
`Idempotency-Replayed: true`; with another body it is refused with 409 `idempotency_conflict`. Without a key, the same
order counts as repeated for 24 hours. An `order_number` that is known, with another body or key, is a re-submission: it
makes a new order, and `superseded` names the earlier ones; or, where the brand has set so, the earlier one is
inactivated, or the new one is refused with 409 `already_submitted`.

**Refusals.** Problem details (RFC 9457), `application/problem+json`: `code` stays the same over versions, and `issues`
point into the body. Fields that are not known are ignored, and told as warnings `unknown_field`. Try again later after
429, 503 and `in_progress`, as `Retry-After` says.

**Limits.** 120 calls a minute a key, 500 records a page, bodies of 5 MB, orders of 5,000 lines.

Money is a decimal text such as `"125.00"`, times are RFC 3339 in UTC, days are as `2026-01-31`.
"""

PLATFORM = Platform(
    key="ordre",
    name="ORDRE",
    base_urls=(),
    credentials=(),
    settings=SETTINGS,
    tasks=(
        Task(
            key=TASK,
            name="Orders import",
            direction=Direction.IN,
            help="Takes in orders that were held. New ones come in as soon as ORDRE submits them.",
            legs=(Orders,),
        ),
    ),
    reasons=REASONS,
    budget=BudgetRules(concurrency=1),
    client=None,
    check=check,
    # A product is in one look of one collection at a time (sheet ordre.md R13).
    catalogue=Catalogue(
        levels=(Level("Collection"), Level("Look")), once=True, seasons="price_seasons", each_size=True
    ),
    endpoints=Endpoints(
        version="v1",
        scopes=(
            Scope("customers:read", "Collect customers."),
            Scope("catalogue:read", "Collect collections, products and pictures."),
            Scope("inventory:read", "Collect stock, where the connection shows it."),
            Scope("orders:write", "Submit orders."),
            Scope("orders:read", "Look up what became of orders."),
        ),
        routers=_routers,
        rehearse=_rehearse,
        says=SAYS,
    ),
    watched=WATCHED,
)
