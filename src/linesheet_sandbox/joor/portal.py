"""One brand's account on JOOR: everything JOOR keeps for it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from linesheet_sandbox.common.clock import Clock
from linesheet_sandbox.common.settings import changed
from linesheet_sandbox.common.store import Collection, Record, Store
from linesheet_sandbox.joor.fixed import CATEGORIES, TRAITS
from linesheet_sandbox.joor.numbers import Numbers
from linesheet_sandbox.joor.settings import JoorSettings

DEFAULT_WAREHOUSE = "Default"

_KEPT_ON_RESET = ("accounts", "clients", "users", "v2_tokens", "access_tokens", "portal")
_NOT_SHOWN = ("contents",)


class JoorPortal:
    """The account's records by kind. Handlers validate an item first and then write: what is refused is not stored.

    A record's key is its `id`, but for SKUs, whose key is the number within their id (see `skus.py`), stock, whose
    key is `sku|warehouse|date`, and what credentials consist of.
    """

    def __init__(self, state: Path | None) -> None:
        self.store = Store(state)
        self.clock = Clock()
        self.settings = JoorSettings()
        self.accounts = Collection(self.store, "accounts")
        self.clients = Collection(self.store, "clients")
        self.users = Collection(self.store, "users", {"username": lambda u: (u["username"],)})
        self.v2_tokens = Collection(self.store, "v2_tokens")
        self.access_tokens = Collection(self.store, "access_tokens", {"refresh": lambda t: (t["refresh_token"],)})
        self.warehouses = Collection(self.store, "warehouses", {"name": _one("name"), "code": _one("code")})
        self.price_types = Collection(self.store, "price_types", {"pair": lambda p: ((p["name"], p["currency_code"]),)})
        self.seasons = Collection(self.store, "seasons", {"name": _one("name"), "external_id": _one("external_id")})
        self.categories = Collection(self.store, "categories")
        self.traits = Collection(self.store, "traits", {"name": lambda t: (t["name"].lower(),)})
        self.products = Collection(
            self.store,
            "products",
            {"external_id": _one("external_id"), "identifier": _one("product_identifier")},
        )
        self.trait_values = Collection(
            self.store,
            "trait_values",
            {
                "product": lambda v: (v["product_id"],),
                "value": lambda v: ((v["product_id"], v["trait"], v["value"]),),
                "code": lambda v: ((v["product_id"], v["trait"], v["external_id"]),) if v["external_id"] else (),
            },
        )
        self.skus = Collection(
            self.store,
            "skus",
            {
                "product": lambda s: (s["product_id"],),
                "pair": lambda s: ((s["color_id"], s["size_id"]),),
                "external_id": _one("external_id"),
                "identifier": _one("sku_identifier"),
                "upc": lambda s: (i["value"] for i in s["identifiers"] if i["type"] == "upc"),
            },
        )
        self.prices = Collection(
            self.store,
            "prices",
            {"sku": lambda p: (p["sku_id"],), "pair": lambda p: ((p["sku_id"], p["price_type_id"]),)},
        )
        self.collections = Collection(
            self.store,
            "collections",
            {
                "external_id": _one("external_id"),
                "name": _one("name"),
                "product": lambda c: {item["product_id"] for item in c["items"]},
            },
        )
        self.assets = Collection(
            self.store,
            "assets",
            {
                "product": lambda a: (a["product_id"],),
                "trait_value": _one("trait_value_id"),
                "filename": _one("filename"),
                "external_id": _one("external_id"),
                "sha256": _one("sha256"),
            },
        )
        self.asset_names = Collection(self.store, "asset_names")
        self.contents = Collection(self.store, "contents")
        self.connections = Collection(
            self.store, "connections", {"code": _one("customer_code"), "state": lambda c: (c["state"],)}
        )
        self.stock = Collection(
            self.store,
            "stock",
            {"sku": lambda s: (s["sku_id"],), "warehouse": lambda s: (s["warehouse_id"],)},
        )
        self.orders = Collection(
            self.store,
            "orders",
            {
                "status": lambda o: (o["status"],),
                "export_state": lambda o: (o["export_state"],),
                "connection": _one("connection_id"),
            },
        )
        self.line_items = Collection(
            self.store, "line_items", {"order": lambda i: (i["order_id"],), "sku": lambda i: (i["sku_id"],)}
        )
        self.jobs = Collection(self.store, "jobs")
        self.outbox = Collection(self.store, "outbox")
        self._writes = Collection(self.store, "writes")
        self._portal = Collection(self.store, "portal")
        self._numbers = Numbers(self._portal)
        self._restore_settings()
        self._open_for_business()
        self.store.commit()

    def new_id(self, kind: str) -> str:
        """A fresh id for a record of this kind (see `numbers.py`)."""
        return self._numbers.next(kind)

    def applied(self, kind: str, label: str, action: str) -> None:
        """Count a write the API carried out, so that a checker can prove that nothing doubled."""
        key = f"{kind}/{label}"
        counts = dict(self._writes.get(key) or {})
        counts[action] = counts.get(action, 0) + 1
        self._writes.put(key, counts)

    def writes(self) -> dict[str, dict[str, Record]]:
        """Writes applied by kind, then record, then action."""
        counts: dict[str, dict[str, Record]] = {}
        for key in self._writes.ids():
            kind, _, label = key.partition("/")
            counts.setdefault(kind, {})[label] = self._writes.get(key) or {}
        return counts

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Change settings by name and keep them. Raises msgspec.ValidationError on a wrong name or type."""
        self.settings = changed(self.settings, changes)
        self._keep_settings()

    def move_clock(self, offset_seconds: float) -> None:
        """Set the clock off from wall time, and keep it so."""
        self.clock.offset_seconds = offset_seconds
        self._keep_settings()

    def dump(self) -> dict[str, Any]:
        """All records by kind. The bytes of assets are named by their `sha256` alone."""
        return {
            collection.name: {key: collection.get(key) for key in collection.ids()}
            for collection in self._collections()
            if collection.name not in _NOT_SHOWN
        }

    def reset(self) -> None:
        """Empty the account but for identity and credentials, and put settings and clock back. No id is used again."""
        for collection in self._collections():
            if collection.name not in _KEPT_ON_RESET:
                collection.clear()
        self._portal.remove("settings")
        self.settings = JoorSettings()
        self.clock.offset_seconds = 0
        self._open_for_business()
        self.store.commit()

    def _keep_settings(self) -> None:
        kept = {"values": msgspec.to_builtins(self.settings), "offset_seconds": self.clock.offset_seconds}
        self._portal.put("settings", kept)
        self.store.commit()

    def _collections(self) -> Iterable[Collection]:
        return (part for part in vars(self).values() if isinstance(part, Collection))

    def _restore_settings(self) -> None:
        if kept := self._portal.get("settings"):
            self.settings = msgspec.convert(kept["values"], JoorSettings)
            self.clock.offset_seconds = kept["offset_seconds"]

    def _open_for_business(self) -> None:
        """What an account has before anybody sets it up: the default warehouse, and JOOR's own words."""
        if not len(self.warehouses):
            add_warehouse(self, DEFAULT_WAREHOUSE, "")
        for fixed, kept in ((CATEGORIES, self.categories), (TRAITS, self.traits)):
            for record in fixed:
                kept.put(record["id"], record)


def add_warehouse(portal: JoorPortal, name: str, code: str) -> Record:
    """Set up a warehouse, which is done before any stock can be sent to it (sheet 5)."""
    key = portal.new_id("warehouse")
    return portal.warehouses.put(key, {"id": key, "name": name, "code": code})


def add_price_type(portal: JoorPortal, name: str, currency: str, retail_currency: str) -> Record:
    """Set up a price type, which is done before any price can be given by it (sheet 3.3)."""
    key = portal.new_id("price_type")
    price_type = {"id": key, "name": name, "currency_code": currency, "retail_currency_code": retail_currency}
    return portal.price_types.put(key, price_type)


def _one(field: str) -> Any:
    """An index by one field, of the records in which it is filled."""

    def keys(record: Record) -> Iterable[Any]:
        return (record[field],) if record.get(field) else ()

    return keys
