"""Customer files: their columns, and what one row of them says of a customer, an address and a contact."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from linesheet.books.files.amounts import currency_in
from linesheet.books.files.columns import Field, Vocabulary
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
        "name": Field(CUSTOMER_NAME, "Names the customer; rows of one name add its addresses and contacts"),
        "account_code": Field(ACCOUNT_CODE, "Your number for the customer"),
        "type": Field(("Type", "Customer type", "Account type"), "wholesale (unless given), consignment or retail"),
        "active": Field(("Active", "Is active"), "yes or no; yes unless given"),
        "price_list": Field(("Price list", "Price group", "Pricelist"), "A price list that is in the books"),
        "currency": Field(("Currency", "Currency code"), "Of its orders, such as EUR; the company's unless given"),
        "payment_terms": Field(("Payment terms", "Terms"), "Such as 30 days net"),
        "payment_due_days": Field(("Payment due days", "Payment due", "Due days"), "Days as a whole number"),
        "shipping_terms": Field(("Shipping terms", "Delivery terms", "Incoterms"), "Such as DAP"),
        "hold_status": Field(("Hold status", "On hold status", "On hold"), "A hold status that is in the books"),
        "address_kind": Field(("Address kind", "Address type", "Kind"), "delivery, accounts or store"),
        "address_code": Field(
            ("Address code", "Location code", "Store code", "Address ID"),
            "Your code for the address; platforms know it by this",
        ),
        "company_name": Field(
            ("Company name", "Company", "Address name"), "Who is at the address, when not the customer"
        ),
        "address_contact": Field(("Address contact", "Attention", "Attn"), "Whom to ask for there"),
        "address_description": Field(("Address description", "Address note"), "A note about the address"),
        "line_1": Field(("Address line 1", "Address 1", "Address", "Street", "Line 1"), "Street and number"),
        "line_2": Field(("Address line 2", "Address 2", "Street 2", "Line 2"), "More of the street"),
        "city": Field(("City", "Town"), "Town"),
        "region": Field(("Region", "State", "Province", "County", "State/Province"), "State or province"),
        "postcode": Field(
            ("Postcode", "Zip", "Zip code", "Postal code", "Post code", "PLZ"),
            "Kept as text, so that 01234 keeps its nought",
        ),
        "country": Field(("Country", "Country name", "Country code"), "Name or code of the country"),
        "address_default": Field(
            ("Default address", "Is default address"), "yes for the address of its kind that orders go to"
        ),
        "contact": Field(("Contact", "Contact name", "Buyer", "Buyer name"), "Name of a person there"),
        "email": Field(("E-mail", "Email address", "Contact email", "Buyer email", "Mail"), "Of that person"),
        "phone": Field(("Phone", "Telephone", "Phone number", "Contact phone", "Tel", "Mobile"), "Of that person"),
        "contact_default": Field(("Default contact", "Is default contact"), "yes for the person to write to first"),
    },
    needed=((("name",),),),
    examples=(
        {
            "name": "Maison Rive",
            "account_code": "C-100",
            "price_list": "Wholesale",
            "currency": "EUR",
            "payment_terms": "30 days net",
            "address_kind": "delivery",
            "line_1": "12 rue de la Paix",
            "city": "Paris",
            "postcode": "75002",
            "country": "France",
            "contact": "Claire Martin",
            "email": "claire@example.com",
        },
        {"name": "Boutique Sol", "account_code": "C-101", "currency": "EUR"},
    ),
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
