"""Books to wire: customers in JOOR's words (sheet joor.md 6, 9.5 and 9.7). Pure functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linesheet.books.countries import country_code
from linesheet.books.models import Address, Contact, Customer
from linesheet.books.reasons import Said
from linesheet.platforms.joor import trade_reasons
from linesheet.platforms.joor.customer_wire import AddressWire, CustomerWire, PriceTypeWire
from linesheet.platforms.joor.offers import PriceType

MOST_OF_CODE = 50
MOST_OF_NAME = 100
MOST_OF_ALIAS = 150
MOST_OF_BUYER = 50
MOST_OF_ADDRESS_CODE = 50

WITH_STATES = frozenset({"AU", "CA", "JP", "US"})
"""Countries of which JOOR wants the state (sheet 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecord:
    """A customer with its addresses and default contact, the price types it buys by, and as whom JOOR has it.

    `currency` is what it buys in. `sent_as` is the code under which it was sent last, "" when it never was.
    """

    customer: Customer
    addresses: tuple[Address, ...]
    contact: Contact | None
    price_types: tuple[PriceType, ...]
    currency: str
    sent_as: str = ""

    @property
    def code(self) -> str:
        """What names it on both sides."""
        return self.customer.account_code.strip()

    def of_kind(self, kind: Address.Kind) -> list[Address]:
        """Its addresses of a kind, the default one first."""
        return sorted((each for each in self.addresses if each.kind == kind), key=lambda each: not each.is_default)


def customer_findings(record: CustomerRecord) -> list[Said]:
    """What keeps a customer from JOOR, and what to mind about it.

    A code is never cut, as it would be another customer's. Texts that JOOR has less room for are, with a warning.
    """
    name, code = record.customer.name, record.code
    if not code:
        return [trade_reasons.NO_ACCOUNT_CODE.about(record=name)]
    found = []
    if len(code) > MOST_OF_CODE:
        found.append(trade_reasons.CODE_TOO_LONG.about(record=name, customer_code=code, most=MOST_OF_CODE))
    if not record.price_types:
        price_list = record.customer.price_list or "its price list"
        found.append(trade_reasons.NO_PRICE_TYPE.about(record=name, currency=record.currency, price_list=price_list))
    if record.sent_as and record.sent_as != code:
        found.append(trade_reasons.CODE_CHANGED.about(record=name, old=record.sent_as, new=code))
    if cut := list(_cut(record)):
        found.append(trade_reasons.CUT_SHORT.about(record=name, parts=", ".join(cut)))
    if lacking := list(dict.fromkeys(_lacking(record))):
        found.append(trade_reasons.CUSTOMER_LACKS.about(record=name, parts=", ".join(lacking)))
    return found


def customer_to_wire(record: CustomerRecord) -> CustomerWire:
    """JOOR's customer: delivery addresses are shipped to, accounts addresses billed, stores stay at home.

    The default contact is its buyer. An address without a name of its own bears the customer's.
    """
    customer, contact = record.customer, record.contact
    return CustomerWire(
        customer_code=record.code,
        customer_name=customer.name[:MOST_OF_NAME],
        customer_alias=customer.name[:MOST_OF_ALIAS],
        customer_buyer_name=contact.name[:MOST_OF_BUYER] if contact else "",
        customer_email=contact.email if contact else "",
        price_types=tuple(PriceTypeWire(each.name, each.currency, each.retail_currency) for each in record.price_types),
        billing=tuple(_address_to_wire(each, customer) for each in record.of_kind(Address.Kind.ACCOUNTS)),
        shipping=tuple(_address_to_wire(each, customer) for each in record.of_kind(Address.Kind.DELIVERY)),
    )


def _address_to_wire(address: Address, customer: Customer) -> AddressWire:
    # Half a code would match another address when an order comes back with it.
    code = address.code if len(address.code) <= MOST_OF_ADDRESS_CODE else ""
    return AddressWire(
        code=code,
        name=address.company_name or customer.name,
        address_1=address.line_1,
        address_2=address.line_2,
        city=address.city,
        state=address.region,
        postal_code=address.postcode,
        country=address.country,
    )


def _sent(record: CustomerRecord) -> Sequence[Address]:
    return [*record.of_kind(Address.Kind.DELIVERY), *record.of_kind(Address.Kind.ACCOUNTS)]


def _cut(record: CustomerRecord) -> Iterator[str]:
    """The texts that JOOR gets only in part, or not at all."""
    if len(record.customer.name) > MOST_OF_NAME:
        yield f"the first {MOST_OF_NAME} characters of its name"
    if record.contact and len(record.contact.name) > MOST_OF_BUYER:
        yield f"the first {MOST_OF_BUYER} characters of {record.contact.name}"
    yield from (f"{each} without its code" for each in _sent(record) if len(each.code) > MOST_OF_ADDRESS_CODE)


def _lacking(record: CustomerRecord) -> Iterator[str]:
    """What JOOR asks for of every new customer and this one lacks (sheet 6)."""
    if not record.contact or not record.contact.email:
        yield "an e-mail address of its default contact"
    if not record.of_kind(Address.Kind.DELIVERY):
        yield "a delivery address"
    if not record.of_kind(Address.Kind.ACCOUNTS):
        yield "an accounts address"
    for address in _sent(record):
        of_which = "a delivery address" if address.kind == Address.Kind.DELIVERY else "an accounts address"
        if not address.city:
            yield f"the city of {of_which}"
        if not address.country:
            yield f"the country of {of_which}"
        if country_code(address.country) in WITH_STATES and not address.region:
            yield f"the state of {of_which}"
