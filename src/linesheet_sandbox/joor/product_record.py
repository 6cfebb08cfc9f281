"""A product as it is kept and as v4 answers it (sheet 3.1)."""

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.downloads import image_url
from linesheet_sandbox.joor.fields import filled_in, invalid, objects_in, text_in, texts_in, whole_in
from linesheet_sandbox.joor.fixed import CODED_TRAITS, TRAIT_NAMED
from linesheet_sandbox.joor.matching import EXTERNAL_ID, Key
from linesheet_sandbox.joor.portal import JoorPortal

KEYS: tuple[Key, ...] = (EXTERNAL_ID, ("product_identifier", "identifier"))
"""What a product is known by (sheet 3)."""

_TEXTS = ("external_id", "product_identifier", "description")


def new_product() -> Record:
    """A product without anything in it."""
    return {
        "id": "",
        "name": "",
        **dict.fromkeys(_TEXTS, ""),
        "order_minimum": None,
        "category_ids": [],
        "product_trait_values": [],
        "tags": [],
    }


def merged_product(portal: JoorPortal, product: Record, item: Record) -> Record:
    """The product with what the item says; what it leaves out stays."""
    merged = {**product, "name": filled_in({**product, **item}, "name")}
    merged |= {name: text_in(item, name) for name in _TEXTS if name in item}
    if "order_minimum" in item:
        merged["order_minimum"] = whole_in(item, "order_minimum")
    if "category_ids" in item:
        merged["category_ids"] = _categories(portal, item)
    if "product_trait_values" in item:
        merged["product_trait_values"] = [
            _trait_value(portal, value) for value in objects_in(item, "product_trait_values")
        ]
    if "tags" in item:
        merged["tags"] = [_tag(tag) for tag in objects_in(item, "tags")]
    return merged


def product_answer(portal: JoorPortal, product: Record, base_url: str) -> Record:
    """The product as v4 answers it."""
    return {
        **{name: product[name] for name in ("id", "name", *_TEXTS, "order_minimum", "category_ids", "tags")},
        "categories": [_category_answer(portal, key) for key in product["category_ids"]],
        "product_trait_values": [
            {**value, "trait": TRAIT_NAMED[value["trait"]]} for value in product["product_trait_values"]
        ],
        "images": [
            {"id": asset["id"], "url": image_url(base_url, asset)}
            for asset in sorted(_assets(portal, product["id"]), key=lambda asset: asset["display_order"])
            if asset["type"] == "image"
        ],
        "badge": None,
    }


def trait_meant(portal: JoorPortal, given: Record, kind: str) -> Record:
    """The trait an item names by `trait_id` or `trait_name`, which must be of products or of SKUs, as `kind` says."""
    reference = text_in(given, "trait_id")
    trait = (
        portal.traits.get(reference) if reference else portal.traits.by("name", text_in(given, "trait_name").lower())
    )
    if trait is None or trait["type"] != kind:
        raise invalid(f"trait {reference or given.get('trait_name')} is not known here")
    return trait


def _categories(portal: JoorPortal, item: Record) -> list[str]:
    keys = texts_in(item, "category_ids")
    for key in keys:
        if key not in portal.categories:
            raise invalid(f"there is no category {key}")
    return keys


def _trait_value(portal: JoorPortal, given: Record) -> Record:
    trait = trait_meant(portal, given, "ProductTrait")
    code = text_in(given, "external_id")
    if code and trait["name"] not in CODED_TRAITS:
        raise invalid(f"{trait['name']} takes no external_id")
    return {"trait": trait["name"], "value": filled_in(given, "value"), "external_id": code or None}


def _tag(given: Record) -> Record:
    return {"name": filled_in(given, "name"), **{key: text_in(given, key) for key in ("value", "code", "parent_id")}}


def _category_answer(portal: JoorPortal, key: str) -> Record:
    category = portal.categories.get(key) or {}
    return {name: category[name] for name in ("id", "name", "parent_name", "department")}


def _assets(portal: JoorPortal, product_id: str) -> list[Record]:
    return [asset for key in portal.assets.ids_by("product", product_id) if (asset := portal.assets.get(key))]
