"""A company with something of every kind that the APIs show or change, and keys to all of them.

What addresses and bodies may name of it stands in `named`, by the names of the parameters in the OpenAPI documents.
"""

import datetime
import io
import json
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.test import Client
from PIL import Image as Picture
from stdnum import ean

from linesheet.books.images import add_image
from linesheet.books.models import (
    SKU,
    Address,
    Company,
    Contact,
    Customer,
    FutureStock,
    HoldStatus,
    Location,
    Member,
    Order,
    OrderLine,
    PriceList,
    Product,
    Season,
    Stock,
    User,
    Visibility,
)
from linesheet.books.prices import set_price
from linesheet.books.tenancy import acting_for
from linesheet.sync import api_keys, registry, scopes, webhooks
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.connections import add_connection
from linesheet.sync.models import Connection, Delivery, Item, Run, WebhookEvent

Named = dict[str, list[Any]]
HUB = ""
"""The hub's own API, where others go by their platform's key."""


@dataclass(frozen=True)
class Filled:
    """`keys` are the secrets of keys with every scope, by API; `named` the values of parameters, by their names."""

    company: Company
    mark: str
    member: Member
    connections: dict[str, Connection]
    keys: dict[str, str]
    named: Named


def documents() -> dict[str, str]:
    """Where the OpenAPI documents of the installation are, by API."""
    called = {key: one.endpoints.version for key, one in registry.platforms().items() if one.endpoints}
    return {HUB: "/api/v1/openapi.json", **{key: f"/api/{key}/{of}/openapi.json" for key, of in called.items()}}


def owner_of(filled: Filled, api: str) -> Member | Connection:
    """Whose keys open an API."""
    return filled.connections[api] if api else filled.member


def every_scope(owner: Member | Connection) -> list[str]:
    """All that a key of the owner may be used for."""
    return [scope.key for scope in scopes.scopes_for(owner)]


def fill(name: str, mark: str, first_barcode: int) -> Filled:
    """A company called so. Its mark is in the name of everything it has."""
    company = Company.objects.create(name=name, slug=mark.lower())
    with acting_for(company):
        user = User.objects.create_user(f"{mark.lower()}@example.com", "a good password", name=f"{mark} Owner")
        member = Member.objects.create(user=user, role=Member.Role.OWNER)
        connections = _connections(mark)
        keys = {HUB: api_keys.make(member, "ERP", every_scope(member)).secret}
        keys |= {
            key: api_keys.make(one, key, every_scope(one)).secret for key, one in connections.items() if _calls(one)
        }
        named = _books(mark, first_barcode, connections)
        for connection in connections.values():
            season = Season.objects.get(pk=named["season_id"][0])
            connection.settings |= {"import_season": season.pk, "order_owner": user.pk, "stock": True}
            connection.save(update_fields=["settings"])
        _submit(keys["ordre"], mark, named)
        named |= _transit(connections["nuorder"], named)
    return Filled(company, mark, member, connections, keys, named)


def _calls(connection: Connection) -> bool:
    return registry.platforms()[connection.platform].endpoints is not None


def _connections(mark: str) -> dict[str, Connection]:
    return {key: add_connection(key, f"{mark} {key}") for key in registry.platforms()}


