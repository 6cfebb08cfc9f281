"""The plain page that shows what ORDRE holds: looks with their products, customers, orders, and the last collects."""

import base64
from collections.abc import Iterable
from html import escape
from typing import Any
from urllib.parse import quote

from linesheet_sandbox.common.http import Answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.desk import Desk
from linesheet_sandbox.ordre.lines import product_name, units_and_amount
from linesheet_sandbox.ordre.portal import OrdrePortal, skus_of
from linesheet_sandbox.ordre.shelves import looks_of, products_in
from linesheet_sandbox.ordre.submitting import last_submission

_MOST = 200
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}
_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 1.5rem auto; padding: 0 1rem; max-width: 75rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #8886; padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top }
th, td { white-space: nowrap }
.wide { overflow-x: auto }
ul.look { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1rem }
ul.look { list-style: none; padding: 0 }
ul.look li { overflow-wrap: anywhere }
ul.look img { display: block; width: 100%; height: 11rem; object-fit: contain; object-position: left }
small { display: block }
"""


def front_page(desk: Desk) -> Answer:
    """The page; it only shows, everything is done through the control API."""
    portal, hub = desk.portal, desk.hub.shown()
    parts = [
        "<h1>ORDRE sandbox</h1>",
        f"<p>Hub: {_said(hub['url'] or 'none yet')}. Held: {len(portal.products)} products, "
        f"{len(portal.customers)} customers, {len(portal.pictures)} pictures.</p>",
        "<h2>Orders</h2>",
        _table(("Order", "PO", "Customer", "Units", "Amount", "State", "At the hub"), _orders(portal)),
        "<h2>Looks</h2>",
        *(_look(portal, look) for look in looks_of(portal)),
        "<h2>Customers</h2>",
        _table(("Name", "Account code", "Currency", "Active"), _customers(portal)),
        "<h2>Collects</h2>",
        _table(("Started", "Why", "Outcome", "Products", "Customers", "Message"), _collects(portal)),
    ]
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>ORDRE sandbox</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )
    return Answer(200, page.encode(), dict(_HEADERS))


def picture(portal: OrdrePortal, product_id: str) -> Answer | None:
    """The picture held of a product."""
    told, kept = portal.pictures.get(product_id), portal.contents.get(product_id)
    if told is None or kept is None:
        return None
    headers = {"content-type": told["type"], "x-content-type-options": "nosniff"}
    return Answer(200, base64.b64decode(kept["content"]), headers)


def _look(portal: OrdrePortal, look: Record) -> str:
    title = " / ".join(part for part in (look["collection"], look["name"] or look["id"] or "no look") if part)
    items = "".join(_product(portal, product) for product in products_in(portal, look["id"])[:_MOST])
    return f'<h3>{_said(title)}</h3><ul class="look">{items}</ul>'


def _product(portal: OrdrePortal, product: Record) -> str:
    key = str(product["id"])
    image = ""
    if key in portal.contents:
        image = f'<img src="/images/{escape(quote(key, safe=""))}" alt="" loading="lazy">'
    prices = [price for price in product.get("prices") or [] if isinstance(price, dict)]
    told = ", ".join(f"{price.get('wholesale')} {price.get('currency')}" for price in prices) or "no price"
    sizes = " ".join(str(sku.get("size")) for sku in skus_of(product))
    return f"<li>{image}{_said(product_name(product))}<small>{_said(told)}</small><small>{_said(sizes)}</small></li>"


def _orders(portal: OrdrePortal) -> Iterable[tuple[Any, ...]]:
    for order in _newest(portal.orders.all()):
        units, amount = units_and_amount(order)
        last = last_submission(portal, order["number"])
        answer = last["answers"][-1] if last and last["answers"] else {}
        report = answer.get("answer")
        made = report.get("erp_order_number") if isinstance(report, dict) else ""
        at_hub = made or answer.get("message") or (last["outcome"] if last else "")
        name, money = order["customer"].get("name"), f"{amount} {order['currency'] or ''}"
        yield order["number"], order["po_number"], name, units, money, order["status"], at_hub


def _customers(portal: OrdrePortal) -> Iterable[tuple[Any, ...]]:
    for customer in list(portal.customers.all())[:_MOST]:
        active = "no" if customer.get("active") is False else "yes"
        yield customer.get("name"), customer.get("account_code"), customer.get("currency"), active


def _collects(portal: OrdrePortal) -> Iterable[tuple[Any, ...]]:
    for collect in _newest(portal.collects.all())[:20]:
        counts = [(collect.get(what) or {}).get("records", "") for what in ("products", "customers")]
        yield collect["started_at"], collect["reason"], collect["outcome"], *counts, collect.get("message")


def _newest(records: Iterable[Record]) -> list[Record]:
    return list(records)[::-1][:_MOST]


def _table(heads: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{_said(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _said(value: Any) -> str:
    return "" if value is None else escape(str(value))
