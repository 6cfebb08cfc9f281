"""Pictures of products, fetched when they are other ones than those held (sheet ordre.md 6.2)."""

import asyncio
import base64
from contextlib import suppress
from urllib.parse import quote

from linesheet_sandbox.common.http import Answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.errors import AbandonedError, HubError, RefusedError
from linesheet_sandbox.ordre.hub import Hub
from linesheet_sandbox.ordre.portal import OrdrePortal

_AT_ONCE = 4
_CONCERNS_ALL = (None, 401, 403, 429, 503)


async def collect_pictures(portal: OrdrePortal, hub: Hub, epoch: int) -> Record:
    """Fetch what is new or changed, and tell how many; one that is missing holds up no other. Raises HubError."""
    _forget_the_taken_away(portal)
    every = [product for product in portal.products.all() if _wanted(portal, product)]
    wanted = every[: portal.settings.images_a_collect]
    counts: Record = {"fetched": 0, "unchanged": 0, "failed": 0, "left": len(every) - len(wanted)}
    for start in range(0, len(wanted), _AT_ONCE):
        together = wanted[start : start + _AT_ONCE]
        outcomes = await asyncio.gather(*(_fetch(portal, hub, product, epoch) for product in together))
        for outcome in outcomes:
            counts[outcome] += 1
    return counts


async def picture_of(portal: OrdrePortal, hub: Hub, product_id: str) -> Answer | None:
    """The picture of a product as it is held, fetched first where it was not yet."""
    product = portal.products.get(product_id)
    if product and isinstance(product.get("image"), dict) and product_id not in portal.pictures and hub.known():
        with suppress(HubError, AbandonedError, RefusedError):
            await _fetch(portal, hub, product, portal.epoch())
    told, kept = portal.pictures.get(product_id), portal.contents.get(product_id)
    if told is None or kept is None:
        return None
    headers = {"content-type": told["type"], "x-content-type-options": "nosniff", "cache-control": "max-age=60"}
    return Answer(200, base64.b64decode(kept["content"]), headers)


async def _fetch(portal: OrdrePortal, hub: Hub, product: Record, epoch: int) -> str:
    key, held = str(product["id"]), portal.pictures.get(str(product["id"])) or {}
    path = f"/products/{quote(key, safe='')}/image"
    try:
        heard = await hub.read(path, template="/products/{id}/image", etag=str(held.get("etag") or ""))
    except HubError as problem:
        if problem.status in _CONCERNS_ALL:
            raise
        return "failed"
    portal.still(epoch)
    kind = heard.headers.get("content-type", "").partition(";")[0].strip().lower()
    if heard.status == 304:
        portal.pictures.put(key, {**held, "told": _told(product)})
    elif not kind.startswith("image/") or kind == "image/svg+xml":
        return "failed"
    else:
        picture = {"id": key, "etag": heard.headers.get("etag", ""), "told": _told(product), "type": kind}
        portal.pictures.put(key, {**picture, "bytes": len(heard.body), "fetched_at": portal.clock.stamp()})
        if portal.settings.keep_images:
            portal.contents.put(key, {"content": base64.b64encode(heard.body).decode()})
    portal.store.commit()
    return "unchanged" if heard.status == 304 else "fetched"


def _forget_the_taken_away(portal: OrdrePortal) -> None:
    for key in portal.pictures.ids():
        if not isinstance((portal.products.get(key) or {}).get("image"), dict):
            portal.pictures.remove(key)
            portal.contents.remove(key)


def _wanted(portal: OrdrePortal, product: Record) -> bool:
    if not isinstance(product.get("image"), dict):
        return False
    held = portal.pictures.get(str(product["id"]))
    return held is None or held["told"] != _told(product)


def _told(product: Record) -> str:
    """What the hub says of the picture, to know another one by."""
    image = product["image"]
    return str(image.get("etag") or image.get("url") or product.get("updated_at") or "")
