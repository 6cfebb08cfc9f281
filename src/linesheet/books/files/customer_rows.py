"""Customer files: their columns, and what one row of them says of a customer, an address and a contact."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from linesheet.books.customers import PLACE
from linesheet.books.files.amounts import currency_in
from linesheet.books.files.columns import Vocabulary
from linesheet.books.files.job import Job, one_of
from linesheet.books.files.reasons import ADDRESS_INCOMPLETE, EMAIL_WRONG, MISSING, NOT_A_CHOICE
from linesheet.books.files.rows import Row, fold, limit_of
from linesheet.books.files.values import flag, whole_number
from linesheet.books.models import Address, Contact, Customer

CUSTOMER_NAME = ("Customer name", "Customer", "Name", "Account name", "Client", "Client name", "Retailer")
ACCOUNT_CODE = ("Account code", "Customer code", "Account number", "Account No", "Customer number", "Customer No")

VOCABULARY = Vocabulary(
    kind="customers",
    fields={
        "name": CUSTOMER_NAME,
        "account_code": ACCOUNT_CODE,
        "type": ("Type", "Customer type", "Account type"),
        "active": ("Active", "Is active"),
        "price_list": ("Price list", "Price group", "Pricelist"),
        "currency": ("Currency", "Currency code"),
        "payment_terms": ("Payment terms", "Terms"),
        "payment_due_days": ("Payment due days", "Payment due", "Due days"),
        "shipping_terms": ("Shipping terms", "Delivery terms", "Incoterms"),
        "hold_status": ("Hold status", "On hold status", "On hold"),
        "address_kind": ("Address kind", "Address type", "Kind"),
        "address_code": ("Address code", "Location code", "Store code", "Address ID"),
        "company_name": ("Company name", "Company", "Address name"),
        "address_contact": ("Address contact", "Attention", "Attn"),
        "address_description": ("Address description", "Address note"),
        "line_1": ("Address line 1", "Address 1", "Address", "Street", "Line 1"),
        "line_2": ("Address line 2", "Address 2", "Street 2", "Line 2"),
        "city": ("City", "Town"),
        "region": ("Region", "State", "Province", "County", "State/Province"),
        "postcode": ("Postcode", "Zip", "Zip code", "Postal code", "Post code", "PLZ"),
        "country": ("Country", "Country name", "Country code"),
        "address_default": ("Default address", "Is default address"),
        "contact": ("Contact", "Contact name", "Buyer", "Buyer name"),
        "email": ("E-mail", "Email address", "Contact email", "Buyer email", "Mail"),
        "phone": ("Phone", "Telephone", "Phone number", "Contact phone", "Tel", "Mobile"),
        "contact_default": ("Default contact", "Is default contact"),
    },
    needed=((("name",),),),
)

TEXTS = ("name", "account_code", "payment_terms", "shipping_terms")
ADDRESS_FIELDS = {
    "address_code": "code",
    "company_name": "company_name",
    "address_contact": "contact",
    "address_description": "description",
    "line_1": "line_1",
    "line_2": "line_2",
    "city": "city",
    "region": "region",
    "postcode": "postcode",
    "country": "country",
}
"""Fields of the file, and those of an address they fill."""
CONTACT_FIELDS = {"contact": "name", "email": "email", "phone": "phone"}
"""Fields of the file, and those of a contact they fill."""
PLACE_FIELDS = frozenset(PLACE)

_KINDS = {
    **dict.fromkeys(("1", "delivery", "shipping", "ship to", "shipto", "deliver to"), Address.Kind.DELIVERY),
    **dict.fromkeys(
        ("2", "accounts", "account", "billing", "bill to", "billto", "invoice", "invoicing"), Address.Kind.ACCOUNTS
    ),
    **dict.fromkeys(("3", "store", "shop"), Address.Kind.STORE),
}


@dataclass(slots=True)
class WantedAddress:
    """An address as a row gives it: only the parts whose columns the file has."""

    kind: Address.Kind
    parts: dict[str, str]
    is_default: bool | None


@dataclass(slots=True)
class WantedContact:
    """A contact as a row gives it."""

    parts: dict[str, str]
    is_default: bool | None


@dataclass(slots=True)
class WantedCustomer:
    """What a row asks for, read and checked; `values` are fields of the customer, None or "" to clear one."""

    row: Row
    name: str
    values: dict[str, Any] = field(default_factory=dict)
    address: WantedAddress | None = None
    contact: WantedContact | None = None


def wanted_by(row: Row, job: Job) -> WantedCustomer:
    """Read a row. Raises RowRefused."""
    name = row.text("name", limit_of(Customer, "name"), required=True) or ""
    wanted = WantedCustomer(row, name)
    values = wanted.values
    for each in TEXTS:
        if each in row.cells:
            values[each] = row.text(each, limit_of(Customer, each))
    if row.get("type"):
        values["type"] = _type(row)
    active = flag(row, "active")
    if active is not None:
        values["active"] = active
    if "price_list" in row.cells:
        named = row.cells["price_list"]
        values["price_list"] = one_of(job.known.price_lists, row, "price_list", what="price list") if named else None
    if "currency" in row.cells:
        values["currency"] = currency_in(row)
    if "payment_due_days" in row.cells:
        values["payment_due_days"] = whole_number(row, "payment_due_days", least=0, most=3650)
    if "hold_status" in row.cells:
        values["hold_status"] = _hold_status(row, job)
    wanted.address = _address(row)
    wanted.contact = _contact(row)
    return wanted


def _type(row: Row) -> str:
    for choice in Customer.Type:
        if fold(row.cells["type"]) in (choice.value, fold(choice.label)):
            return choice.value
    raise row.refuse(NOT_A_CHOICE, "type", known=", ".join(Customer.Type.labels))


def _hold_status(row: Row, job: Job) -> Any:
    """The hold status by name; None for "not on hold" (sheet erp.md 2.7)."""
    text = fold(row.cells["hold_status"])
    if not text or (text in ("not on hold", "no", "none") and text not in job.known.hold_statuses):
        return None
    return one_of(job.known.hold_statuses, row, "hold_status", what="hold status")


def _address(row: Row) -> WantedAddress | None:
    """The address on a row; None when all of its cells are empty."""
    parts = {
        part: row.text(name, limit_of(Address, part)) or ""
        for name, part in ADDRESS_FIELDS.items()
        if name in row.cells
    }
    if not any(parts.values()):
        return None
    if not parts.get("line_1"):
        raise row.refuse(ADDRESS_INCOMPLETE, "line_1")
    said = fold(row.get("address_kind") or "delivery")
    kind = _KINDS.get(said) or _KINDS.get(said.removesuffix(" address"))
    if kind is None:
        raise row.refuse(NOT_A_CHOICE, "address_kind", known="Delivery, Accounts, Store")
    return WantedAddress(kind, parts, flag(row, "address_default"))


def _contact(row: Row) -> WantedContact | None:
    """The contact on a row, who has one e-mail address (sheet erp.md 2.7); None when there is none."""
    parts = {
        part: row.text(name, limit_of(Contact, part)) or ""
        for name, part in CONTACT_FIELDS.items()
        if name in row.cells
    }
    if not any(parts.values()):
        return None
    if email := parts.get("email"):
        try:
            validate_email(email)
        except ValidationError:
            raise row.refuse(EMAIL_WRONG, "email") from None
    elif not parts.get("name"):
        raise row.refuse(MISSING, "contact")
    return WantedContact(parts, flag(row, "contact_default"))
