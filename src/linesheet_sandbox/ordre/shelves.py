"""What ORDRE holds, as it is looked at: by collection and look (sheet ordre.md 1, R13)."""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.keeping import held_tree
from linesheet_sandbox.ordre.portal import OrdrePortal, barcodes_of


def looks_of(portal: OrdrePortal) -> list[Record]:
    """Every look with the products held of it, in the order of the tree; looks the tree does not know come last."""
    looks, known = [], set()
    for collection in held_tree(portal):
        for look in collection["looks"]:
            key = str(look.get("id"))
            known.add(key)
            looks.append(_look(portal, key, str(look.get("name") or ""), str(collection.get("name") or "")))
    unknown = sorted({str(key) for key in portal.products.keys_of("look")} - known)
    return [*looks, *(_look(portal, key, "", "") for key in unknown)]


def products_in(portal: OrdrePortal, look_id: str) -> list[Record]:
    """The products held of a look, in their order."""
    products = [found for key in portal.products.ids_by("look", look_id) if (found := portal.products.get(key))]
    return sorted(products, key=lambda product: product.get("position") or 0)


def barcodes_of_several(portal: OrdrePortal) -> Record:
    """Barcodes that more than one SKU has, with the products' ids."""
    holders: dict[str, list[str]] = {}
    for product in portal.products.all():
        for barcode in barcodes_of(product):
            holders.setdefault(barcode, []).append(str(product["id"]))
    return {barcode: ids for barcode, ids in holders.items() if len(ids) > 1}


def _look(portal: OrdrePortal, key: str, name: str, collection: str) -> Record:
    products = [str(product["id"]) for product in products_in(portal, key)]
    return {"id": key, "name": name, "collection": collection, "products": products}
