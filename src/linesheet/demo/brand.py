"""A made-up fashion brand: its files as an ERP would export them, and its pictures."""

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from PIL import Image, ImageDraw

NAME = "Atelier Nord"
CURRENCY = "EUR"
COLOURS = {
    "Black": "#1d1d1f",
    "Ecru": "#e9e1d0",
    "Navy": "#22304f",
    "Rust": "#a34a28",
    "Sage": "#8f9f86",
    "Stone": "#b7ab98",
}
SIZES = {"letters": ("XS", "S", "M", "L", "XL", "XXL"), "numbers": ("36", "38", "40", "42", "44", "46", "48")}


@dataclass(frozen=True, slots=True)
class SeasonDays:
    """A season of the brand: when it starts, and when its deliveries begin and are cancelled."""

    name: str
    starts_on: date
    delivered_from: date
    delivered_until: date


@dataclass(frozen=True, slots=True)
class Style:
    """A style of the brand; `since` is the first season it is sold in, by position in `seasons_on`."""

    number: str
    name: str
    category: str
    department: str
    fabric: str
    composition: str
    sizes: str
    wholesale: Decimal
    since: int


STYLES = (
    Style("C100", "Harbour Coat", "Coats", "Women", "Wool", "80% wool, 20% polyamide", "letters", Decimal(190), 0),
    Style("C110", "Quay Parka", "Coats", "Men", "Twill", "100% cotton", "letters", Decimal(165), 0),
    Style("C120", "Mast Trench", "Coats", "Women", "Gabardine", "100% cotton", "letters", Decimal(175), 1),
    Style("J200", "Deck Jacket", "Jackets", "Men", "Canvas", "100% cotton", "letters", Decimal(120), 0),
    Style("J210", "Cove Blazer", "Jackets", "Women", "Linen", "100% linen", "numbers", Decimal(135), 1),
    Style("K300", "Tide Jumper", "Knitwear", "Women", "Merino", "100% merino wool", "letters", Decimal(74), 0),
    Style("K310", "Anchor Cardigan", "Knitwear", "Men", "Lambswool", "100% lambswool", "letters", Decimal(82), 0),
    Style("K320", "Foam Vest", "Knitwear", "Women", "Alpaca", "70% alpaca, 30% wool", "letters", Decimal(68), 2),
    Style("D400", "Sail Dress", "Dresses", "Women", "Poplin", "100% cotton", "numbers", Decimal(88), 1),
    Style("D410", "Lagoon Dress", "Dresses", "Women", "Viscose", "100% viscose", "numbers", Decimal(79), 1),
    Style("S500", "Pier Shirt", "Shirts", "Men", "Oxford", "100% cotton", "letters", Decimal(48), 0),
    Style("S510", "Dune Blouse", "Shirts", "Women", "Silk", "100% silk", "numbers", Decimal(92), 1),
    Style("T600", "Buoy Tee", "Tops", "Men", "Jersey", "100% organic cotton", "letters", Decimal(22), 0),
    Style("T610", "Shell Top", "Tops", "Women", "Jersey", "100% organic cotton", "letters", Decimal(26), 1),
    Style("P700", "Rope Trousers", "Trousers", "Men", "Chino", "98% cotton, 2% elastane", "numbers", Decimal(62), 0),
    Style("P710", "Drift Trousers", "Trousers", "Women", "Crepe", "100% polyester", "numbers", Decimal(71), 2),
)
COLOURS_OF_A_STYLE = 4
CUSTOMERS = (
    "Maison Rive", "Lind & Falk", "Porto Alegre Studio", "The Wool Room", "Atelier Blanc", "Nordhavn", "Casa Lucía",
    "Grünwald Mode", "Harbour Street", "Il Filo", "Kiosk 44", "La Garçonne", "Mercer Row", "North & Main",
    "Objet Trouvé", "Palazzo Verde", "Quartier Latin", "Rosenthal", "Søstrene Holm", "Tailor's Yard", "Uptown Edit",
    "Villa Nova", "Weekend Wardrobe", "Yarrow", "Zephyr Concept",
)  # fmt: skip
PLACES = (
    ("12 Rue des Francs", "Paris", "75003", "FR"),
    ("Storgata 8", "Oslo", "0155", "NO"),
    ("5 High St", "Leeds", "LS1", "GB"),
    ("Kantstr. 21", "Berlin", "10623", "DE"),
    ("Via Solferino 3", "Milano", "20121", "IT"),
)


@dataclass(frozen=True, slots=True)
class BrandFiles:
    """Paths of the brand's files."""

    products: Path
    prices: Path
    customers: Path
    stock: Path


def seasons_on(today: date) -> tuple[SeasonDays, SeasonDays, SeasonDays]:
    """The season before the present one, the present one, and the one sold next; the last has not started yet.

    SS starts on 15 January, AW on 1 August.
    """
    years = range(today.year - 2, today.year + 2)
    known = [season for year in years for season in (_spring(year), _autumn(year))]
    following = next(place for place, season in enumerate(known) if season.starts_on > today)
    return known[following - 2], known[following - 1], known[following]


def write_files(folder: Path, seasons: Sequence[SeasonDays]) -> BrandFiles:
    """Write the brand's files: 64 products in 412 SKUs or so, their prices, 25 customers and the stock."""
    chance = random.Random(20260101)
    return BrandFiles(
        products=_write(folder / "products.csv", _product_rows(seasons)),
        prices=_write(folder / "prices.csv", _price_rows(seasons)),
        customers=_write(folder / "customers.csv", _customer_rows(chance)),
        stock=_write(folder / "stock.csv", _stock_rows(chance, seasons)),
    )


