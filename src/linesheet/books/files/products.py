"""Product files: one row per SKU, whose product-level columns agree across the rows of a product."""

from collections.abc import Container
from typing import Any

from linesheet.books.barcodes import BARCODE_TAKEN, gtin
from linesheet.books.fetching import IMAGE_URLS
from linesheet.books.files.columns import PRICE
from linesheet.books.files.importer import Chunk, Importer, Stated, disagrees, is_taken
from linesheet.books.files.product_changes import IDENTITY, custom_changes, product_changes
from linesheet.books.files.product_rows import (
    NEVER_BLANK,
    VOCABULARY,
    Wanted,
    wanted_by,
)
from linesheet.books.files.reasons import (
    BARCODE_LEFT,
    CODE_STAYS,
    HEADER_MISSING,
    IMAGE_WITHOUT_PRODUCT,
    MISSING,
    NO_SIZES,
    PRICES_WITHOUT_SEASON,
    PRODUCT_AMBIGUOUS,
    PRODUCT_UNKNOWN,
    STYLE_TAKEN,
)
from linesheet.books.files.report import FileUnreadable, ImportReport, State
from linesheet.books.files.rows import Row, RowRefused, clean, fold, name_key
from linesheet.books.files.shelf import Shelf, Shelved
from linesheet.books.models import SKU, Product
from linesheet.books.products import codes_taken, free_code


class ProductsImporter(Importer):
    """Creates and updates products and SKUs.

    A column that is absent leaves its values alone. An empty cell clears a text, but leaves alone what cannot be
    empty: names, flags, prices, and barcodes, which a report then counts.
    """

    vocabulary = VOCABULARY

    def ready(self, report: ImportReport) -> None:
        columns = self.job.columns
        if "size" not in columns:
            if any(name in columns for name in ("barcode", "sku_code")):
                found = ", ".join(columns.headers.values())
                raise FileUnreadable(HEADER_MISSING, file=report.file, missing=VOCABULARY.title("size"), found=found)
            report.warn(NO_SIZES.about())
        prices = [header for name, header in columns.headers.items() if name.startswith(PRICE)]
        if prices and "season" not in columns and self.job.season is None:
            raise FileUnreadable(PRICES_WITHOUT_SEASON, file=report.file, columns=", ".join(prices))

    def write(self, rows: list[Row], chunk: Chunk) -> None:
        wanted = []
        for row in rows:
            try:
                wanted.append(wanted_by(row, self.job))
            except RowRefused as refused:
                chunk.done(row, refused)
        shelf = Shelf(wanted, self.job)
        for each in wanted:
            try:
                chunk.done(each.row, self._put(each, shelf, chunk))
            except RowRefused as refused:
                chunk.done(each.row, refused)
        shelf.save()
        self._remember(shelf, chunk)

    def _put(self, wanted: Wanted, shelf: Shelf, chunk: Chunk) -> State:
        """Hold one row against the products in hand, and take over what it says. All checks come before any change."""
        if wanted.is_image:
            return self._put_image(wanted, shelf)
        shelved = _found(wanted, shelf)
        is_new = shelved is None
        if shelved is None:
            shelved = Shelved(_new_product(wanted))
        elif shelved.stated is None and shelved.product.pk is not None:
            shelved.stated = chunk.said_of(shelved.product.pk)
        if "size" in wanted.row.headers and not wanted.size and (is_new or shelved.skus):
            raise wanted.row.refuse(MISSING, "size")
        product = shelved.product
        changes = product_changes(wanted, shelved)
        if not is_new:
            _refuse_taken_style(wanted, shelved, shelf)
        custom = custom_changes(wanted, shelved)
        sku = shelved.skus.get(fold(wanted.size)) if wanted.size else None
        first = _row_before(wanted, shelved, sku, chunk)
        _check_sku(wanted, sku, first, shelf)
        _check_prices(wanted, shelved)
        _check_visibility(wanted, shelved)

        if is_new:
            taken = _Taken(self._codes(), chunk.codes)
            product.code = wanted.code or free_code(product.style, product.fabric, product.colour, taken)
            chunk.codes.add(product.code.upper())
            shelf.add(shelved)
        moved = not is_new and _rename(shelved, changes, shelf)
        for name, value in changes.items():
            setattr(product, name, value)
        product.custom = {**product.custom, **custom}
        for name in [name for name, value in custom.items() if value == ""]:
            del product.custom[name]
        changed = bool(changes or custom or moved)
        changed |= _put_images(shelved, wanted.images)
        shelved.changed |= changed
        if wanted.style_images:
            changed |= _put_images(_first_of(wanted, shelf), wanted.style_images)
        changed |= _put_visibility(wanted, shelved, shelf)
        changed |= _put_prices(wanted, shelved, shelf)
        created, sku_changed = _put_sku(wanted, shelved, sku, first, shelf, chunk)
        self._state(wanted, shelved)
        if created or (is_new and not wanted.size):
            return State.CREATED
        return State.UPDATED if changed or sku_changed or is_new else State.UNCHANGED

    def _put_image(self, wanted: Wanted, shelf: Shelf) -> State:
        """An image row is created when its picture is new to the style's first product."""
        if not shelf.by_style.get(wanted.folded("style")):
            raise wanted.row.refuse(IMAGE_WITHOUT_PRODUCT, "style")
        added = _put_images(_first_of(wanted, shelf), wanted.style_images)
        return State.CREATED if added else State.UNCHANGED

    def _codes(self) -> set[str]:
        if self.memory.codes is None:
            self.memory.codes = codes_taken()
        return self.memory.codes

    def _state(self, wanted: Wanted, shelved: Shelved) -> None:
        """Note what the row said of its product."""
        said = {name for name, text in wanted.texts.items() if text or name not in NEVER_BLANK} | wanted.flags.keys()
        said |= {f"custom:{name}" for name in wanted.custom}
        if wanted.names_size_range:
            said.add("size_range")
        if wanted.visible is not None:
            said.add("seasons")
        before = shelved.stated
        if before is None:
            one = self.memory.one
            prices = {one(key): one(amount) for key, amount in wanted.prices.items()}
            shelved.stated = Stated(wanted.row.number, one(frozenset(said)), prices)
        elif not (said <= before.fields and wanted.prices.keys() <= before.prices.keys()):
            fields = self.memory.one(before.fields | said)
            shelved.stated = Stated(before.row, fields, before.prices | wanted.prices)
        if wanted.size:
            shelved.sku_rows.setdefault(fold(wanted.size), wanted.row.number)

    def _remember(self, shelf: Shelf, chunk: Chunk) -> None:
        for shelved in shelf.by_key.values():
            if shelved.stated is not None:
                chunk.stated[shelved.product.pk] = shelved.stated
                for size, row in shelved.sku_rows.items():
                    chunk.rows[shelved.skus[size].pk] = row


