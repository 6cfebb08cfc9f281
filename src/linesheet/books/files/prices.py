"""Price files: one amount per product, season, price list and currency."""

from dataclasses import dataclass
from decimal import Decimal

from linesheet.books.barcodes import gtin
from linesheet.books.files.amounts import amount_in, currency_in, written_amount
from linesheet.books.files.columns import PRICE, Field, Vocabulary
from linesheet.books.files.importer import Chunk, Importer, disagrees
from linesheet.books.files.job import Job, one_of
from linesheet.books.files.product_rows import SEASON
from linesheet.books.files.reasons import (
    CURRENCY_MISSING,
    HEADER_MISSING,
    MISSING,
    PRICE_LIST_MISSING,
    PRICES_WITHOUT_SEASON,
    PRODUCT_UNNAMED,
)
from linesheet.books.files.report import FileUnreadable, ImportReport, State
from linesheet.books.files.rows import Row, RowRefused
from linesheet.books.files.shelf import insert_prices
from linesheet.books.files.skus import PRODUCT_FIELDS, SKU_FIELDS, Named, SKUs
from linesheet.books.models import Price, PriceList, Product, Season

AMOUNT = ("Amount", "Price", "Value", "Unit price")
PRICE_LIST = ("Price list", "Pricelist", "Price group", "List")
_COAT = {"code": "COAT-WOOL-BLACK", "season": "Standard"}


@dataclass(slots=True)
class _Wanted:
    """The prices a row gives, by price list id and currency, with the field each stands in."""

    named: Named
    season: Season
    amounts: dict[tuple[int, str], tuple[str, Decimal]]


class PricesImporter(Importer):
    """Sets prices; a price set here no longer counts as carried from another season."""

    vocabulary = Vocabulary(
        kind="prices",
        fields={
            **PRODUCT_FIELDS,
            "size": SKU_FIELDS["size"],
            "sku_code": SKU_FIELDS["sku_code"],
            "barcode": SKU_FIELDS["barcode"],
            "season": Field(SEASON, "Season of the price; --season where there is no such column"),
            "price_list": Field(PRICE_LIST, "Price list of the amount; --price-list where there is no such column"),
            "currency": Field(
                ("Currency", "Currency code"), "Of the amount, such as EUR; --currency where there is no such column"
            ),
            "amount": Field(AMOUNT, "The price; a file without this column has some such as Wholesale EUR"),
        },
        needed=((("code",), ("style", "colour"), ("barcode",), ("sku_code",)),),
        examples=(
            {**_COAT, "price_list": "Wholesale", "currency": "SEK", "amount": "1750"},
            {**_COAT, "price_list": "Retail", "currency": "SEK", "amount": "4400"},
        ),
        priced=True,
    )

    def ready(self, report: ImportReport) -> None:
        columns = self.job.columns
        lists = [header for name, header in columns.headers.items() if name.startswith(PRICE)]
        if "amount" not in columns and not lists:
            found = ", ".join((*columns.headers.values(), *columns.ignored))
            missing = "Amount, or for Wholesale or Retail"
            raise FileUnreadable(HEADER_MISSING, file=report.file, missing=missing, found=found)
        if "season" not in columns and self.job.season is None:
            shown = ", ".join(lists) or columns.headers["amount"]
            raise FileUnreadable(PRICES_WITHOUT_SEASON, file=report.file, columns=shown)

    def write(self, rows: list[Row], chunk: Chunk) -> None:
        wanted = []
        for row in rows:
            try:
                wanted.append(_wanted(row, self.job))
            except RowRefused as refused:
                chunk.done(row, refused)
        skus = SKUs(each.named for each in wanted)
        placed: list[tuple[_Wanted, Product]] = []
        for each in wanted:
            try:
                placed.append((each, _product(each.named, skus)))
            except RowRefused as refused:
                chunk.done(each.named.row, refused)
        prices = _Prices(placed)
        for each, product in placed:
            try:
                chunk.done(each.named.row, prices.put(each, product, chunk))
            except RowRefused as refused:
                chunk.done(each.named.row, refused)
        prices.save()


class _Prices:
    """The prices a chunk of rows speaks of, by product, season, price list and currency."""

    def __init__(self, placed: list[tuple[_Wanted, Product]]) -> None:
        products = {product.pk for _, product in placed}
        seasons = {each.season.pk for each, _ in placed}
        self._known = {
            (price.product_id, price.season_id, price.price_list_id, price.currency): price.amount
            for price in Price.objects.filter(product_id__in=products, season_id__in=seasons)
        }
        self._set: dict[tuple[int, int, int, str], Decimal] = {}

    def put(self, wanted: _Wanted, product: Product, chunk: Chunk) -> State:
        """Set the prices of a row, all or none. Raises RowRefused when an earlier row says otherwise."""
        row = wanted.named.row
        keys = {
            (product.pk, wanted.season.pk, price_list, currency): given
            for (price_list, currency), given in wanted.amounts.items()
        }
        for key, (name, amount) in keys.items():
            first, known = chunk.row_of(key), self._known.get(key)
            if first and known is not None and known != amount:
                other = written_amount(known)
                raise disagrees(row, name, first=first, other=other, what="price")
        created = changed = False
        for key, (_, amount) in keys.items():
            known = self._known.get(key)
            chunk.rows.setdefault(key, row.number)
            if known == amount:
                continue
            created, changed = created or known is None, True
            self._known[key] = self._set[key] = amount
        return State.CREATED if created else State.UPDATED if changed else State.UNCHANGED

    def save(self) -> None:
        insert_prices((*key, amount) for key, amount in self._set.items())


def _wanted(row: Row, job: Job) -> _Wanted:
    """Read a row. Raises RowRefused."""
    named = Named.by(row)
    season = job.needed_season_of(row)
    amounts: dict[tuple[int, str], tuple[str, Decimal]] = {}
    if "amount" in row.cells:
        price_list = _price_list(row, job)
        currency = currency_in(row) or job.currency
        if not currency:
            raise row.refuse(CURRENCY_MISSING, "amount")
        amount = amount_in(row, "amount", currency)
        if amount is not None:
            amounts[price_list.pk, currency] = ("amount", amount)
    for name in row.cells:
        if not name.startswith(PRICE):
            continue
        _, price_list_id, in_header = name.split(":")
        currency = in_header or currency_in(row) or job.currency
        if not currency:
            raise row.refuse(CURRENCY_MISSING, name)
        amount = amount_in(row, name, currency)
        if amount is not None:
            amounts[int(price_list_id), currency] = (name, amount)
    if not amounts:
        raise row.refuse(MISSING, next((n for n in row.cells if n == "amount" or n.startswith(PRICE)), "amount"))
    return _Wanted(named, season, amounts)


def _price_list(row: Row, job: Job) -> PriceList:
    if row.get("price_list"):
        return one_of(job.known.price_lists, row, "price_list", what="price list")
    if job.price_list is None:
        raise row.refuse(PRICE_LIST_MISSING, "price_list")
    return job.price_list


def _product(named: Named, skus: SKUs) -> Product:
    """The product a row is for, named itself or by one of its SKUs. Raises RowRefused."""
    row = named.row
    product = skus.products.find(row)
    by_barcode = skus.by_gtin.get(gtin(named.barcode)) if named.barcode else None
    if product is not None and not named.barcode and not row.get("sku_code"):
        return product
    if product is not None and by_barcode is not None and by_barcode.product_id == product.pk:
        return product
    if product is not None and by_barcode is None and not row.get("size"):
        return product
    sku = skus.find(named)
    if sku is None:
        raise row.refuse(PRODUCT_UNNAMED, "code")
    return sku.product
