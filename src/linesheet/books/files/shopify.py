"""Shopify's product export, read as a product file: a handle is a style, its options are colour, size and fabric.

Shopify writes a product over several rows: the first has title, text and option names, each has one variant, one
picture, or both. There is no field for what a product lacks: a product without a colour option gets the colour
`One colour`, one without sizes the size `OS`.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape

from linesheet.books.files.columns import PRICE, Columns
from linesheet.books.files.job import Job
from linesheet.books.files.products import ProductsImporter
from linesheet.books.files.reasons import (
    HANDLE_SCATTERED,
    HANDLE_SHORTENED,
    MISSING,
    NOTHING_IN_ROW,
    SHOPIFY_PRICES_LEFT,
    SHOPIFY_STOCK_LEFT,
)
from linesheet.books.files.report import ImportReport
from linesheet.books.files.rows import Row, clean_lines, fold
from linesheet.books.models import PriceList

NO_COLOUR = "One colour"
NO_SIZE = "OS"

_SIGNATURE = frozenset({"Handle", "Title", "Option1 Name", "Option1 Value"})
_STYLE_LIMIT = 50
_COLOURS = frozenset({"color", "colour", "colors", "colours", "farbe", "couleur", "coloris", "colore", "kleur", "färg"})
_SIZES = frozenset(
    {"size", "sizes", "grösse", "größe", "groesse", "taille", "taglia", "talla", "maat", "storlek", "tamanho"}
)
_TEXT_COLUMNS = {
    "name": "Title",
    "description": "Body (HTML)",
    "custom:vendor": "Vendor",
    "custom:tags": "Tags",
}
_READ = {
    "Handle": "style",
    "Title": "name",
    "Body (HTML)": "description",
    "Vendor": "custom:vendor",
    "Product Category": "category",
    "Type": "category",
    "Tags": "custom:tags",
    "Published": "active",
    "Status": "active",
    **{f"Option{number} {part}": "colour, size or fabric" for number in (1, 2, 3) for part in ("Name", "Value")},
    "Variant SKU": "sku_code",
    "Variant Barcode": "barcode",
    "Variant Price": "retail",
    "Cost per item": "cost",
    "Variant Inventory Qty": "quantity",
    "Image Src": "custom:image_urls",
    "Variant Image": "custom:image_urls",
    "Google Shopping / Google Product Category": "category",
}
_NAMED_NEWLY = {
    "url handle": "Handle",
    "description": "Body (HTML)",
    "published on online store": "Published",
    "sku": "Variant SKU",
    "barcode": "Variant Barcode",
    "price": "Variant Price",
    "inventory quantity": "Variant Inventory Qty",
    "product image url": "Image Src",
    "variant image url": "Variant Image",
    "google shopping / google product category": "Google Shopping / Google Product Category",
}
_CANONICAL = {fold(header): header for header in _READ} | _NAMED_NEWLY
# A tag ends before the next begins, and what is not shown, when left open, goes to the end: else a text made of
# beginnings only would be read through from each of them.
_TAGS = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>")
_UNSHOWN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAKS = re.compile(r"<(?:br|/p|/li|/div|/h\d|/tr|/ul|/ol)\b[^<>]*>", re.IGNORECASE)


def is_shopify(headers: Iterable[str]) -> bool:
    """Whether these are the headers of Shopify's product export, in its older or newer wording."""
    return {_CANONICAL.get(fold(header)) for header in headers} >= _SIGNATURE


def shopify_columns(headers: list[str]) -> Columns:
    """Shopify's columns under the names of its older wording, as `ShopifyImporter` takes them."""
    columns = Columns([])
    for header in headers:
        name = _CANONICAL.get(fold(header))
        name = None if name in columns.headers else name
        columns.fields.append(name)
        if name:
            columns.headers[name] = header
        elif header:
            columns.ignored.append(header)
    return columns


def shopify_fields(columns: Columns) -> dict[str, str]:
    """What each of Shopify's headers is read as."""
    return {header: _READ[name] for name, header in columns.headers.items()}


@dataclass(slots=True)
class _Handle:
    """What the first row of a handle says for all of them."""

    handle: str
    style: str
    cells: dict[str, str]
    options: list[str | None]
    headers: dict[str, str] = field(default_factory=dict)


