"""Customers that programs add and change."""

from itertools import zip_longest
from typing import Any, Literal

from ninja import Router
from pydantic import Field

from linesheet.api.hub.bulk import Line, Outcomes, Sum, brought_in, cells_of
from linesheet.books.files.customers import CustomersImporter
from linesheet.sync.serving.bodies import MOST_LINES, Body, in_bulk
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described

router = Router(tags=["Customers"], auth=scoped("customers:write"))

MOST_PARTS = 200
"""Addresses, or contacts, of one customer."""

FACTS = (
    "name",
    "account_code",
    "type",
    "active",
    "price_list",
    "currency",
    "payment_terms",
    "payment_due_days",
    "shipping_terms",
    "hold_status",
)
ADDRESS = {
    "kind": "address_kind",
    "is_default": "address_default",
    "code": "address_code",
    "company": "company_name",
    "contact": "address_contact",
    "line_1": "line_1",
    "line_2": "line_2",
    "city": "city",
    "region": "region",
    "postcode": "postcode",
    "country": "country",
}
CONTACT = {"name": "contact", "email": "email", "phone": "phone", "is_default": "contact_default"}
"""Names of a part in a request, and the fields of a customer file."""


class AddressIn(Body):
    """An address, known by its code, or else by its place."""

    kind: Literal["delivery", "accounts", "store"] = "delivery"
    is_default: bool | None = None
    code: str | None = None
    company: str | None = None
    contact: str | None = None
    line_1: str = Field(min_length=1)
    line_2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None


class ContactIn(Body):
    """A person, known by the e-mail address, or else by name."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    is_default: bool | None = None


class CustomerIn(Body):
    """A customer, known by its name. What is left out stays as it is; null clears it. Unnamed addresses stay."""

    name: str = Field(min_length=1)
    account_code: str | None = None
    type: Literal["wholesale", "consignment", "retail"] | None = None
    active: bool | None = None
    price_list: str | None = None
    currency: str | None = None
    payment_terms: str | None = None
    payment_due_days: int | None = None
    shipping_terms: str | None = None
    hold_status: str | None = None
    addresses: list[AddressIn] = Field(default_factory=list, max_length=MOST_PARTS)
    contacts: list[ContactIn] = Field(default_factory=list, max_length=MOST_PARTS)


class CustomersIn(Body):
    """Customers with their addresses and contacts."""

    records: list[CustomerIn] = Field(min_length=1, max_length=MOST_LINES)


@router.post(
    "/customers/bulk", response=Outcomes, openapi_extra=described(repeats=True), summary="Add and change customers"
)
@in_bulk
def upsert_customers(request: ApiRequest, body: CustomersIn) -> Any:
    """With addresses and contacts, by the rules of a customer file. Each customer has an outcome of its own."""

    def bring(summed: Sum) -> None:
        lines = [line for index, record in enumerate(body.records) for line in _lines(index, record)]
        summed.take(CustomersImporter, lines)

    return brought_in(request, body.records, bring)


def _lines(index: int, record: CustomerIn) -> list[Line]:
    """A row for each address and contact, as in a file."""
    facts = cells_of(record, FACTS)
    parts = list(zip_longest(record.addresses, record.contacts)) or [(None, None)]
    lines = []
    for number, (address, contact) in enumerate(parts):
        cells = dict(facts)
        at: dict[str, str] = {}
        if address:
            cells |= cells_of(address, ADDRESS)
            at |= {field: f"addresses/{number}/{name}" for name, field in ADDRESS.items()}
        if contact:
            cells |= cells_of(contact, CONTACT)
            at |= {field: f"contacts/{number}/{name}" for name, field in CONTACT.items()}
        lines.append(Line(index, cells, at))
    return lines
