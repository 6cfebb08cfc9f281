"""Whether NuORDER holds what was sent, however it normalised it (sheet nuorder.md 2.1 and 2.2)."""

import datetime
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from linesheet.platforms.nuorder.wire import CompanyWire, Json, ProductWire, StockWire, plain
from linesheet.sync import tolerant
from linesheet.sync.differences import fingerprint
from linesheet.sync.tolerant import Unfit

# Portals have been seen to change the case of these.
_CASELESS = frozenset(
    {"brand_id", "style_number", "name", "color", "season", "seasons", "department", "category", "subcategory"}
)


def holds_product(remote: Json, product: ProductWire) -> bool:
    """Whether a product as read holds every field sent.

    A custom field that the record lacks altogether is one the portal does not keep, and is passed over.
    """
    sent = plain(product)
    missing = [key for key in product.custom if key not in remote]
    return _same(remote, {key: sent[key] for key in sent if key not in missing}, _CASELESS)


def holds_company(remote: Json, company: CompanyWire) -> bool:
    """Whether a company as read holds every field sent; name and code count with their case (sheet 7.2)."""
    return _same(remote, plain(company), ())


def holds_stock(remote: list[Json], stock: StockWire) -> bool:
    """Whether a stock picture as read is exactly the one sent."""
    return _quantities(remote) == _quantities([plain(warehouse) for warehouse in stock.inventory])


def version_of(remote: Json | None, payload: ProductWire | CompanyWire) -> str:
    """A fingerprint of what the record has in the fields we send; "" when there is no record."""
    return fingerprint({name: remote.get(name) for name in plain(payload)}) if remote else ""


def _same(remote: Any, sent: Any, caseless: Collection[str], key: str = "") -> bool:
    match sent:
        case dict():
            return isinstance(remote, Mapping) and all(
                _same(remote.get(name), value, caseless, name) for name, value in sent.items()
            )
        case list() | tuple():
            held = remote or []
            return (
                isinstance(held, list)
                and len(held) == len(sent)
                and all(_same(*pair, caseless, key) for pair in zip(held, sent, strict=True))
            )
        case bool():
            return tolerant.flag(key, remote) is sent
        case str():
            held, wanted = tolerant.text(key, remote), tolerant.text(key, sent)
            return held.casefold() == wanted.casefold() if key in caseless else held == wanted
    try:
        return _as_sent(key, remote, sent)
    except Unfit:
        return False


def _as_sent(key: str, remote: Any, sent: Any) -> bool:
    if isinstance(sent, datetime.date):
        return tolerant.day(key, remote) == sent
    return tolerant.number(key, remote) == Decimal(str(sent))


def _quantities(inventory: list[Json]) -> dict[tuple[str, str, str], Any]:
    """Units by warehouse, bucket and size; {} matches nothing when a part cannot be read."""
    try:
        return {
            (tolerant.text("", row.get("warehouse")), _bucket(bucket), tolerant.text("", size.get("size"))): (
                tolerant.number("quantity", size.get("quantity"))
            )
            for row in inventory
            for bucket in row.get("wip") or ()
            for size in bucket.get("sizes") or bucket.get("size") or ()
        }
    except (AttributeError, TypeError, Unfit):
        return {}


def _bucket(bucket: Json) -> str:
    name = tolerant.text("", bucket.get("name"))
    try:
        return tolerant.day("", name).isoformat()
    except Unfit:
        return name.casefold()
