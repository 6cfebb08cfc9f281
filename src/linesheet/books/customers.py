"""Customers and their contacts: finding them, keeping them, and what may be done for them."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower, Now

from linesheet.books.models import Address, Contact, Customer
from linesheet.books.reasons import Reason, Refused

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
    CUSTOMER_NAMELESS,
    CUSTOMER_UNFIT,
    CUSTOMER_NAME_TAKEN,
    ACCOUNT_CODE_TAKEN,
    CONTACT_UNFIT,
)


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


def to_review() -> "QuerySet[Customer]":
    """Those that orders brought into the books, and that nobody has looked at since."""
    rows: QuerySet[Customer] = Customer.objects.filter(unreviewed=True)
    return rows


def save_customer(customer: Customer) -> Customer:
    """Put a new or changed customer in the books, texts without spaces at their ends.

    One that is made active is merged into no other any more.
    Raises CustomerRefused when it has no name, a value does not fit, or another has the name or the account code.
    """
    customer.name = " ".join(customer.name.split())
    customer.account_code = customer.account_code.strip()
    customer.currency = customer.currency.strip().upper()
    if not customer.name:
        raise CustomerRefused(CUSTOMER_NAMELESS)
    if problem := unfit(customer, exclude=["company", "price_list", "hold_status"]):
        raise CustomerRefused(CUSTOMER_UNFIT, customer=customer.name, problem=problem)
    _refuse_taken(customer)
    try:
        with transaction.atomic():
            if customer.active:
                customer.merged_into = None
            if customer.pk:
                customer.save(update_fields=[*FACTS, "merged_into", "changed_at"])
            else:
                customer.save()
    except IntegrityError:  # another came in this moment
        _refuse_taken(customer)
        raise
    return customer


def change_customers(customers: "QuerySet[Customer]", **facts: Any) -> int:
    """Say the same of many customers, such as `active=False`; how many were changed.

    Those that are made active are merged into no other any more.
    """
    if facts.get("active"):
        facts["merged_into"] = None
    rows = Customer.objects.filter(pk__in=customers.order_by().values("pk"))
    return int(rows.exclude(**facts).update(**facts, changed_at=Now()))


def find_customer(name: str | None = None, account_code: str | None = None) -> Customer | None:
    """The customer with this account code, or else with this name (sheet erp.md 2.7).

    Codes are compared exactly and names in any case, both without spaces at their ends. Where both are given,
    a customer of that name who has another account code is another customer. Of one that was merged, the one it was
    merged into.
    """
    code = (account_code or "").strip()
    wanted = " ".join((name or "").split())
    customers = Customer.objects.select_related(
        "hold_status", "price_list", "merged_into__hold_status", "merged_into__price_list"
    )
    found: Customer | None = customers.filter(account_code=code).first() if code else None
    if found is None and wanted:
        found = customers.alias(folded=Lower("name")).filter(folded=Lower(Value(wanted))).first()
        if found is not None and code and found.account_code:
            return None
    return found.meant if found else None


@transaction.atomic
def save_contact(contact: Contact) -> Contact:
    """Keep a new or changed contact; the default one takes that from the others, and one is the default.

    Raises CustomerRefused when it has no name or its e-mail address is none.
    """
    for part in ("name", "email", "phone"):
        setattr(contact, part, getattr(contact, part).strip())
    if problem := unfit(contact, exclude=["company", "customer"]):
        raise CustomerRefused(CONTACT_UNFIT, name=contact.name, customer=contact.customer, problem=problem)
    Customer.objects.select_for_update(no_key=True).get(pk=contact.customer_id)
    contact.save()
    one_default(Contact.objects.filter(customer=contact.customer_id), contact.is_default and contact.pk)
    contact.refresh_from_db()
    return contact


@transaction.atomic
def remove_contact(contact: Contact) -> None:
    """Take a contact away; of the others one is the default."""
    contact.delete()
    one_default(Contact.objects.filter(customer=contact.customer_id))


def may_order(customer: Customer) -> bool:
    """Whether new orders may be taken from the customer (sheet erp.md 2.7, on-hold status)."""
    return customer.hold_status is None or customer.hold_status.allows_orders


def may_approve(customer: Customer) -> bool:
    """Whether orders of the customer may be approved (sheet erp.md 2.7, on-hold status)."""
    return customer.hold_status is None or customer.hold_status.allows_approval


def one_default(rows: "QuerySet[Any]", chosen: int | bool = False) -> None:
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


def unfit(row: Customer | Address | Contact, exclude: Sequence[str]) -> str:
    """What is wrong with a value of the row, "" when all fit their columns."""
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        part, problems = next(iter(error.message_dict.items()))
        return f"{part.replace('_', ' ')}: {problems[0]}"
    return ""


def _refuse_taken(customer: Customer) -> None:
    others = Customer.objects.exclude(pk=customer.pk)
    named = others.alias(folded=Lower("name")).filter(folded=Lower(Value(customer.name))).first()
    if named:
        raise CustomerRefused(CUSTOMER_NAME_TAKEN, name=named.name)
    coded = others.filter(account_code=customer.account_code).first() if customer.account_code else None
    if coded:
        raise CustomerRefused(ACCOUNT_CODE_TAKEN, code=customer.account_code, other=coded.name)
