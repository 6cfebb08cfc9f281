"""Checks that products, pictures, customers and stock there are those here, none missing and none doubled."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields

from linesheet.books.images import open_image
from linesheet.books.models import Image, Product
from linesheet.cli.sides.side import Side
from linesheet.cli.sides.words import Buyer, Shown


def products(remote: Side) -> Iterator[str]:
    """What does not hold of products and their pictures there."""
    there = remote.products()
    withdrawn = {remote.product_key(product): product.withdrawn for product in Product.objects.all()}
    wanted = remote.products_wanted()
    yield from _differences("product", there, wanted, withdrawn.keys())
    yield from remote.created_twice()
    to_show = {product.key for product in wanted}
    for product in there:
        if product.key not in to_show and withdrawn.get(product.key) and product.on_offer:
            yield f"product {product.key} is withdrawn, and on offer there"


def customers(remote: Side) -> Iterator[str]:
    """What does not hold of customers."""
    wanted = remote.customers_wanted()
    yield from _differences("customer", remote.customers(), wanted, {buyer.key for buyer in wanted})


def stock(remote: Side) -> Iterator[str]:
    """Figures there are those here; units of orders that take stock there by themselves may differ."""
    loose = {line.barcode for order in remote.orders() for line in order.lines if line.loose}
    there = remote.stock()
    for barcode, units in remote.stock_wanted().items():
        held = there.get(barcode, {})
        if barcode not in loose and held != units:
            yield f"stock of {barcode} is {held} there, not {units}"


def pictures() -> Iterator[str]:
    """What does not hold of the picture files here: each is whole, and shown once by a product."""
    shown = Counter(Image.objects.values_list("product_id", "content_hash"))
    yield from (
        f"product {product} shows {content} {times} times" for (product, content), times in shown.items() if times > 1
    )
    for image in Image.objects.select_related("product"):
        try:
            content_hash = hashlib.sha256(open_image(image)).hexdigest()
        except OSError as error:
            content_hash = str(error)
        if content_hash != image.content_hash:
            yield f"picture {image} of {image.product} is not whole: {content_hash}"


def _differences(
    what: str,
    there: Sequence[Shown] | Sequence[Buyer],
    wanted: Sequence[Shown] | Sequence[Buyer],
    known: Collection[str],
) -> Iterator[str]:
    """What is there otherwise than it is to be; `known` are those that may be there in whatever way."""
    by_key = {one.key: one for one in there}
    for key, times in Counter(one.key for one in there).items():
        if times > 1:
            yield f"{what} {key} is there {times} times"
    yield from (f"{what} {key} there is in no book" for key in by_key.keys() - set(known))
    for one in wanted:
        held = by_key.get(one.key)
        if held is None:
            yield f"{what} {one.key} is not there"
            continue
        for field in fields(one):
            has, is_to_have = getattr(held, field.name), getattr(one, field.name)
            if is_to_have is not None and has != is_to_have:
                yield f"{what} {one.key} has there as its {field.name} {has}, not {is_to_have}"
