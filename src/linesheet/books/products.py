"""Products: the codes they are known by, and the questions asked about them."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable
from contextlib import suppress

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone as clock

from linesheet.books.barcodes import BarcodeRefused, gtin, read_barcode
from linesheet.books.models import SKU, Product

# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans({"Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH"})
_LONGEST = 110


def product_code(style: str, fabric: str, colour: str) -> str:
    """The code that style, fabric and colour suggest, in capitals and digits, as in COAT-WOOL-BLACK.

    It may be taken (see `free_code`). What has no Latin letter or digit is left out; PRODUCT when nothing
    remains.
    """
    parts = (_slug(part) for part in (style, fabric, colour))
    return "-".join(part for part in parts if part)[:_LONGEST].strip("-") or "PRODUCT"


def free_code(style: str, fabric: str, colour: str, taken: Container[str] | None = None) -> str:
    """The suggested code, with a number behind it (-2, -3 ...) when the company has it already.

    `taken` spares the query: the codes in capitals, as `codes_taken` gives them, with those given since.
    """
    code = product_code(style, fabric, colour)
    taken = codes_taken(code) if taken is None else taken
    free, number = code, 1
    while free in taken:
        number += 1
        free = f"{code}-{number}"
    return free


def codes_taken(beginning: str = "") -> set[str]:
    """The company's product codes that begin so, in capitals."""
    codes = Product.objects.filter(code__istartswith=beginning).order_by().values_list("code", flat=True)
    return {code.upper() for code in codes}


def find_products(key: str) -> "QuerySet[Product]":
    """Products with this code or style, or a SKU with this code or barcode; case does not count."""
    key = key.strip()
    if not key:
        nothing: QuerySet[Product] = Product.objects.none()
        return nothing
    folded = Lower(Value(key))
    known = Product.objects.order_by()
    skus = SKU.objects.order_by()
    # Each way by its own index: an OR over two tables would read all of both.
    ways = [
        known.alias(its_code=Lower("code")).filter(its_code=folded).values("pk"),
        known.alias(its_style=Lower("style")).filter(its_style=folded).values("pk"),
        skus.alias(its_code=Lower("code")).filter(its_code=folded).values("product_id"),
    ]
    with suppress(BarcodeRefused):
        ways.append(skus.filter(gtin=gtin(read_barcode(key))).exclude(barcode="").values("product_id"))
    found: QuerySet[Product] = Product.objects.filter(pk__in=ways[0].union(*ways[1:]))
    return found


def ids_by_key(keys: Iterable[str]) -> dict[str, list[int]]:
    """Ids of the products that `find_products` finds for each key, by the keys as given; [] for one that it knows not.

    Four queries, however many keys.
    """
    wanted = {key: key.strip().lower() for key in keys}
    folded = sorted({key for key in wanted.values() if key})
    known, skus = Product.objects.order_by(), SKU.objects.order_by()
    ways = [
        known.annotate(its=Lower("code")).filter(its__in=folded).values_list("its", "pk"),
        known.annotate(its=Lower("style")).filter(its__in=folded).values_list("its", "pk"),
        skus.annotate(its=Lower("code")).filter(its__in=folded).values_list("its", "product_id"),
    ]
    found: dict[str, set[int]] = defaultdict(set)
    for way in ways:
        for its, pk in way:
            found[its].add(pk)
    numbers: dict[str, list[str]] = defaultdict(list)
    for key in folded:
        with suppress(BarcodeRefused):
            numbers[gtin(read_barcode(key))].append(key)
    for number, pk in skus.filter(gtin__in=list(numbers)).exclude(barcode="").values_list("gtin", "product_id"):
        for key in numbers[number]:
            found[key].add(pk)
    return {key: sorted(found.get(its, ())) for key, its in wanted.items()}


def set_active(products: "QuerySet[Product]", active: bool) -> int:
    """Make products active or inactive (sheet erp.md 2.2); how many were not."""
    changed: int = products.filter(active=not active).order_by().update(active=active, changed_at=clock.now())
    return changed


def set_withdrawn(products: "QuerySet[Product]", withdrawn: bool) -> int:
    """Withdraw products, or take them back (sheet erp.md 2.2); how many were not."""
    changed: int = (
        products.filter(withdrawn=not withdrawn).order_by().update(withdrawn=withdrawn, changed_at=clock.now())
    )
    return changed


def products_on_offer() -> "QuerySet[Product]":
    """Products that are active and not withdrawn (sheet erp.md 2.2)."""
    found: QuerySet[Product] = Product.objects.filter(active=True, withdrawn=False)
    return found


def skus_without_barcode() -> "QuerySet[SKU]":
    """Sizes of products on offer that have no barcode, by product."""
    found: QuerySet[SKU] = SKU.objects.filter(barcode="", product__active=True, product__withdrawn=False)
    return found.select_related("product").order_by("product__code", "position", "id")


def _slug(text: str) -> str:
    capitals = unicodedata.normalize("NFKD", text.upper().translate(_PLAIN))
    return re.sub(r"[^A-Z0-9]+", "-", capitals.encode("ascii", "ignore").decode()).strip("-")
