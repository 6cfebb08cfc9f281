"""Order files: their columns, and what one row of them says of an order and of one of its lines."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from linesheet.books.addresses import PARTS
from linesheet.books.barcodes import BarcodeRefused, read_barcode
from linesheet.books.files.amounts import amount_in, currency_in
from linesheet.books.files.columns import Field, Vocabulary
from linesheet.books.files.customer_rows import ACCOUNT_CODE, CUSTOMER_NAME
from linesheet.books.files.product_rows import SEASON
from linesheet.books.files.reasons import MISSING, NOT_A_CHOICE, NOT_A_WHOLE_NUMBER, PERCENT_WRONG
from linesheet.books.files.rows import Row, clean_lines, fold, limit_of
from linesheet.books.files.skus import SKU_FIELDS, Named
from linesheet.books.files.stock import LOCATION
from linesheet.books.files.values import date_in, flag, whole_number
from linesheet.books.models import Customer, Order, OrderLine

VOCABULARY = Vocabulary(
    kind="orders",
    fields={
        "number": Field(
            ("Order number", "SO number", "Order", "Order No", "Sales order"),
            "Names the order; rows of one number are its lines",
        ),
        "customer": Field(CUSTOMER_NAME, "Its customer, by name; --create-missing adds one that is not in the books"),
        "account_code": Field(ACCOUNT_CODE, "Its customer, by your number"),
        "season": Field(SEASON, "Its season; --season where there is no such column"),
        "season_starts_on": Field(
            ("Season starts on", "Season start date"), "First day of the season, where --create-missing adds it"
        ),
        "location": Field(LOCATION, "Where it ships from; --location where there is no such column"),
        "type": Field(("Order type", "Type"), "wholesale, consignment or retail; the customer's unless given"),
        "owner": Field(("Owner", "Order owner"), "E-mail address of the member who looks after it"),
        "reference": Field(("Order reference", "Reference", "PO number", "PO"), "Its number elsewhere"),
        "customer_reference": Field(("Customer reference", "Customer ref"), "The customer's number for it"),
        "currency": Field(
            ("Currency", "Currency code"),
            "Of its prices, such as EUR; --currency where there is no such column, else the customer's",
        ),
        "price_label": Field(
            ("Price label", "Price list name"), "What whoever sent the order calls the price list it was priced by"
        ),
        "discount_percent": Field(("Discount %", "Discount", "Discount percent"), "Off the whole order, such as 5"),
        "ships_from": Field(
            ("Ships from", "Delivery start", "Start date", "Ship date"), "First day to ship, as 2026-03-31"
        ),
        "ships_until": Field(("Ships until", "Delivery cancel", "Cancel date", "Complete date"), "Last day to ship"),
        "delivery_address": Field(
            ("Delivery address", "Shipping address", "Ship to"),
            "Address as on the order, a line for each part as in `city: Paris`; the customer's unless given",
        ),
        "accounts_address": Field(("Accounts address", "Billing address", "Bill to"), "The same for the invoice"),
        "store_address": Field(("Store address",), "The same for the store"),
        "comments": Field(("Comments", "Order comments", "Notes"), "A text about the order"),
        "approved": Field(("Approved",), "yes when its units count as sold"),
        "active": Field(("Active",), "no when it was taken out of the books"),
        "locked": Field(("Locked",), "yes when nobody may change it"),
        "force_closed": Field(("Force closed", "Force close"), "yes when no more of it is delivered"),
        "short": Field(("Short",), "yes when the customer wanted more than its lines say"),
        "source_key": Field(("Source", "Source key"), "What it came from; no two orders have the same"),
        "position": Field(
            ("Line", "Line number", "Line No", "Position"), "Number of the line; needed to change a line later"
        ),
        **SKU_FIELDS,
        "described_as": Field(("Described as", "Line description"), "What was ordered, where it is not in the books"),
        "quantity": Field(("Quantity", "Qty", "Units", "Sales order quantity"), "Units of the line"),
        "price": Field(("Price", "Unit price", "Amount per unit"), "Of one unit"),
        "original_price": Field(("Original price", "List price"), "Of one unit before it was reduced"),
        "line_ships_from": Field(("Line ships from",), "First day to ship this line, where it differs"),
        "line_ships_until": Field(("Line ships until",), "Last day to ship this line, where it differs"),
        "line_comment": Field(("Line comment",), "A text about the line"),
    },
    needed=((("number",),), (("customer",), ("account_code",)), (("quantity",),), (("price",),)),
    examples=tuple(
        {
            "number": "1",
            "customer": "Maison Rive",
            "season": "Standard",
            "reference": "PO 4711",
            "currency": "EUR",
            "ships_from": "2030-02-01",
            "ships_until": "2030-03-31",
            "approved": "yes",
            "position": position,
            "code": "COAT-WOOL-BLACK",
            "size": size,
            "quantity": quantity,
            "price": "160.00",
        }
        for position, size, quantity in (("1", "S", "2"), ("2", "M", "4"))
    ),
)

TEXTS = ("reference", "customer_reference", "price_label", "source_key", "comments")
FLAGS = ("approved", "active", "locked", "force_closed", "short")
ADDRESSES = ("delivery", "accounts", "store")
_LINE_NAMES = ("quantity", "price", "described_as", *SKU_FIELDS)
_LARGEST = 2**31 - 1
_NUMBER = re.compile(r"(?:so|#)?[ -]*(\d{1,10})", re.IGNORECASE)
_PART = re.compile(r"([a-z][a-z0-9_]*):(?: (.*))?")


@dataclass(slots=True)
class WantedOrder:
    """What a row asks for, read and checked; a field that is missing is left alone, None or "" clears it.

    `addresses` holds those whose column the file has, as text. `line` is the line's own fields, None when the row
    has no line.
    """

    row: Row
    number: int
    customer: str
    account_code: str
    values: dict[str, Any]
    addresses: dict[str, str]
    line: dict[str, Any] | None
    position: int | None
    named: Named
    names_product: bool


def wanted_by(row: Row, chosen_currency: str) -> WantedOrder:
    """Read a row, whose amounts are in the currency chosen if it names none. Raises RowRefused."""
    values: dict[str, Any] = {name: row.text(name, limit_of(Order, name)) for name in TEXTS if name in row.cells}
    values |= {name: value for name in FLAGS if (value := flag(row, name)) is not None}
    values |= {name: date_in(row, name) for name in ("ships_from", "ships_until") if name in row.cells}
    if row.get("type"):
        values["type"] = _type(row)
    currency = currency_in(row) or ""
    if currency:
        values["currency"] = currency
    if row.get("discount_percent"):
        values["discount_percent"] = _percent(row)
    position = whole_number(row, "position", least=1, most=_LARGEST)
    customer = row.text("customer", limit_of(Customer, "name")) or ""
    account_code = row.text("account_code", limit_of(Customer, "account_code")) or ""
    if not customer and not account_code:
        raise row.refuse(MISSING, "customer")
    return WantedOrder(
        row=row,
        number=_number(row),
        customer=customer,
        account_code=account_code,
        values=values,
        addresses={kind: row.cells[f"{kind}_address"] for kind in ADDRESSES if f"{kind}_address" in row.cells},
        line=_line(row, currency or chosen_currency),
        position=position,
        named=Named(row, _readable_barcode(row)),
        names_product=any(row.get(name) for name in ("code", "style", "sku_code")),
    )


def address_text(address: Any) -> str:
    """An address as it was, a line for each part that is filled, as in `city: Paris`."""
    if isinstance(address, str):
        return clean_lines(address)
    if isinstance(address, Mapping) and all(
        isinstance(value, str) and "\n" not in value and re.fullmatch(r"[a-z][a-z0-9_]*", name)
        for name, value in address.items()
    ):
        names = sorted(address, key=lambda name: (PARTS.index(name) if name in PARTS else len(PARTS), name))
        return clean_lines("\n".join(f"{name}: {address[name]}" for name in names if address[name].strip()))
    return json.dumps(address, ensure_ascii=False, sort_keys=True) if address else ""


def address_read(text: str) -> Any:
    """The address that `address_text` wrote; text of any other kind is taken as its first lines."""
    if text.startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass
    lines = text.splitlines()
    found = [_PART.fullmatch(line) for line in lines]
    if all(found):
        parts = {part[1]: part[2] or "" for part in found if part}
    else:
        parts = {"line_1": lines[0], "line_2": ", ".join(lines[1:])}
    return dict.fromkeys(PARTS, "") | parts if parts.keys() <= set(PARTS) else parts


def _line(row: Row, currency: str) -> dict[str, Any] | None:
    if not any(row.get(name) for name in _LINE_NAMES):
        return None
    quantity = whole_number(row, "quantity", least=0, most=_LARGEST)
    if quantity is None:
        raise row.refuse(MISSING, "quantity")
    price = amount_in(row, "price", currency)
    if price is None:
        raise row.refuse(MISSING, "price")
    line: dict[str, Any] = {"quantity": quantity, "price": price}
    if "original_price" in row.cells:
        line["original_price"] = amount_in(row, "original_price", currency)
    for name in ("ships_from", "ships_until"):
        if f"line_{name}" in row.cells:
            line[name] = date_in(row, f"line_{name}")
    if "line_comment" in row.cells:
        line["comment"] = row.text("line_comment", limit_of(OrderLine, "comment"))
    for name in ("described_as", "barcode"):
        if name in row.cells:
            line[name] = row.text(name, limit_of(OrderLine, name))
    return line


def _number(row: Row) -> int:
    text = row.get("number") or ""
    if not text:
        raise row.refuse(MISSING, "number")
    found = _NUMBER.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= _LARGEST:
        raise row.refuse(NOT_A_WHOLE_NUMBER, "number", least=1, most=_LARGEST)
    return int(found[1])


def _type(row: Row) -> str:
    for choice in Customer.Type:
        if fold(row.cells["type"]) in (choice.value, fold(choice.label)):
            return choice.value
    raise row.refuse(NOT_A_CHOICE, "type", known=", ".join(Customer.Type.labels))


def _percent(row: Row) -> Decimal:
    text = row.cells["discount_percent"].removesuffix("%").strip().replace(",", ".")
    if re.fullmatch(r"\d{1,3}(\.\d{1,3}0*)?", text) and Decimal(text) <= 100:
        return Decimal(text).quantize(Decimal("0.001"))
    raise row.refuse(PERCENT_WRONG, "discount_percent")


def _readable_barcode(row: Row) -> str:
    """The barcode of a line where it can be read; a line may keep any other as it came."""
    try:
        return read_barcode(row.get("barcode") or "")
    except BarcodeRefused:
        return ""
