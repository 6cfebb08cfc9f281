"""What JOOR has of the catalogue, read tolerantly (sheet joor.md 3). Pure."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from linesheet.platforms.joor.wire import Json, objects
from linesheet.sync.tolerant import text


@dataclass(frozen=True, slots=True)
class RemoteProduct:
    """A product there; `traits` by the word they are known by, as `trait_word` makes it."""

    id: str
    external_id: str
    identifier: str
    name: str
    description: str
    categories: frozenset[str]
    traits: Mapping[str, str]

    @classmethod
    def of(cls, record: Json) -> "RemoteProduct":
        """As JOOR tells it."""
        traits = objects(record.get("product_trait_values"))
        categories = [text("id", each.get("id")) for each in objects(record.get("categories"))]
        ids = record.get("category_ids")
        return cls(
            id=text("id", record.get("id")),
            external_id=text("external_id", record.get("external_id")),
            identifier=text("product_identifier", record.get("product_identifier")),
            name=text("name", record.get("name")),
            description=text("description", record.get("description")),
            categories=frozenset(categories or ([text("id", each) for each in ids] if isinstance(ids, list) else [])),
            traits={word: text("value", each.get("value")) for each in traits for word in trait_words(each)},
        )


@dataclass(frozen=True, slots=True)
class RemoteSku:
    """A colour of a product in a size. Orders among colours and sizes are 0 where JOOR does not tell."""

    id: str
    product_id: str
    external_id: str
    colour: str
    colour_code: str
    colour_order: int
    size: str
    size_order: int
    upc: str

    @classmethod
    def of(cls, record: Json) -> "RemoteSku":
        """As JOOR tells it."""
        colour = size = _NO_VALUE
        for each in objects(record.get("trait_values")):
            words = trait_words(each)
            if words & _COLOUR:
                colour = _value_of(each)
            elif words & _SIZE:
                size = _value_of(each)
        kinds = {text("type", each.get("type")).lower(): each for each in objects(record.get("identifiers"))}
        upc = next((kinds[kind] for kind in ("upc", "ean", "gtin") if kind in kinds), {})
        return cls(
            id=text("id", record.get("id")),
            product_id=text("product_id", record.get("product_id")) or _id_within(record.get("product")),
            external_id=text("external_id", record.get("external_id")),
            colour=colour[0],
            colour_code=colour[1],
            colour_order=colour[2],
            size=size[0],
            size_order=size[2],
            upc=text("value", upc.get("value")),
        )


@dataclass(frozen=True, slots=True)
class RemotePrice:
    """What an SKU costs by a price type; amounts as text."""

    id: str
    sku_id: str
    price_type_id: str
    wholesale: str
    retail: str

    @classmethod
    def of(cls, record: Json) -> "RemotePrice":
        """As JOOR tells it."""
        return cls(
            id=text("id", record.get("id")),
            sku_id=text("sku_id", record.get("sku_id")) or _id_within(record.get("sku")),
            price_type_id=text("price_type_id", record.get("price_type_id")) or _id_within(record.get("price_type")),
            wholesale=text("wholesale_value", record.get("wholesale_value")),
            retail=text("retail_value", record.get("retail_value")),
        )


class RemoteProducts:
    """The products of the account, by id and by either of our own keys that JOOR keeps."""

    def __init__(self, records: Iterable[Json]) -> None:
        self.by_id: dict[str, RemoteProduct] = {}
        self._by_key: dict[str, str] = {}
        self.take(records)

    def take(self, records: Iterable[Json]) -> None:
        """Know these too, or as they are now."""
        for product in map(RemoteProduct.of, records):
            if not product.id:
                continue
            if before := self.by_id.get(product.id):
                for key in (before.external_id, before.identifier):
                    if self._by_key.get(key) == product.id:
                        del self._by_key[key]
            self.by_id[product.id] = product
            # What has the key as its own goes before what is only numbered so.
            if product.external_id:
                self._by_key[product.external_id] = product.id
            if product.identifier:
                self._by_key.setdefault(product.identifier, product.id)

    def called(self, key: str) -> str:
        """The id of the product of that key, "" when there is none."""
        return self._by_key.get(key, "")


def trait_words(value: Json) -> frozenset[str]:
    """What a trait is known by: its name and the short name within its id (sheet 3.1), letters and digits only."""
    trait = value.get("trait")
    told = trait if isinstance(trait, dict) else {"id": value.get("trait_id"), "name": value.get("trait_name")}
    names = (text("name", told.get("name")), typed_name(text("id", told.get("id"))).rpartition(":")[2])
    return frozenset(filter(None, map(trait_word, names)))


def trait_word(name: str) -> str:
    """The name of a trait without regard to case, spaces and signs."""
    return "".join(filter(str.isalnum, name)).casefold()


def typed_name(trait_id: str) -> str:
    """What a trait's id says: `SKUTrait:Size`, `ProductTrait:MAT`; "" when it says nothing."""
    try:
        return base64.b64decode(trait_id, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


_COLOUR = frozenset({"color", "colour", "stylecolor"})
_SIZE = frozenset({"size"})
_NO_VALUE: tuple[str, str, int] = ("", "", 0)


def _value_of(value: Json) -> tuple[str, str, int]:
    order = text("order_nbr", value.get("order_nbr"))
    return (
        text("value", value.get("value")),
        text("external_id", value.get("external_id")),
        int(order) if order.isdecimal() and len(order) < 9 else 0,
    )


def _id_within(value: Any) -> str:
    return text("id", value.get("id")) if isinstance(value, dict) else ""
