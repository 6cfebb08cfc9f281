"""`/v4/assets`: pictures of products, and swatches of their colours, which JOOR downloads (sheet 3.6)."""

import base64
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.asset_intake import Taken, Wanted, read_asset, taken
from linesheet_sandbox.joor.downloads import base_url, image_url
from linesheet_sandbox.joor.envelopes import (
    DUPLICATED,
    NOT_FOUND,
    ApiHandler,
    ItemError,
    v4_items,
    v4_outcome,
    v4_spoiled,
)
from linesheet_sandbox.joor.fields import filled_in, invalid, object_in, text_in, whole_in
from linesheet_sandbox.joor.fixed import COLOR
from linesheet_sandbox.joor.matching import referred
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.product_record import trait_meant
from linesheet_sandbox.joor.trait_values import value_named

_DOWNLOADS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Draft:
    """An asset that is good by itself, and what it is a picture of: a product, or a colour or size of it."""

    wanted: Wanted
    product_id: str
    trait_value_id: str
    display_order: int
    taken: Taken

    @property
    def replaces(self) -> tuple[str, str, str]:
        return self.product_id, self.trait_value_id, self.wanted.kind


def post_product_assets(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/assets/products`."""
    return _posted(portal, call, lambda item: "")


def post_trait_value_assets(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/assets/sku_trait_values/`."""
    return _posted(portal, call, lambda item: str(_trait_value(portal, item)["id"]))


def _posted(portal: JoorPortal, call: Call, trait_value_of: Callable[[Record], str]) -> Answer:
    """Fetch everything first, then delete what is replaced, then store: names must be free by then."""

    def draft(item: Record) -> _Draft | ItemError:
        try:
            if not isinstance(item, dict):
                raise invalid("each item must be an object")
            product = _product(portal, item)
            wanted = read_asset(portal.settings, item)
            place = trait_value_of(item), whole_in(item, "display_order") or 0
            return _Draft(wanted, product["id"], *place, taken(portal.settings, wanted))
        except ItemError as problem:
            return problem

    items = v4_items(portal, call)
    spoiled = v4_spoiled(call, items)
    with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
        drafts = [spoiled.get(position, found) for position, found in enumerate(pool.map(draft, items))]
    if call.query().get("replace_all", "").lower() in ("true", "1"):
        _remove_older(portal, [found for found in drafts if isinstance(found, _Draft)])
    base = base_url(call)
    return v4_outcome(portal, items, [_stored(portal, found, base) for found in drafts])


def _remove_older(portal: JoorPortal, drafts: Iterable[_Draft]) -> None:
    """Delete the assets of each product, or colour, of the kinds that come for it (sheet 3.6)."""
    replaced = {draft.replaces for draft in drafts}
    for product_id in {replaces[0] for replaces in replaced}:
        for key in portal.assets.ids_by("product", product_id):
            asset = portal.assets.get(key) or {}
            if (product_id, asset["trait_value_id"], asset["type"]) in replaced:
                _remove(portal, asset)


def _remove(portal: JoorPortal, asset: Record) -> None:
    portal.assets.remove(asset["id"])
    portal.applied("assets", asset["filename"], "delete")
    if not portal.assets.by("sha256", asset["sha256"]):
        portal.contents.remove(asset["sha256"])


def _stored(portal: JoorPortal, draft: _Draft | ItemError, base: str) -> Record | ItemError:
    if isinstance(draft, ItemError):
        return draft
    wanted, content = draft.wanted, draft.taken
    if portal.assets.by("filename", wanted.filename):
        return ItemError(DUPLICATED, f"an asset with filename {wanted.filename} exists already")
    if wanted.external_id and wanted.external_id in portal.asset_names:
        return ItemError(DUPLICATED, f"an asset with external_id {wanted.external_id} exists or existed already")
    if wanted.kind == "video" and any(_videos(portal, draft.product_id)):
        return invalid("a product has one video at most")
    asset: Record = {
        "id": portal.new_id("asset"),
        "product_id": draft.product_id,
        "trait_value_id": draft.trait_value_id,
        "type": wanted.kind,
        "filename": wanted.filename,
        "extension": wanted.extension,
        "external_id": wanted.external_id,
        "source_url": wanted.source_url,
        "display_order": draft.display_order,
        "sha256": content.sha256,
        "bytes": len(content.content),
        "width": content.width,
        "height": content.height,
    }
    if portal.settings.keep_images:
        portal.contents.put(content.sha256, {"base64": base64.b64encode(content.content).decode()})
    if wanted.external_id:
        portal.asset_names.put(wanted.external_id, {"asset_id": asset["id"]})
    portal.applied("assets", wanted.filename, "create")
    return _answer(portal, portal.assets.put(asset["id"], asset), base)


def _answer(portal: JoorPortal, asset: Record, base: str) -> Record:
    shown = {name: asset[name] for name in ("id", "type", "filename", "external_id", "width", "height")}
    answered = {
        "id": asset["id"],
        "product": {"id": asset["product_id"]},
        "asset": {**shown, "url": image_url(base, asset)},
        "display_order": asset["display_order"],
    }
    if value := portal.trait_values.get(asset["trait_value_id"]):
        named = {name: value[name] for name in ("id", "value", "external_id")}
        answered["sku_trait_value"] = {"trait": {"name": value["trait"]}, "value": named}
    return answered


def _videos(portal: JoorPortal, product_id: str) -> Iterable[str]:
    keys = portal.assets.ids_by("product", product_id)
    return (key for key in keys if (portal.assets.get(key) or {})["type"] == "video")


def _product(portal: JoorPortal, item: Record) -> Record:
    return referred(portal.products, "product", "product.id", filled_in(object_in(item, "product"), "id"))


def _trait_value(portal: JoorPortal, item: Record) -> Record:
    """The colour or size an item names by the trait and, of its value, the `external_id` or the `value` itself."""
    named = object_in(item, "sku_trait_value")
    trait, value = object_in(named, "trait"), object_in(named, "value")
    kind = {"trait_id": trait.get("id"), "trait_name": trait.get("name", COLOR)}
    name = trait_meant(portal, kind, "SKUTrait")["name"]
    product_id, code = _product(portal, item)["id"], text_in(value, "external_id")
    if code:
        found = portal.trait_values.by("code", (product_id, name, code))
    else:
        found = value_named(portal, product_id, name, filled_in(value, "value"))
    if found is None:
        raise ItemError(NOT_FOUND, f"product {product_id} has no {name} {code or value.get('value')}")
    return found


ROUTES: list[Route[ApiHandler]] = [
    Route("POST", "/v4/assets/products", post_product_assets),
    Route("POST", "/v4/assets/sku_trait_values", post_trait_value_assets),
]
