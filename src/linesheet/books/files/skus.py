"""Which SKU a row names: by barcode, by SKU code, or by product and size."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Lower

from linesheet.books.barcodes import gtin
from linesheet.books.files.columns import Field
from linesheet.books.files.product_rows import BARCODE, COLOUR, FABRIC, PRODUCT_CODE, SIZE, SKU_CODE, STYLE, barcode_in
from linesheet.books.files.reasons import (
    PRODUCT_AMBIGUOUS,
    PRODUCT_UNKNOWN,
    PRODUCT_UNNAMED,
    SKU_AMBIGUOUS,
    SKU_CONTRADICTS,
    SKU_UNKNOWN,
    SKU_UNNAMED,
)
from linesheet.books.files.rows import Row, clean, fold, name_key
from linesheet.books.models import SKU, Product

PRODUCT_FIELDS = {
    "code": Field(PRODUCT_CODE, "Names the product"),
    "style": Field(STYLE, "Names the product, together with its colour"),
    "fabric": Field(FABRIC, "Tells products of one style and colour apart"),
    "colour": Field(COLOUR, "Names the product, together with its style"),
}
SKU_FIELDS = {
    **PRODUCT_FIELDS,
    "size": Field(SIZE, "Names the SKU, together with its product"),
    "sku_code": Field(SKU_CODE, "Names the SKU by itself"),
    "barcode": Field(BARCODE, "Names the SKU by itself"),
}


@dataclass(slots=True)
class Named:
    """A row with the barcode by which it names a SKU, if it does ("" when it does not)."""

    row: Row
    barcode: str = ""

    @classmethod
    def by(cls, row: Row) -> "Named":
        """Read the barcode of a row as a name. Raises RowRefused."""
        return cls(row, barcode_in(row) or "")


class Products:
    """The products a chunk of rows names, by code or by style, fabric and colour."""

    def __init__(self, rows: Iterable[Row]) -> None:
        codes, styles, colours = set(), set(), set()
        for row in rows:
            if row.get("code"):
                codes.add(fold(row.cells["code"]))
            elif row.get("style") and row.get("colour"):
                styles.add(fold(row.cells["style"]))
                colours.add(fold(row.cells["colour"]))
        self.by_code: dict[str, Product] = {}
        self.by_style: dict[tuple[str, str], list[Product]] = defaultdict(list)
        if codes:
            found: QuerySet[Product] = Product.objects.alias(its_code=Lower("code")).filter(its_code__in=codes)
            self.by_code = {name_key(product.code): product for product in found}
        if styles:
            named = Product.objects.alias(its_style=Lower("style"), its_colour=Lower("colour"))
            styled: QuerySet[Product] = named.filter(its_style__in=styles, its_colour__in=colours)
            for product in styled:
                self.by_style[name_key(product.style), name_key(product.colour)].append(product)

    def all(self) -> dict[int, Product]:
        """The products found, by id."""
        styled = (product for products in self.by_style.values() for product in products)
        return {product.pk: product for product in (*self.by_code.values(), *styled)}

    def find(self, row: Row) -> Product | None:
        """The product a row names; None when it names none. Raises RowRefused when there is no such product."""
        if row.get("code"):
            product = self.by_code.get(fold(row.cells["code"]))
            if product is None:
                raise row.refuse(PRODUCT_UNKNOWN, "code")
            return product
        style, colour = row.get("style"), row.get("colour")
        if not (style and colour):
            return None
        known = self.by_style.get((fold(style), fold(colour)), [])
        fabric = row.get("fabric")
        if fabric is not None or len(known) > 1:
            fitting = [each for each in known if name_key(each.fabric) == fold(fabric or "")]
            if not fitting and known and not fabric:
                fabrics = ", ".join(each.fabric or "none" for each in known)
                raise row.refuse(PRODUCT_AMBIGUOUS, "style", value=f"{style} {colour}", known=fabrics)
            known = fitting
        if not known:
            shown = " ".join(filter(None, (style, fabric, colour)))
            raise row.refuse(PRODUCT_UNKNOWN, "style", value=shown)
        return known[0]

    def needed(self, row: Row) -> Product:
        """The product a row names. Raises RowRefused when it names none, or there is none."""
        product = self.find(row)
        if product is None:
            raise row.refuse(PRODUCT_UNNAMED, "code")
        return product


class SKUs:
    """The SKUs a chunk of rows names, found with a fixed number of queries."""

    def __init__(self, named: Iterable[Named]) -> None:
        rows = list(named)
        self.products = Products(each.row for each in rows)
        products = self.products.all()
        self.by_size: dict[tuple[int, str], SKU] = {}
        self.by_gtin: dict[str, SKU] = {}
        self.by_code: dict[str, list[SKU]] = defaultdict(list)
        self._by_id: dict[int, SKU] = {}
        known = SKU.objects.select_related("product")
        if products and any(each.row.get("size") for each in rows):
            for sku in self._once(known.filter(product_id__in=products)):
                self.by_size[sku.product_id, name_key(sku.size)] = sku
        numbers = {gtin(each.barcode) for each in rows if each.barcode}
        if numbers:
            self.by_gtin = {sku.gtin: sku for sku in self._once(known.exclude(barcode="").filter(gtin__in=numbers))}
        codes = {code for each in rows if (code := each.row.get("sku_code"))}
        if codes:
            for sku in self._once(known.alias(its_code=Lower("code")).filter(its_code__in=set(map(fold, codes)))):
                self.by_code[clean(sku.code)].append(sku)

    def find(self, named: Named) -> SKU | None:
        """The SKU a row names, None when no column does; all that name one must agree. Raises RowRefused."""
        row = named.row
        found: SKU | None = None
        product = self.products.find(row)
        size = row.get("size")
        if product and size:
            found = self.by_size.get((product.pk, fold(size)))
            if found is None:
                raise row.refuse(SKU_UNKNOWN, "size", value=f"{product} {size}")
        if named.barcode:
            sku = self.by_gtin.get(gtin(named.barcode))
            if sku is None and found is None:
                raise row.refuse(SKU_UNKNOWN, "barcode", value=f"with barcode {named.barcode}")
            found = _agreed(row, "barcode", sku, found)
        if code := row.get("sku_code"):
            skus = self.by_code.get(code, [])
            if len(skus) > 1 and found is None:
                raise row.refuse(SKU_AMBIGUOUS, "sku_code", known=", ".join(map(str, skus)))
            if not skus and found is None:
                raise row.refuse(SKU_UNKNOWN, "sku_code")
            if found not in skus:
                found = _agreed(row, "sku_code", skus[0] if skus else None, found)
        return found

    def needed(self, named: Named) -> SKU:
        """The SKU a row names. Raises RowRefused when it names none, or there is none."""
        found = self.find(named)
        if found is None:
            raise named.row.refuse(SKU_UNNAMED, "barcode")
        return found

    def _once(self, skus: Iterable[SKU]) -> list[SKU]:
        """The same SKU as the same object, however it was found."""
        return [self._by_id.setdefault(sku.pk, sku) for sku in skus]


def _agreed(row: Row, name: str, sku: SKU | None, found: SKU | None) -> SKU | None:
    if sku is not None and found is not None and sku.pk != found.pk:
        raise row.refuse(SKU_CONTRADICTS, name, one=sku, other=found)
    return found or sku
