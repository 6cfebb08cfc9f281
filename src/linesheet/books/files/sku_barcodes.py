"""Barcode files: which barcode goes on which SKU."""

from linesheet.books.barcodes import BARCODE_TAKEN, gtin, retire
from linesheet.books.bulk import save_changed
from linesheet.books.files.columns import Field, Vocabulary
from linesheet.books.files.importer import Chunk, Importer, disagrees
from linesheet.books.files.product_rows import BARCODE, barcode_in
from linesheet.books.files.reasons import BARCODE_LEFT
from linesheet.books.files.report import State
from linesheet.books.files.rows import Row, RowRefused
from linesheet.books.files.skus import SKU_FIELDS, Named, SKUs
from linesheet.books.models import SKU


class BarcodesImporter(Importer):
    """Puts barcodes on SKUs; an empty cell leaves a barcode alone, and a number that is replaced is retired."""

    vocabulary = Vocabulary(
        kind="barcodes",
        fields={
            **SKU_FIELDS,
            "barcode": Field(BARCODE, "EAN-13 or UPC-A with its check digit; an empty cell keeps the barcode there is"),
        },
        needed=((("barcode",),), (("code", "size"), ("style", "colour", "size"), ("sku_code",))),
        examples=(
            {"code": "COAT-WOOL-BLACK", "size": "S", "barcode": "5601000000004"},
            {"code": "COAT-WOOL-BLACK", "size": "M", "barcode": "5601000000011"},
        ),
    )

    def write(self, rows: list[Row], chunk: Chunk) -> None:
        barcodes: list[tuple[Row, str]] = []
        for row in rows:
            try:
                barcodes.append((row, barcode_in(row) or ""))
            except RowRefused as refused:
                chunk.done(row, refused)
        skus = SKUs(Named(row) for row, _ in barcodes)
        numbers = {gtin(barcode) for _, barcode in barcodes if barcode}
        holding = SKU.objects.exclude(barcode="").filter(gtin__in=numbers).select_related("product")
        work = _Barcodes({sku.gtin: sku for sku in holding})
        for row, barcode in barcodes:
            try:
                sku = skus.needed(Named(row))
                chunk.done(row, work.put(row, sku, barcode, chunk.row_of(sku.pk), chunk))
                chunk.rows.setdefault(sku.pk, row.number)
            except RowRefused as refused:
                chunk.done(row, refused)
        work.save()


class _Barcodes:
    """Barcodes as they change hands within a chunk."""

    def __init__(self, holders: dict[str, SKU]) -> None:
        self.holders = {number: sku.pk for number, sku in holders.items()}
        self._skus = {sku.pk: sku for sku in holders.values()}
        self._before: dict[int, str] = {}
        self._changed: dict[int, SKU] = {}

    def put(self, row: Row, sku: SKU, barcode: str, first: int | None, chunk: Chunk) -> State:
        """Put a barcode on a SKU. Raises RowRefused when another has it, or an earlier row says otherwise."""
        if not barcode:
            if sku.barcode:
                chunk.warn(BARCODE_LEFT)
            return State.UNCHANGED
        number = gtin(barcode)
        if sku.barcode and gtin(sku.barcode) == number:
            return State.UNCHANGED
        if first and sku.barcode:
            raise disagrees(row, "barcode", first=first, other=sku.barcode, what="SKU")
        holder = self.holders.get(number)
        if holder is not None and holder != sku.pk:
            raise row.refuse(BARCODE_TAKEN, "barcode", barcode=barcode, holder=self._skus[holder])
        if sku.barcode:
            self.holders.pop(gtin(sku.barcode), None)
            self._before[sku.pk] = sku.barcode
        sku.barcode = barcode
        self.holders[number] = sku.pk
        self._skus[sku.pk] = sku
        self._changed[sku.pk] = sku
        return State.UPDATED

    def save(self) -> None:
        # Numbers may change hands among these SKUs, and no two may have one even for a moment.
        SKU.objects.filter(pk__in=list(self._before)).update(barcode="")
        save_changed(self._changed.values(), ["barcode"])
        retire(self._before.values())
