"""All of the hub's own routers; each has its whole addresses."""

from linesheet.api.hub import customers, orders, products, seasons, status, webhooks

HUB = [("", module.router) for module in (status, seasons, products, customers, orders, webhooks)]
