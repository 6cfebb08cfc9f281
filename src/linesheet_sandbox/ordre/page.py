"""ORDRE's front page: whom it calls, what it holds, what buyers ordered, and what it is to do wrong."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from linesheet_sandbox.common.http import Answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.desk import Desk
from linesheet_sandbox.ordre.events import secret_known
from linesheet_sandbox.ordre.lines import product_name, units_and_amount
from linesheet_sandbox.ordre.markup import button, cells, choice, counted, field, form, page, said, table
from linesheet_sandbox.ordre.portal import OrdrePortal, skus_of
from linesheet_sandbox.ordre.shelves import looks_of, products_in
from linesheet_sandbox.ordre.submitting import last_submission

_MOST = 200
SLIPS = {
    "twice": "Post an order twice",
    "parallel": "Post an order ten times at once",
    "give_up": "Give up early, and leave it",
    "retry": "Give up early, and send it again",
    "other_body": "Use an old key for another body",
    "unknown_barcode": "Send a barcode nobody knows",
    "empty_barcode": "Send a line without barcode",
    "wrong_key": "Call with a wrong key",
    "stale_cursor": "Collect with an old cursor",
}
"""What ORDRE can be told to do wrong, as people say it."""


def front_page(desk: Desk, told: str = "") -> Answer:
    """The page; `told` is what just went wrong."""
    portal = desk.portal
    looks = looks_of(portal)
    parts = [
        "<h1>ORDRE sandbox</h1>",
        f'<p class="bad" role="alert">{said(told)}</p>' if told else "",
        _hub(desk),
        _held(desk, looks),
        "<h2>Orders</h2>",
        table(
            ("Order", "PO", "Customer", "Units", "Amount", "State", "At the hub"),
            _orders(portal),
            "No buyer has ordered yet.",
            "Orders",
        ),
        _new_order(portal, looks),
        "<h2>Do something wrong</h2>",
        _slips(desk),
        "<h2>Looks</h2>",
        *(_look(portal, look) for look in looks),
        "" if looks else '<p class="quiet">Nothing was collected yet.</p>',
        "<h2>Customers</h2>",
        table(
            ("Name", "Account code", "Currency", "Active"), _customers(portal), "None was collected yet.", "Customers"
        ),
        "<h2>Collects</h2>",
        table(
            ("Started", "Why", "Outcome", "Products", "Customers", "Taken away", "Pictures", "Message"),
            _collects(portal),
            "It has not collected yet.",
            "Collects",
        ),
        '<h2 id="events">Told by the hub</h2>',
        _events(portal),
        "<h2>Calls to the hub</h2>",
        table(("Time", "Call", "Answer", "Took", "Wrong with it"), _calls(desk), "It has not called yet.", "Calls"),
    ]
    return page("ORDRE sandbox", parts, 400 if told else 200)


def _hub(desk: Desk) -> str:
    hub = desk.hub.shown()
    if hub["url"]:
        rhythm = desk.portal.settings.collect_seconds
        timer = f"every {rhythm:g} s" if rhythm else "when asked"
        return (
            f"<p>Calls {said(hub['url'])} with the key ending in {said(hub['key'][1:])}, and collects {timer}.</p>"
            + '<div class="row">'
            + form("/collect", button("Collect now", first=True))
            + form("/collect", button("Collect everything anew", name="full", value="yes"))
            + form("/hub", button("Disconnect", name="disconnect", value="yes"))
            + "</div>"
        )
    fields = (
        field("Address of Linesheet", "url", "http://127.0.0.1:8000", required="", size=30)
        + field("API key", "key", "", type_="password", required="", size=30, autocomplete="off")
        + button("Connect and collect", first=True)
    )
    return (
        '<div class="panel"><p>ORDRE calls Linesheet. Make an API key on the page of the ORDRE connection there, '
        f"and enter it here.</p>{form('/hub', fields)}</div>"
    )


def _held(desk: Desk, looks: list[Record]) -> str:
    portal = desk.portal
    pictured = sum(isinstance(product.get("image"), dict) for product in portal.products.all())
    collections = len({look["collection"] for look in looks})
    return (
        f"<p>Held: {counted(len(portal.products), 'product')} in {counted(len(looks), 'look')} of "
        f"{counted(collections, 'collection')}, {counted(len(portal.customers), 'customer')}, "
        f"{len(portal.pictures)} of {counted(pictured, 'picture')}.</p>"
    )


def _orders(portal: OrdrePortal) -> Iterable[list[str]]:
    for order in _newest(portal.orders.all()):
        units, amount = units_and_amount(order)
        last = last_submission(portal, order["number"])
        name, money = order["customer"].get("name"), f"{amount} {order['currency'] or ''}"
        link = f'<td><a href="/orders/{quote(order["number"], safe="")}">{said(order["number"])}</a></td>'
        yield [link, *cells((order["po_number"], name, units, money, order["status"])), _at_hub(last)]


def _at_hub(last: Record | None) -> str:
    if last is None:
        return "<td>not submitted</td>"
    accepted = [each["answer"] for each in last["answers"] if each["outcome"] == "accepted"]
    report = accepted[0] if accepted and isinstance(accepted[0], dict) else {}
    if report:
        skipped = report.get("lines_skipped")
        more = f"<small>{said(counted(skipped, 'line'))} left out</small>" if skipped else ""
        return f"<td>{said(report.get('erp_order_number'))}{more}</td>"
    message = last["answers"][-1]["message"] if last["answers"] else ""
    return f'<td class="wrap">{said(message or last["outcome"])}</td>'


def _new_order(portal: OrdrePortal, looks: list[Record]) -> str:
    if not looks:
        return ""
    names = "".join(f'<option value="{said(each.get("name"))}">' for each in list(portal.customers.all())[:_MOST])
    fields = (
        field("Customer, known or new", "customer", required="", list="customers", autocomplete="off")
        + f'<datalist id="customers">{names}</datalist>'
        + choice("Look", "look", {look["id"]: _title(look) for look in looks})
        + field("Units of each size", "quantity", 1, type_="number", min=1, max=1000)
        + field("PO number", "po_number", maxlength=50)
        + button("Write the order", first=True)
    )
    return f'<div class="panel"><h3>New order</h3>{form("/orders", fields)}</div>'


def _slips(desk: Desk) -> str:
    waiting = [slip for slip in desk.portal.slips.all() if slip.hits != slip.times]
    told = ", ".join(SLIPS[slip.kind].lower() for slip in waiting)
    ahead = f"<p>The next time: {said(told)}.</p>{form('/slips', button('Rather not', name='clear', value='yes'))}"
    choose = choice("The next time", "kind", SLIPS) + button("Do it")
    return form("/slips", choose) + (ahead if waiting else "")


def _look(portal: OrdrePortal, look: Record) -> str:
    items = "".join(_product(portal, product) for product in products_in(portal, look["id"])[:_MOST])
    return f'<h3>{said(_title(look))}</h3><ul class="look">{items}</ul>'


def _title(look: Record) -> str:
    return " / ".join(part for part in (look["collection"], look["name"] or look["id"] or "no look") if part)


def _product(portal: OrdrePortal, product: Record) -> str:
    image = '<span class="none"></span>'
    if isinstance(product.get("image"), dict):
        image = f'<img src="/images/{said(quote(str(product["id"]), safe=""))}" alt="" loading="lazy">'
    prices = [price for price in product.get("prices") or [] if isinstance(price, dict)]
    told = ", ".join(
        f"{price['wholesale']} {price.get('currency')}" for price in prices if price.get("wholesale") is not None
    )
    sizes = " ".join(str(sku.get("size")) for sku in skus_of(product))
    name = f"{said(product_name(product))}<small>{said(told or 'no price')}</small><small>{said(sizes)}</small>"
    return f"<li>{image}{name}</li>"


def _customers(portal: OrdrePortal) -> Iterable[list[str]]:
    for customer in list(portal.customers.all())[:_MOST]:
        active = "no" if customer.get("active") is False else "yes"
        yield cells((customer.get("name"), customer.get("account_code"), customer.get("currency"), active))


def _collects(portal: OrdrePortal) -> Iterable[list[str]]:
    for collect in _newest(portal.collects.all())[:20]:
        resources = [collect.get(what) or {} for what in ("products", "customers")]
        counts = [each.get("records", "") for each in resources]
        gone = sum(each.get("removed", 0) for each in resources) or ""
        fetched = (collect.get("images") or {}).get("fetched", "")
        yield [
            *cells((_moment(collect["started_at"]), collect["reason"], collect["outcome"], *counts, gone, fetched)),
            f'<td class="wrap">{said(collect.get("message"))}</td>',
        ]


def _events(portal: OrdrePortal) -> str:
    known = "" if secret_known(portal) else " It knows no secret yet, so it refuses them all."
    fields = field("Secret of the webhook", "secret", type_="password", required="", autocomplete="off", size=30)
    rows = [
        [
            *cells((_moment(event["came_at"]), event["type"], "right" if event["signed"] else "wrong")),
            f'<td class="wrap">{said(_short(event["data"]))}</td>',
        ]
        for event in _newest(portal.events.all())[:20]
    ]
    heads = ("Time", "Event", "Signature", "About")
    return (
        f"<p>A webhook of the connection in Linesheet may tell of orders and products, at /events here.{known}</p>"
        f"{form('/events/secret', fields + button('Keep the secret'))}"
        f"{table(heads, rows, 'Nothing was told yet.', 'Told by the hub')}"
    )


def _short(data: Any) -> str:
    """What an event is about, without the connection, which is always the same."""
    about = (
        next((value for key, value in data.items() if key != "connection"), None) if isinstance(data, dict) else None
    )
    return ", ".join(f"{key} {value}" for key, value in about.items()) if isinstance(about, dict) else ""


def _calls(desk: Desk) -> Iterable[list[str]]:
    for call in reversed(desk.hub.outgoing.journal.last(20)):
        took = f"{call.duration_ms:.0f} ms" if call.duration_ms is not None else ""
        query = f"?{call.query}" if call.query else ""
        yield cells(
            (_moment(call.time), f"{call.method} {call.path}{query}"[:60], call.status or "none", took, call.fault)
        )


def _moment(stamp: Any) -> str:
    return str(stamp).replace("T", " ")[:19]


def _newest(records: Iterable[Record]) -> list[Record]:
    return list(records)[::-1][:_MOST]
