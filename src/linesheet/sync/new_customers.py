"""Customers whom an order brings into the books."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connection, transaction

from linesheet.books.addresses import keep_address
from linesheet.books.customers import find_customer, save_contact, save_customer
from linesheet.books.models import Contact, Customer
from linesheet.books.order_drafts import KINDS
from linesheet.books.reasons import Refused
from linesheet.books.tenancy import company_in_hand
from linesheet.sync.incoming import IncomingOrder

_LOCK = 0x0C05
"""The first half of the advisory lock; the second is the company."""


@transaction.atomic
def customer_made(order: IncomingOrder, source_key: str, settings: Mapping[str, Any] = {}) -> Customer:
    """The customer of an order, put in the books with the addresses and the contact that came with it.

    What the order does not say is as the connection's settings have it (`order_settings.NEW_CUSTOMER_SETTINGS`).

    Two orders at once make one. Raises CustomerRefused when the name is none. What does not fit of an address or the
    contact stays on the order only.
    """
    with connection.cursor() as cursor:
        # To the end of the transaction; orders of others of this company's new customers wait here.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, company_in_hand()])
    name, code = order.customer_name or order.customer_code, order.customer_code
    known = find_customer(name, code)
    if known:
        return known
    customer = save_customer(
        Customer(
            name=name,
            account_code=code,
            currency=order.currency,
            price_list=settings.get("new_customer_price_list"),
            source_key=source_key[:200],
            unreviewed=True,
        )
    )
    for kind, part in KINDS.items():
        address = dict(order.addresses.get(part, {}))
        if address.get("line_1", "").strip():
            with _unless_unfit():
                keep_address(customer, kind, **address)
    if order.customer_contact:
        with _unless_unfit():
            save_contact(Contact(customer=customer, is_default=True, **order.customer_contact))
    return customer


@contextmanager
def _unless_unfit() -> Iterator[None]:
    with suppress(Refused), transaction.atomic():
        yield
