"""Another company with a row of everything, each named by a word that no page of the first company may ever show.

A new address with a new kind of id: add a row to `make_rows` where there is none yet, and a line to `KWARGS`.
"""

import datetime
import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.utils import timezone

from linesheet.books import invitations
from linesheet.books.models import (
    SKU,
    Address,
    BarcodeRange,
    ChangeSet,
    ColumnMapping,
    Company,
    Contact,
    Customer,
    FutureStock,
    Image,
    Import,
    Location,
    Member,
    Order,
    OrderLine,
    Price,
    PriceList,
    Product,
    Season,
    Stock,
    User,
    Visibility,
)
from linesheet.books.tenancy import CompanyOwned, acting_for
from linesheet.sync.models import (
    ApiCall,
    ApiKey,
    Connection,
    Delivery,
    Exchange,
    InboxRecord,
    Item,
    Link,
    Notice,
    Placement,
    Problem,
    Run,
    Schedule,
    Section,
    ShownCustomer,
    Suggestion,
    Webhook,
)
from linesheet.web.models import SavedView

MARK = "Zebrafish"
"""In every name of the other company. A search for `SOUGHT` would find it, and what was sought may be shown again."""
SOUGHT = "ebrafis"

Rows = SimpleNamespace

KWARGS: dict[str, Callable[[Rows], object]] = {
    "address_id": lambda rows: rows.address.pk,
    "api_call_id": lambda rows: rows.api_call.pk,
    "api_key_id": lambda rows: rows.api_key.pk,
    "change_set_id": lambda rows: rows.change_set.pk,
    "coming_id": lambda rows: rows.coming.pk,
    "connection_id": lambda rows: rows.connection.pk,
    "contact_id": lambda rows: rows.contact.pk,
    "currency": lambda rows: "EUR",
    "customer_id": lambda rows: rows.customer.pk,
    "decision": lambda rows: "again",
    "deed": lambda rows: "approve",
    "exchange_id": lambda rows: rows.exchange.pk,
    "figure": lambda rows: "opening",
    "format": lambda rows: "jpg",
    "image_id": lambda rows: rows.image.pk,
    "inbox_id": lambda rows: rows.record.pk,
    "import_id": lambda rows: rows.imported.pk,
    "invitation_id": lambda rows: rows.invitation.pk,
    "item_id": lambda rows: rows.item.pk,
    "key": lambda rows: "forged",
    "kind": lambda rows: "product",
    "line": lambda rows: 0,
    "link_id": lambda rows: rows.link.pk,
    "suggestion_id": lambda rows: rows.suggestion.pk,
    "location_id": lambda rows: rows.location.pk,
    "member_id": lambda rows: rows.member.pk,
    "notice_id": lambda rows: rows.notice.pk,
    "order_id": lambda rows: rows.order.pk,
    "mfa_edit_webauthn.pk": lambda rows: rows.passkey.pk,
    "mfa_remove_webauthn.pk": lambda rows: rows.passkey.pk,
    "pk": lambda rows: rows.product.pk,
    "placement_id": lambda rows: rows.placement.pk,
    "platform": lambda rows: "made-up",
    "price_list_id": lambda rows: rows.price_list.pk,
    "problem_id": lambda rows: rows.problem.pk,
    "product_id": lambda rows: rows.product.pk,
    "record_id": lambda rows: rows.record.pk,
    "run_id": lambda rows: rows.run.pk,
    "season_id": lambda rows: rows.season.pk,
    "section_id": lambda rows: rows.section.pk,
    "session_id": lambda rows: rows.session.pk,
    "sku_id": lambda rows: rows.sku.pk,
    "webhook_id": lambda rows: rows.webhook.pk,
    "delivery_id": lambda rows: rows.delivery.pk,
    "stock_id": lambda rows: rows.stock.pk,
    "task": lambda rows: "stock",
    "token": lambda rows: f"{rows.invitation.pk}:forged",
    "uidb36": lambda rows: "1",
    "view_id": lambda rows: rows.view.pk,
    "width": lambda rows: 160,
}
"""By the name an address gives its part, what leads to a row of the other company there.

Where one name means different things, `name of the address.name of the part` goes first.
"""


