"""All that ORDRE calls on us; each has its whole addresses."""

from collections.abc import Sequence

from ninja import Router

from linesheet.platforms.ordre.endpoints import collections, customers, inventory, orders, products, status


def routers() -> Sequence[tuple[str, Router]]:
    """The routers with the paths at which they are mounted."""
    return [("", module.router) for module in (status, customers, collections, products, inventory, orders)]
