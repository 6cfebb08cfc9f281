"""Sizes of the books that a line of an order may mean: by a damaged barcode, a linked product, or the line's words."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Q
from django.db.models.functions import Lower
from rapidfuzz import fuzz
from stdnum import ean

from linesheet.books.barcodes import gtin
from linesheet.books.kinds import PRODUCT
from linesheet.books.models import SKU, Product
from linesheet.sync.incoming import IncomingLine
from linesheet.sync.likeness import Grounds, Like, bare, folded
from linesheet.sync.models import Link

LINKED, WORDS, ZEROS, CHECK_DIGIT, COLOUR_ALIKE, SIZE_DIFFERS = 97, 93, 92, 86, 70, 25
"""Percent, the last taken off where size and style are others than those of the barcode."""
ALIKE = 60
MOST_WORDS = 12
"""Words of a line's text that are tried as style and size."""
MOST_PRODUCTS = 2000
"""Products of these styles that are looked at."""


def like_skus(connection_id: int, lines: Sequence[IncomingLine]) -> list[list[Like]]:
    """For each line the sizes that may be meant, the likeliest first. Five queries, however many lines."""
    if not lines:
        return []
    linked = _linked(connection_id, {line.product_id.strip() for line in lines} - {""})
    by_gtin = _by_gtin({number for line in lines for number, _, _ in _numbers(line.barcode)})
    of_product = _of_products(set(linked.values()))
    of_style = _of_styles({word for line in lines for word in _styles(line)})
    found = []
    for line in lines:
        grounds, size = Grounds(), folded(line.size)
        for number, score, because in _numbers(line.barcode):
            if sku := by_gtin.get(number):
                differs = bool(size) and folded(sku.size) != size
                grounds.add(sku.pk, score - SIZE_DIFFERS * differs, f"barcode {sku.barcode}, {because}")
        for sku in of_product.get(linked.get(line.product_id.strip(), 0), ()):
            if size and folded(sku.size) == size:
                grounds.add(sku.pk, LINKED, f"size {sku.size} of {sku.product}, which is linked with {line.product_id}")
        for sku, score, because in _by_words(line, of_style):
            grounds.add(sku.pk, score, because)
        found.append(grounds.best())
    return found


def _numbers(barcode: str) -> Iterator[tuple[str, int, str]]:
    """13-digit numbers that a barcode may stand for though it is not one of them, with how likely and why."""
    digits = "".join(sign for sign in barcode if sign.isdecimal())
    if not 7 <= len(digits) <= 14:
        return
    told = {gtin(digits)}
    for number, score, because in _readings(digits):
        if number not in told or (len(digits) < 12 and score == ZEROS):
            told.add(number)
            yield number, score, because


def _readings(digits: str) -> Iterator[tuple[str, int, str]]:
    stem = digits.lstrip("0")
    if len(stem) <= 13:
        yield gtin(stem), ZEROS, "the same but for leading zeros"
    for body, because in ((digits, "the same with its check digit"), (digits[:-1], "the same but for the check digit")):
        stem = body.lstrip("0")
        if 7 <= len(stem) <= 12:
            padded = stem.zfill(12)
            yield padded + ean.calc_check_digit(padded), CHECK_DIGIT, because


def _by_words(line: IncomingLine, of_style: Mapping[str, Sequence[SKU]]) -> Iterator[tuple[SKU, int, str]]:
    words = {folded(word) for word in line.described_as.split()}
    size, colour = folded(line.size), folded(line.colour)
    for style in _styles(line):
        for sku in of_style.get(style, ()):
            product = sku.product
            same_size = folded(sku.size) == size if size else folded(sku.size) in words
            if not same_size:
                continue
            if not colour:
                yield sku, COLOUR_ALIKE, "its text names the style and the size"
            elif colour in (folded(product.colour), folded(product.colour_code)):
                yield sku, WORDS, "same style, colour and size"
            elif (near := fuzz.WRatio(bare(colour), bare(product.colour))) >= ALIKE:
                yield sku, round(COLOUR_ALIKE * near / 100), f"same style and size, colour {product.colour} is similar"


def _styles(line: IncomingLine) -> list[str]:
    """What may be the style, folded: what the platform says it is, else any word of the text."""
    if line.style:
        return [folded(line.style)]
    return [folded(word) for word in line.described_as.split()[:MOST_WORDS] if len(word) > 1]


def _linked(connection_id: int, remote_ids: set[str]) -> dict[str, int]:
    """Our products by the platform's ids of them."""
    links = Link.objects.filter(connection_id=connection_id, kind=PRODUCT, remote_id__in=remote_ids)
    pairs = links.values_list("remote_id", "record_id") if remote_ids else ()
    return {remote_id: int(record_id) for remote_id, record_id in pairs if record_id.isdecimal()}


def _by_gtin(numbers: set[str]) -> dict[str, SKU]:
    rows = SKU.objects.filter(gtin__in=numbers).exclude(barcode="").select_related("product") if numbers else ()
    return {sku.gtin: sku for sku in rows}


def _of_products(products: set[int]) -> dict[int, list[SKU]]:
    found: dict[int, list[SKU]] = defaultdict(list)
    for sku in SKU.objects.filter(product__in=products).select_related("product") if products else ():
        found[sku.product_id].append(sku)
    return found


def _of_styles(styles: set[str]) -> dict[str, list[SKU]]:
    """The sizes of products that go by a style or a code, both folded."""
    if not styles:
        return {}
    products = Product.objects.alias(folded_style=Lower("style"), folded_code=Lower("code"))
    named = products.filter(Q(folded_style__in=styles) | Q(folded_code__in=styles)).order_by("pk")[:MOST_PRODUCTS]
    by_product = _of_products({product.pk for product in named})
    found: dict[str, list[SKU]] = defaultdict(list)
    for product in named:
        for name in {folded(product.style), folded(product.code)} & styles:
            found[name] += by_product.get(product.pk, ())
    return found
