"""JOOR's own words, the same for every account: the tree of categories and the traits (sheet 3, 3.1 and 3.2)."""

import base64

from linesheet_sandbox.common.store import Record

COLOR = "Color"
SIZE = "Size"

_CLOTHING = {
    "Outerwear": ("Coats", "Jackets", "Blazers", "Vests"),
    "Tops": ("Blouses", "Shirts", "T-Shirts", "Sweatshirts"),
    "Knitwear": ("Sweaters", "Cardigans", "Knit Tops"),
    "Bottoms": ("Trousers", "Jeans", "Shorts", "Leggings"),
    "Swimwear": ("One Pieces", "Bikinis", "Cover Ups"),
    "Underwear": ("Lingerie", "Hosiery", "Sleepwear"),
    "Shoes": ("Boots", "Sneakers", "Sandals", "Flats"),
    "Bags": ("Totes", "Backpacks", "Clutches"),
    "Accessories": ("Belts", "Hats", "Scarves", "Gloves", "Sunglasses"),
    "Jewelry": ("Necklaces", "Earrings", "Bracelets", "Rings"),
}
_FEMALE = {
    "Dresses": ("Day Dresses", "Evening Dresses", "Gowns"),
    "Skirts": ("Mini Skirts", "Midi Skirts"),
    "Jumpsuits": (),
}
_MALE: dict[str, tuple[str, ...]] = {"Suits": ("Suit Jackets", "Suit Trousers", "Tuxedos")}
_BABY: dict[str, tuple[str, ...]] = {
    "Onesies": (),
    "Sets": (),
    "Tops": ("T-Shirts", "Sweaters"),
    "Bottoms": ("Trousers", "Shorts"),
    "Outerwear": ("Coats", "Jackets"),
    "Shoes": ("Boots", "Sneakers"),
    "Accessories": ("Hats", "Blankets"),
}
_TREE: dict[str, dict[str, tuple[str, ...]]] = {
    "WOMEN": _CLOTHING | _FEMALE,
    "MEN": _CLOTHING | _MALE,
    "GIRLS": _CLOTHING | _FEMALE,
    "BOYS": _CLOTHING | _MALE,
    "UNISEX": _CLOTHING,
    "BABY_GIRLS": _BABY | {"Dresses": ()},
    "BABY_BOYS": _BABY,
}

_PRODUCT_TRAITS = (
    ("MAT", "Materials"),
    ("COO", "Country of Origin"),
    ("FAB", "Fabrication"),
    ("SIL", "Silhouette"),
    ("DIV", "Division"),
    ("SOM", "Source of Materials"),
    ("HEEL", "Heel Height"),
    ("MEAS", "Measurements"),
    ("FUR", "Contains Fur"),
)

CODED_TRAITS = frozenset({"Division", "Fabrication", "Silhouette"})
"""Product traits whose values may carry an `external_id` (sheet 3.1)."""


def _trait(typed_name: str, name: str) -> Record:
    kind, _, _ = typed_name.partition(":")
    return {"id": base64.b64encode(typed_name.encode()).decode(), "name": name, "type": kind}


def _categories() -> list[Record]:
    """Department at the top, then categories, then subcategories; numbered in that order."""
    records: list[Record] = []

    def add(name: str, department: str, parent: Record | None) -> Record:
        record = {
            "id": str(1001 + len(records)),
            "name": name,
            "parent_id": parent["id"] if parent else None,
            "parent_name": parent["name"] if parent else None,
            "department": department,
        }
        records.append(record)
        return record

    for department, categories in _TREE.items():
        top = add(department, department, None)
        for category, subcategories in categories.items():
            middle = add(category, department, top)
            for subcategory in subcategories:
                add(subcategory, department, middle)
    return records


CATEGORIES = _categories()
TRAITS = [
    _trait("SKUTrait:StyleColor", COLOR),
    _trait("SKUTrait:Size", SIZE),
    *(_trait(f"ProductTrait:{code}", name) for code, name in _PRODUCT_TRAITS),
]
TRAIT_NAMED = {trait["name"]: {"id": trait["id"], "name": trait["name"]} for trait in TRAITS}
"""Traits as they are shown with their values, by name."""
