"""What ORDRE keeps of what it collected: records, tombstones, and the tree of collections (sheet ordre.md 6.3, 6.4)."""

from typing import Any

from linesheet_sandbox.common.store import Collection, Record
from linesheet_sandbox.ordre.errors import HubError
from linesheet_sandbox.ordre.portal import OrdrePortal

_TREE = "collections"


def keep_tree(portal: OrdrePortal, answered: Any) -> int:
    """Keep the tree of collections and looks; how many collections there are. It is bare, or within `data`."""
    tree = answered.get("data") if isinstance(answered, dict) else answered
    if not isinstance(tree, list) or not all(isinstance(collection, dict) for collection in tree):
        raise HubError(200, "collections: the answer is no list")
    portal.tree.put(_TREE, {"collections": tree})
    portal.store.commit()
    return len(tree)


def held_tree(portal: OrdrePortal) -> list[Record]:
    """Collections with their looks, in the order the brand gave them."""
    tree = (portal.tree.get(_TREE) or {"collections": []})["collections"]
    return [{**collection, "looks": _in_order(collection.get("looks") or [])} for collection in _in_order(tree)]


def keep_records(portal: OrdrePortal, resource: str, page: Record, counts: Record, seen: set[str]) -> None:
    """Keep a page. What a tombstone names goes: a record with `removed_at`, among the others or under `removed`."""
    told = page.get("removed")
    for record in [*page["data"], *(told if isinstance(told, list) else [])]:
        key = _key(record, resource)
        counts["repeated"] += key in seen
        seen.add(key)
        if record.get("removed_at"):
            counts["removed"] += 1
            _forget(portal, resource, key)
            seen.discard(key)
            portal.removed.put(f"{resource}/{key}", {**record, "resource": resource})
        else:
            counts["records"] += 1
            portal.removed.remove(f"{resource}/{key}")
            _shelf(portal, resource).put(key, record)


def taken(portal: OrdrePortal, resource: str, seen: set[str]) -> int:
    """Let go of what a collect of everything did not name; how many that were."""
    gone = [key for key in _shelf(portal, resource).ids() if key not in seen]
    for key in gone:
        _forget(portal, resource, key)
    return len(gone)


def _forget(portal: OrdrePortal, resource: str, key: str) -> None:
    _shelf(portal, resource).remove(key)
    if resource == "products":
        portal.pictures.remove(key)
        portal.contents.remove(key)


def _shelf(portal: OrdrePortal, resource: str) -> Collection:
    return {"customers": portal.customers, "products": portal.products, "inventory": portal.stock}[resource]


def _key(record: Any, resource: str) -> str:
    key = record.get("barcode" if resource == "inventory" else "id") if isinstance(record, dict) else None
    if not isinstance(key, str | int) or key == "":
        raise HubError(200, f"{resource}: a record has no id")
    return str(key)


def _in_order(places: list[Record]) -> list[Record]:
    return sorted(places, key=lambda place: place.get("position") or 0)
