"""What has to change on JOOR so that colours and sizes, and their prices, are as the books have them.

Pure: from what is to be there and what is there to the items of the calls (sheet joor.md 3.2, 3.3). Nothing is ever
made inactive, which would take it off all orders (sheet 3.2), and what the books do not know is left alone.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from linesheet.platforms.joor.product_wire import PriceWire, ProductWire, SizeWire, sku_key
from linesheet.platforms.joor.remote import (
    RemotePrice,
    RemoteSku,
)
from linesheet.platforms.joor.wire import Json


@dataclass(frozen=True, slots=True)
class SkuItem:
    """An SKU to be written, and the code of the product of the books it is of; "" for a colour that no batch has."""

    code: str
    item: Json


@dataclass(slots=True)
class MatrixPlan:
    """The SKUs of a product that are to be created and updated, and JOOR's ids of those of our colours, by own key."""

    create: list[SkuItem] = field(default_factory=list)
    update: list[SkuItem] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)


def matrix_plan(product_id: str, wires: Sequence[ProductWire], there: Sequence[RemoteSku]) -> MatrixPlan:
    """How the colours of a style become what they are to be, every one in every size, those only JOOR knows too.

    An SKU is known by our own key, else by the names of its colour and size, else by the code of its colour and the
    size, else by barcode and size. A colour that is called otherwise now takes the sizes along that only JOOR knows.
    """
    plan = MatrixPlan()
    rows = _rows(wires, there)
    taken = {sku.id for row in rows.values() for sku in row}
    orders = _orders(wires, there)
    for wire in wires:
        known = {sku.size: sku for sku in rows[wire.code]}
        upcs = {each.size: each.upc for each in wire.sizes}
        for size, order in orders.items():
            sku = known.get(size)
            item = _sku_item(wire, SizeWire(size, upcs.get(size, "")), order)
            if sku is None:
                plan.create.append(SkuItem(wire.code, {"product_id": product_id, **item}))
                continue
            plan.ids[sku_key(wire.code, size)] = sku.id
            if (size in upcs or sku.colour != wire.colour) and _sku_differs(item, sku):
                plan.update.append(SkuItem(wire.code, {"id": sku.id, **_without_same_barcode(item, sku)}))
    others: dict[str, list[RemoteSku]] = {}
    for sku in there:
        if sku.id not in taken:
            others.setdefault(sku.colour, []).append(sku)
    for row in others.values():
        sizes = {sku.size for sku in row}
        missing = ((size, order) for size, order in orders.items() if size not in sizes)
        plan.create += (SkuItem("", {"product_id": product_id, **_filler(row[0], *each)}) for each in missing)
    return plan


@dataclass(slots=True)
class PricePlan:
    """The prices that are to be created and updated."""

    create: list[Json] = field(default_factory=list)
    update: list[Json] = field(default_factory=list)


def price_plan(wanted: Iterable[tuple[str, PriceWire]], there: Iterable[RemotePrice]) -> PricePlan:
    """How SKUs, by JOOR's id, come to cost what they are to cost."""
    known = {(price.sku_id, price.price_type_id): price for price in there}
    plan = PricePlan()
    for sku_id, price in wanted:
        values = {"wholesale_value": price.wholesale, **({"retail_value": price.retail} if price.retail else {})}
        before = known.get((sku_id, price.id))
        if before is None:
            plan.create.append({"sku_id": sku_id, "price_type_id": price.id, **values})
        elif _amount(before.wholesale) != _amount(price.wholesale) or (
            price.retail and _amount(before.retail) != _amount(price.retail)
        ):
            plan.update.append({"id": before.id, **values})
    return plan


def _rows(wires: Sequence[ProductWire], there: Sequence[RemoteSku]) -> dict[str, list[RemoteSku]]:
    """The SKUs of each of our colours, by code."""
    rows: dict[str, dict[str, RemoteSku]] = {wire.code: {} for wire in wires}
    free = list(there)

    def take(wire: ProductWire, found: Collection[RemoteSku]) -> None:
        for sku in found:
            if sku.size not in rows[wire.code]:
                rows[wire.code][sku.size] = sku
                free.remove(sku)

    for wire in wires:
        take(wire, [sku for sku in free if sku.external_id and sku.external_id == sku_key(wire.code, sku.size)])
    for wire in wires:
        take(wire, [sku for sku in free if sku.colour == wire.colour])
    for wire in wires:
        if wire.colour_code:
            take(wire, [sku for sku in free if sku.colour_code == wire.colour_code])
    for wire in wires:
        if not rows[wire.code]:
            upcs = {each.size: each.upc for each in wire.sizes if each.upc}
            take(wire, [sku for sku in free if sku.size in upcs and _plain(sku.upc) == upcs[sku.size]])
    for wire in wires:
        was = {sku.colour for sku in rows[wire.code].values()}
        take(wire, [sku for sku in free if sku.colour in was])
    return {code: list(row.values()) for code, row in rows.items()}


def _orders(wires: Sequence[ProductWire], there: Iterable[RemoteSku]) -> dict[str, int]:
    """All sizes with their place, those that only JOOR knows behind the others."""
    ours = list(dict.fromkeys(each.size for wire in wires for each in wire.sizes))
    more = sorted({(sku.size_order, sku.size) for sku in there if sku.size and sku.size not in ours})
    return {size: at for at, size in enumerate(dict.fromkeys([*ours, *(size for _, size in more)]), 1)}


def _sku_item(wire: ProductWire, size: SizeWire, order: int) -> Json:
    key = sku_key(wire.code, size.size)
    item = {
        "external_id": key,
        "sku_identifier": key,
        "trait_values": _traits(wire.colour, wire.colour_code, wire.colour_order, size.size, order),
    }
    return {**item, "identifiers": [{"type": "upc", "value": size.upc}]} if size.upc else item


def _filler(like: RemoteSku, size: str, order: int) -> Json:
    """A size for a colour of JOOR's that is in no batch; its own run gives it its key and its barcode."""
    return {"trait_values": _traits(like.colour, like.colour_code, like.colour_order, size, order)}


def _traits(colour: str, code: str, colour_order: int, size: str, order: int) -> list[Json]:
    first: Json = {"trait_name": "Color", "value": colour}
    if code:
        first["external_id"] = code
    if colour_order:
        first["order_nbr"] = colour_order
    return [first, {"trait_name": "Size", "value": size, "external_id": size, "order_nbr": order}]


def _sku_differs(item: Json, sku: RemoteSku) -> bool:
    colour, size = item["trait_values"]
    barcodes = [each["value"] for each in item.get("identifiers", ())]
    return (
        sku.external_id != item["external_id"]
        or sku.colour != colour["value"]
        or sku.colour_code != colour.get("external_id", sku.colour_code)
        or sku.colour_order not in (0, colour.get("order_nbr", 0))
        or sku.size_order not in (0, size["order_nbr"])
        or any(_plain(sku.upc) != barcode for barcode in barcodes)
    )


def _without_same_barcode(item: Json, sku: RemoteSku) -> Json:
    """Some shops write more behind a barcode (sheet 9.10): what is the same up to there stays as it is."""
    same = [{"type": "upc", "value": _plain(sku.upc)}] == item.get("identifiers")
    return {key: value for key, value in item.items() if key != "identifiers" or not same}


def _plain(upc: str) -> str:
    return upc.partition("::")[0].strip()


def _amount(value: str) -> Decimal | None:
    try:
        return Decimal(value) if value else None
    except InvalidOperation:
        return None
