"""Customer files: one row per address and contact, whose customer columns agree across the rows of a customer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models.functions import Lower

from linesheet.books.addresses import PLACE
from linesheet.books.bulk import save_changed, save_new
from linesheet.books.customers import FACTS
from linesheet.books.files.customer_rows import (
    ADDRESS_FIELDS,
    CONTACT_FIELDS,
    VOCABULARY,
    WantedCustomer,
    wanted_by,
)
from linesheet.books.files.importer import Chunk, Importer, Stated, disagrees, is_taken
from linesheet.books.files.reasons import ACCOUNT_CODE_TAKEN, TYPE_FIXED
from linesheet.books.files.report import State
from linesheet.books.files.rows import Row, RowRefused, clean, fold, limit_of, name_key
from linesheet.books.files.values import written
from linesheet.books.models import Address, Contact, Customer, Order

_SAVED = tuple(fact for fact in FACTS if fact != "name")
_ADDRESS_PARTS = (*PLACE, "code", "contact", "description", "is_default")
_NAME_LIMIT = limit_of(Contact, "name")
_CONTACT_PARTS = ("name", "email", "phone", "is_default")

_FIXED = {Customer.Type.WHOLESALE.value, Customer.Type.RETAIL.value}
"""A customer with orders keeps to one of these (sheet erp.md 2.7)."""

P = TypeVar("P", Address, Contact)


@dataclass(slots=True, eq=False)
class _Held:
    """A customer in hand with addresses and contacts, and what this file has said of it so far."""

    customer: Customer
    addresses: list[Address] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    stated: Stated | None = None
    has_orders: bool = False
    changed: bool = False


@dataclass(slots=True)
class _Part:
    """An address or contact as a row has it: new, or in the books with what would change.

    `siblings` are the customer's others of any kind, `alike` those of the same kind, among which one is the default.
    """

    record: Address | Contact
    siblings: list[Any]
    alike: Sequence[Address | Contact]
    changes: dict[str, Any]
    is_default: bool | None
    is_new: bool = False


class CustomersImporter(Importer):
    """Creates and updates customers by name, with their addresses and contacts; never deletes one.

    A row that adds an address or a contact is created, like the one that adds the customer.
    """

    vocabulary = VOCABULARY

    def write(self, rows: list[Row], chunk: Chunk) -> None:
        wanted = []
        for row in rows:
            try:
                wanted.append(wanted_by(row, self.job))
            except RowRefused as refused:
                chunk.done(row, refused)
        book = _Book(wanted, chunk)
        for each in wanted:
            try:
                chunk.done(each.row, self._put(each, book))
            except RowRefused as refused:
                chunk.done(each.row, refused)
        book.save()
        for held in book.by_name.values():
            if held.stated:
                chunk.stated[held.customer.pk] = held.stated

    def _put(self, wanted: WantedCustomer, book: "_Book") -> State:
        held = book.by_name.get(fold(wanted.name))
        is_new = held is None
        held = held or _Held(Customer(name=wanted.name))
        # Of one that was merged only its addresses and people count: its facts are those of whom it was merged into.
        changes = _changes(wanted, held) if fold(held.customer.name) == fold(wanted.name) else {}
        _refuse_taken_code(wanted, changes, held, book)
        address = book.address_of(held, wanted)
        contact = book.contact_of(held, wanted)
        if is_new:
            book.add(held)
        if "account_code" in changes:
            book.recode(held, changes["account_code"])
        for name, value in changes.items():
            setattr(held.customer, name, value)
        held.changed |= bool(changes)
        self._state(wanted, held)
        parts = {book.put(part, wanted.row) for part in (address, contact) if part}
        if is_new or State.CREATED in parts:
            return State.CREATED
        return State.UPDATED if changes or State.UPDATED in parts else State.UNCHANGED

    def _state(self, wanted: WantedCustomer, held: _Held) -> None:
        said = frozenset(wanted.values)
        row = wanted.row.number
        if held.stated is not None:
            said |= held.stated.fields
            row = held.stated.row
        held.stated = Stated(row, self.memory.one(said))


def _changes(wanted: WantedCustomer, held: _Held) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, value in wanted.values.items():
        current = getattr(held.customer, name)
        same = value == current if not isinstance(value, str) else value in (current, clean(current))
        if name == "name" or same:
            continue
        blank = value in (None, "")
        other = written(current)
        if is_taken(wanted.row, name, held.stated, blank=blank, other=other, what="customer"):
            changes[name] = value
    if held.has_orders and {changes.get("type"), held.customer.type} == _FIXED:
        before = held.customer.get_type_display()
        raise wanted.row.refuse(TYPE_FIXED, "type", customer=held.customer, before=before)
    return changes


def _refuse_taken_code(wanted: WantedCustomer, changes: dict[str, Any], held: _Held, book: "_Book") -> None:
    holder = book.by_code.get(changes.get("account_code") or "")
    if holder is not None and holder is not held.customer:
        raise wanted.row.refuse(ACCOUNT_CODE_TAKEN, "account_code", holder=holder)


class _Book:
    """The customers a chunk of rows speaks of, taken from the books and put back with a fixed number of queries."""

    def __init__(self, wanted: list[WantedCustomer], chunk: Chunk) -> None:
        self.by_name: dict[str, _Held] = {}
        self.by_code: dict[str, Customer] = {}
        self._new: list[_Held] = []
        self._freed: list[int] = []
        self._chunk = chunk
        self._parts: dict[int, Address | Contact] = {}
        self._rows: dict[int, tuple[Address | Contact, int]] = {}
        self._defaults: dict[int, Address | Contact] = {}
        names = {fold(each.name) for each in wanted}
        found = list(
            Customer.objects.alias(folded=Lower("name"))
            .filter(folded__in=names)
            .select_related("price_list", "hold_status", "merged_into__price_list", "merged_into__hold_status")
        )
        meant = {each.meant.pk: each.meant for each in found}
        held = {pk: _Held(customer, stated=chunk.said_of(pk)) for pk, customer in meant.items()}
        self.by_name = {name_key(each.name): held[each.meant.pk] for each in found}
        codes = {code for each in wanted if (code := each.values.get("account_code"))}
        if codes:
            self.by_code = {each.account_code: each for each in Customer.objects.filter(account_code__in=codes)}
        own = (each.customer for each in held.values())
        self.by_code |= {customer.account_code: customer for customer in own if customer.account_code}
        if any(each.address for each in wanted):
            for address in Address.objects.filter(customer_id__in=held):
                held[address.customer_id].addresses.append(address)
        if any(each.contact for each in wanted):
            for contact in Contact.objects.filter(customer_id__in=held):
                held[contact.customer_id].contacts.append(contact)
        if any("type" in each.values for each in wanted):
            ordering = Order.objects.filter(customer_id__in=held).order_by()
            for customer_id in ordering.values_list("customer_id", flat=True).distinct():
                held[customer_id].has_orders = True

    def add(self, held: _Held) -> None:
        """Take a new customer in hand."""
        self.by_name[fold(held.customer.name)] = held
        self._new.append(held)

    def recode(self, held: _Held, code: str) -> None:
        """Have the customer known by another account code."""
        before = held.customer.account_code
        if before:
            self.by_code.pop(before, None)
            if held.customer.pk:
                self._freed.append(held.customer.pk)
        if code:
            self.by_code[code] = held.customer

    def address_of(self, held: _Held, wanted: WantedCustomer) -> "_Part | None":
        """The address of a row: the one with the same code or at the same place, else a new one. Raises RowRefused."""
        given = wanted.address
        if given is None:
            return None
        alike = [each for each in held.addresses if each.kind == given.kind]
        parts = given.parts
        found = _same(alike, parts) or _by_code(alike, parts) or _by_place(alike, parts)
        if found is None:
            new = Address(customer=held.customer, kind=given.kind, **parts)
            return _Part(new, held.addresses, alike, {}, given.is_default, is_new=True)
        changes = self._changes(found, parts, wanted.row, ADDRESS_FIELDS)
        return _Part(found, held.addresses, alike, changes, given.is_default)

    def contact_of(self, held: _Held, wanted: WantedCustomer) -> "_Part | None":
        """The contact of a row: the one with the same e-mail address, or of the same name and none, else a new one."""
        given = wanted.contact
        if given is None:
            return None
        known, parts = held.contacts, given.parts
        email, name = fold(parts.get("email", "")), fold(parts.get("name", ""))
        found = _same(known, parts)
        if found is None and email:
            found = _first(known, lambda each: fold(each.email) == email)
        if found is None and name:
            found = _first(known, lambda each: fold(each.name) == name and not (email and each.email))
        if found is None:
            new = Contact(customer=held.customer, **{**parts, "name": parts.get("name") or email[:_NAME_LIMIT]})
            return _Part(new, known, list(known), {}, given.is_default, is_new=True)
        parts = {part: text for part, text in parts.items() if text or part != "name"}
        changes = self._changes(found, parts, wanted.row, CONTACT_FIELDS)
        return _Part(found, known, list(known), changes, given.is_default)

    def put(self, part: "_Part", row: Row) -> State:
        """Take over an address or a contact."""
        record = part.record
        changes = dict(part.changes)
        if part.is_new:
            part.siblings.append(record)
            record.is_default = not part.alike if part.is_default is None else part.is_default
        elif part.is_default is not None and part.is_default != record.is_default:
            changes["is_default"] = part.is_default
        for name, value in changes.items():
            setattr(record, name, value)
        self._rows.setdefault(id(record), (record, row.number))
        if part.is_default:
            self._defaults[id(record)] = record
        if not part.is_new and not changes:
            return State.UNCHANGED
        self._parts[id(record)] = record
        if record.is_default and (part.is_new or "is_default" in changes):
            self._only_default(record, part.alike)
        return State.CREATED if part.is_new else State.UPDATED

    def save(self) -> None:
        """Put everything back into the books."""
        changed = [each.customer for each in self.by_name.values() if each.changed and each.customer.pk]
        save_new(each.customer for each in self._new)
        # Codes may change hands among these customers, and no two may have one even for a moment.
        Customer.objects.filter(pk__in=self._freed).update(account_code="")
        save_changed(changed, _SAVED)
        parts = list(self._parts.values())
        for part in parts:
            if not part.pk:
                part.customer_id = part.customer.pk
        for model, names in ((Address, _ADDRESS_PARTS), (Contact, _CONTACT_PARTS)):
            mine = [part for part in parts if isinstance(part, model)]
            known = [part for part in mine if part.pk]
            save_new(part for part in mine if not part.pk)
            save_changed(known, names)
        for record, row in self._rows.values():
            self._chunk.rows[type(record), record.pk] = row
        for record in self._defaults.values():
            self._chunk.rows["default", type(record), record.pk] = 1

    def _changes(
        self, record: Address | Contact, parts: dict[str, str], row: Row, columns: dict[str, str]
    ) -> dict[str, Any]:
        """What a row would change about an address or contact; empty cells say nothing after an earlier row."""
        first = self._row_of(record)
        changes: dict[str, Any] = {}
        for name, value in parts.items():
            current = getattr(record, name)
            if value in (current, clean(current)) or (first and not value):
                continue
            if first:
                column = next(field for field, part in columns.items() if part == name)
                what = "address" if isinstance(record, Address) else "contact"
                raise disagrees(row, column, first=first, other=current, what=what)
            changes[name] = value
        return changes

    def _row_of(self, record: Address | Contact) -> int | None:
        """The earlier row of the file that spoke of this address or contact."""
        if id(record) in self._rows:
            return self._rows[id(record)][1]
        return self._chunk.row_of((type(record), record.pk)) if record.pk else None

    def _only_default(self, record: Address | Contact, others: Iterable[Address | Contact]) -> None:
        """Have no other default beside this one, except for those which the file itself calls so."""
        for other in others:
            is_said = id(other) in self._defaults or self._chunk.row_of(("default", type(other), other.pk))
            if other is not record and other.is_default and not is_said:
                other.is_default = False
                self._parts[id(other)] = other


def _same(known: Iterable[P], parts: dict[str, str]) -> P | None:
    return _first(known, lambda each: all(clean(getattr(each, name)) == text for name, text in parts.items()))


def _by_code(known: Iterable[Address], parts: dict[str, str]) -> Address | None:
    code = parts.get("code")
    return _first(known, lambda each: each.code == code) if code else None


def _by_place(known: Iterable[Address], parts: dict[str, str]) -> Address | None:
    """The address at the same place, as far as the file tells; not one that goes by another code."""
    place = {name: _bare(text) for name, text in parts.items() if name in PLACE}
    return _first(
        known,
        lambda each: (
            not (parts.get("code") and each.code)
            and all(_bare(getattr(each, name)) == text for name, text in place.items())
        ),
    )


def _first(known: Iterable[P], fits: Callable[[P], bool]) -> P | None:
    return next((each for each in known if fits(each)), None)


def _bare(text: str) -> str:
    """Letters and digits only, in lower case."""
    return "".join(sign for sign in fold(text) if sign.isalnum())
