"""Books to wire: products, customers and pictures in NuORDER's words. Pure functions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from linesheet.books.models import SKU, Address, Customer, Image, PriceList, Product
from linesheet.books.prices import SeasonPrices
from linesheet.books.reasons import Said
from linesheet.platforms.nuorder import reasons
from linesheet.platforms.nuorder.placed import PlacedProduct, TakenOut
from linesheet.platforms.nuorder.wire import (
    CompanyAddressWire,
    CompanyWire,
    ImagesWire,
    PriceWire,
    ProductWire,
    SizeWire,
)

REQUIRED_LEVELS = 3
MOST_IMAGE_BYTES = 5_000_000
LEAST_IMAGE_SIDE = 500

_PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
# NuORDER's own product fields (sheet 4.2): no custom field may go by one of these names.
_OWN_FIELDS = frozenset(
    {
        "schema_id",
        "style_number",
        "season",
        "color",
        "name",
        "color_code",
        "brand_id",
        "external_id",
        "unique_key",
        "description",
        "department",
        "category",
        "subcategory",
        "seasons",
        "sizes",
        "size_groups",
        "banners",
        "pricing",
        "available_now",
        "available_from",
        "available_until",
        "order_closing",
        "active",
        "archived",
        "cancelled",
        "images",
        "warehouses",
        "created_on",
        "modified_on",
    }
)


def product_findings(placed: PlacedProduct) -> list[Said]:
    """What keeps a product from NuORDER, and what to mind about it.

    A product that NuORDER has and that is no longer on offer goes out whatever it lacks, so that nobody can
    order it.
    """
    record = placed.product.code
    if not placed.on_offer and not placed.linked:
        return [reasons.NOT_ON_OFFER.about(record=record)]
    found = []
    if len(placed.paths[0]) < REQUIRED_LEVELS:
        found.append(reasons.PLACED_TOO_HIGH.about(record=record, place=" > ".join(placed.paths[0])))
    if placed.on_offer:
        found += _price_findings(record, placed.prices)
        if not with_barcode(placed.skus):
            found.append(reasons.NO_BARCODE.about(record=record))
    if placed.same_as:
        found.append(
            reasons.SAME_ON_NUORDER.about(
                record=record,
                other=placed.same_as,
                style=placed.product.style,
                colour=placed.colour,
                season=placed.season,
            )
        )
    return [*found, *_product_warnings(placed)]


def product_to_wire(placed: PlacedProduct) -> ProductWire:
    """NuORDER's product of one style, fabric and colour (sheet 4.2).

    Season, department, category and subcategory are the section names of the place that counts, the seasons of
    its other places go to `seasons`; sections below the fourth level have no field. The delivery dates of the
    season its prices come from are its ship window, and the end of the window is the last day to order.
    Sizes without a barcode are left out; prices are those with a wholesale amount above 0. What the books no longer
    have is cleared; a product without prices that hold, which is one no longer on offer, keeps its dates and prices.
    """
    product, path = placed.product, placed.paths[0]
    season = placed.prices.season if placed.prices else None
    below_category = path[REQUIRED_LEVELS : REQUIRED_LEVELS + 1]
    return ProductWire(
        brand_id=product.code,
        style_number=product.style,
        season=placed.season,
        color=placed.colour,
        name=product.name,
        color_code=product.colour_code,
        seasons=_other_seasons(placed),
        department=path[1],
        category=path[2],
        subcategory=below_category[0] if below_category else "",
        description=product.description,
        active=product.active,
        cancelled=product.withdrawn,
        available_from=season.delivery_starts_on if season else UNSET,
        available_until=season.delivery_cancels_on if season else UNSET,
        order_closing=season.delivery_cancels_on if season else UNSET,
        sizes=tuple(SizeWire(sku.size, sku.barcode) for sku in with_barcode(placed.skus)) or UNSET,
        pricing=pricing(placed.prices) or UNSET,
        custom=_custom_fields(product, placed.last_custom),
    )


def taken_out_findings(taken_out: TakenOut) -> list[Said]:
    """Why a product is no longer on offer on NuORDER; nothing keeps it from saying so there."""
    return [reasons.TAKEN_OUT_OF_CATALOGUE.about(record=taken_out.product.code)]


def taken_out_to_wire(taken_out: TakenOut) -> ProductWire:
    """The product as NuORDER last took it, but inactive: without a place it has no season and no category."""
    last = msgspec.convert(taken_out.last, ProductWire, strict=False)
    return msgspec.structs.replace(last, active=False)


def pricing(prices: SeasonPrices | None) -> dict[str, PriceWire]:
    """Wholesale and retail by currency, each from the first list of its kind that has the currency."""
    if prices is None:
        return {}
    found = {}
    for currency in sorted({price.currency for price in prices.prices}):
        wholesale = prices.price(PriceList.Kind.WHOLESALE, currency)
        retail = prices.price(PriceList.Kind.RETAIL, currency)
        if wholesale and wholesale.amount > 0:
            found[currency] = PriceWire(wholesale.amount, retail.amount if retail else None)
    return found


def with_barcode(skus: Iterable[SKU]) -> list[SKU]:
    """The sizes that have a barcode, in order."""
    return [sku for sku in skus if sku.barcode]


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them."""
    return ", ".join(names)