class _Taken(Container[str]):
    """Product codes of the books and those given in the chunk at work."""

    def __init__(self, *codes: set[str]) -> None:
        self.codes = codes

    def __contains__(self, code: object) -> bool:
        return any(code in each for each in self.codes)


def _found(wanted: Wanted, shelf: Shelf) -> Shelved | None:
    """The product a row names, by code or by style, fabric and colour. Raises RowRefused."""
    row, texts = wanted.row, wanted.texts
    if wanted.code:
        if found := shelf.by_code.get(fold(wanted.code)):
            return found
        if "style" not in texts and "colour" not in texts:
            raise row.refuse(PRODUCT_UNKNOWN, "code")
        for name in ("style", "colour"):
            if not texts.get(name):
                raise row.refuse(MISSING, name)
        if namesake := shelf.by_key.get(wanted.key):
            raise row.refuse(CODE_STAYS, "code", code=namesake.product.code, value=" ".join(filter(None, wanted.key)))
        return None
    if "fabric" in texts:
        return shelf.by_key.get(wanted.key)
    found_in = shelf.in_fabrics(wanted.key[0], wanted.key[2])
    if len(found_in) > 1:
        plain = [each for each in found_in if not each.product.fabric]
        if not plain:
            known = ", ".join(each.product.fabric for each in found_in)
            raise row.refuse(PRODUCT_AMBIGUOUS, "style", value=wanted.shown, known=known)
        found_in = plain
    return found_in[0] if found_in else None


def _new_product(wanted: Wanted) -> Product:
    texts = wanted.texts
    return Product(style=texts["style"], fabric=texts.get("fabric", ""), colour=texts["colour"], name=texts["style"])


def _refuse_taken_style(wanted: Wanted, shelved: Shelved, shelf: Shelf) -> None:
    if not wanted.code:
        return
    key = tuple(wanted.folded(name) or name_key(getattr(shelved.product, name)) for name in IDENTITY)
    if "fabric" in wanted.texts:
        key = (key[0], wanted.folded("fabric"), key[2])
    other = shelf.by_key.get((key[0], key[1], key[2]))
    if other is not None and other is not shelved:
        code = shelved.product.code
        raise wanted.row.refuse(STYLE_TAKEN, "style", code=code, value=" ".join(filter(None, key)), other=other.product)


def _rename(shelved: Shelved, changes: dict[str, Any], shelf: Shelf) -> bool:
    """Take over a new style, fabric or colour; whether there was one."""
    before = shelved.key
    moved = {name: changes.pop(name) for name in IDENTITY if name in changes}
    for name, value in moved.items():
        setattr(shelved.product, name, value)
    if shelved.key != before:
        shelf.renamed(shelved, before)
    return bool(moved)


