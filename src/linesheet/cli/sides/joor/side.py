"""JOOR's sandbox: its buyers, and what it holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from linesheet.books.models import Customer, Product
from linesheet.cli.sides.joor import wanted
from linesheet.cli.sides.pictures import shown_at
from linesheet.cli.sides.side import Side
from linesheet.cli.sides.words import Buyer, Placed, RemoteLine, RemoteOrder, Shown, Standing, Units, Wanted

# Codes of order types in replies of v2 (sheet joor.md 7.2).
STANDINGS = {"4": Standing.APPROVED, "5": Standing.APPROVED, "6": Standing.CANCELLED}
# An order placed where JOOR has no address of the customer's.
TYPED_ADDRESS = {"name": "The shop", "line1": "3 quai Sud", "city": "Lyon", "zip": "69002", "country": "France"}
PARTS = ("address_1", "city", "postal_code", "country")
KINDS = ("shipping", "billing")
UNKNOWN_NAME = "A shop nobody knows"


class JoorSide(Side):
    """Styles by style and fabric, each with its colours; customers by account code."""

    platform = "joor"
    made_once = ("products", "skus", "prices", "collections", "seasons", "connections")
    linked = ("product", "linesheet")
    further_sections = (("Main", "SS26"), ("Drop 2", "SS26", "Men", "Outerwear"))
    unknown_customer = "NOBODY"

    def settings(self) -> Mapping[str, Any]:
        return {"credits": 100_000, "future_stock": True}

    def identity(self, number: int, *, twin: bool) -> tuple[str, str, str]:
        """Two colours to a style; a twin is the first style and its fabric in one word."""
        if twin:
            return ("C00-Wool", "", f"Shade {number}")
        return (f"C{number // 2:02}", "Wool", ("Black", "Navy")[number % 2])

    def product_key(self, product: Product) -> str:
        return wanted.product_key(product)

    def customer_key(self, customer: Customer) -> str:
        return customer.account_code

    def place_order(self, order: Placed) -> str:
        self.control("POST", "/connections/confirm", {})
        known = {each["customer_code"]: each for each in self.control("GET", "/connections")}
        customer = known.get(order.customer)
        wish: dict[str, Any] = {
            # Buyers of a storm order before anything is published, at prices of their own.
            "unchecked": True,
            "status": "APPROVED" if order.approved else "PENDING",
            "po_number": order.po,
            "price_type_name": "Wholesale",
            "price_type_currency_code": order.currency,
            "lines": _lines(order.lines),
        }
        if order.ships:
            wish["ship_start"], wish["ship_end"] = map(str, order.ships)
        if customer:
            wish["customer_code"] = order.customer
        else:
            wish["raw"] = {"customer_code": order.customer, "customer_name": UNKNOWN_NAME}
        for kind in KINDS:
            if not customer or not customer[kind][f"{kind}_addresses"]:
                wish[kind] = TYPED_ADDRESS
        return str(self.control("POST", "/orders", wish)["id"])

    def approve_order(self, key: str) -> None:
        self.control("POST", f"/orders/{key}/approve")

    def change_order(self, key: str, lines: Sequence[Wanted]) -> None:
        self.control("PATCH", f"/orders/{key}", {"lines": _lines(lines), "unchecked": True})

    def cancel_order(self, key: str) -> None:
        self.control("POST", f"/orders/{key}/cancel")

    def published(self) -> set[str]:
        return {upc for sheet in self._linesheets() for item in sheet["items"] for upc in item["upcs"]}

    def orders(self) -> list[RemoteOrder]:
        return [self.order_in(order) for order in self.control("GET", "/orders")]

    def order_in(self, payload: Any) -> RemoteOrder:
        return RemoteOrder(
            key=str(payload["order_id"]),
            number=str(payload["order_id"]),
            standing=STANDINGS.get(payload["order_type"], Standing.PENDING),
            taken=payload.get("export_state") in ("exported", "modified"),
            customer=payload["customer_code"],
            # JOOR gives an order its own number where the buyer gave none (sheet joor.md 7.2).
            po=""
            if payload["customer_purchase_order"] == str(payload["order_id"])
            else payload["customer_purchase_order"],
            currency=payload["order_currency"],
            lines=[
                RemoteLine(
                    barcode=line["item_upc"],
                    units=line["item_quantity"],
                    price=Decimal(str(line["item_price"])),
                )
                for line in payload["line_items"] or ()
            ],
        )

    def products(self) -> list[Shown]:
        sheets = [(wanted.sheet(each["name"], each["season"]), _upcs(each)) for each in self._linesheets()]
        return [
            Shown(
                key=f"{product['external_id']} {colour}",
                name=product["name"],
                sizes={sku["size"]["value"]: sku["upc"] for sku in skus},
                prices=_prices(skus),
                on_offer=any(sku["upc"] in upcs for sku in skus for _, upcs in sheets),
                pictures=sorted(shown_at(asset["source_url"]) for asset in product["assets"]),
                places=sorted(name for name, upcs in sheets if any(sku["upc"] in upcs for sku in skus)),
            )
            for product in self._products()
            for colour, skus in _colours(product)
        ]

    def products_wanted(self) -> list[Shown]:
        return wanted.products()

    def customers(self) -> list[Buyer]:
        return [
            Buyer(
                key=each["customer_code"],
                name=each["customer_name"],
                terms=", ".join(
                    sorted(
                        f"{one['price_type_label']} {one['price_type_currency_code']}"
                        for one in each["price_types"]["price_type"]
                    )
                ),
                addresses=sorted(
                    (kind, address[f"{kind}_code"], *(address[f"{kind}_{part}"] for part in PARTS))
                    for kind in KINDS
                    for address in each[kind][f"{kind}_addresses"]
                ),
            )
            for each in self.control("GET", "/connections")
        ]

    def customers_wanted(self) -> list[Buyer]:
        return wanted.customers()

    def stock(self) -> Mapping[str, Units]:
        found: dict[str, dict[str, list[int]]] = {}
        for row in self.control("GET", "/stock"):
            # A day for which nothing is left any more goes out as 0.
            # What orders took of it since is not ours to know.
            if row["sent"] or not row["date"]:
                when = "coming" if row["date"] else "now"
                found.setdefault(row["upc"], {}).setdefault(when, []).append(row["sent"])
        return found

    def stock_wanted(self) -> Mapping[str, Units]:
        return wanted.stock([sku["upc"] for product in self._products() for sku in product["skus"] if sku["upc"]])

    def names_linked(self, kind: str) -> Mapping[str, frozenset[str]]:
        if kind == "customer":
            return {each: frozenset({each}) for each in self._codes()}
        if kind == "linesheet":
            return {each["id"]: frozenset({wanted.sheet(each["name"], each["season"])}) for each in self._linesheets()}
        return {
            product["id"]: frozenset(f"{product['external_id']} {colour}" for colour, _ in _colours(product))
            for product in self._products()
        }

    def names_here(self, kind: str) -> Mapping[str, str]:
        return wanted.names(kind)

    def more_that_is_wrong(self) -> Iterator[str]:
        """Barcodes, and what exactly is on each linesheet."""
        if shared := self.control("GET", "/duplicate-upcs"):
            yield f"barcodes are there twice: {shared}"
        there = {wanted.sheet(each["name"], each["season"]): _upcs(each) for each in self._linesheets()}
        if len(there) < len(self._linesheets()):
            yield f"a linesheet is there twice: {[(each['name'], each['season']) for each in self._linesheets()]}"
        is_to_be = wanted.linesheets()
        for name in sorted(there.keys() | is_to_be.keys()):
            if there.get(name, set()) != is_to_be.get(name, set()):
                yield f"linesheet {name} has {sorted(there.get(name, ()))}, not {sorted(is_to_be.get(name, ()))}"

    def _products(self) -> list[dict[str, Any]]:
        products: list[dict[str, Any]] = self.control("GET", "/products")
        return products

    def _linesheets(self) -> list[dict[str, Any]]:
        sheets: list[dict[str, Any]] = self.control("GET", "/collections")
        return sheets

    def _codes(self) -> list[str]:
        return [each["customer_code"] for each in self.control("GET", "/connections")]


SIDE = JoorSide


def _colours(product: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The SKUs of each colour that have a barcode; what only fills the matrix is nobody's."""
    found: dict[str, list[dict[str, Any]]] = {}
    for sku in product["skus"]:
        if sku["upc"]:
            found.setdefault(sku["color"]["value"], []).append(sku)
    yield from found.items()


def _prices(skus: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """The wholesale price of a colour by price type; where its sizes differ, that of each size."""
    names = sorted({name for sku in skus for name in sku["prices"]})
    found: dict[str, Decimal] = {}
    for name in names:
        by_size = {sku["size"]["value"]: sku["prices"].get(name, {}).get("wholesale_value") for sku in skus}
        if len(set(by_size.values())) == 1:
            found[name] = Decimal(next(iter(by_size.values())))
        else:
            found |= {f"{name} of size {size}": Decimal(value or "-1") for size, value in by_size.items()}
    return found


def _upcs(sheet: Mapping[str, Any]) -> set[str]:
    return {upc for item in sheet["items"] for upc in item["upcs"]}


def _lines(lines: Iterable[Wanted]) -> list[dict[str, Any]]:
    """Lines as the sandbox takes them."""
    return [
        {
            "upc": line.barcode,
            "quantity": line.units,
            **({"item_price": str(line.price)} if line.price is not None else {}),
            **(
                {"style_number": line.style, "style_name": line.style, "color": line.colour, "size": line.size}
                if line.style
                else {}
            ),
        }
        for line in lines
    ]
