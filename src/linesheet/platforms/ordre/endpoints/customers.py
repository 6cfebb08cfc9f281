"""Customers, as ORDRE collects them (sheet ordre.md 5.3): no bank details, hold reasons or comments."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from ninja import Query, Router

from linesheet.books.countries import country_code
from linesheet.books.models import Address, Contact, Customer
from linesheet.platforms.ordre.endpoints.ids import Page
from linesheet.platforms.ordre.settings import BY_CODE, PICKED
from linesheet.sync import shown
from linesheet.sync.collects import Filters, Resource
from linesheet.sync.contexts import frugal_context_of
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.pages import Paging, one_of, page_of
from linesheet.sync.serving.values import Shape

router = Router(tags=["Customers"], auth=scoped("customers:read"))
KINDS = {Address.Kind.DELIVERY: "delivery", Address.Kind.ACCOUNTS: "accounts", Address.Kind.STORE: "store"}
SOLD_TO = (Customer.Type.WHOLESALE, Customer.Type.CONSIGNMENT)


class AddressOut(Shape):
    """Where a customer takes deliveries, gets invoices, or has a shop."""

    id: str
    kind: str
    is_default: bool
    company: str
    line1: str
    line2: str
    line3: str
    city: str
    region: str
    postcode: str
    country: str
    phone: str


class ContactOut(Shape):
    """A person at a customer."""

    id: str
    first_name: str
    last_name: str
    role: str
    email: str
    phone: str
    is_default: bool


class CustomerOut(Shape):
    """A customer. What the books do not keep is empty."""

    id: str
    name: str
    account_code: str
    type: str
    active: bool
    currency: str
    price_list: str | None
    territory: str
    account_manager: str
    website: str
    tax_number: str
    payment_terms: str
    shipping_terms: str
    addresses: list[AddressOut]
    contacts: list[ContactOut]
    created_at: datetime.datetime | None
    updated_at: datetime.datetime


class CustomersAsked(Paging):
    """Which customers."""

    include_inactive: bool = False


def _offered(filters: Filters) -> "QuerySet[Any]":
    customers: QuerySet[Any] = Customer.objects.filter(type__in=SOLD_TO)
    if not filters.get("include_inactive"):
        customers = customers.filter(active=True)
    if filters["which"] == PICKED:
        return customers.filter(shown_by__in=shown.picked(filters["connection"]))
    return customers.exclude(account_code="") if filters["which"] == BY_CODE else customers


def _shown(customers: "QuerySet[Any]", changed: Mapping[int, datetime.datetime]) -> Mapping[int, CustomerOut]:
    whole = customers.select_related("price_list").prefetch_related("addresses", "contacts")
    return {customer.pk: _shape(customer, changed[customer.pk]) for customer in whole}


def _shape(customer: Customer, updated_at: datetime.datetime) -> CustomerOut:
    return CustomerOut(
        id=str(customer.pk),
        name=customer.name,
        account_code=customer.account_code,
        type=customer.type,
        active=customer.active,
        currency=customer.currency,
        price_list=customer.price_list.name if customer.price_list else None,
        territory="",
        account_manager="",
        website="",
        tax_number="",
        payment_terms=customer.payment_terms,
        shipping_terms=customer.shipping_terms,
        addresses=[_address(address) for address in customer.addresses.all()],
        contacts=[_contact(contact) for contact in customer.contacts.all()],
        created_at=customer.created_at,
        updated_at=updated_at,
    )


def _address(address: Address) -> AddressOut:
    return AddressOut(
        id=str(address.pk),
        kind=KINDS[Address.Kind(address.kind)],
        is_default=address.is_default,
        company=address.company_name,
        line1=address.line_1,
        line2=address.line_2,
        line3="",
        city=address.city,
        region=address.region,
        postcode=address.postcode,
        country=country_code(address.country) or address.country,
        phone="",
    )


def _contact(contact: Contact) -> ContactOut:
    first, _, last = contact.name.partition(" ")
    return ContactOut(
        id=str(contact.pk),
        first_name=first,
        last_name=last,
        role="",
        email=contact.email,
        phone=contact.phone,
        is_default=contact.is_default,
    )


def _why_gone(ids: Sequence[int], filters: Filters) -> Mapping[int, str]:
    kept = Customer.objects.filter(pk__in=ids).values_list("pk", "active")
    return {pk: "not_shown" if active else "inactive" for pk, active in kept}


CUSTOMERS = Resource(
    name="ordre-customers",
    kinds=lambda filters: ["customer", shown.customers_kind(filters["connection"])],
    offered=_offered,
    show=_shown,
    why_gone=_why_gone,
)


def _filters(request: ApiRequest, include_inactive: bool) -> Filters:
    connection = request.auth.connection
    which = frugal_context_of(connection).settings["customers"]
    return {"include_inactive": include_inactive, "which": which, "connection": connection.pk}


@router.get("/customers", response=Page[CustomerOut], summary="Customers, page by page")
def list_customers(request: ApiRequest, asked: Query[CustomersAsked]) -> Any:
    """Customers of the types wholesale and consignment. Reasons in `removed`: inactive, not_shown, deleted."""
    return page_of(request, CUSTOMERS, asked, _filters(request, asked.include_inactive))


@router.get("/customers/{int:customer_id}", response=CustomerOut, summary="One customer")
def get_customer(request: ApiRequest, customer_id: int) -> Any:
    """By its id, active or not."""
    return one_of(CUSTOMERS, customer_id, _filters(request, True), "customer")
