"""ORDRE's sandbox: its buyers, and what it holds and sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from linesheet.books.images import main_images
from linesheet.books.models import SKU, PriceList, Product
from linesheet.books.prices import prices_of
from linesheet.cli.sides.caller import Caller, Collected, Submitted
from linesheet.cli.sides.words import Placed, Shown, Wanted
from linesheet.sync.models import Placement


class OrdreSide(Caller):
    """Products by their id in the books, customers by name."""

    platform = "ordre"
    slips = ("twice", "parallel", "give_up", "retry", "wrong_key")

    def meet(self, hub: str, key: str) -> None:
        self.control("POST", "/hub", {"url": hub, "key": key})

    def collect(self) -> Collected:
        told = self.control("POST", "/collect", {})
        products, customers = (told.get(kind) or {} for kind in ("products", "customers"))
        return Collected(
            products=products.get("records", 0),
            customers=customers.get("records", 0),
            gone=products.get("removed", 0),
            pictures=(told.get("images") or {}).get("fetched", 0),
            wrong=told.get("message", ""),
        )

    def products(self) -> list[Shown]:
        etags = {each["id"]: each["etag"].strip('"') for each in self.control("GET", "/images")}
        return [
            Shown(
                key=str(product["id"]),
                name=product["description"],
                sizes={sku["size"]: sku["barcode"] for sku in product["skus"]},
                prices={
                    f"{price['price_list']} {price['currency']}": Decimal(price["wholesale"] or price["retail"])
                    for price in product["prices"]
                },
                on_offer=True,
                pictures=[etags[str(product["id"])]] if str(product["id"]) in etags else [],
                places=(product["collection"]["name"], product["look"]["name"]),
            )
            for product in self.control("GET", "/products")
        ]

    def products_wanted(self, connection: int) -> list[Shown]:
        placed = Placement.objects.filter(
            section__connection=connection, product__active=True, product__withdrawn=False
        )
        places = {
            each.product_id: (each.section.parent.name, each.section.name)
            for each in placed.select_related("section__parent")
            if each.section.parent
        }
        sizes: dict[int, dict[str, str]] = {}
        for sku in SKU.objects.filter(product__in=places).exclude(barcode=""):
            sizes.setdefault(sku.product_id, {})[sku.size] = sku.barcode
        prices, images = prices_of(list(sizes)), main_images(list(sizes))
        return [
            Shown(
                key=str(product.pk),
                name=product.description or product.name,
                sizes=sizes[product.pk],
                prices=_prices(prices.get(product.pk)),
                on_offer=True,
                pictures=[images[product.pk].content_hash] if product.pk in images else [],
                places=places[product.pk],
            )
            for product in Product.objects.filter(pk__in=sizes)
        ]

    def customers(self) -> set[str]:
        return {each["name"] for each in self.control("GET", "/customers")}

    def place_order(self, order: Placed) -> str:
        known = next((each["id"] for each in self.control("GET", "/customers") if each["name"] == order.customer), None)
        dates = dict(zip(("start", "end"), map(str, order.ships), strict=True)) if order.ships else None
        wish: dict[str, Any] = {
            **({"customer_id": str(known)} if known else {"customer": order.customer}),
            "po_number": order.po or None,
            "currency": order.currency,
            "price_list": "Wholesale",
            "delivery": dates,
            "lines": _lines(order.lines),
        }
        return str(self.control("POST", "/orders", wish)["number"])

    def change_order(self, number: str, lines: Sequence[Wanted]) -> None:
        self.control("PATCH", f"/orders/{number}", {"lines": _lines(lines)})

    def submit(self, number: str, slip: str = "", **how: object) -> Submitted:
        body = {"slip": {"kind": slip, **how}} if slip else {}
        return _submitted(self.control("POST", f"/orders/{number}/submit", body))

    def submissions(self) -> list[Submitted]:
        return [_submitted(each) for each in self.control("GET", "/submissions")]


SIDE = OrdreSide


def _prices(held: Any) -> Mapping[str, Decimal]:
    kinds = (PriceList.Kind.WHOLESALE, PriceList.Kind.RETAIL)
    told = held.prices if held else ()
    return {
        f"{price.price_list.name} {price.currency}": price.amount
        for price in told
        if price.amount and price.price_list.kind in kinds
    }


def _lines(lines: Sequence[Wanted]) -> list[dict[str, Any]]:
    return [
        {
            "barcode": line.barcode,
            "quantity": line.units,
            **({"unit_price": f"{line.price:.2f}"} if line.price is not None else {}),
            **({"description": f"{line.style}, {line.size}"} if line.style else {}),
        }
        for line in lines
    ]


def _submitted(submission: Mapping[str, Any]) -> Submitted:
    """Of several answers the one counts that took the order (201, or 200 as a repeat)."""
    answers = submission["answers"]
    report = submission["report"] or {}
    refusal = next((each["answer"] for each in answers if isinstance(each["answer"], dict)), {})
    issues: Sequence[Mapping[str, Any]] = (report or refusal).get("issues") or ()
    units: Counter[str] = Counter()
    for line in submission["body"]["lines"]:
        units[line["barcode"]] += line["quantity"]
    return Submitted(
        order=submission["order_number"],
        taken=submission["outcome"] == "accepted",
        made=report.get("erp_order_number") or "",
        units=units,
        amount=Decimal(report.get("amount") or 0),
        told=[issue["code"] for issue in issues],
        left_out=report.get("lines_skipped", 0),
        before=[each["erp_order_number"] for each in report.get("superseded", [])],
        replies=sum(each["status"] is not None for each in answers),
        repeats=sum(bool(each["replayed"]) for each in answers),
        message=answers[-1]["message"] if answers else "",
        new_customer=bool((report.get("customer") or {}).get("created")),
    )
