"""All of the hub's own routers; each has its whole addresses."""

from linesheet.api.hub import (
    customers,
    customers_bulk,
    orders,
    products,
    products_bulk,
    seasons,
    seasons_bulk,
    status,
    stock,
)

_MODULES = (
    status,
    seasons,
    seasons_bulk,
    products,
    products_bulk,
    customers,
    customers_bulk,
    stock,
    orders,
)
HUB = [("", module.router) for module in _MODULES]