OF_NOBODY = {"currency", "decision", "deed", "figure", "format", "kind", "line", "platform", "task", "width"}
"""Parts that name nothing of a company. An address with no other part is as one without any."""


def way_into(name: str, parts: Iterable[str], rows: Rows) -> dict[str, object]:
    """What to fill an address in with, so that it leads into the other company. Fails on a part it does not know."""
    unknown = [part for part in parts if part not in KWARGS and f"{name}.{part}" not in KWARGS]
    assert not unknown, f"The address {name} has {unknown}: say in tests/web/elsewhere.py how to fill it in."
    return {part: KWARGS.get(f"{name}.{part}", KWARGS.get(part, str))(rows) for part in parts}


def make_rows() -> Rows:
    """The other company, with a row of everything an address or a filter may name."""
    rows = Rows()
    rows.company = Company.objects.create(name=f"{MARK} House", slug="other-house")
    rows.user = User.objects.create_user(f"{MARK.lower()}@example.com", name=f"{MARK} Owner")
    EmailAddress.objects.create(user=rows.user, email=rows.user.email, primary=True, verified=True)
    rows.session = UserSession.objects.create(
        user=rows.user, ip="192.0.2.66", user_agent=MARK, session_key=f"{MARK}-session"
    )
    rows.passkey = Authenticator.objects.create(
        user=rows.user, type=Authenticator.Type.WEBAUTHN, data={"name": MARK, "credential": {}}
    )
    with acting_for(rows.company):
        _books(rows)
        _sync(rows)
    return rows


def _books(rows: Rows) -> None:
    rows.member = Member.objects.create(user=rows.user, role=Member.Role.OWNER)
    rows.invitation = invitations.invite(f"asked-{MARK.lower()}@example.com", Member.Role.VIEWER, by=rows.user)
    rows.season = Season.objects.create(name=f"{MARK} AW26", starts_on=datetime.date(2026, 8, 1))
    rows.price_list = PriceList.objects.create(name=f"{MARK} Wholesale", kind=PriceList.Kind.WHOLESALE)
    rows.location = Location.objects.create(name=f"{MARK} Warehouse")
    rows.product = Product.objects.create(
        code=f"{MARK}-1", style=f"{MARK}-S", colour=f"{MARK} Red", name=f"{MARK} Coat", category=f"{MARK} Coats"
    )
    Visibility.objects.create(product=rows.product, season=rows.season)
    rows.sku = SKU.objects.create(product=rows.product, size="M", code=f"{MARK}-1-M", barcode="4006381333931")
    Price.objects.create(
        product=rows.product, season=rows.season, price_list=rows.price_list, currency="EUR", amount=Decimal(10)
    )
    rows.stock = Stock.objects.create(sku=rows.sku, location=rows.location, season=rows.season, opening=5)
    rows.coming = FutureStock.objects.create(
        sku=rows.sku, location=rows.location, season=rows.season, available_on=datetime.date(2099, 1, 1), quantity=6
    )
    rows.image = Image.objects.create(
        product=rows.product, content_hash="ab" * 32, format="jpg", width=1, height=1, bytes=1
    )
    rows.customer = Customer.objects.create(name=f"{MARK} Shop", account_code=f"{MARK}-C")
    rows.address = Address.objects.create(customer=rows.customer, kind=1, line_1=f"{MARK} Street", city=MARK)
    rows.contact = Contact.objects.create(customer=rows.customer, name=f"{MARK} Buyer")
    rows.order = Order.objects.create(
        number=1, customer=rows.customer, season=rows.season, currency="EUR", reference=f"{MARK} PO"
    )
    OrderLine.objects.create(order=rows.order, position=1, sku=rows.sku, quantity=1, price=Decimal(10))
    BarcodeRange.objects.create(first=100, last=200, next=100)
    ColumnMapping.objects.create(kind="products", name=MARK, columns={MARK: "code"})
    rows.change_set = ChangeSet.objects.create(kind="products", says=f"{MARK} was made.", subject=MARK)
    rows.imported = Import.objects.create(
        kind="products", file_name=f"{MARK}.csv", stored=f"imports/x/{MARK}.csv", bytes=1, change_set=rows.change_set
    )
    rows.view = SavedView.objects.create(user=rows.user, list="products", name=f"{MARK} view", shared=True)


