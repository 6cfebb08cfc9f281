"""Searching products by a part of what they are called."""

import re
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from linesheet.books.models import SKU, Product


def search_products(products: "QuerySet[Product]", text: str) -> "QuerySet[Product]":
    """The products with the text in their code, name or style, or in front of a SKU code or barcode of theirs."""
    text = text.strip()
    named = Q(search__contains=text.lower())
    skus = SKU.objects.order_by()
    by_size = skus.alias(its_code=Lower("code")).filter(its_code__startswith=text.lower()).values("product_id")
    digits = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[0-9]{4,13}", digits):
        # As ranges, which an index finds whatever the order of letters in the database; twelve digits are
        # thirteen with a 0 in front.
        ranges = [Q(gtin__range=(f"{front:0<13}", f"{front:9<13}")) for front in {digits, f"0{digits}"[:13]}]
        barcodes = skus.filter(reduce(or_, ranges)).exclude(barcode="").values("product_id")
        by_size = by_size.union(barcodes)
    return products.filter(named | Q(pk__in=by_size))
