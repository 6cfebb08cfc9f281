"""A style as JOOR's product: the item that makes or updates it, and whether it has to be (sheet joor.md 3.1). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from linesheet.platforms.joor.product_wire import ProductWire
from linesheet.platforms.joor.remote import RemoteProduct, trait_word, trait_words, typed_name
from linesheet.platforms.joor.wire import Json
from linesheet.sync.tolerant import text


@dataclass(frozen=True, slots=True)
class TraitField:
    """A field of ours that is a trait of a product there; `words` are what accounts may call the trait."""

    name: str
    label: str
    trait: str
    words: frozenset[str]


TRAITS = (
    TraitField("materials", "composition", "Materials", frozenset({"mat", "material", "materials"})),
    TraitField("source_of_materials", "source of materials", "Source of Materials", frozenset({"sourceofmaterials"})),
    TraitField("origin", "origin", "Country of Origin", frozenset({"countryoforigin", "origin", "coo"})),
    TraitField("fabrication", "fabric", "Fabrication", frozenset({"fabrication", "fab"})),
    TraitField("silhouette", "silhouette", "Silhouette", frozenset({"silhouette", "sil"})),
)
_PREFIXES = ("style", "product")


def account_traits(listed: Iterable[Json]) -> dict[str, Json]:
    """How each of our fields is named in a call, of the traits that the account has.

    An account that lists none is sent all of them by name.
    """
    words: dict[str, str] = {}
    for record in listed:
        trait_id = text("id", record.get("id"))
        if not typed_name(trait_id).startswith("SKUTrait"):
            for word in trait_words({"trait": record}):
                words.setdefault(word, trait_id)
    if not words:
        return {each.name: {"trait_name": each.trait} for each in TRAITS}
    return {
        each.name: {"trait_id": words[word]}
        for each in TRAITS
        if (word := next((known for known in _spelt(each) if known in words), ""))
    }


def lacking_fields(wire: ProductWire, traits: Mapping[str, Json]) -> list[str]:
    """What the product has and the account has no trait for, in the words of people."""
    return [each.label for each in TRAITS if getattr(wire, each.name) and each.name not in traits]


def product_item(wire: ProductWire, traits: Mapping[str, Json]) -> Json:
    """A product as it is created (sheet 3.1). Categories are left as they are where the books name none."""
    item: Json = {
        "name": wire.name,
        "external_id": wire.style,
        "product_identifier": wire.style,
        "description": wire.description,
        "product_trait_values": [
            {**traits[each.name], "value": getattr(wire, each.name)}
            for each in TRAITS
            if each.name in traits and getattr(wire, each.name)
        ],
    }
    return {**item, "category_ids": list(wire.categories)} if wire.categories else item


def product_differs(wire: ProductWire, there: RemoteProduct, traits: Mapping[str, Json]) -> bool:
    """Whether the product there is not as it is to be."""
    if (there.name, there.external_id, there.identifier) != (wire.name, wire.style, wire.style):
        return True
    if there.description != wire.description.strip() or (wire.categories and there.categories != {*wire.categories}):
        return True
    return any(
        getattr(wire, each.name).strip()
        != next((there.traits[word] for word in _spelt(each) if word in there.traits), "")
        for each in TRAITS
        if each.name in traits
    )


def _spelt(trait: TraitField) -> list[str]:
    """The words of a trait, and those with what accounts put before them, as Style Materials."""
    words = sorted(trait.words)
    return [*words, *(trait_word(prefix + word) for prefix in _PREFIXES for word in words)]
