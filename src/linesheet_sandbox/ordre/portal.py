"""One brand on ORDRE: what was collected of it from the hub, and what buyers ordered."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from linesheet_sandbox.common.clock import Clock
from linesheet_sandbox.common.settings import changed
from linesheet_sandbox.common.store import Collection, Record, Store
from linesheet_sandbox.ordre.errors import AbandonedError
from linesheet_sandbox.ordre.settings import OrdreSettings
from linesheet_sandbox.ordre.slips import Slips

_FIRST_ORDER = 100_245
_KEPT_ON_RESET = ("hub", "numbers")
_NOT_SHOWN = ("contents", "hub")


class OrdrePortal:
    """The records by kind.

    `customers`, `products` and `stock` are as the hub gave them, by its ids and by barcode; `tree` has its collections,
    `pictures` and `contents` the images by product id. `removed` are tombstones, `marks` the `as_of` of each resource
    (sheet 6.3). `orders` are the buyers', by number; `submissions` are what was sent of them.
    `events` are what the hub told of its own accord.
    """

    def __init__(self, state: Path | None) -> None:
        self.store = Store(state)
        self.clock = Clock()
        self.settings = OrdreSettings()
        self.slips = Slips()
        self.changed = asyncio.Event()
        self.hub = Collection(self.store, "hub")
        self.customers = Collection(self.store, "customers")
        self.products = Collection(
            self.store,
            "products",
            {"look": lambda p: (place_of(p, "look"),), "barcode": barcodes_of},
        )
        self.stock = Collection(self.store, "stock")
        self.tree = Collection(self.store, "tree")
        self.pictures = Collection(self.store, "pictures")
        self.contents = Collection(self.store, "contents")
        self.removed = Collection(self.store, "removed")
        self.marks = Collection(self.store, "marks")
        self.collects = Collection(self.store, "collects")
        self.orders = Collection(self.store, "orders")
        self.submissions = Collection(self.store, "submissions", {"order": lambda s: (s["order_number"],)})
        self.events = Collection(self.store, "events")
        self._numbers = Collection(self.store, "numbers")
        self._kept_settings = Collection(self.store, "settings")
        self._emptied = 0
        self._restore_settings()

    def next_number(self, kind: str) -> int:
        """The next number of a kind, never given twice."""
        last = (self._numbers.get(kind) or {"last": _FIRST_ORDER - 1 if kind == "order" else 0})["last"]
        self._numbers.put(kind, {"last": last + 1})
        return int(last) + 1

    @property
    def never_set_up(self) -> bool:
        """Nobody has changed a setting yet."""
        return not len(self._kept_settings)

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Change settings by name and keep them. Raises msgspec.ValidationError on a wrong name or type."""
        self.settings = changed(self.settings, changes)
        self._keep_settings()

    def move_clock(self, offset_seconds: float) -> None:
        """Set the clock off from wall time, and keep it so."""
        self.clock.offset_seconds = offset_seconds
        self._keep_settings()

    def epoch(self) -> int:
        """How often the sandbox was emptied: what began before must not write afterwards (see `still`)."""
        return self._emptied

    def still(self, epoch: int) -> None:
        """Raises AbandonedError when the sandbox was emptied since."""
        if epoch != self._emptied:
            raise AbandonedError

    def dump(self) -> dict[str, Any]:
        """All records by kind, but for the hub's key and the bytes of pictures."""
        return {
            part.name: {key: part.get(key) for key in part.ids()}
            for part in self._collections()
            if part.name not in _NOT_SHOWN
        }

    def reset(self) -> None:
        """Forget everything but the hub and its key; settings, clock and slips go back. No number is used again."""
        self._emptied += 1
        for part in self._collections():
            if part.name not in _KEPT_ON_RESET:
                part.clear()
        self.settings = OrdreSettings()
        self.clock.offset_seconds = 0
        self.slips.clear()
        self.store.commit()
        self.changed.set()

    def _collections(self) -> Iterable[Collection]:
        return (part for part in vars(self).values() if isinstance(part, Collection))

    def _keep_settings(self) -> None:
        kept = {"values": msgspec.to_builtins(self.settings), "offset_seconds": self.clock.offset_seconds}
        self._kept_settings.put("settings", kept)
        self.store.commit()
        self.changed.set()

    def _restore_settings(self) -> None:
        if kept := self._kept_settings.get("settings"):
            self.settings = msgspec.convert(kept["values"], OrdreSettings)
            self.clock.offset_seconds = kept["offset_seconds"]


def place_of(product: Record, level: str) -> str:
    """The id of the product's `collection` or `look`, "" without one (sheet 6.4)."""
    place = product.get(level)
    return str(place.get("id") or "") if isinstance(place, dict) else ""


def barcodes_of(product: Record) -> list[str]:
    """The barcodes of the product's SKUs."""
    return [str(sku["barcode"]) for sku in skus_of(product) if sku.get("barcode")]


def skus_of(product: Record) -> list[Record]:
    """The product's SKUs in the order of their sizes."""
    skus = [sku for sku in product.get("skus") or [] if isinstance(sku, dict)]
    return sorted(skus, key=lambda sku: _position(sku.get("size_position")))


def _position(value: Any) -> float:
    return value if isinstance(value, int | float) else 0
