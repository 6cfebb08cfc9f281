"""Customers: finding them, keeping their addresses, and what may be done for them."""

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower, Now

from linesheet.books.models import Address, Contact, Customer
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

CUSTOMER_NAMELESS = Reason(
    code="customer_nameless",
    says="A customer needs a name.",
    fix="Enter the name people know the retailer by.",
)
CUSTOMER_UNFIT = Reason(
    code="customer_unfit",
    says="{customer} cannot be kept: {problem}",
    fix="Shorten or correct it.",
)
CUSTOMER_NAME_TAKEN = Reason(
    code="customer_name_taken",
    says="There is a customer {name} already.",
    fix="Choose another name, or open {name}; capitals make no difference.",
)
ACCOUNT_CODE_TAKEN = Reason(
    code="customer_code_taken",
    says="The account code {code} belongs to {other}.",
    fix="Choose another code, or take it from {other} first.",
)
CONTACT_UNFIT = Reason(
    code="contact_unfit",
    says="The contact {name} of {customer} cannot be kept: {problem}",
    fix="Correct it; a contact needs a name, and has one e-mail address at most.",
)

REASONS: tuple[Reason, ...] = (
    ADDRESS_EMPTY,
    ADDRESS_UNFIT,
    CUSTOMER_NAMELESS,
    CUSTOMER_UNFIT,
    CUSTOMER_NAME_TAKEN,
    ACCOUNT_CODE_TAKEN,
    CONTACT_UNFIT,
)

PLACE = ("company_name", "line_1", "line_2", "city", "region", "postcode", "country")
PARTS = ("code", *PLACE, "contact", "description")


class AddressRefused(Refused):
    """This address cannot be kept."""


class CustomerRefused(Refused):
    """There cannot be such a customer or contact."""


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
"""What people say of a customer."""


def save_customer(customer: Customer) -> Customer:
    """Put a new or changed customer in the books, texts without spaces at their ends.

    Raises CustomerRefused when it has no name, a value does not fit, or another has the name or the account code.
    """
    customer.name = " ".join(customer.name.split())
    customer.account_code = customer.account_code.strip()
    customer.currency = customer.currency.strip().upper()
    if not customer.name:
        raise CustomerRefused(CUSTOMER_NAMELESS)
    if problem := _unfit(customer, exclude=["company", "price_list", "hold_status"]):
        raise CustomerRefused(CUSTOMER_UNFIT, customer=customer.name, problem=problem)
    _refuse_taken(customer)
    try:
        with transaction.atomic():
            if customer.pk:
                customer.save(update_fields=[*FACTS, "changed_at"])
            else:
                customer.save()
    except IntegrityError:  # another came in this moment
        _refuse_taken(customer)
        raise
    return customer


def change_customers(customers: "QuerySet[Customer]", **facts: Any) -> int:
    """Say the same of many customers, such as `active=False`; how many were changed."""
    rows = Customer.objects.filter(pk__in=customers.order_by().values("pk"))
    return int(rows.exclude(**facts).update(**facts, changed_at=Now()))


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


@transaction.atomic
def save_address(address: Address) -> Address:
    """Keep a new or changed address; the default one of its kind takes that from the others, and one is the default.

    Raises AddressRefused when the first line is empty or a part does not fit.
    """
    for part in PARTS:
        setattr(address, part, getattr(address, part).strip())
    _check(address)
    Customer.objects.select_for_update(no_key=True).get(pk=address.customer_id)
    address.save()
    _one_default(Address.objects.filter(customer=address.customer_id), address.is_default and address.pk)
    address.refresh_from_db()
    return address


@transaction.atomic
def remove_address(address: Address) -> None:
    """Take an address away; of the others of its kind one is the default. Orders keep theirs as it was."""
    address.delete()
    _one_default(Address.objects.filter(customer=address.customer_id))


@transaction.atomic
def save_contact(contact: Contact) -> Contact:
    """Keep a new or changed contact; the default one takes that from the others, and one is the default.

    Raises CustomerRefused when it has no name or its e-mail address is none.
    """
    for part in ("name", "email", "phone"):
        setattr(contact, part, getattr(contact, part).strip())
    if problem := _unfit(contact, exclude=["company", "customer"]):
        raise CustomerRefused(CONTACT_UNFIT, name=contact.name, customer=contact.customer, problem=problem)
    Customer.objects.select_for_update(no_key=True).get(pk=contact.customer_id)
    contact.save()
    _one_default(Contact.objects.filter(customer=contact.customer_id), contact.is_default and contact.pk)
    contact.refresh_from_db()
    return contact


@transaction.atomic
def remove_contact(contact: Contact) -> None:
    """Take a contact away; of the others one is the default."""
    contact.delete()
    _one_default(Contact.objects.filter(customer=contact.customer_id))


def address_snapshot(address: Address) -> dict[str, str]:
    """The address as an order keeps it: plain text, by part."""
    return {part: getattr(address, part) for part in PARTS}


def may_order(customer: Customer) -> bool:
    """Whether new orders may be taken from the customer (sheet erp.md 2.7, on-hold status)."""
    return customer.hold_status is None or customer.hold_status.allows_orders


def may_approve(customer: Customer) -> bool:
    """Whether orders of the customer may be approved (sheet erp.md 2.7, on-hold status)."""
    return customer.hold_status is None or customer.hold_status.allows_approval


def _one_default(rows: "QuerySet[Any]", chosen: int | bool = False) -> None:
    """See that of the rows of one kind exactly one is the default: the chosen, or the one that was, or the oldest."""
    kinds: dict[Any, list[Any]] = {}
    for row in rows.order_by("pk"):
        kinds.setdefault(getattr(row, "kind", None), []).append(row)
    for of_kind in kinds.values():
        marked = [row for row in of_kind if row.is_default]
        wanted = next((row for row in of_kind if row.pk == chosen), None) or (marked or of_kind)[0]
        for row in of_kind:
            if row.is_default is not (row is wanted):
                row.is_default = row is wanted
                row.save(update_fields=["is_default"])


def _refuse_taken(customer: Customer) -> None:
    others = Customer.objects.exclude(pk=customer.pk)
    named = others.alias(folded=Lower("name")).filter(folded=Lower(Value(customer.name))).first()
    if named:
        raise CustomerRefused(CUSTOMER_NAME_TAKEN, name=named.name)
    coded = others.filter(account_code=customer.account_code).first() if customer.account_code else None
    if coded:
        raise CustomerRefused(ACCOUNT_CODE_TAKEN, code=customer.account_code, other=coded.name)


def _check(address: Address) -> None:
    names = {"kind": address.get_kind_display().lower(), "customer": address.customer}
    if not address.line_1:
        raise AddressRefused(ADDRESS_EMPTY, **names)
    if problem := _unfit(address, exclude=["company", "customer"]):
        raise AddressRefused(ADDRESS_UNFIT, **names, problem=problem)


def _unfit(row: Customer | Address | Contact, exclude: list[str]) -> str:
    """What is wrong with a value of the row, "" when all fit their columns."""
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        part, problems = next(iter(error.message_dict.items()))
        return f"{part.replace('_', ' ')}: {problems[0]}"
    return ""


def _bare(text: str) -> str:
    """Letters and digits of a text in one case."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in folded if sign.isalnum())
