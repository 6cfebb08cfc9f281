"""How long the server takes for every page there is, over books as large as a big brand's."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from linesheet.books.models import (
    Company,
    Customer,
    Image,
    Import,
    Location,
    Member,
    Order,
    PriceList,
    Product,
    Season,
    Stock,
)
from linesheet.cli.bench.filled import OWNER, filled, owners_client
from linesheet.cli.bench.made_up import brand
from linesheet.cli.bench.targets import Figures
from linesheet.sync import api_keys
from linesheet.sync.models import (
    ApiCall,
    Connection,
    Delivery,
    Exchange,
    InboxRecord,
    Run,
    Section,
    Suggestion,
    Webhook,
)
from linesheet.sync.registry import platform
from linesheet.sync.suggestions import look

MOST_MS = 100
TIMES = 5
# What people ask of long lists, beside the plain page, by the name of the address.
ASKED: Mapping[str, tuple[str, ...]] = {
    "products": (
        "?q=coat+77",
        "?q=S000123",
        "?as=grid",
        "?sort=-code",
        "?state=no-barcode",
        "?state=no-picture",
        "?state=no-price",
        "?state=ready",
    ),
    "customers": ("?q=customer+77", "?sort=-name", "?code=none"),
    "orders": (
        "?q=N4711",
        "?q=customer+77",
        "?sort=-number",
        "?sort=customer",
        "?state=waiting",
        "?from=2026-10-01&to=2026-10-31",
    ),
    "stock": ("?q=coat+77", "?left=none"),
    "stock_coming": ("?q=coat+77",),
    "activity": ("?q=N4711", "?task=data-export"),
    "calls": ("?q=4711", "?answer=trouble"),
    "webhook": ("?state=given+up", "?sort=made"),
    "api_calls": ("?answer=refused", "?request=request-4711"),
    "connection_orders": ("?q=N4711", "?state=held"),
    "unlinked": ("?kind=customer", "?sure=likely", "?sort=label"),
    "run": ("?q=Coat", "?show=updated"),
    "problems": ("?q=Coat+7", "?reason=no_barcode", "?sort=since"),
    "imports": ("?q=range", "?state=done"),
    "import": ("?q=Coat+77", "?show=updated", "?sort=-number"),
    "catalogue_section": ("?q=coat+77", "?lacks=no-barcode", "?sort=-place"),
    "notices": ("?show=unread",),
    "members": ("?q=looks",),
}
# Pages that are no work of the day: one goes there to leave, or by a link that was sent.
LEFT_OUT = frozenset(
    {
        "logout",
        "account_logout",
        "picture",
        "accept_invitation",
        "account_confirm_email",
        "account_reset_password_from_key",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
    }
)


def pages(skus: int) -> Figures:
    """Server time of every page, in milliseconds: the least of five looks after a first one.

    What else goes on at the machine can only make a look longer.
    Pages that answer with anything but themselves (a form only sent by POST, say) are counted, not timed.
    """
    with brand() as company:
        began = time.perf_counter()
        connection = filled(company, skus, skus // 2)
        filling = time.perf_counter() - began
        client = owners_client(company)
        took: dict[str, float] = {}
        elsewhere: list[str] = []
        unknown: list[str] = []
        known = _known(company, connection)
        for name, kwargs in _addresses():
            lacking = [one for one in kwargs if one not in known]
            if lacking:
                unknown.append(f"{name} ({', '.join(lacking)})")
                continue
            address = reverse(name, kwargs={one: known[one] for one in kwargs})
            for asked in ("", *ASKED.get(name, ())):
                spent = _milliseconds(client, address + asked)
                if spent is None:
                    elsewhere.append(name)
                else:
                    took[name + asked] = round(spent, 1)
    slowest = dict(sorted(took.items(), key=lambda each: -each[1]))
    return {
        "seconds": round(sum(took.values()) * TIMES / 1000, 2),
        "filling_seconds": round(filling, 2),
        "timed": len(took),
        "slowest_ms": max(took.values()),
        "over": {name: spent for name, spent in slowest.items() if spent > MOST_MS},
        "milliseconds": slowest,
        "not_timed": sorted(set(elsewhere)),
        "unknown": unknown,
    }


def _milliseconds(client: Client, address: str) -> float | None:
    if client.get(address).status_code != 200:
        return None
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = client.get(address)
        b"".join(answer) if answer.streaming else answer.content
        spent.append((time.perf_counter() - began) * 1000)
    return min(spent)


def _addresses(of: URLResolver | None = None, before: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The name of every address with the names of what it wants to be given."""
    for each in (of or get_resolver()).url_patterns:
        wanted = tuple(dict.fromkeys((*before, *each.pattern.converters, *each.pattern.regex.groupindex)))
        if isinstance(each, URLResolver):
            # What programs call has a name of its own for its addresses, and is no page.
            yield from () if each.namespace else _addresses(each, wanted)
        elif isinstance(each, URLPattern) and each.name and each.name not in LEFT_OUT:
            yield each.name, wanted


def _known(company: Company, connection: Connection) -> Mapping[str, Any]:
    """What addresses want to be given, of the made-up books: the middle of many, and what is largest."""
    run = Run.objects.filter(connection=connection, items__isnull=False).order_by("pk")[0]
    middle = Product.objects.count() // 2
    product = Product.objects.order_by("pk")[middle]
    return {
        "connection_id": connection.pk,
        "platform": connection.platform,
        "task": platform(connection.platform).tasks[0].key,
        "run_id": run.pk,
        "item_id": run.items.order_by("pk")[0].pk,
        "api_key_id": api_keys.make(Member.objects.get(user__email=OWNER), "Bench", ["orders:read"]).key.pk,
        "api_call_id": ApiCall.objects.order_by("pk")[1].pk,
        "webhook_id": Webhook.objects.get().pk,
        "delivery_id": Delivery.objects.order_by("pk")[1].pk,
        "exchange_id": Exchange.objects.filter(run=run).order_by("pk")[0].pk,
        "inbox_id": InboxRecord.objects.filter(state=InboxRecord.State.HELD)[0].pk,
        "section_id": Section.objects.filter(placements__isnull=False)[0].pk,
        "product_id": product.pk,
        "sku_id": product.skus.all()[0].pk,
        "image_id": Image.objects.filter(product=product)[0].pk,
        "season_id": Season.objects.get(name="SS26").pk,
        "price_list_id": PriceList.objects.filter(prices__isnull=False)[0].pk,
        "customer_id": (customer := Customer.objects.order_by("pk")[1000]).pk,
        "address_id": customer.addresses.all()[0].pk,
        "contact_id": customer.contacts.all()[0].pk,
        "order_id": Order.objects.order_by("pk")[Order.objects.count() // 2].pk,
        "import_id": Import.objects.get().pk,
        "member_id": Member.objects.get(user__email=OWNER).pk,
        "kind": "product",
        "pk": product.pk,
        "currency": "EUR",
        "location_id": Location.objects.get().pk,
        "stock_id": Stock.objects.filter(sku__product=product)[0].pk,
        "figure": "opening",
        "suggestion_id": _suggestion(connection),
        "format": "csv",
        "width": 96,
        "line": 0,
        "decision": "again",
        "deed": "approve",
        # What the made-up books have none of: nothing but forms is sent there.
        **dict.fromkeys(("view_id", "change_set_id", "notice_id", "session_id", "coming_id"), 0),
    }


def _suggestion(connection: Connection) -> int:
    """One of what nobody has linked, as the workbench finds it."""
    look(connection)
    found: Suggestion | None = Suggestion.objects.order_by("pk").first()
    return found.pk if found else 0
