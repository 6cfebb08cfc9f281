"""Product files: their columns, and what one row of them asks for."""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from linesheet.books.barcodes import BarcodeRefused, gtin, read_barcode
from linesheet.books.files.amounts import amount_in, currency_in
from linesheet.books.files.columns import CUSTOM, PRICE, Field, Vocabulary
from linesheet.books.files.job import Job, names_of, one_of
from linesheet.books.files.reasons import CURRENCY_MISSING, MISSING, PRODUCT_UNNAMED, SEASON_MISSING, UNKNOWN
from linesheet.books.files.rows import Row, RowRefused, fold, limit_of
from linesheet.books.files.values import flag, whole_number
from linesheet.books.models import SKU, Product, Season, SizeRange

STYLE = ("Style", "Style Number", "Style No", "Style Nr", "Style Code", "Article", "Article Number", "Model")
FABRIC = ("Fabric", "Fabric Name", "Fabrication", "Material", "Quality")
COLOUR = ("Colour", "Color", "Colour Name", "Color Name", "Colourway", "Colorway")
PRODUCT_CODE = ("Product code", "Code", "Product ID", "Product", "Product number", "Product No")
SIZE = ("Size", "Size Name", "Sizes", "SKU Size")
SKU_CODE = ("SKU code", "SKU", "SKU number", "SKU No", "SKU ID", "Item number", "Item code")
BARCODE = (
    "Barcode",
    "UPC",
    "EAN",
    "GTIN",
    "EAN13",
    "UPC Code",
    "EAN Code",
    "UPC/EAN",
    "EAN/UPC",
    "UPCA",
    "Bar code number",
    "Barcode number",
)
SEASON = ("Season", "Season Name", "Price season")

VOCABULARY = Vocabulary(
    kind="products",
    fields={
        "code": Field(PRODUCT_CODE, "Names the product; made of style, fabric and colour unless given"),
        "style": Field(STYLE, "The model, in all its colours"),
        "fabric": Field(FABRIC, "Where a style comes in several"),
        "colour": Field(COLOUR, "A product is one colour of a style"),
        "colour_code": Field(("Colour code", "Color Code", "Colour No", "Color Number"), "Your number for the colour"),
        "name": Field(("Name", "Product Name", "Style Name", "Title"), "What people call it; the style unless given"),
        "description": Field(
            ("Description", "Product Description", "Style Description", "Long Description"), "A text about it"
        ),
        "category": Field(
            ("Category", "Product Category", "Product Type", "Type"),
            "Such as Coats; sections of a platform's catalogue can be filled by it",
        ),
        "composition": Field(
            ("Composition", "Textile Content", "Content", "Material composition"), "What it is made of"
        ),
        "origin": Field(("Origin", "Country of origin", "Made in", "COO"), "The country it is made in"),
        "size_range": Field(
            ("Size range", "Size Category", "Size Scale", "Size Run"), "A size range that is in the books"
        ),
        "size": Field(SIZE, "One row for each size; needed to add a product that can be ordered"),
        "barcode": Field(BARCODE, "EAN-13 or UPC-A with its check digit; an empty cell keeps the barcode there is"),
        "sku_code": Field(SKU_CODE, "Your number for this size"),
        "active": Field(("Active", "Is Active", "Status active"), "yes or no; yes unless given"),
        "withdrawn": Field(("Withdrawn", "Cancelled", "Dropped"), "yes when it is no longer offered"),
        "seasons": Field(
            ("Seasons", "Seasons visible", "Visible seasons", "Visible in", "Visible"),
            "Seasons it is visible in, apart by semicolons",
        ),
        "season": Field(SEASON, "Season of the prices in the row; --season where there is no such column"),
        "currency": Field(
            ("Currency", "Currency Code"),
            "Of prices whose header names none, such as EUR; --currency where there is no such column",
        ),
    },
    needed=((("code",), ("style", "colour")),),
    examples=tuple(
        {
            "style": "COAT",
            "fabric": "Wool",
            "colour": "Black",
            "name": "Wool coat",
            "category": "Coats",
            "composition": "100% wool",
            "origin": "Portugal",
            "size": size,
            "sku_code": f"COAT-WOOL-BLACK-{size}",
            "seasons": "Standard",
            "season": "Standard",
            "wholesale:EUR": "160.00",
            "retail:EUR": "400.00",
        }
        for size in ("S", "M")
    ),
    priced=True,
    custom=True,
)

TEXTS = ("style", "fabric", "colour", "colour_code", "name", "description", "category", "composition", "origin")
FLAGS = ("active", "withdrawn")
NEVER_BLANK = frozenset({"style", "colour", "name"})

LIMITS = {name: limit_of(Product, name) for name in (*TEXTS, "code")} | {
    "size": limit_of(SKU, "size"),
    "sku_code": limit_of(SKU, "code"),
}
_LIST_SIGNS = ";,"


