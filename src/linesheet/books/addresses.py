"""Customers' addresses: which are one and the same, keeping them, and how an order keeps them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from linesheet.books.bulk import save_new
from linesheet.books.countries import country_code
from linesheet.books.customers import one_default, unfit
from linesheet.books.models import Address, Customer
from linesheet.books.reasons import Reason, Refused

ADDRESS_EMPTY = Reason(
    code="address_empty",
    says="The {kind} address of {customer} has no first line.",
    fix="Enter the street or building on the first line.",
)
ADDRESS_UNFIT = Reason(
    code="address_unfit",
    says="The {kind} address of {customer} cannot be kept: {problem}",
    fix="Shorten or correct it where it comes from.",
)

REASONS: tuple[Reason, ...] = (ADDRESS_EMPTY, ADDRESS_UNFIT)

PLACE = ("company_name", "line_1", "line_2", "city", "region", "postcode", "country")
PARTS = ("code", *PLACE, "contact", "description")


class AddressRefused(Refused):
    """This address cannot be kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An address as a customer has it, and whether it was added just now."""

    address: Address
    added: bool


def same_address(a: Address, b: Address) -> bool:
    """Whether two addresses are one and the same (sheet joor.md 9.8, step 4).

    When both have a code, the code decides. Else company name, lines, city, region, postcode and country must
    be equal, whatever their case, spaces and punctuation; a country may go by its name or its ISO code, and an address
    without a company name is in the customer's. Another kind is another address.
    """
    if a.kind != b.kind:
        return False
    if a.code.strip() and b.code.strip():
        return a.code.strip() == b.code.strip()
    return _place(a) == _place(b)


def keep_address(
    customer: Customer,
    kind: Address.Kind,
    *,
    line_1: str,
    line_2: str = "",
    city: str = "",
    region: str = "",
    postcode: str = "",
    country: str = "",
    company_name: str = "",
    contact: str = "",
    description: str = "",
    code: str = "",
) -> Address:
    """The customer's address that is the same as this one, added when there is none (sheet erp.md 2.7).

    The first of its kind becomes the default. An address found stays as it is.
    Raises AddressRefused when the first line is empty or a part is too long.
    """
    given = Address(
        customer=customer,
        kind=kind,
        line_1=line_1,
        line_2=line_2,
        city=city,
        region=region,
        postcode=postcode,
        country=country,
        company_name=company_name,
        contact=contact,
        description=description,
        code=code,
    )
    [kept] = keep_addresses([given])
    if isinstance(kept, AddressRefused):
        raise kept
    return kept.address


@transaction.atomic
def keep_addresses(given: Sequence[Address]) -> list[Kept | AddressRefused]:
    """For each of these new addresses its customer's that is the same, added when there is none; or why it cannot be.

    As `keep_address`. As many queries for many as for one.
    """
    outcomes: list[Kept | AddressRefused] = []
    known = _known(given)
    for address in given:
        try:
            _tidy(address)
        except AddressRefused as refused:
            outcomes.append(refused)
            continue
        of_kind = known.setdefault((address.customer_id, address.kind), [])
        found = next((each for each in of_kind if same_address(each, address)), None)
        if found is None:
            address.is_default = not of_kind
            of_kind.append(address)
        outcomes.append(Kept(found or address, added=found is None))
    save_new(kept.address for kept in outcomes if isinstance(kept, Kept) and kept.added)
    return outcomes


@transaction.atomic
def save_address(address: Address) -> Address:
    """Keep a new or changed address; the default one of its kind takes that from the others, and one is the default.

    Raises AddressRefused when the first line is empty or a part does not fit.
    """
    _tidy(address)
    Customer.objects.select_for_update(no_key=True).get(pk=address.customer_id)
    address.save()
    one_default(Address.objects.filter(customer=address.customer_id), address.is_default and address.pk)
    address.refresh_from_db()
    return address


@transaction.atomic
def remove_address(address: Address) -> None:
    """Take an address away; of the others of its kind one is the default. Orders keep theirs as it was."""
    address.delete()
    one_default(Address.objects.filter(customer=address.customer_id))


def address_snapshot(address: Address) -> dict[str, str]:
    """The address as an order keeps it: plain text, by part."""
    return {part: getattr(address, part) for part in PARTS}


def _known(given: Sequence[Address]) -> dict[tuple[int, int], list[Address]]:
    """The addresses the customers have, by customer and kind; theirs alone until the transaction ends."""
    # Two orders bringing the same new address at once meet at the customer's row.
    wanted = {address.customer_id for address in given}
    customers = Customer.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    by_id = {customer.pk: customer for customer in customers}
    known: dict[tuple[int, int], list[Address]] = {}
    for address in Address.objects.filter(customer__in=wanted).order_by("pk"):
        address.customer = by_id[address.customer_id]
        known.setdefault((address.customer_id, address.kind), []).append(address)
    return known


def _tidy(address: Address) -> None:
    """Take the spaces at their ends from all parts. Raises AddressRefused when the address cannot be kept."""
    for part in PARTS:
        setattr(address, part, getattr(address, part).strip())
    names = {"kind": address.get_kind_display().lower(), "customer": address.customer}
    if not address.line_1:
        raise AddressRefused(ADDRESS_EMPTY, **names)
    if problem := unfit(address, exclude=["company", "customer"]):
        raise AddressRefused(ADDRESS_UNFIT, **names, problem=problem)


def _place(address: Address) -> tuple[str, ...]:
    """What tells the place of an address from others, as it is compared."""
    own = address.company_name.strip()
    named = own or (address.customer.name if address.customer_id else "")
    country = country_code(address.country) or _bare(address.country)
    return (_bare(named), *(_bare(getattr(address, part)) for part in PLACE[1:-1]), country)


def _bare(text: str) -> str:
    """Letters and digits of a text in one case."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in folded if sign.isalnum())