class ShopifyImporter(ProductsImporter):
    """Takes Shopify's rows as rows of a product file; a row with a picture only is created when the picture is new."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._headers = set(job.columns.headers)
        self._prices = {
            header: f"{PRICE}{price_list}:{job.currency}"
            for header, kind in (("Variant Price", PriceList.Kind.RETAIL), ("Cost per item", PriceList.Kind.COST))
            if header in self._headers and (price_list := self._price_list(kind))
        }

    def ready(self, report: ImportReport) -> None:
        for header in ("Variant Price", "Cost per item"):
            if header in self._headers and header not in self._prices:
                missing = "season" if not self.job.season else "currency" if not self.job.currency else "price list"
                report.warn(SHOPIFY_PRICES_LEFT.about(header=header, missing=missing))
        if "Variant Inventory Qty" in self._headers and not (self.job.location and self.job.season):
            report.warn(SHOPIFY_STOCK_LEFT.about())

    def arranged(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Shopify's rows in the words of product files, each exactly once."""
        at: _Handle | None = None
        done: set[str] = set()
        for row in rows:
            if row.refused:
                yield row
                continue
            handle = row.get("Handle") or ""
            if not handle:
                row.refused = row.refuse(MISSING, "Handle")
            elif at is None or handle != at.handle:
                if handle in done and not row.get("Title"):
                    row.refused = row.refuse(HANDLE_SCATTERED, "Handle")
                else:
                    done.add(handle)
                    at = self._handle(row, handle)
            yield row if row.refused or at is None else self._arranged(row, at)

    def _handle(self, row: Row, handle: str) -> _Handle:
        cells = {name: row.cells[header] for name, header in _TEXT_COLUMNS.items() if header in row.cells}
        if "description" in cells:
            cells["description"] = plain_text(cells["description"])
        cells["category"] = _category(row)
        published, status = row.get("Published"), row.get("Status")
        if published or status:
            active = (published or "true").lower() != "false" and (status or "active").lower() == "active"
            cells["active"] = "yes" if active else "no"
        at = _Handle(handle, short_handle(handle), cells, _options(row))
        named = {
            **_TEXT_COLUMNS,
            "style": "Handle",
            "category": "Type",
            "active": "Status" if status else "Published",
            "size": "Option1 Value",
            "sku_code": "Variant SKU",
            "barcode": "Variant Barcode",
            "quantity": "Variant Inventory Qty",
            "images": "Variant Image",
            "style_images": "Image Src",
            **{name: header for header, name in self._prices.items()},
            **{option: f"Option{number} Value" for number, option in enumerate(at.options, 1) if option},
        }
        shown = self.job.columns.headers
        at.headers = {name: shown.get(header, header) for name, header in named.items()}
        return at

    def _arranged(self, row: Row, at: _Handle) -> Row:
        values = {name: row.get(f"Option{number} Value") or "" for number, name in enumerate(at.options, 1) if name}
        is_variant = any(values.values()) or any(row.get(name) for name in ("Variant SKU", "Variant Price"))
        image = row.get("Image Src")
        if not is_variant and (values or not row.get("Title")):
            if not image:
                row.refused = row.refuse(NOTHING_IN_ROW, "Handle")
                return row
            return Row(row.number, {"style": at.style, "style_images": image}, at.headers)
        fabric = " / ".join(values[name] for name in values if name.startswith("fabric"))
        cells = at.cells | {
            "style": at.style,
            "fabric": fabric,
            "colour": values.get("colour", NO_COLOUR),
            "size": values.get("size", NO_SIZE),
        }
        for name, header in (("sku_code", "Variant SKU"), ("barcode", "Variant Barcode")):
            if header in row.cells:
                # Shopify writes an apostrophe before numbers, for spreadsheets to keep them as text.
                cells[name] = row.cells[header].lstrip("'")
        if self.job.location and self.job.season:
            cells["quantity"] = row.get("Variant Inventory Qty") or ""
        cells |= {name: row.get(header) or "" for header, name in self._prices.items()}
        cells |= {"images": row.get("Variant Image") or "", "style_images": image or ""}
        return Row(row.number, cells, at.headers)

    def _price_list(self, kind: str) -> int | None:
        if not (self.job.season and self.job.currency):
            return None
        lists = self.job.known.price_lists.values()
        return next((each.pk for each in lists if each.kind == kind), None)

    def run(self, rows: Iterable[Row], report: ImportReport) -> None:
        shortened: set[str] = set()

        def watched() -> Iterator[Row]:
            for row in rows:
                if len(row.get("Handle") or "") > _STYLE_LIMIT:
                    shortened.add(row.cells["Handle"])
                yield row

        super().run(watched(), report)
        if shortened:
            report.warn(HANDLE_SHORTENED.about(limit=_STYLE_LIMIT), len(shortened))


def plain_text(html: str) -> str:
    """What a browser would show of HTML, a line for each block."""
    text = _BREAKS.sub("\n", _UNSHOWN.sub("", html))
    lines = clean_lines(unescape(_TAGS.sub("", text))).split("\n")
    return "\n".join(line for line in lines if line)


def short_handle(handle: str) -> str:
    """A handle as a style number: as it is up to 50 characters, else cut and told apart by a digest of the whole."""
    if len(handle) <= _STYLE_LIMIT:
        return handle
    digest = hashlib.sha256(handle.encode()).hexdigest()[:8]
    return f"{handle[: _STYLE_LIMIT - 9]}-{digest}"


def _options(row: Row) -> list[str | None]:
    """What each of the three options is: colour, size, fabric (fabric_2, fabric_3 for further ones), or nothing."""
    found: list[str | None] = []
    for number in (1, 2, 3):
        name = fold(row.get(f"Option{number} Name") or "")
        if not name or (name == "title" and fold(row.get(f"Option{number} Value") or "") == "default title"):
            found.append(None)
        elif name in _COLOURS and "colour" not in found:
            found.append("colour")
        elif name in _SIZES and "size" not in found:
            found.append("size")
        else:
            found.append("fabric" if "fabric" not in found else f"fabric_{number}")
    return found


def _category(row: Row) -> str:
    """The type, else the last part of the standard category, else the first tag."""
    if kind := row.get("Type"):
        return kind
    for header in ("Product Category", "Google Shopping / Google Product Category"):
        if path := row.get(header):
            return path.rpartition(">")[2].strip()
    return (row.get("Tags") or "").split(",")[0].strip()
