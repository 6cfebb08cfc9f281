"""Books to wire: a placed product as a colour of JOOR's product (sheet joor.md 3.1 to 3.3, 9.3, 9.6). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from linesheet.books.models import SKU, Product
from linesheet.books.prices import SeasonPrices
from linesheet.books.reasons import Said
from linesheet.platforms.joor import catalogue_reasons
from linesheet.platforms.joor.product_wire import ProductWire, SizeWire
from linesheet.platforms.joor.styles import LINESHEET_LEVELS, Colourway, Path, Style, alike
from linesheet.platforms.joor.terms import Priced, Terms, priced

LONGEST_NAME = 100
"""Characters of a product's name (sheet 4)."""

_SILHOUETTE = 6
"""Level of the catalogue that is the silhouette (sheet 9.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedProduct:
    """A colour with its style, its place among the style's colours from 1, and the prices that hold.

    `same_as` is the code of a product of another style that has the same key on JOOR and goes first, "" if none.
    """

    colourway: Colourway
    style: Style
    position: int = 1
    prices: SeasonPrices | None = None
    same_as: str = ""

    @property
    def product(self) -> Product:
        """The product of the books."""
        return self.colourway.product


def product_findings(placed: PlacedProduct, terms: Terms) -> list[Said]:
    """What keeps a product from JOOR, and what to mind about it.

    One that JOOR has and that is no longer on offer goes out, so that its style stays as the books have it, and is on
    no linesheet.
    """
    record, colourway = placed.product.code, placed.colourway
    if not colourway.on_offer and not colourway.remote_id:
        return [catalogue_reasons.NOT_ON_OFFER.about(record=record)]
    found = []
    if all(len(path) < LINESHEET_LEVELS for path in colourway.paths):
        found.append(catalogue_reasons.PLACED_TOO_HIGH.about(record=record, place=" > ".join(colourway.paths[0])))
    if colourway.on_offer and not colourway.sizes:
        found.append(catalogue_reasons.NO_BARCODE.about(record=record))
    if placed.same_as:
        found.append(catalogue_reasons.SAME_ON_JOOR.about(record=record, other=placed.same_as, style=placed.style.key))
    if not colourway.on_offer:
        found.append(catalogue_reasons.OFF_LINESHEETS.about(record=record))
    return [
        *found,
        *_price_warnings(record, placed.prices, priced(placed.prices, terms.price_types)),
        *_size_warnings(placed),
        *_style_warnings(placed),
        *(
            catalogue_reasons.CATEGORY_UNKNOWN.about(record=record, category=" > ".join(words))
            for words in _category_words(colourway.paths)
            if terms.category(words) is None
        ),
    ]


def product_to_wire(placed: PlacedProduct, terms: Terms) -> ProductWire:
    """JOOR's product as it is to be in this colour.

    What JOOR has once for a style is that of the oldest of its colours that has it, and the categories are those of all
    places of its colours. Every size of the style is there; those this colour does not come in, or has no barcode for,
    without one.
    """
    product, style = placed.product, placed.style
    sizes = placed.colourway.sizes
    silhouettes = (path[_SILHOUETTE - 1] for path in style.paths if len(path) >= _SILHOUETTE)
    categories = (terms.category(words) for words in _category_words(style.paths))
    return ProductWire(
        style=style.key,
        **_texts_of(style),
        silhouette=next(silhouettes, ""),
        categories=tuple(dict.fromkeys(filter(None, categories))),
        code=product.code,
        colour=product.colour,
        colour_code="" if product.colour_code in style.codes else product.colour_code,
        colour_order=placed.position,
        sizes=tuple(SizeWire(size, sizes.get(size, "")) for size in style.sizes),
        prices=priced(placed.prices, terms.price_types).prices,
    )


def without_barcode(skus: Iterable[SKU]) -> list[str]:
    """The sizes that have none."""
    return [sku.size for sku in skus if not sku.barcode]


def _price_warnings(record: str, prices: SeasonPrices | None, found: Priced) -> list[Said]:
    if not found.prices:
        return []
    if prices is None:
        return [catalogue_reasons.ZERO_NOT_VISIBLE.about(record=record)]
    if found.all_zero:
        return [catalogue_reasons.ZERO_NO_PRICE.about(record=record, season=prices.season)]
    kinds = (
        (catalogue_reasons.ZERO_PRICE, found.zero),
        (catalogue_reasons.PRICE_TYPES_LEFT_OUT, found.left_out),
        (catalogue_reasons.PRICE_ROUNDED, found.rounded),
    )
    return [
        reason.about(record=record, price_types=", ".join(names), season=prices.season)
        for reason, names in kinds
        if names
    ]


def _size_warnings(placed: PlacedProduct) -> list[Said]:
    record, style, sizes = placed.product.code, placed.style, placed.colourway.sizes
    found = []
    lacking = without_barcode(placed.colourway.skus)
    if lacking and sizes:
        found.append(catalogue_reasons.SIZES_WITHOUT_BARCODE.about(record=record, sizes=", ".join(lacking)))
    if filled := [size for size in style.sizes if size not in sizes and size not in lacking]:
        found.append(catalogue_reasons.SIZES_FILLED.about(record=record, sizes=", ".join(filled), style=style.key))
    spelt = (" and ".join(group) for group in alike(style.sizes) if any(size in sizes for size in group))
    return found + [catalogue_reasons.SIZES_ALIKE.about(record=record, sizes=names, style=style.key) for names in spelt]


def _style_warnings(placed: PlacedProduct) -> list[Said]:
    product, style, record = placed.product, placed.style, placed.product.code
    found = []
    full = _name(product)
    ours, theirs = _texts(product), _texts_of(style)
    if len(full) > LONGEST_NAME and ours["name"] == theirs["name"]:
        about = {"most": LONGEST_NAME, "length": len(full), "name": ours["name"]}
        found.append(catalogue_reasons.NAME_CUT.about(record=record, **about))
    if other := [called for name, called in _CALLED.items() if ours[name] and ours[name] != theirs[name]]:
        found.append(catalogue_reasons.STYLE_SPOKEN_FOR.about(record=record, fields=", ".join(other), style=style.key))
    if product.colour_code in style.codes:
        found.append(
            catalogue_reasons.COLOUR_CODE_TWICE.about(record=record, code=product.colour_code, style=style.key)
        )
    return found


_CALLED: Mapping[str, str] = {
    "name": "name",
    "description": "description",
    "materials": "composition",
    "origin": "origin",
}


def _texts(product: Product) -> dict[str, str]:
    return {
        "name": _cut(_name(product)),
        "description": _own_field(product, "joorstyledescription") or product.description,
        "materials": product.composition,
        "origin": product.origin,
        "fabrication": product.fabric,
        "source_of_materials": _own_field(product, "skid"),
    }


def _texts_of(style: Style) -> dict[str, str]:
    """Of each text that of the oldest colour that has one."""
    texts = [_texts(product) for product in style.products]
    return {name: next(filter(None, (each[name] for each in texts)), "") for name in texts[0]}


def _name(product: Product) -> str:
    return _own_field(product, "joorstylename") or product.name


def _own_field(product: Product, key: str) -> str:
    """A field that the brand has added to its products, however its name is written (sheet 9.6)."""
    for name, value in product.custom.items():
        if isinstance(value, str) and "".join(filter(str.isalnum, name)).casefold() == key:
            return value.strip()
    return ""


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _category_words(paths: Sequence[Path]) -> list[tuple[str, ...]]:
    """Gender, category and subcategory of each place that has any, each once."""
    return list(dict.fromkeys(path[LINESHEET_LEVELS : _SILHOUETTE - 1] for path in paths if len(path) > 2))
