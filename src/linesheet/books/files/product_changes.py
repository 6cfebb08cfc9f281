"""What a row of a product file would change about its product."""

from typing import Any

from linesheet.books.files.importer import is_taken
from linesheet.books.files.product_rows import NEVER_BLANK, Wanted, custom_text, custom_value
from linesheet.books.files.rows import clean, cleaned
from linesheet.books.files.shelf import Shelved
from linesheet.books.files.values import written

IDENTITY = ("style", "fabric", "colour")
"""What makes a product another one."""


def product_changes(wanted: Wanted, shelved: Shelved) -> dict[str, Any]:
    """The product-level fields a row would change. Raises RowRefused when an earlier row of the file disagrees."""
    product, stated, row = shelved.product, shelved.stated, wanted.row
    changes: dict[str, Any] = {}
    for name, text in wanted.texts.items():
        if name in IDENTITY and not wanted.code:
            continue
        current = getattr(product, name)
        if text == current or text == cleaned(name, current):
            continue
        if not text and name in NEVER_BLANK:
            continue
        if is_taken(row, name, stated, blank=not text, other=current, what="product"):
            changes[name] = text
    for name, value in wanted.flags.items():
        before = getattr(product, name)
        if value != before and is_taken(row, name, stated, blank=False, other=written(before), what="product"):
            changes[name] = value
    if wanted.names_size_range:
        now = wanted.size_range
        if product.size_range_id != (now.pk if now else None) and is_taken(
            row, "size_range", stated, blank=now is None, other=product.size_range, what="product"
        ):
            changes["size_range"] = now
    return changes


def custom_changes(wanted: Wanted, shelved: Shelved) -> dict[str, Any]:
    """The custom values a row would change; "" for those it clears. Raises RowRefused like `product_changes`."""
    custom, stated = shelved.product.custom, shelved.stated
    changes: dict[str, Any] = {}
    for name, text in wanted.custom.items():
        current = custom.get(name)
        shown = "" if current is None else clean(custom_text(current))
        if text == shown:
            continue
        if is_taken(wanted.row, f"custom:{name}", stated, blank=not text, other=shown, what="product"):
            changes[name] = custom_value(text, current) if text else ""
    return changes
