"""What of a JOOR account does not match the books (issue: existing accounts; sheet joor.md 9.1). Pure functions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from rapidfuzz.fuzz import token_set_ratio

from linesheet.books.barcodes import gtin
from linesheet.books.files.rows import fold
from linesheet.books.kinds import CUSTOMER, SIZE
from linesheet.books.models import SKU, Customer, Location, PriceList
from linesheet.books.reasons import Said
from linesheet.platforms.joor import account_reasons, catalogue_reasons
from linesheet.platforms.joor.linesheet_mapping import same_name
from linesheet.platforms.joor.offers import PriceType
from linesheet.platforms.joor.order_lines import barcode_of
from linesheet.platforms.joor.remote import RemoteProduct, RemoteSku
from linesheet.platforms.joor.stock_mapping import DEFAULT
from linesheet.platforms.joor.wire import Json
from linesheet.sync.legs import Compared
from linesheet.sync.tolerant import text

NOTHING = "-"
"""What a record is in the books that is on JOOR only."""
LEAST_ALIKE = 50
"""Percent; two names of one retailer are hardly ever less alike."""
PRICE_LIST, SEASON, LOCATION = "price_list", "season", "location"
PRICE_TYPE, WAREHOUSE = "price type", "warehouse"


def barcode_key(upc: str) -> str:
    """A barcode as it is compared: without what makes doubles unique, and 12 digits as the 13 they are."""
    barcode = barcode_of(upc)
    return gtin(barcode) if barcode.isdecimal() and len(barcode) in (12, 13) else barcode


def size_findings(
    skus: Sequence[RemoteSku],
    products: Mapping[str, RemoteProduct],
    ours: Mapping[str, SKU],
    seen: dict[str, str],
    homes: dict[tuple[str, str], str],
) -> Iterator[Compared]:
    """JOOR's sizes with a barcode against ours by `barcode_key`.

    `seen` is where on JOOR each was met, `homes` is the product of JOOR's on which a style of ours was; both grow.
    """
    for sku in skus:
        key = barcode_key(sku.upc)
        if not key:
            continue
        product = products.get(sku.product_id)
        there = " ".join(part for part in (_called(product), sku.colour, sku.size) if part)
        before, own = seen.setdefault(key, there), ours.get(key)
        record_id, of = (str(own.pk), "") if own else (key, NOTHING)
        label = f"{own.product.code} {own.size}" if own else there
        if before is not there:
            said: Said | None = account_reasons.BARCODE_TWICE.about(barcode=sku.upc, styles=f"{before}, {there}")
        elif own is None:
            said = account_reasons.BARCODE_NOT_IN_BOOKS.about(barcode=sku.upc, style=there)
        else:
            said = None
            style = fold(own.product.style), fold(own.product.fabric)
            if not _is_of(own, product, sku):
                said = account_reasons.BARCODE_ON_ANOTHER.about(record=label, barcode=sku.upc, there=there)
            elif homes.setdefault(style, sku.product_id) != sku.product_id:
                home = _called(products.get(homes[style])) or homes[style]
                said = account_reasons.STYLE_IN_PARTS.about(record=label, barcode=sku.upc, there=there, home=home)
        yield Compared(record_id, label, said, remote_id=sku.id, kind=SIZE, of=of)


def customer_findings(connections: Iterable[Json], ours: Mapping[str, Customer]) -> Iterator[Compared]:
    """JOOR's customers against ours by account code."""
    for number, each in enumerate(connections):
        code, *names = (text(key, each.get(key)) for key in ("customer_code", "customer_name", "customer_alias"))
        name = next(filter(None, names), "a customer without a name")
        own = ours.get(code) if code else None
        if own is None:
            reason = account_reasons.CUSTOMER_NOT_IN_BOOKS if code else account_reasons.CUSTOMER_CODELESS
            said = reason.about(customer=name, customer_code=code)
            yield Compared(code or f"{number}:{name}", name, said, remote_id=code, kind=CUSTOMER, of=NOTHING)
            continue
        others = [other for other in names if other]
        alike = not others or any(token_set_ratio(fold(own.name), fold(each)) >= LEAST_ALIKE for each in others)
        said_of = account_reasons.CUSTOMER_NAMED_OTHERWISE.about(record=own.name, customer_code=code, customer=name)
        yield Compared(str(own.pk), own.name, None if alike else said_of, remote_id=code, kind=CUSTOMER)