def _sync(rows: Rows) -> None:
    now = timezone.now()
    rows.connection = Connection.objects.create(
        platform="made-up", name=f"{MARK} Rome", base_url="https://api.example", credentials={"key": "k"}
    )
    of_it = {"connection": rows.connection}
    rows.schedule = Schedule.objects.create(**of_it, task="stock", every_minutes=60, due_at=now)
    rows.section = Section.objects.create(**of_it, name=f"{MARK} Section")
    rows.placement = Placement.objects.create(section=rows.section, product=rows.product)
    ShownCustomer.objects.create(**of_it, customer=rows.customer)
    rows.run = Run.objects.create(**of_it, task="stock", state=Run.State.PLANNED, preview=True, file="x.csv")
    rows.item = Item.objects.create(run=rows.run, kind="product", record_id=str(rows.product.pk), label=MARK)
    rows.exchange = Exchange.objects.create(
        **of_it, run=rows.run, item_ids=[rows.item.pk], method="GET", url=f"https://{MARK}/", started_at=now
    )
    rows.api_key = ApiKey.objects.create(**of_it, name=MARK, prefix="ls_zebrafis", digest="d" * 64, scopes=["all"])
    rows.api_call = ApiCall.objects.create(
        **of_it, key=rows.api_key, key_prefix="ls_zebrafis", method="GET", route="/api/x", path=f"/api/{MARK}",
        status=200, request_id="r", address="192.0.2.66", at=now, last_at=now, says=MARK,
    )  # fmt: skip
    rows.webhook = Webhook.objects.create(
        url=f"https://{MARK}.example/", events=["run.finished"], secrets=[{"secret": MARK, "until": None}],
        gave_up_at=now, active=False,
    )  # fmt: skip
    rows.delivery = Delivery.objects.create(
        webhook=rows.webhook, event_id=uuid.uuid4(), event="run.finished", body=MARK, made_at=now
    )
    rows.record = InboxRecord.objects.create(
        **of_it, kind="order", remote_id=MARK, content_hash="h", label=MARK, state="held", says=MARK,
        payload={"number": MARK, "shop": MARK, "po": MARK, "currency": "EUR", "price": "1", "lines": []},
    )  # fmt: skip
    rows.notice = Notice.objects.create(
        **of_it, member=rows.member, run=rows.run, task="stock", severity="error", says=MARK, made_at=now, in_app=True
    )
    rows.link = Link.objects.create(
        **of_it, kind="product", record_id=str(rows.product.pk), remote_id=MARK, accepted_at=now
    )
    rows.suggestion = Suggestion.objects.create(
        **of_it, makes="match", kind="customer", remote_key="name:x", label=MARK, named_by=1, inbox=rows.record
    )
    rows.problem = Problem.objects.create(
        **of_it, task="stock", kind="product", record_id=str(rows.product.pk), label=MARK, reason_code="no_lines",
        says=MARK, first_seen_at=now, last_seen_at=now,
    )  # fmt: skip


def as_it_stands(rows: Rows) -> dict[str, Any]:
    """Every row of the other company, of every model there is, as values."""
    of_company = {
        model._meta.label: list(model.everywhere.filter(company=rows.company).order_by("pk").values())
        for model in apps.get_models()
        if issubclass(model, CompanyOwned)
    }
    return {
        **of_company,
        "company": Company.objects.filter(pk=rows.company.pk).values().get(),
        "user": User.objects.filter(pk=rows.user.pk).values().get(),
        "sessions": list(UserSession.objects.filter(user=rows.user).values()),
        "keys": list(Authenticator.objects.filter(user=rows.user).values()),
    }
