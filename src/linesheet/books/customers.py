"""Customers: finding them, keeping their addresses, and what may be done for them."""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower

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


def find_customer(name: str | None = None, account_code: str | None = None) -> Customer | None:
    """The customer with this account code, or else with this name (sheet erp.md 2.7).

    Codes are compared exactly and names in any case, both without spaces at their ends. Where both are given,
    a customer of that name who has another account code is another customer.
    """
    code = (account_code or "").strip()
    wanted = " ".join((name or "").split())
    customers = Customer.objects.select_related("hold_status", "price_list")
    found: Customer | None = customers.filter(account_code=code).first() if code else None
    if found is None and wanted:
        found = customers.alias(folded=Lower("name")).filter(folded=Lower(Value(wanted))).first()
        if found is not None and code and found.account_code:
            return None
    return found


def same_address(a: Address, b: Address) -> bool:
    """Whether two addresses are one and the same (sheet joor.md 9.8, step 4).

    When both have a code, the code decides. Else company name, lines, city, region, postcode and country must
    be equal, whatever their case, spaces and punctuation. Another kind is another address.
    """
    if a.kind != b.kind:
        return False
    if a.code.strip() and b.code.strip():
        return a.code.strip() == b.code.strip()
    return all(_bare(getattr(a, part)) == _bare(getattr(b, part)) for part in PLACE)


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
        line_1=line_1.strip(),
        line_2=line_2.strip(),
        city=city.strip(),
        region=region.strip(),
        postcode=postcode.strip(),
        country=country.strip(),
        company_name=company_name.strip(),
        contact=contact.strip(),
        description=description.strip(),
        code=code.strip(),
    )
    _check(given)
    with transaction.atomic():
        # Two orders bringing the same new address at once meet at the customer's row.
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        known: list[Address] = list(Address.objects.filter(customer=customer, kind=kind))
        for address in known:
            if same_address(address, given):
                return address
        given.is_default = not known
        given.save()
    return given


def address_snapshot(address: Address) -> dict[str, str]:
    """The address as an order keeps it: plain text, by part."""
    return {part: getattr(address, part) for part in PARTS}


def may_order(customer: Customer) -> bool:
    """Whether new orders may be taken from the customer (sheet erp.md 2.7, on-hold status)."""
    return customer.hold_status is None or customer.hold_status.allows_orders


def may_approve(customer: Customer) -> bool:
    """Whether orders of the customer may be approved (sheet erp.md 2.7, on-hold status)."""
    return customer.hold_status is None or customer.hold_status.allows_approval


def _check(address: Address) -> None:
    names = {"kind": address.get_kind_display().lower(), "customer": address.customer}
    if not address.line_1:
        raise AddressRefused(ADDRESS_EMPTY, **names)
    try:
        address.clean_fields(exclude=["company", "customer"])
    except ValidationError as error:
        part, problems = next(iter(error.message_dict.items()))
        problem = f"{part.replace('_', ' ')}: {problems[0]}"
        raise AddressRefused(ADDRESS_UNFIT, **names, problem=problem) from None


def _bare(text: str) -> str:
    """Letters and digits of a text in one case."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in folded if sign.isalnum())
