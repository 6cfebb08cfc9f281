"""One brand's portal: everything NuORDER keeps for it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from linesheet_sandbox.common.clock import Clock
from linesheet_sandbox.common.settings import changed
from linesheet_sandbox.common.store import Collection, Record, Store
from linesheet_sandbox.nuorder.objectids import ObjectIds
from linesheet_sandbox.nuorder.settings import NuOrderSettings

BRAND_NAME = "Sandbox Brand"
DEFAULT_WAREHOUSE = "default"
FIRST_ORDER_NUMBER = 131800001

_KEPT_ON_RESET = ("applications", "tokens", "portal")


class Portal:
    """The portal's records by kind. Handlers validate first and then write: a refused call stores nothing."""

    def __init__(self, state: Path | None) -> None:
        self.store = Store(state)
        self.clock = Clock()
        self.settings = NuOrderSettings()
        self.ids = ObjectIds()
        self.applications = Collection(self.store, "applications")
        self.tokens = Collection(self.store, "tokens")
        self.handshakes = Collection(self.store, "handshakes")
        self.products = Collection(
            self.store,
            "products",
            {
                "brand_id": lambda p: (p["brand_id"].lower(),) if p["brand_id"] else (),
                "natural": lambda p: (natural_key(p),),
                "upc": lambda p: (size["upc"] for size in p["sizes"] if size.get("upc")),
                "sku": lambda p: (size["_id"] for size in p["sizes"]),
                "season": lambda p: {season.lower() for season in (p["season"], *p["seasons"])},
            },
        )
        self.stock = Collection(self.store, "stock")
        self.replenishments = Collection(
            self.store,
            "replenishments",
            {"sku": lambda r: ((r["warehouse_id"], r["sku_id"]),), "product": lambda r: (r["product_id"],)},
        )
        self.availability = Collection(self.store, "availability")
        self.warehouses = Collection(self.store, "warehouses")
        self.companies = Collection(
            self.store,
            "companies",
            {"code": lambda c: (c["code"],) if c["code"] else (), "name": lambda c: (c["name"],)},
        )
        self.price_sheets = Collection(self.store, "price_sheets")
        self.orders = Collection(
            self.store,
            "orders",
            {
                "number": lambda o: (o["order_number"],),
                "status": lambda o: (o["status"],),
                "edited": lambda o: (_edited_since_processed(o),),
            },
        )
        self.deductions = Collection(self.store, "deductions")
        self.schema_fields = Collection(self.store, "schema_fields")
        self.catalogs = Collection(self.store, "catalogs")
        self._writes = Collection(self.store, "writes")
        self._portal = Collection(self.store, "portal")
        self._stay_above_used_ids()
        self._restore_settings()
        if "brand" not in self._portal:
            self._portal.put("brand", self._new_brand())
        self._open_for_business()
        self.store.commit()

    @property
    def schema_id(self) -> str:
        """The id every record of this portal carries as `schema_id`."""
        return str(self._brand["schema_id"])

    @property
    def brand_id(self) -> str:
        """The id of the brand itself."""
        return str(self._brand["_id"])

    def new_id(self) -> str:
        """A fresh object id."""
        return self.ids.next(self.clock.now())

    def next_order_number(self) -> str:
        """NuORDER's own numbering: nine digits, rising."""
        number = int(self._brand["next_order_number"])
        while self.orders.by("number", str(number)):
            number += 1
        self._portal.put("brand", {**self._brand, "next_order_number": number + 1})
        return str(number)

    def warehouse(self, reference: str) -> Record | None:
        """A warehouse by its name, code or id, whatever the case."""
        wanted = reference.lower()
        for warehouse in self.warehouses.all():
            names = (warehouse["display_name"], warehouse["code"], warehouse["id"])
            if wanted in (name.lower() for name in names):
                return warehouse
        return None

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

    def _keep_settings(self) -> None:
        kept = {"values": msgspec.to_builtins(self.settings), "offset_seconds": self.clock.offset_seconds}
        self._portal.put("settings", kept)
        self.store.commit()

    def dump(self) -> dict[str, Any]:
        """All records by kind."""
        return {
            collection.name: {key: collection.get(key) for key in collection.ids()}
            for collection in self._collections()
        }

    def reset(self) -> None:
        """Empty the portal but for its identity and credentials, and put settings and clock back."""
        for collection in self._collections():
            if collection.name not in _KEPT_ON_RESET:
                collection.clear()
        self._portal.remove("settings")
        self.settings = NuOrderSettings()
        self.clock.offset_seconds = 0
        self._portal.put("brand", {**self._brand, "next_order_number": FIRST_ORDER_NUMBER})
        self._open_for_business()
        self.store.commit()

    @property
    def _brand(self) -> Record:
        return self._portal.get("brand") or {}

    def _new_brand(self) -> Record:
        return {"_id": self.new_id(), "schema_id": self.new_id(), "next_order_number": FIRST_ORDER_NUMBER}

    def _collections(self) -> Iterable[Collection]:
        return (part for part in vars(self).values() if isinstance(part, Collection))

    def _stay_above_used_ids(self) -> None:
        for collection in (self.products, self.companies, self.orders, self.replenishments, self.warehouses):
            for record in collection.all():
                for inner in (record, *record.get("sizes", ()), *record.get("line_items", ())):
                    self.ids.seen(str(inner.get("_id") or inner.get("id")))

    def _restore_settings(self) -> None:
        if kept := self._portal.get("settings"):
            self.settings = msgspec.convert(kept["values"], NuOrderSettings)
            self.clock.offset_seconds = kept["offset_seconds"]

    def _open_for_business(self) -> None:
        if not len(self.warehouses):
            add_warehouse(self, DEFAULT_WAREHOUSE, DEFAULT_WAREHOUSE)


def add_warehouse(portal: Portal, display_name: str, code: str) -> Record:
    """Set up a warehouse, which a brand does before any stock can be posted to it (sheet 5.1)."""
    now = portal.clock.stamp()
    warehouse: Record = {
        "id": portal.new_id(),
        "brand_id": portal.brand_id,
        "display_name": display_name,
        "code": code,
        "sort": len(portal.warehouses) + 1,
        "active": True,
        "created_on": now,
        "modified_on": now,
    }
    return portal.warehouses.put(warehouse["id"], warehouse)


def natural_key(product: Record) -> tuple[str, str, str]:
    """Style, season and colour, which identify a product whatever their case (sheet 2.2 and 4.1)."""
    return product["style_number"].lower(), product["season"].lower(), product["color"].lower()


def _edited_since_processed(order: Record) -> bool:
    return bool(order["edited"]) and order["edited_on"] > order.get("__processed_on", "")
