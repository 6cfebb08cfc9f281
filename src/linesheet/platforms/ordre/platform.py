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
        says="What ORDRE collects from the brand's books, and where it submits orders.",
    ),
    watched=WATCHED,
)
