"""Files for mending many records at once: what is missing stands empty, and the file comes back by the import."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from django.db.models import OuterRef, Subquery

from linesheet.books.files.exported import Cells, customer_rows
from linesheet.books.files.importing import IMPORTERS
from linesheet.books.models import SKU, Company, PriceList, Product, Season
from linesheet.books.tenancy import company_in_hand

_PRODUCT = ("code", "style", "fabric", "colour", "name", "category", "active", "withdrawn", "seasons")

Ids = Sequence[int]


def mends(kind: str) -> bool:
    """Whether there is such a file for an import of this kind."""
    return kind in _WRITERS


def mending_rows(kind: str, pages: Iterable[Ids]) -> Iterator[Cells]:
    """What a person completes so that an import of this kind mends the records: the header, then the rows of each page.

    `pages` are ids of products, or of customers for the kind `customers`. Raises KeyError for a kind that mends
    nothing.
    """
    write = _WRITERS[kind]
    headed = False
    for page in chain([[]], pages):
        rows = write(page)
        header = next(rows)
        if not headed:
            yield header
            headed = True
        yield from rows


def _barcodes(products: Ids) -> Iterator[Cells]:
    yield _titles("barcodes", ("code", "style", "colour", "size", "sku_code", "barcode"))
    skus = SKU.objects.filter(product__in=products, barcode="").select_related("product")
    for sku in skus.order_by("product__code", "position", "id"):
        yield [sku.product.code, sku.product.style, sku.product.colour, sku.size, sku.code, ""]


def _prices(products: Ids) -> Iterator[Cells]:
    """One row a product: the latest season it is visible in, the first wholesale list, the company's currency."""
    yield _titles("prices", ("code", "style", "colour", "season", "price_list", "currency", "amount"))
    if not products:
        return
    wholesale = PriceList.objects.filter(kind=PriceList.Kind.WHOLESALE).order_by("pk").first()
    currency = Company.objects.get(pk=company_in_hand()).currency
    visible = Season.objects.filter(visibilities__product=OuterRef("pk")).order_by("-starts_on", "-id")
    rows = Product.objects.filter(pk__in=products).annotate(latest=Subquery(visible.values("name")[:1]))
    for each in rows.order_by("code"):
        yield [each.code, each.style, each.colour, each.latest, wholesale and wholesale.name, currency, ""]


def _products(products: Ids) -> Iterator[Cells]:
    yield _titles("products", _PRODUCT)
    rows = Product.objects.filter(pk__in=products).prefetch_related("seasons").order_by("code")
    for each in rows:
        seasons = "; ".join(season.name for season in each.seasons.all())
        yield [*(getattr(each, name) for name in _PRODUCT[:-1]), seasons]


def _customers(customers: Ids) -> Iterator[Cells]:
    return customer_rows(customers)


def _titles(kind: str, names: Iterable[str]) -> Cells:
    return [IMPORTERS[kind].vocabulary.title(name) for name in names]


_WRITERS: Mapping[str, Callable[[Ids], Iterator[Cells]]] = {
    "barcodes": _barcodes,
    "prices": _prices,
    "products": _products,
    "customers": _customers,
}
