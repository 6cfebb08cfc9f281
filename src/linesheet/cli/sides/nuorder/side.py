"""NuORDER's sandbox: its buyers, and what it holds."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from linesheet.books.models import Customer, Product
from linesheet.cli.sides.nuorder import wanted
from linesheet.cli.sides.pictures import shown_at
from linesheet.cli.sides.side import Side
from linesheet.cli.sides.words import Buyer, Placed, RemoteLine, RemoteOrder, Shown, Standing, Units, Wanted

# Parts of an address there, in the order of `wanted.ADDRESS`.
ADDRESS = ("line_1", "city", "zip", "country")
STANDINGS = {"pending": Standing.PENDING, "cancelled": Standing.CANCELLED}


class NuOrderSide(Side):
    """Products by brand id, customers by name."""

    platform = "nuorder"
    made_once = ("products", "companies")

    def customer_key(self, customer: Customer) -> str:
        return customer.name

    def place_order(self, order: Placed) -> str:
        placed = self.control(
            "POST",
            "/orders",
            {
                "company": order.customer,
                "status": "approved" if order.approved else "pending",
                "customer_po_number": order.po,
                "currency_code": order.currency,
                "lines": _lines(order.lines),
                **(dict(zip(("start_ship", "end_ship"), map(str, order.ships), strict=True)) if order.ships else {}),
            },
        )
        return str(placed["_id"])

    def approve_order(self, key: str) -> None:
        self.control("POST", f"/orders/{key}/approve")

    def change_order(self, key: str, lines: Sequence[Wanted]) -> None:
        self.control("PATCH", f"/orders/{key}", {"lines": _lines(lines)})

    def cancel_order(self, key: str) -> None:
        self.control("POST", f"/orders/{key}/cancel")

    def published(self) -> set[str]:
        return {size["upc"] for product in self._products() for size in product["sizes"] if size["upc"]}

    def orders(self) -> list[RemoteOrder]:
        return [self.order_in(order) for order in self.control("GET", "/orders")]

    def order_in(self, payload: Any) -> RemoteOrder:
        return RemoteOrder(
            key=payload["_id"],
            number=payload["order_number"],
            standing=STANDINGS.get(payload["status"], Standing.APPROVED),
            taken=payload["status"] == "processed",
            customer=payload["retailer"]["retailer_name"],
            po=payload.get("customer_po_number") or "",
            currency=payload["currency_code"],
            lines=[
                RemoteLine(
                    barcode=size["upc"],
                    units=int(size["quantity"]),
                    price=Decimal(str(size["price"])),
                    # Orders take stock there by themselves, but not what is sold ahead (sheet nuorder.md 5.3).
                    loose=not line.get("prebook"),
                )
                for line in payload["line_items"]
                for size in line["sizes"]
            ],
        )

    def products(self) -> list[Shown]:
        return [
            Shown(
                key=product["brand_id"],
                name=product["name"],
                sizes={size["size"]: size["upc"] for size in product["sizes"]},
                prices={currency: Decimal(str(price["wholesale"])) for currency, price in product["pricing"].items()},
                on_offer=not product.get("cancelled"),
                pictures=[shown_at(link) for link in product.get("images") or ()],
            )
            for product in self._products()
        ]

    def products_wanted(self) -> list[Shown]:
        return wanted.products()

    def customers(self) -> list[Buyer]:
        return [
            Buyer(
                key=company["code"],
                name=company["name"],
                terms=company["payment_terms"],
                addresses=sorted(
                    (each["type"], each["shipping_code"] or each["billing_code"], *(each[part] for part in ADDRESS))
                    for each in company["addresses"]
                ),
            )
            for company in self.control("GET", "/companies")
        ]

    def customers_wanted(self) -> list[Buyer]:
        return wanted.customers()

    def stock(self) -> Mapping[str, Units]:
        codes = {product["_id"]: product for product in self._products()}
        found: dict[str, dict[str, list[int]]] = {}
        for row in self.control("GET", "/inventory"):
            barcodes = {size["size"]: size["upc"] for size in codes[row["product_id"]]["sizes"]}
            for warehouse in row["inventory"] or ():
                for bucket in warehouse["wip"]:
                    when = "now" if bucket["name"] == "immediate" else "coming"
                    for size in bucket["sizes"]:
                        units = found.setdefault(barcodes[size["size"]], {}).setdefault(when, [])
                        units.append(size["quantity"])
        return found

    def stock_wanted(self) -> Mapping[str, Units]:
        return wanted.stock()

    def names_linked(self, kind: str) -> Mapping[str, frozenset[str]]:
        if kind == "customer":
            return {each["_id"]: frozenset({each["code"]}) for each in self.control("GET", "/companies")}
        return {product["_id"]: frozenset({product["brand_id"]}) for product in self._products()}

    def names_here(self, kind: str) -> Mapping[str, str]:
        if kind == "customer":
            return {str(pk): name for pk, name in Customer.objects.values_list("pk", "name")}
        return {str(pk): code for pk, code in Product.objects.values_list("pk", "code")}

    def more_that_is_wrong(self) -> Iterator[str]:
        if shared := self.control("GET", "/duplicate-upcs"):
            yield f"barcodes are there twice: {shared}"

    def _products(self) -> list[dict[str, Any]]:
        products: list[dict[str, Any]] = self.control("GET", "/products")
        return products


SIDE = NuOrderSide


def _lines(lines: Sequence[Wanted]) -> list[dict[str, Any]]:
    """Lines as the sandbox takes them; those sold ahead take no stock there."""
    return [
        {
            "upc": line.barcode,
            "quantity": line.units,
            "prebook": line.ahead,
            "notes": str(at),
            **({"price": float(line.price)} if line.price is not None else {}),
            **({"style_number": line.style, "color": line.colour, "size": line.size} if line.style else {}),
        }
        for at, line in enumerate(lines)
    ]
