"""A connection whose platform has a catalogue, and products to place in it."""

from dataclasses import replace

import pytest

from linesheet.books.models import SKU, Image, Product, Season, Visibility
from linesheet.sync import registry
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.models import Connection, Section
from linesheet.sync.platform import Catalogue, Level
from tests.web.made_up import MADE_UP

FREE = Catalogue(levels=(Level("Season"), Level("Department"), Level("Category")), free_below=True)
ONCE = Catalogue(levels=(Level("Collection"), Level("Look", required=False)), once=True)

ONCE_BELOW = Catalogue(levels=(Level("Linesheet"), Level("Look", required=False)), once=True, once_below=1)


def declare(monkeypatch: pytest.MonkeyPatch, rules: Catalogue) -> None:
    """Have the made-up platform declare a catalogue."""
    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": replace(MADE_UP, catalogue=rules)})


def section(connection: Connection, *path: str) -> Section:
    return add_section(connection, path)


def products(codes: str, **fields: object) -> list[Product]:
    """Products of these codes, with words between them."""
    made = [Product(code=code, style=code, colour="Red", name=f"The {code}", **fields) for code in codes.split()]
    return Product.objects.bulk_create(made)


def fill(into: Section, codes: str, rules: Catalogue = FREE) -> list[Product]:
    made = products(codes)
    place(into, made, rules)
    return made


def make_ready(product: Product, season: Season, *, picture: bool = True) -> None:
    """Give a product a barcode, a season and a picture (which has no file, so that no browser should be shown it)."""
    SKU.objects.create(product=product, size="36", barcode=f"400000{product.pk:06}")
    if picture:
        Image.objects.create(
            product=product, content_hash=f"{product.pk:064}", format="jpg", width=9, height=9, bytes=9
        )
    Visibility.objects.create(product=product, season=season)


def drawn(connection: Connection) -> list[str]:
    """The tree, one section a line."""
    from linesheet.sync.catalogue import read_tree

    return ["/".join(node.path) for node in read_tree(connection.pk).by_id.values()]


def codes_in(of: Section) -> list[str]:
    return [placement.product.code for placement in of.placements.select_related("product")]
