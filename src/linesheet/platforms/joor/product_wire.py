"""Shapes on JOOR's wire that Data and Images export plan (sheet joor.md 3). JOOR's ids are found when they are sent."""

import msgspec


class SizeWire(msgspec.Struct, frozen=True):
    """A size of a style in one colour, in display order. Without `upc` the colour does not come in it.

    JOOR wants every colour in every size of the style (sheet 3.2), so such sizes go too, on no linesheet.
    """

    size: str
    upc: str = ""


class PriceWire(msgspec.Struct, frozen=True):
    """The prices of a colour by one price type of the account; `id` and `name` are the price type's.

    Amounts are text with two decimals, as JOOR takes them (sheet 3.3). Without `retail` JOOR keeps the one it has.
    """

    id: str
    name: str
    wholesale: str
    retail: str = ""


class ProductWire(msgspec.Struct, frozen=True, kw_only=True):
    """One colour of a style, with all that JOOR holds of the style itself (sheet 3.1, 3.2, 9.6).

    `style` is the key of JOOR's product, shared by its colours; `code` tells this colour from them. `categories` are
    ids of the account's categories, `colour_order` its place among the colours, from 1.
    """

    style: str
    name: str
    description: str = ""
    materials: str = ""
    source_of_materials: str = ""
    origin: str = ""
    fabrication: str = ""
    silhouette: str = ""
    categories: tuple[str, ...] = ()
    code: str
    colour: str
    colour_code: str = ""
    colour_order: int = 1
    sizes: tuple[SizeWire, ...] = ()
    prices: tuple[PriceWire, ...] = ()


class LinesheetColour(msgspec.Struct, frozen=True):
    """A colour on a linesheet, by the product's code and the colour's name, in the sizes that it comes in."""

    code: str
    colour: str
    sizes: tuple[str, ...]


class LinesheetItem(msgspec.Struct, frozen=True):
    """A style on a linesheet, by its key, in the colours that are placed there."""

    code: str
    colours: tuple[LinesheetColour, ...]


class LinesheetWire(msgspec.Struct, frozen=True):
    """A linesheet, JOOR's collection (sheet 3.5), with its season by name. The list of items replaces the old one.

    `year` is for the season, should JOOR not have it yet.
    """

    name: str
    season: str
    year: int | None = None
    items: tuple[LinesheetItem, ...] = ()


class PictureWire(msgspec.Struct, frozen=True):
    """A picture by its content, `<sha256>.<format>`, and the frame in which JOOR gets it, as `660x900`."""

    code: str
    image: str
    frame: str


class ImagesWire(msgspec.Struct, frozen=True):
    """The pictures of all colours of JOOR's product, which replace those it has (sheet 3.6).

    `product_id` is JOOR's id of the product: one made anew there needs its pictures again.
    """

    product_id: str
    pictures: tuple[PictureWire, ...]


def sku_key(code: str, size: str) -> str:
    """Our own key of a product in a size."""
    return f"{code}-{size}"
