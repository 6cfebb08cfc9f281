"""Two customers that are one retailer become one, with all that is known of them, and stay one."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from linesheet.books import changes
from linesheet.books.addresses import keep_address
from linesheet.books.customers import change_customers, find_customer, save_contact
from linesheet.books.files.exported import customer_rows
from linesheet.books.merging import MergeRefused
from linesheet.books.models import SKU, Address, Company, Contact, Customer, Product, Season
from linesheet.books.order_drafts import LineDraft, OrderDraft
from linesheet.books.orders import lock, place_order
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.like_customers import like_customers, sought_by
from linesheet.sync.matches import remember
from linesheet.sync.merging import merge, merging
from linesheet.sync.models import Connection, Link, Match, Problem
from linesheet.sync.new_customers import customer_made
from linesheet.sync.resolve import Resolver

DELIVERY, ACCOUNTS = Address.Kind.DELIVERY, Address.Kind.ACCOUNTS
PLACE = {"line_1": "1 Rue Haute", "city": "Paris", "country": "France"}


@pytest.fixture
def kept(company: Company) -> Customer:
    customer = Customer.objects.create(name="Maison Rive SARL", currency="EUR")
    keep_address(customer, DELIVERY, **PLACE)
    save_contact(Contact(customer=customer, name="Ana Roux", email="ana@rive.example", is_default=True))
    return customer


@pytest.fixture
def gone(kept: Customer) -> Customer:
    """Made by an order under another name, at the same address and another, and with the same buyer and another."""
    customer = customer_made(
        IncomingOrder(
            remote_id="1",
            number="1",
            customer_name="Rive Paris",
            customer_code="RIV",
            currency="EUR",
            lines=(),
            addresses={"delivery": {**PLACE, "company_name": "RIVE PARIS"}, "accounts": {"line_1": "2 Rue Basse"}},
            customer_contact={"name": "A. Roux", "email": "ANA@rive.example", "phone": "+33 1"},
        ),
        "toy:1:order:1",
        {},
    )
    save_contact(Contact(customer=customer, name="Luc Petit"))
    return customer


def _draft(customer: Customer) -> OrderDraft:
    season, _ = Season.objects.get_or_create(name="AW26", defaults={"starts_on": datetime.date(2026, 7, 1)})
    product, _ = Product.objects.get_or_create(code="COAT", style="COAT", colour="Black", name="Coat")
    sku, _ = SKU.objects.get_or_create(product=product, size="M")
    return OrderDraft(customer=customer, season=season, lines=[LineDraft(sku=sku, quantity=1, price=Decimal(9))])


def _incoming(name: str, code: str = "", **more: str) -> IncomingOrder:
    line = IncomingLine(barcode="", described_as="Coat", quantity=1, price=Decimal(9))
    return IncomingOrder(
        remote_id="9", number="9", customer_name=name, customer_code=code, currency="EUR", lines=(line,), **more
    )


def _found(connection: Connection, order: IncomingOrder) -> Customer | None:
    return Resolver({"unknown_customer": "create"}, [order], connection.pk).customer_of(order)


def test_a_customer_made_by_an_order_is_new_until_somebody_looks_at_it(gone: Customer, kept: Customer) -> None:
    assert (gone.unreviewed, kept.unreviewed) == (True, False)


def test_what_hangs_on_the_merged_one_goes_to_the_other_and_nothing_twice(gone: Customer, kept: Customer) -> None:
    order = place_order(_draft(gone))

    done = merge(gone, kept)

    assert (done.books.orders, done.books.code, done.books.names) == (1, "RIV", ["Rive Paris"])
    order.refresh_from_db()
    assert order.customer == kept
    assert [(each.kind, each.line_1, each.is_default) for each in kept.addresses.all()] == [
        (DELIVERY, "1 Rue Haute", True),
        (ACCOUNTS, "2 Rue Basse", True),
    ]
    assert [(each.name, each.phone, each.is_default) for each in kept.contacts.all()] == [
        ("Ana Roux", "+33 1", True),
        ("Luc Petit", "", False),
    ]
    for customer in (gone, kept):
        customer.refresh_from_db()
    assert (gone.active, gone.unreviewed, gone.merged_into, gone.account_code) == (False, False, kept, "")
    assert kept.account_code == "RIV"


def test_whoever_names_the_merged_one_means_the_other(gone: Customer, kept: Customer) -> None:
    connection = Connection.objects.create(platform="toy", name="Toy")
    Customer.objects.filter(pk=kept.pk).update(account_code="KEPT")
    merge(gone, kept)
    before = Customer.objects.count()

    for order in (
        _incoming("Rive Paris"),
        _incoming(" rive   PARIS"),
        _incoming("\uff32ive Paris"),
        _incoming("", "RIV"),
    ):
        assert _found(connection, order) == kept
    assert find_customer("RIVE paris") == kept
    assert find_customer(account_code="RIV") == kept
    assert customer_made(_incoming("Rive Paris"), "toy:1:order:9", {}) == kept
    assert place_order(_draft(gone)).customer == kept, "an order drawn up before the merging"
    assert [like.record_id for like in like_customers([sought_by(_incoming("Rive Paris"))])[0]] in ([], [kept.pk])
    assert Customer.objects.count() == before
    assert "Rive Paris" not in {row[0] for row in customer_rows()}


def test_links_and_matches_lead_to_the_one_that_is_kept(gone: Customer, kept: Customer) -> None:
    both, one = (Connection.objects.create(platform="toy", name=name) for name in ("Both", "One"))
    for connection, customer, remote_id in ((both, gone, "R-1"), (both, kept, "R-2"), (one, gone, "R-3")):
        Link.objects.create(
            connection=connection,
            kind="customer",
            record_id=customer.pk,
            remote_id=remote_id,
            accepted_at=timezone.now(),
        )
    remember(one, "name:rive", "Rive", gone)
    Problem.objects.create(
        connection=one, task="customers", kind="customer", record_id=gone.pk, label="Rive", reason_code="x", says="x",
        first_seen_at=timezone.now(), last_seen_at=timezone.now(),
    )  # fmt: skip

    planned = merging(gone, kept)
    assert [link.remote_id for link in planned.links] == ["R-3"]
    assert [link.remote_id for link in planned.doubled] == ["R-1"]
    assert planned.connections == [one, both]
    merge(gone, kept)

    assert set(Link.objects.values_list("remote_id", "record_id")) == {("R-2", str(kept.pk)), ("R-3", str(kept.pk))}
    assert set(Match.objects.values_list("connection", "remote_key", "record_id")) == {
        (both.pk, "id:R-1", str(kept.pk)),
        (one.pk, "name:rive", str(kept.pk)),
    }
    assert not Problem.objects.filter(cleared_at=None).exists()
    assert _found(both, _incoming("Nobody", customer_id="R-1")) == kept


def test_a_chain_of_mergings_leads_to_the_last(gone: Customer, kept: Customer) -> None:
    last = Customer.objects.create(name="Group Rive")
    merge(gone, kept)
    merge(kept, last)

    assert find_customer("Rive Paris") == last
    with pytest.raises(MergeRefused):
        merge(gone, last)
    with pytest.raises(MergeRefused):
        merge(last, gone)
    with pytest.raises(MergeRefused):
        merge(last, last)


def test_merging_is_undone_but_for_orders_that_are_locked(gone: Customer, kept: Customer) -> None:
    connection = Connection.objects.create(platform="toy", name="Toy")
    free, locked = place_order(_draft(gone)), place_order(_draft(gone))
    lock(locked)
    Link.objects.create(connection=connection, kind="customer", record_id=gone.pk, accepted_at=timezone.now())
    with changes.recorded("customer", "Merged.") as change_set:
        merge(gone, kept)

    undone = changes.undo(change_set)

    assert len(undone.kept) == 1
    for row in (free, locked, gone, kept):
        row.refresh_from_db()
    assert (free.customer, locked.customer) == (gone, kept)
    assert (gone.active, gone.unreviewed, gone.merged_into, gone.account_code) == (True, True, None, "RIV")
    assert (kept.account_code, kept.addresses.count(), kept.contacts.count()) == ("", 1, 1)
    assert Link.objects.get().record_id == str(gone.pk)


def test_one_that_is_made_active_again_is_its_own_again(gone: Customer, kept: Customer) -> None:
    merge(gone, kept)

    change_customers(Customer.objects.filter(pk=gone.pk), active=True)

    assert find_customer("Rive Paris") == gone