def _row_before(wanted: Wanted, shelved: Shelved, sku: SKU | None, chunk: Chunk) -> int | None:
    """The earlier row of the file about the same SKU."""
    if sku is None:
        return None
    return shelved.sku_rows.get(fold(wanted.size)) or (chunk.row_of(sku.pk) if sku.pk else None)


def _check_sku(wanted: Wanted, sku: SKU | None, first: int | None, shelf: Shelf) -> None:
    """Raise RowRefused when an earlier row said otherwise of the same SKU, or another SKU has the barcode."""
    if not wanted.size:
        return
    row = wanted.row
    if sku is not None and first:
        if wanted.sku_code and wanted.sku_code != clean(sku.code):
            raise disagrees(row, "sku_code", first=first, other=sku.code, what="SKU")
        if wanted.barcode and sku.barcode and wanted.gtin != gtin(sku.barcode):
            raise disagrees(row, "barcode", first=first, other=sku.barcode, what="SKU")
        counted = shelf.counted(sku)
        if wanted.quantity is not None and counted is not None and counted != wanted.quantity:
            raise disagrees(row, "quantity", first=first, other=counted, what="SKU")
    holder = shelf.holder(wanted.gtin) if wanted.barcode else None
    if holder is not None and holder is not sku:
        raise row.refuse(BARCODE_TAKEN, "barcode", barcode=wanted.barcode, holder=holder)


def _put_sku(
    wanted: Wanted, shelved: Shelved, sku: SKU | None, first: int | None, shelf: Shelf, chunk: Chunk
) -> tuple[bool, bool]:
    """Create or change the SKU of a row; whether it was created, and whether it was changed."""
    if not wanted.size:
        return False, False
    if sku is None:
        sku = SKU(
            product=shelved.product,
            size=wanted.size,
            position=shelved.next_position(),
            code=wanted.sku_code or "",
            barcode=wanted.barcode or "",
        )
        shelf.add_sku(shelved, sku)
        if wanted.quantity is not None:
            shelf.count(sku, wanted.quantity)
        return True, True
    changed = False
    says_code = wanted.sku_code is not None and bool(wanted.sku_code or not first)
    if says_code and wanted.sku_code != clean(sku.code):
        sku.code = wanted.sku_code or ""
        shelf.change_sku(sku)
        changed = True
    if wanted.barcode and (not sku.barcode or wanted.gtin != gtin(sku.barcode)):
        shelf.change_barcode(sku, wanted.barcode)
        changed = True
    elif wanted.barcode == "" and sku.barcode:
        chunk.warn(BARCODE_LEFT)
    if wanted.quantity is not None and shelf.counted(sku) != wanted.quantity:
        shelf.count(sku, wanted.quantity)
        changed = True
    return False, changed


def _check_prices(wanted: Wanted, shelved: Shelved) -> None:
    stated = shelved.stated
    if stated is None:
        return
    for key, amount in wanted.prices.items():
        other = stated.prices.get(key)
        if other is not None and other != amount:
            field = wanted.price_fields[key]
            raise disagrees(wanted.row, field, first=stated.row, other=other, what="product")


def _check_visibility(wanted: Wanted, shelved: Shelved) -> None:
    if wanted.visible and {season.pk for season in wanted.visible} != shelved.visible:
        is_taken(wanted.row, "seasons", shelved.stated, blank=False, other="other seasons", what="product")


def _put_prices(wanted: Wanted, shelved: Shelved, shelf: Shelf) -> bool:
    changed = False
    for key, amount in wanted.prices.items():
        if shelved.prices.get(key) != amount:
            shelf.price(shelved, key, amount)
            changed = True
    return changed


def _put_visibility(wanted: Wanted, shelved: Shelved, shelf: Shelf) -> bool:
    """Show and hide a product as its row says; whether anything changed."""
    changed = False
    seasons = wanted.visible if wanted.visible is not None else filter(None, [wanted.visible_too])
    shown = list(seasons)
    for season in shown:
        if season.pk not in shelved.visible:
            shelf.show(shelved, season)
            changed = True
    said_before = shelved.stated is not None and "seasons" in shelved.stated.fields
    if wanted.visible is None or said_before:
        return changed
    for season_id in shelved.visible - {season.pk for season in shown}:
        shelf.hide(shelved, season_id)
        changed = True
    return changed


def _first_of(wanted: Wanted, shelf: Shelf) -> Shelved:
    """The first product of the style, which the pictures of the whole style go to."""
    return shelf.by_style[wanted.folded("style")][0]


def _put_images(shelved: Shelved, urls: list[str]) -> bool:
    """Add picture addresses to a product; whether any was new."""
    known = shelved.product.custom.get(IMAGE_URLS)
    before = known if isinstance(known, list) else []
    new = [url for url in urls if url not in before]
    if new:
        shelved.product.custom = {**shelved.product.custom, IMAGE_URLS: [*before, *new]}
        shelved.changed = True
    return bool(new)