def price_type_findings(
    lists: Sequence[PriceList], pairs: Mapping[int, Sequence[str]], there: Mapping[str, PriceType]
) -> Iterator[Compared]:
    """Price lists that buyers are to see against the account's price types."""
    used = {each for types in pairs.values() for each in types}
    for price_list in lists:
        types = pairs.get(price_list.pk, ())
        gone = [each for each in types if each not in there]
        said = None
        if gone:
            said = catalogue_reasons.PRICE_TYPE_GONE.about(price_list=price_list.name, price_type=", ".join(gone))
        elif not types and price_list.kind == PriceList.Kind.WHOLESALE:
            said = account_reasons.PRICE_LIST_UNPAIRED.about(record=price_list.name)
        yield Compared(str(price_list.pk), price_list.name, said, kind=PRICE_LIST)
    for each in there.values():
        said = None if each.id in used else account_reasons.PRICE_TYPE_UNUSED.about(price_type=each.label)
        yield Compared(each.id, each.label, said, remote_id=each.id, kind=PRICE_TYPE, of=NOTHING)


def season_findings(wanted: Mapping[str, str], known: Collection[str], there: Iterable[str]) -> Iterator[Compared]:
    """Seasons by name: those `wanted`, each with its id, against those on JOOR; and those on JOOR against `known`."""
    on_joor = {same_name(name): name for name in there if name.strip()}
    here = {same_name(name) for name in known}
    for name, record_id in wanted.items():
        said = None if same_name(name) in on_joor else account_reasons.SEASON_NOT_THERE.about(record=name)
        yield Compared(record_id, name, said, kind=SEASON)
    for key, name in on_joor.items():
        said = None if key in here else account_reasons.SEASON_NOT_IN_BOOKS.about(season=name)
        yield Compared(key, name, said, kind=SEASON, of=NOTHING)


def warehouse_findings(
    locations: Sequence[Location], chosen: Mapping[int, str], there: Collection[str]
) -> Iterator[Compared]:
    """The warehouses that stock is sent to against those that JOOR's customers and orders name."""
    for location in locations:
        name = chosen[location.pk]
        said = None
        if name != DEFAULT and name not in there:
            said = account_reasons.WAREHOUSE_NOT_SEEN.about(record=location.name, warehouse=name)
        yield Compared(str(location.pk), location.name, said, kind=LOCATION)
    for name in sorted(there):
        said = None if name in chosen.values() else account_reasons.WAREHOUSE_UNKNOWN.about(warehouse=name)
        yield Compared(name, name, said, remote_id=name, kind=WAREHOUSE, of=NOTHING)


def warehouses_named(connections: Iterable[Json], orders: Iterable[Json]) -> set[str]:
    """The warehouses that customers and orders name, but for the default one."""
    named: defaultdict[str, int] = defaultdict(int)
    for connection in connections:
        held = connection.get("warehouses")
        each = held.get("warehouse") if isinstance(held, dict) else held
        for one in each if isinstance(each, list) else [each]:
            if isinstance(one, dict):
                named[text("", one.get("warehouse_name"))] += 1
    for order in orders:
        named[text("", order.get("warehouse_name"))] += 1
    return {name for name in named if name and name.casefold() != "default"}


def _called(product: RemoteProduct | None) -> str:
    if product is None:
        return ""
    return product.external_id or product.identifier or product.name


def _is_of(own: SKU, product: RemoteProduct | None, there: RemoteSku) -> bool:
    """Whether a size of JOOR's may be this one of ours: by the style, which JOOR's keys begin with, and by the size.

    JOOR takes sizes in another case for others (sheet 3.2), so it would get this one a second time.
    """
    keys = [fold(key) for key in (product.external_id, product.identifier) if key] if product else []
    style = fold(own.product.style)
    named_so = not keys or any(key.startswith(style) for key in keys)
    return named_so and there.size in ("", own.size)