def customer_findings(customer: Customer, addresses: Sequence[Address]) -> list[Said]:
    """What keeps a customer from NuORDER, and which addresses are left out."""
    found = [] if customer.currency else [reasons.NO_CURRENCY.about(record=customer.name)]
    return found + [
        reasons.ADDRESS_LEFT_OUT.about(
            record=customer.name,
            kind=address.get_kind_display().lower(),
            address=str(address) or address.description or address.company_name or address.code,
            lacks=lacks,
        )
        for address in _sent_kinds(addresses)
        if (lacks := _lacks(address))
    ]


def customer_to_wire(customer: Customer, addresses: Sequence[Address], *, had_addresses: bool = False) -> CompanyWire:
    """NuORDER's company. The customer's name is its name and its code (sheet 10.2).

    Delivery addresses ship, accounts addresses bill, stores are not sent; nor is one without a first line or a
    country. The first of a kind is its default where the books mark none, as it would be on NuORDER (sheet 7.1).
    A customer with no address to send leaves NuORDER's addresses alone, unless they came from us
    (`had_addresses`): then they go.
    """
    sent = [address for address in _sent_kinds(addresses) if not _lacks(address)]
    of_kind = ([address for address in sent if address.kind == kind] for kind in Address.Kind)
    defaults = {max(group, key=lambda each: each.is_default).pk for group in of_kind if group}
    return CompanyWire(
        name=customer.name,
        code=customer.name,
        currency_code=customer.currency,
        active=customer.active,
        payment_terms=customer.payment_terms,
        credit_status=customer.hold_status.name if customer.hold_status else "",
        addresses=UNSET
        if not sent and not had_addresses
        else tuple(_address_to_wire(customer, address, address.pk in defaults) for address in sent),
    )


def image_findings(product: Product, image: Image | None, *, published: bool) -> list[Said]:
    """What keeps a product's picture from NuORDER (sheet 9), and what to mind about it."""
    record = product.code
    if not published:
        return [reasons.NOT_PUBLISHED.about(record=record)]
    if image is None:
        return [reasons.NO_IMAGE.about(record=record)]
    found = []
    if image.bytes > MOST_IMAGE_BYTES:
        found.append(reasons.IMAGE_HEAVY.about(record=record, megabytes=image.bytes / 1_000_000))
    if min(image.width, image.height) < LEAST_IMAGE_SIDE:
        found.append(reasons.IMAGE_SMALL.about(record=record, width=image.width, height=image.height))
    return found


def image_to_wire(product: Product, image: Image, product_id: str) -> ImagesWire:
    """The main image of a product, named by its content so that only another picture counts as a change."""
    return ImagesWire(product.code, product_id, f"{image.content_hash}.{image.format}")


def _price_findings(record: str, prices: SeasonPrices | None) -> list[Said]:
    if prices is None:
        return [reasons.NOT_VISIBLE.about(record=record)]
    return [] if pricing(prices) else [reasons.NO_PRICE.about(record=record, season=prices.season)]


def _product_warnings(placed: PlacedProduct) -> list[Said]:
    record, found = placed.product.code, []
    without = [sku.size for sku in placed.skus if not sku.barcode]
    if without and len(without) < len(placed.skus):
        found.append(reasons.SIZES_WITHOUT_BARCODE.about(record=record, sizes=listed(without)))
    prices = placed.prices
    sold_in = pricing(prices)
    if prices and sold_in:
        kinds = (PriceList.Kind.WHOLESALE, PriceList.Kind.RETAIL)
        priced = {price.currency for price in prices.prices if price.price_list.kind in kinds}
        if missing := sorted(priced - sold_in.keys()):
            found.append(
                reasons.CURRENCIES_WITHOUT_WHOLESALE.about(
                    record=record, currencies=listed(missing), season=prices.season
                )
            )
    return found


def _other_seasons(placed: PlacedProduct) -> tuple[str, ...]:
    """The seasons of the further places, each once, whatever its case."""
    by_name: dict[str, str] = {}
    for path in placed.paths[1:]:
        by_name.setdefault(path[0].casefold(), path[0])
    by_name.pop(placed.season.casefold(), None)
    return tuple(by_name.values())


def _custom_fields(product: Product, last: Mapping[str, Any]) -> dict[str, Any]:
    """Composition, origin, and the product's own fields with a plain name and a value NuORDER can hold.

    Fields that NuORDER last took and the product no longer has are empty.
    """
    cleared = {key: [] if isinstance(value, list) else "" for key, value in last.items()}
    own = {
        key: "" if value is None else value
        for key, value in product.custom.items()
        if _PLAIN_KEY.fullmatch(key) and key not in _OWN_FIELDS and _is_custom_value(value)
    }
    return {**cleared, "fabric_description": product.composition, "country_of_origin": product.origin, **own}


def _is_custom_value(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return value is None or isinstance(value, str | int | float)


def _sent_kinds(addresses: Iterable[Address]) -> list[Address]:
    return [address for address in addresses if address.kind != Address.Kind.STORE]


def _lacks(address: Address) -> str:
    parts = (("first line", address.line_1), ("country", address.country))
    return " and no ".join(name for name, value in parts if not value.strip())


def _address_to_wire(customer: Customer, address: Address, is_default: bool) -> CompanyAddressWire:
    ships = address.kind == Address.Kind.DELIVERY
    return CompanyAddressWire(
        display_name=address.description or address.company_name or customer.name,
        line_1=address.line_1,
        line_2=address.line_2,
        city=address.city,
        state=address.region,
        zip=address.postcode,
        country=address.country,
        shipping_code=address.code if ships else "",
        billing_code="" if ships else address.code,
        default_shipping=ships and is_default,
        default_billing=not ships and is_default,
        type="shipping" if ships else "billing",
    )
