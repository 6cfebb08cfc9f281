"""Merging customers: two that are one retailer become one, with all that hangs on them."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from django.db import transaction

from linesheet.books.addresses import same_address
from linesheet.books.customers import one_default
from linesheet.books.models import Address, Company, Contact, Customer, Order
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import company_in_hand

MERGED_WITH_ITSELF = Reason(
    "merged_with_itself", "{customer} cannot be merged into itself.", "Choose the customer that is to stay."
)
MERGED_ALREADY = Reason(
    "merged_already",
    "{customer} is merged into {kept} already.",
    "Make {customer} active first, if it is somebody else after all.",
)

REASONS: tuple[Reason, ...] = (MERGED_WITH_ITSELF, MERGED_ALREADY)


class MergeRefused(Refused):
    """These two cannot become one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What goes from a customer to the one it is merged into.

    `same_addresses` and `same_contacts` stay behind, as the other has them. `names` lead to the other from then on;
    `code` is the account code that it takes over, "" where it has one of its own or there is none.
    """

    orders: int
    addresses: list[Address]
    same_addresses: list[Address]
    contacts: list[Contact]
    same_contacts: list[Contact]
    names: list[str]
    code: str


def moves(gone: Customer, kept: Customer) -> Moves:
    """What merging one customer into another would move. Raises MergeRefused where that may not be."""
    if gone.pk == kept.pk:
        raise MergeRefused(MERGED_WITH_ITSELF, customer=gone)
    for each in (gone, kept):
        if each.merged_into:
            raise MergeRefused(MERGED_ALREADY, customer=each, kept=each.merged_into)
    addresses, same_addresses = _parted(gone, kept)
    contacts, same_contacts = _contacts_parted(gone, kept)
    return Moves(
        orders=Order.objects.filter(customer=gone).count(),
        addresses=addresses,
        same_addresses=same_addresses,
        contacts=contacts,
        same_contacts=same_contacts,
        names=[gone.name, *Customer.objects.filter(merged_into=gone).values_list("name", flat=True)],
        code="" if kept.account_code else gone.account_code,
    )


@transaction.atomic
def merge_customers(gone: Customer, kept: Customer) -> Moves:
    """Make two customers one: what hangs on the first goes to the second, and nobody new is made of its name.

    The first stays in the books, inactive; whoever names it, by name or by account code, means the second. What the
    books say of the second stays. Raises MergeRefused.
    """
    # As orders are placed under this lock, none is placed for the one who goes in between.
    Company.objects.select_for_update(no_key=True).get(pk=company_in_hand())
    rows = Customer.objects.select_for_update(of=("self",)).select_related("merged_into")
    held = {each.pk: each for each in rows.filter(pk__in=[gone.pk, kept.pk]).order_by("pk")}
    one, other = held[gone.pk], held[kept.pk]
    moved = moves(one, other)
    Order.objects.filter(customer=one).update(customer=other)
    _move(moved.addresses, other)
    _move(moved.contacts, other)
    _tell_phones(moved.same_contacts, other)
    Customer.objects.filter(merged_into=one).update(merged_into=other)
    one.merged_into, one.active, one.unreviewed = other, False, False
    if moved.code:
        one.account_code, other.account_code = "", moved.code
    for each in (one, other):
        each.save(update_fields=["merged_into", "active", "unreviewed", "account_code", "changed_at"])
    return moved


def _parted(gone: Customer, kept: Customer) -> tuple[list[Address], list[Address]]:
    """The addresses that the one who is kept has not got, and those that it has."""
    there = [_of(kept, gone, each) for each in Address.objects.filter(customer=kept)]
    new: list[Address] = []
    same: list[Address] = []
    for address in Address.objects.filter(customer=gone).order_by("pk"):
        as_kept = _of(kept, gone, address)
        (same if any(same_address(as_kept, each) for each in there) else new).append(address)
        there.append(as_kept)
    return new, same


def _of(kept: Customer, gone: Customer, address: Address) -> Address:
    """An address as one of the customer that is kept: under the other's name it is in the customer's own."""
    found = copy(address)
    found.customer = kept
    if _folded(address.company_name) == _folded(gone.name):
        found.company_name = ""
    return found


def _contacts_parted(gone: Customer, kept: Customer) -> tuple[list[Contact], list[Contact]]:
    there = list(Contact.objects.filter(customer=kept))
    new: list[Contact] = []
    same: list[Contact] = []
    for contact in Contact.objects.filter(customer=gone).order_by("pk"):
        (same if any(_same_person(contact, each) for each in there) else new).append(contact)
        there.append(contact)
    return new, same


def _same_person(one: Contact, other: Contact) -> bool:
    """By e-mail address; by name, where one of them has none."""
    if one.email and other.email:
        return _folded(one.email) == _folded(other.email)
    return _folded(one.name) == _folded(other.name)


def _move(rows: Iterable[Address] | Iterable[Contact], kept: Customer) -> None:
    """Give these rows to a customer, who keeps its own defaults."""
    model: type[Address] | type[Contact] | None = None
    for row in rows:
        model = type(row)
        others = model.objects.filter(customer=kept)
        if isinstance(row, Address):
            others = others.filter(kind=row.kind)
        row.is_default = row.is_default and not others.filter(is_default=True).exists()
        row.customer = kept
        row.save(update_fields=["customer", "is_default"])
    if model:
        one_default(model.objects.filter(customer=kept))


def _tell_phones(contacts: Iterable[Contact], kept: Customer) -> None:
    """Have people whom the customer knows already keep the number that only the other had."""
    without = list(Contact.objects.filter(customer=kept, phone=""))
    for contact in contacts:
        known = next((each for each in without if _same_person(each, contact)), None)
        if known is not None and contact.phone:
            known.phone = contact.phone
            known.save(update_fields=["phone"])
            without.remove(known)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
