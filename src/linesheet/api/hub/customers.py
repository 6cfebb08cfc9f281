"""Customers with their addresses and contacts."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from ninja import Query, Router
from pydantic import Field

from linesheet.books.models import Address, Customer
from linesheet.sync.collects import Filters, Resource
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.pages import PageOf, Paging, one_of, page_of
from linesheet.sync.serving.values import Shape

router = Router(tags=["Customers"], auth=scoped("customers:read"))

KINDS = {Address.Kind.DELIVERY: "delivery", Address.Kind.ACCOUNTS: "accounts", Address.Kind.STORE: "store"}


class AddressOut(Shape):
    """Where a customer takes deliveries, gets invoices, or has a shop."""

    id: int
    kind: str
    is_default: bool
    code: str
    company: str
    contact: str
    line_1: str
    line_2: str
    city: str
    region: str
    postcode: str
    country: str


class ContactOut(Shape):
    """A person at a customer."""

    id: int
    name: str
    email: str
    phone: str
    is_default: bool


class CustomerOut(Shape):
    """A customer. `hold_status` is null while nothing is held back."""

    id: int
    name: str
    account_code: str
    type: str
    active: bool
    currency: str
    price_list: str | None
    payment_terms: str
    payment_due_days: int | None
    shipping_terms: str
    hold_status: str | None
    addresses: list[AddressOut]
    contacts: list[ContactOut]
    updated_at: datetime.datetime


class CustomersAsked(Paging):
    """Which customers."""

    account_code: str | None = Field(None, min_length=1, max_length=200, description="The one with this code.")
    include_inactive: bool = False


def _offered(filters: Filters) -> "QuerySet[Any]":
    customers: QuerySet[Any] = Customer.objects.all()
    if filters.get("account_code"):
        customers = customers.filter(account_code=filters["account_code"].strip())
    return customers if filters.get("include_inactive") else customers.filter(active=True)


def _shown(customers: "QuerySet[Any]", changed: Mapping[int, datetime.datetime]) -> Mapping[int, CustomerOut]:
    whole = customers.select_related("price_list", "hold_status").prefetch_related("addresses", "contacts")
    return {customer.pk: _shape(customer, changed[customer.pk]) for customer in whole}


def _shape(customer: Customer, updated_at: datetime.datetime) -> CustomerOut:
    return CustomerOut(
        id=customer.pk,
        name=customer.name,
        account_code=customer.account_code,
        type=customer.type,
        active=customer.active,
        currency=customer.currency,
        price_list=customer.price_list.name if customer.price_list else None,
        payment_terms=customer.payment_terms,
        payment_due_days=customer.payment_due_days,
        shipping_terms=customer.shipping_terms,
        hold_status=customer.hold_status.name if customer.hold_status else None,
        addresses=[_address(address) for address in customer.addresses.all()],
        contacts=[
            ContactOut(id=one.pk, name=one.name, email=one.email, phone=one.phone, is_default=one.is_default)
            for one in customer.contacts.all()
        ],
        updated_at=updated_at,
    )


def _address(address: Address) -> AddressOut:
    return AddressOut(
        id=address.pk,
        kind=KINDS[Address.Kind(address.kind)],
        is_default=address.is_default,
        code=address.code,
        company=address.company_name,
        contact=address.contact,
        line_1=address.line_1,
        line_2=address.line_2,
        city=address.city,
        region=address.region,
        postcode=address.postcode,
        country=address.country,
    )


def _why_gone(ids: Sequence[int], filters: Filters) -> Mapping[int, str]:
    kept = Customer.objects.filter(pk__in=ids).values_list("pk", "active")
    return {pk: "another" if active else "inactive" for pk, active in kept}


CUSTOMERS = Resource(
    name="customers",
    kinds=lambda filters: ["customer"],
    offered=_offered,
    show=_shown,
    why_gone=_why_gone,
)


@router.get("/customers", response=PageOf[CustomerOut], summary="Customers, page by page")
def list_customers(request: ApiRequest, asked: Query[CustomersAsked]) -> Any:
    """Active ones, unless `include_inactive`.

    Reasons in `removed`: inactive, another (than was asked for by its code), deleted.
    """
    filters = {"account_code": asked.account_code, "include_inactive": asked.include_inactive}
    return page_of(request, CUSTOMERS, asked, filters)


@router.get("/customers/{int:customer_id}", response=CustomerOut, summary="One customer")
def get_customer(request: ApiRequest, customer_id: int) -> Any:
    """By its id, active or not."""
    return one_of(CUSTOMERS, customer_id, {"include_inactive": True}, "customer")
