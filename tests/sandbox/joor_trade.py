"""A little JOOR account in trade, for the tests of stock, customers and orders."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.sandbox.joor_client import Joor
from tests.sandbox.running import Control, Reply

BLACK_S, BLACK_M, CAPE_S = "5060000000017", "5060000000024", "5060000000093"

RUE_DOUZE: dict[str, Any] = {
    "customer_code": "C0042",
    "customer_name": "Rue Douze",
    "customer_buyer_name": "A. Morel",
    "customer_email": "buying@ruedouze.example",
    "price_types": [
        {
            "price_type_currency_code": "EUR",
            "price_type_label": "WS EUR",
            "price_type_retail_currency_code": "EUR",
        }
    ],
    "billing": {
        "billing_addresses": [
            {
                "billing_code": "C0042-A1",
                "billing_name": "Rue Douze SARL",
                "billing_address_1": "12 rue Haute",
                "billing_city": "Lyon",
                "billing_postal_code": "69001",
                "billing_country": "France",
            }
        ]
    },
    "shipping": {
        "shipping_addresses": [
            {
                "shipping_code": "C0042-D1",
                "shipping_name": "Rue Douze depot",
                "shipping_address_1": "3 quai Sud",
                "shipping_city": "Lyon",
                "shipping_postal_code": "69002",
                "shipping_country": "France",
                "shipping_email": "depot@ruedouze.example",
            }
        ]
    },
}
"""A customer as sheet 8.5 sends it."""


@dataclass
class Trade:
    """An account in trade: the client of an integration, and the hands of buyers and of JOOR's people."""

    joor: Joor
    control: Control

    def v2(self, method: str, path: str, body: Any = None, **query: Any) -> Reply:
        return self.joor.v2(method, _target(path, query), body)

    def v4(self, method: str, path: str, body: Any = None, **query: Any) -> Reply:
        return self.joor.v4(method, _target(path, query), body)

    def orders(self, **query: Any) -> list[dict[str, Any]]:
        """The orders of a v2 read, which leaves no marks unless it is told to."""
        reply = self.v2("GET", "/order/", **{"sync": 0, **query})
        assert reply.status == 200, reply.body
        return list(reply.json["orders"]["orders"])

    def ids(self, **query: Any) -> list[str]:
        """Ids of the orders of a v2 read."""
        return [str(order["order_id"]) for order in self.orders(**query)]

    def place(self, *lines: tuple[str, int], **wish: Any) -> dict[str, Any]:
        """An order of the buyer of Rue Douze off the linesheet Outerwear."""
        rows = [{"upc": upc, "quantity": quantity} for upc, quantity in lines]
        wish = {"customer_code": "C0042", "linesheet": "Outerwear", "lines": rows, **wish}
        return dict(self.control.post("/orders", wish))

    def place_id(self, *lines: tuple[str, int], **wish: Any) -> str:
        """The id of such an order, approved unless it is told otherwise."""
        return str(self.place(*lines, **{"status": "APPROVED", **wish})["id"])

    def refused(self, **wish: Any) -> str:
        """Why an order of one coat cannot be placed so."""
        usual = {"customer_code": "C0042", "linesheet": "Outerwear", "lines": [{"upc": BLACK_S, "quantity": 1}]}
        reply = self.control.call("POST", "/orders", {**usual, **wish})
        assert reply.status == 400, reply.body
        return reply.message

    def line(self, order: str, upc: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """A line as v4 adds it to an order."""
        return {"order_id": order, "sku_id": self.sku(upc), "quantity": quantity, **more}

    def send_customers(self, *rows: dict[str, Any], body: Any = None) -> int:
        """The number of a job that takes these customers, or a body with them."""
        reply = self.v2("POST", "/bulk-connection", body or {"bulk_connections": {"connection": list(rows)}})
        assert reply.status == 200, reply.body
        [job] = reply.json["bulk_connections"]["bulk_connections_jobs"]
        return int(job["bulk_connections_job_id"])

    def job(self, number: int) -> dict[str, Any]:
        """A job as it stands."""
        [found] = self.v2("GET", f"/bulk-connection/{number}").json["bulk_connections"]["bulk_connections_jobs"]
        return dict(found)

    def customers_sent(self, *rows: dict[str, Any], body: Any = None) -> list[str]:
        """What a job said went wrong with these customers, once it is finished."""
        self.control.set(job_seconds=0)
        found = self.job(self.send_customers(*rows, body=body))
        assert found["status"] == "finished"
        return [error["message"] for error in found["errors"]]

    def held(self) -> dict[tuple[str, str, str], int]:
        """What JOOR would sell, by UPC, warehouse and day."""
        return {(row["upc"], row["warehouse"], row["date"]): row["quantity"] for row in self.control.get("/stock")}

    def sku(self, upc: str) -> str:
        """JOOR's id of the SKU of a UPC."""
        found = self.joor.get("/skus")
        return next(str(sku["id"]) for sku in found if sku["identifiers"] == [{"type": "upc", "value": upc}])


def fill_account(joor: Joor, control: Control) -> Trade:
    """Coat and cape on the linesheet Outerwear of AUTUMN/WINTER 26, and Rue Douze to buy them in WS EUR."""
    control.post("/price-types", {"name": "WS EUR", "currency_code": "EUR"})
    control.post("/price-types", {"name": "WS GBP", "currency_code": "GBP"})
    control.post("/warehouses", {"name": "London", "code": "LDN"})
    [season] = joor.post("/seasons/bulk_create", {"name": "AUTUMN/WINTER 26", "external_id": "AW26", "year": 2026})
    coat, cape = joor.post(
        "/products/bulk_create",
        {"name": "Wool coat", "external_id": "COAT1-WOOL", "product_identifier": "COAT1"},
        {"name": "Cape", "external_id": "COAT9", "product_identifier": "COAT9"},
    )
    skus = joor.post(
        "/skus/bulk_create",
        _sku(coat["id"], "COAT1-WOOL-BLK-S", ("Black", "BLK"), "S", BLACK_S),
        _sku(coat["id"], "COAT1-WOOL-BLK-M", ("Black", "BLK"), "M", BLACK_M),
        _sku(cape["id"], "COAT9-CML-S", ("Camel", "CML"), "S", CAPE_S),
    )
    amounts = {"wholesale_value": "95.00", "retail_value": "240.00"}
    euro = {"price_type_name": "WS EUR", "price_type_currency_code": "EUR"}
    pound = {"price_type_name": "WS GBP", "price_type_currency_code": "GBP"}
    joor.post("/prices/bulk_create", *({"sku_id": sku["id"], **euro, **amounts} for sku in skus))
    joor.post("/prices/bulk_create", {"sku_id": skus[0]["id"], **pound, "wholesale_value": "80.00"})
    window = {"start_ship_date": "2026-08-01", "complete_ship_date": "2026-08-31"}
    joor.post(
        "/collections/bulk_create",
        {
            "name": "Outerwear",
            "external_id": "OUT",
            "season_id": season["id"],
            "delivery": window,
            "items": [{"product_id": coat["id"]}, {"product_id": cape["id"]}],
        },
    )
    control.post("/connections", RUE_DOUZE)
    return Trade(joor, control)


def _target(path: str, query: dict[str, Any]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _sku(product_id: str, key: str, colour: tuple[str, str], size: str, upc: str) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "external_id": key,
        "sku_identifier": key,
        "trait_values": [
            {"trait_name": "Color", "value": colour[0], "external_id": colour[1]},
            {"trait_name": "Size", "value": size, "external_id": size},
        ],
        "identifiers": [{"type": "upc", "value": upc}],
    }
