"""All of the hub's own routers; each has its whole addresses."""

from linesheet.api.hub import (
    connections,
    customers,
    customers_bulk,
    explain,
    images,
    orders,
    orders_changed,
    products,
    products_bulk,
    runs,
    seasons,
    seasons_bulk,
    status,
    stock,
    webhooks,
)

_MODULES = (
    status,
    seasons,
    seasons_bulk,
    products,
    products_bulk,
    images,
    customers,
    customers_bulk,
    stock,
    orders,
    orders_changed,
    connections,
    runs,
    explain,
    webhooks,
)
HUB = [("", module.router) for module in _MODULES]