def _books(mark: str, first_barcode: int, connections: dict[str, Connection]) -> Named:
    seasons = [
        Season.objects.create(name=f"{mark} {year}", starts_on=datetime.date(year, 7, 1)) for year in (2026, 2027)
    ]
    lists = [
        PriceList.objects.create(name=f"{mark} {kind}", kind=kind)
        for kind in (PriceList.Kind.WHOLESALE, PriceList.Kind.RETAIL)
    ]
    location = Location.objects.create(name=f"{mark} Store")
    hold = HoldStatus.objects.create(name=f"{mark} Slow", allows_approval=True)
    products = []
    for number in range(4):
        style = f"{mark}-{number}"
        product = Product.objects.create(code=style, style=style, fabric="Wool", colour="Black", name=f"{mark} coat")
        Visibility.objects.create(product=product, season=seasons[0])
        for at, size in enumerate("SM"):
            code = str(first_barcode + 2 * number + at)
            barcode = code + ean.calc_check_digit(code)
            sku = SKU.objects.create(product=product, size=size, position=at, barcode=barcode, code=f"{style}-{size}")
            Stock.objects.create(sku=sku, location=location, season=seasons[0], opening=20)
            FutureStock.objects.create(
                sku=sku, location=location, season=seasons[0], available_on=datetime.date(2027, 1, 5), quantity=3
            )
        for price_list in lists:
            set_price(product, seasons[0], price_list, Decimal(125), "EUR")
        products.append(product)
    pictures = [add_image(product, a_picture(at)) for product in products[:2] for at in range(2)]
    look = add_section(connections["ordre"], (f"{mark} Main", f"{mark} Look"))
    place(look, products[:3])
    customers = [
        Customer.objects.create(
            name=f"{mark} {name}", account_code=f"{mark}-{name}", currency="EUR", price_list=lists[0], hold_status=held
        )
        for name, held in (("Rive", None), ("Nord", hold))
    ]
    for customer in customers:
        Address.objects.create(
            customer=customer, kind=Address.Kind.DELIVERY, line_1=f"{mark} street 1", city="Paris", country="FR"
        )
        Contact.objects.create(customer=customer, name=f"{mark} Buyer", email=f"buyer@{mark.lower()}.example")
    skus = list(SKU.objects.order_by("pk"))
    orders = []
    for number in (1, 2):
        order = Order.objects.create(
            number=number, customer=customers[0], season=seasons[0], currency="EUR", reference=f"{mark} {number}"
        )
        OrderLine.objects.create(order=order, position=1, sku=skus[0], quantity=2, price=Decimal(125))
        orders.append(order)
    return {
        "season_id": [one.pk for one in seasons],
        "product_id": [one.pk for one in products],
        "sku_id": [one.pk for one in skus],
        "image_id": [one.pk for one in pictures],
        "customer_id": [one.pk for one in customers],
        "order_id": [one.pk for one in orders],
        "connection_id": [one.pk for one in connections.values()],
        "collection_id": [look.parent_id],
        "look_id": [look.pk],
        "barcode": [one.barcode for one in skus],
        "sku_code": [one.code for one in skus],
        "style": [one.style for one in products],
        "season": [one.name for one in seasons],
        "price_list": [one.name for one in lists],
        "location": [location.name],
        "customer": [one.name for one in customers],
        "account_code": [one.account_code for one in customers],
        "hold_status": [hold.name],
    }


def _transit(connection: Connection, named: Named) -> Named:
    """Runs with items, and a webhook that was told of something."""
    tasks = [task.key for task in registry.platforms()[connection.platform].tasks]
    runs = [
        Run.objects.create(connection=connection, task=tasks[0], state=state, preview=state == Run.State.PLANNED)
        for state in (Run.State.DONE, Run.State.PLANNED)
    ]
    for run in runs:
        Item.objects.create(run=run, kind="order", record_id=named["order_id"][0], label=named["customer"][0])
    webhook = webhooks.add(f"https://{uuid.uuid4().hex}.example.com/hook", ["run.finished"]).webhook
    webhooks.tell(WebhookEvent.RUN_FINISHED, [{"run": run.pk} for run in runs])
    return {
        "task": tasks,
        "run_id": [one.pk for one in runs],
        "webhook_id": [webhook.pk],
        "uuid": [str(one.number) for one in Delivery.objects.all()],
    }


def _submit(key: str, mark: str, named: Named) -> None:
    """Orders as the platform submits them."""
    named["order_number"] = [f"{mark}-100", f"{mark}-200"]
    for number in named["order_number"]:
        made = Client().post(
            "/api/ordre/v1/orders",
            json.dumps(submission(number, named)),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"first-{number}"},
        )
        assert made.status_code == 201, made.content
        named["order_id"].append(Order.objects.latest("pk").pk)


def submission(number: str, named: Named) -> dict[str, Any]:
    """An order of two lines, as the platform posts it."""
    return {
        "order_number": number,
        "po_number": "PO-1",
        "currency": "EUR",
        "customer": {"name": named["customer"][0]},
        "lines": [{"barcode": one, "quantity": 2, "unit_price": "125.00"} for one in named["barcode"][:2]],
    }


def a_picture(shade: int) -> bytes:
    """A PNG file."""
    file = io.BytesIO()
    Picture.new("RGB", (20, 30), (shade * 40, 0, 0)).save(file, "PNG")
    return file.getvalue()