@dataclass(slots=True)
class Wanted:
    """What a row asks for, read and checked but not yet held against the books.

    A value of None, or a missing key, means the file does not say; "" means to clear it. `visible` is the list of
    seasons to be visible in and nothing else; `visible_too` is one to be added. `key` is style, fabric and colour,
    folded, "" for what the row does not say; `gtin` the 13-digit form of the barcode.
    """

    row: Row
    code: str
    texts: dict[str, str]
    flags: dict[str, bool]
    custom: dict[str, str]
    size: str
    sku_code: str | None
    barcode: str | None
    size_range: SizeRange | None = None
    names_size_range: bool = False
    visible: list[Season] | None = None
    visible_too: Season | None = None
    prices: dict[tuple[int, int, str], Decimal] = field(default_factory=dict)
    price_fields: dict[tuple[int, int, str], str] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    style_images: list[str] = field(default_factory=list)
    is_image: bool = False
    quantity: int | None = None

    key: tuple[str, str, str] = ("", "", "")
    gtin: str = ""

    def __post_init__(self) -> None:
        self.key = (self.folded("style"), self.folded("fabric"), self.folded("colour"))
        self.gtin = gtin(self.barcode) if self.barcode else ""

    def folded(self, name: str) -> str:
        """One of the texts, folded."""
        return fold(self.texts.get(name) or "")

    @property
    def shown(self) -> str:
        """The product as the row names it."""
        return self.code or " ".join(self.texts[name] for name in ("style", "fabric", "colour") if self.texts.get(name))


def wanted_by(row: Row, job: Job) -> Wanted:
    """Read a row. Raises RowRefused."""
    texts = {name: row.text(name, LIMITS[name]) or "" for name in TEXTS if name in row.cells}
    code = row.text("code", LIMITS["code"]) or ""
    if not code and not (texts.get("style") and texts.get("colour")) and "style_images" not in row.cells:
        raise row.refuse(*_unnamed(row))
    wanted = Wanted(
        row=row,
        code=code,
        texts=texts,
        flags={name: value for name in FLAGS if (value := flag(row, name)) is not None},
        custom={name[len(CUSTOM) :]: text for name, text in row.cells.items() if name.startswith(CUSTOM)},
        size=row.text("size", LIMITS["size"]) or "",
        sku_code=row.text("sku_code", LIMITS["sku_code"]),
        barcode=barcode_in(row),
        images=_urls(row, "images"),
        style_images=_urls(row, "style_images"),
        quantity=whole_number(row, "quantity", least=-(2**31), most=2**31 - 1),
    )
    wanted.is_image = bool(wanted.style_images) and not wanted.size
    if text := row.get("size_range"):
        wanted.size_range = one_of(job.known.size_ranges, row, "size_range", what="size range")
    wanted.names_size_range = text is not None
    if "seasons" in row.cells:
        wanted.visible = _seasons(row, job)
    if not wanted.is_image:
        _read_prices(wanted, row, job)
    return wanted


def barcode_in(row: Row, name: str = "barcode") -> str | None:
    """The barcode in a cell, 12 or 13 digits; None when it is absent, "" when it is empty. Raises RowRefused."""
    text = row.get(name)
    if not text:
        return text
    try:
        return read_barcode(text)
    except BarcodeRefused as refused:
        raise RowRefused(refused.said, column=row.header(name), value=text) from None


def custom_text(value: Any) -> str:
    """A custom value as files show it."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def custom_value(text: str, before: Any) -> Any:
    """The custom value a file shows: lists and the like as JSON, anything else as text.

    So is JSON that the database cannot keep: NaN, NUL, half characters, or nested beyond measure.
    """
    if text[:1] in ("[", "{") or (before is not None and not isinstance(before, str)):
        try:
            value = json.loads(text)
            kept = json.dumps(value, ensure_ascii=False, allow_nan=False)
            kept.encode()
        except (ValueError, RecursionError):
            return text
        return text if "\\u0000" in kept else value
    return text


def _unnamed(row: Row) -> tuple[Any, str | None]:
    for name in ("style", "colour"):
        if name in row.cells and not row.cells[name]:
            return MISSING, name
    return PRODUCT_UNNAMED, "code"


def _seasons(row: Row, job: Job) -> list[Season]:
    """The seasons a cell lists, apart by semicolons or commas."""
    text = row.cells["seasons"]
    known = job.known.seasons
    if fold(text) in known:
        return [known[fold(text)]]
    sign = next((sign for sign in _LIST_SIGNS if sign in text), ";")
    found = []
    for name in filter(None, (part.strip() for part in text.split(sign))):
        season = known.get(fold(name))
        if season is None:
            raise row.refuse(UNKNOWN, "seasons", what="season", known=names_of(known.values()))
        found.append(season)
    return found


def _read_prices(wanted: Wanted, row: Row, job: Job) -> None:
    season = job.season_of(row)
    if wanted.visible is None:
        wanted.visible_too = season
    for name in row.cells:
        if not name.startswith(PRICE) or not row.cells[name]:
            continue
        _, price_list, currency = name.split(":")
        code = currency or currency_in(row) or job.currency
        if not code:
            raise row.refuse(CURRENCY_MISSING, name)
        amount = amount_in(row, name, code)
        if season is None:
            raise row.refuse(SEASON_MISSING, "season")
        if amount is not None:
            wanted.prices[season.pk, int(price_list), code] = amount
            wanted.price_fields[season.pk, int(price_list), code] = name


def _urls(row: Row, name: str) -> list[str]:
    text = row.get(name)
    return [text] if text else []