def pictures() -> Iterator[tuple[str, bytes]]:
    """A drawn picture for every product."""
    for style, colour in _colourways():
        yield _code(style, colour), _picture(style, colour)


def departments() -> dict[str, tuple[str, str]]:
    """Department and category of every product, by code."""
    return {_code(style, colour): (style.department, style.category) for style, colour in _colourways()}


def _colourways() -> Iterator[tuple[Style, str]]:
    names = list(COLOURS)
    for number, style in enumerate(STYLES):
        for step in range(COLOURS_OF_A_STYLE):
            yield style, names[(number + step) % len(names)]


def _code(style: Style, colour: str) -> str:
    return f"{style.number}-{style.fabric}-{colour}".upper()


def _spring(year: int) -> SeasonDays:
    return SeasonDays(f"SS{year % 100:02}", date(year, 1, 15), date(year, 2, 1), date(year, 4, 30))


def _autumn(year: int) -> SeasonDays:
    return SeasonDays(f"AW{year % 100:02}", date(year, 8, 1), date(year, 8, 15), date(year, 10, 31))


def _product_rows(seasons: Sequence[SeasonDays]) -> Iterator[Sequence[object]]:
    yield ("Style Number", "Fabric", "Colour", "Name", "Description", "Category", "Composition", "Origin", "Size",
           "Seasons", "Product Code")  # fmt: skip
    for style, colour in _colourways():
        for size in SIZES[style.sizes]:
            yield (style.number, style.fabric, colour, f"{style.name} {colour}",
                   f"{style.name} in {style.fabric.lower()}.", style.category, style.composition, "Portugal", size,
                   "; ".join(season.name for season in seasons[style.since :]), _code(style, colour))  # fmt: skip


def _price_rows(seasons: Sequence[SeasonDays]) -> Iterator[Sequence[object]]:
    yield ("Product Code", "Season", "Price List", "Currency", "Amount")
    for style, colour in _colourways():
        season = seasons[style.since].name
        yield (_code(style, colour), season, "Wholesale", CURRENCY, style.wholesale)
        yield (
            _code(style, colour),
            season,
            "Retail",
            CURRENCY,
            (style.wholesale * Decimal("2.6")).quantize(Decimal(5)),
        )


def _customer_rows(chance: random.Random) -> Iterator[Sequence[object]]:
    yield ("Customer Name", "Account Code", "Currency", "Price List", "Payment Terms", "Address Type", "Address Code",
           "Address 1", "City", "Postcode", "Country", "Contact Name", "Contact Email")  # fmt: skip
    for number, name in enumerate(CUSTOMERS, start=1):
        street, city, postcode, country = chance.choice(PLACES)
        contact = (f"Buyer {number}", f"buyer{number}@example.com")
        own = (name, f"C{number:03}", CURRENCY, "Wholesale", chance.choice(["30 days net", "60 days net"]))
        yield (*own, "delivery", f"D{number:03}", street, city, postcode, country, *contact)
        yield (*own, "accounts", f"A{number:03}", street, city, postcode, country, "", "")


def _stock_rows(chance: random.Random, seasons: Sequence[SeasonDays]) -> Iterator[Sequence[object]]:
    yield ("Product Code", "Size", "Location", "Season", "Quantity", "Available on")
    newest = seasons[-1]
    restocked = newest.delivered_from + timedelta(days=28)
    for style, colour in _colourways():
        for size in SIZES[style.sizes]:
            yield (_code(style, colour), size, "Main warehouse", newest.name, chance.randint(0, 60), "")
            if chance.random() < 0.25:
                yield (_code(style, colour), size, "Main warehouse", newest.name, chance.randint(10, 40), restocked)


def _write(path: Path, rows: Iterator[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def _picture(style: Style, colour: str) -> bytes:
    """A flat drawing of the garment in its colour, 660 x 900 px."""
    picture = Image.new("RGB", (660, 900), "#f4f2ee")
    draw = ImageDraw.Draw(picture)
    ink = COLOURS[colour]
    line = "#00000040" if colour != "Black" else "#ffffff40"
    if style.category == "Trousers":
        draw.polygon([(230, 220), (430, 220), (470, 760), (360, 760), (330, 360), (300, 760), (190, 760)], fill=ink)
    else:
        hem = {"Coats": 760, "Dresses": 780, "Jackets": 620, "Knitwear": 600}.get(style.category, 580)
        flare = 60 if style.category in ("Dresses", "Coats") else 0
        draw.polygon(
            [(260, 200), (400, 200), (560, 330), (500, 430), (440, 370), (440 + flare, hem), (220 - flare, hem),
             (220, 370), (160, 430), (100, 330)],
            fill=ink,
        )  # fmt: skip
        draw.pieslice([275, 150, 385, 250], 0, 180, fill="#f4f2ee")
        if style.category in ("Coats", "Jackets", "Shirts"):
            draw.line([(330, 250), (330, hem)], fill=line[:7], width=2)
            for height in range(290, hem - 20, 70):
                draw.ellipse([336, height, 346, height + 10], fill=line[:7])
    draw.text((40, 850), f"{style.number}  {style.name}  {colour}", fill="#6b675f")
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()
