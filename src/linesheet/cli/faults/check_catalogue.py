"""Checks that products, pictures, customers and stock there are those here, none missing and none doubled."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from django.db.models import Sum

from linesheet.books.images import main_images, open_image
from linesheet.books.models import SKU, Address, Customer, FutureStock, Image, Price, Product, Visibility
from linesheet.books.stock import available_to_sell
from linesheet.cli.demo.remote import Remote
from linesheet.cli.faults.brand import CURRENCY, Brand
from linesheet.sync.models import Link
from linesheet.sync.pictures import picture_of

# Parts of an address there, and what they are called here.
ADDRESS = {"line_1": "line_1", "city": "city", "zip": "postcode", "country": "country"}
ADDRESS_KINDS = {Address.Kind.DELIVERY: "shipping", Address.Kind.ACCOUNTS: "billing"}


def products(remote: Remote) -> Iterator[str]:
    """What does not hold of products and their pictures there."""
    there: dict[str, list[dict[str, Any]]] = {}
    for product in remote.products():
        there.setdefault(product["brand_id"], []).append(product)
    for code, found in there.items():
        if len(found) > 1:
            yield f"product {code} is there {len(found)} times"
    if shared := remote.control("GET", "/duplicate-upcs"):
        yield f"barcodes are there twice: {shared}"
    codes = set(Product.objects.values_list("code", flat=True))
    yield from (f"product {code} is in no book" for code in there.keys() - codes)
    for record, actions in remote.control("GET", "/stats")["writes"].get("products", {}).items():
        if actions.get("created", 0) > 1:
            yield f"product {record} was created {actions['created']} times"
    main = main_images(Product.objects.values_list("pk", flat=True))
    offered = _offered()
    for code, sizes in offered.items():
        if code not in there:
            yield f"product {code} is not there"
            continue
        product = Product.objects.get(code=code)
        yield from (f"product {code}: {says}" for says in _one_product(product, there[code][0], sizes))
        image = main.get(product.pk)
        shown = [_content_of(link) for link in there[code][0].get("images") or ()]
        if shown != ([f"{image.content_hash}.{image.format}"] if image else []):
            yield f"product {code} shows {shown}"
    for code in there.keys() & codes - offered.keys():
        product = Product.objects.get(code=code)
        if product.withdrawn and not there[code][0].get("cancelled"):
            yield f"product {code} is withdrawn, and on offer there"


def _offered() -> dict[str, dict[str, str]]:
    """Code of every product that is to be there, with barcodes by size."""
    visible = set(Visibility.objects.values_list("product_id", flat=True))
    priced = set(Price.objects.filter(amount__gt=0).values_list("product_id", flat=True))
    linked = {int(pk) for pk in Link.objects.filter(kind="product").values_list("record_id", flat=True)}
    found: dict[str, dict[str, str]] = {}
    styles: set[str] = set()
    candidates = [
        product for product in Product.objects.order_by("pk") if not product.withdrawn or product.pk in linked
    ]
    for product in sorted(candidates, key=lambda product: (product.pk not in linked, product.pk)):
        first_of_its_kind = product.style not in styles
        styles.add(product.style)
        sizes = dict(SKU.objects.filter(product=product).exclude(barcode="").values_list("size", "barcode"))
        ready = not product.withdrawn and sizes and product.pk in visible and product.pk in priced
        if ready and first_of_its_kind:
            found[product.code] = sizes
    return found


def _one_product(product: Product, there: dict[str, Any], sizes: dict[str, str]) -> Iterator[str]:
    held = {size["size"]: size["upc"] for size in there["sizes"]}
    if held != sizes:
        yield f"sizes are {held} there, not {sizes}"
    amount = Price.objects.get(product=product).amount
    if Decimal(str(there["pricing"][CURRENCY]["wholesale"])) != amount:
        yield f"costs {there['pricing']} there, not {amount}"
    if there["name"] != product.name or there.get("cancelled"):
        yield f"is called {there['name']} there, cancelled {there.get('cancelled')}"


def _content_of(link: str) -> str:
    token = unquote(link.rpartition("/")[2]).rpartition(".")[0]
    _, content_hash, extension, _ = picture_of(token)
    return f"{content_hash}.{extension}"


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


def customers(remote: Remote) -> Iterator[str]:
    """What does not hold of customers."""
    there = Counter(company["code"] for company in remote.control("GET", "/companies"))
    companies = {company["code"]: company for company in remote.control("GET", "/companies")}
    expected = {customer.name: customer for customer in Customer.objects.exclude(currency="")}
    for record, actions in remote.control("GET", "/stats")["writes"].get("companies", {}).items():
        if actions.get("created", 0) > 1:
            yield f"customer {record} was created {actions['created']} times"
    yield from (f"customer {name} is there {times} times" for name, times in there.items() if times > 1)
    yield from (f"customer {name} is not there" for name in expected.keys() - companies.keys())
    yield from (f"company {name} there is in no book" for name in companies.keys() - expected.keys())
    for name in expected.keys() & companies.keys():
        company, customer = companies[name], expected[name]
        if company["payment_terms"] != customer.payment_terms or company["name"] != name:
            yield f"customer {name} has {company['name']}, {company['payment_terms']} there"
        addresses = Counter(
            (each["type"], each["shipping_code"] or each["billing_code"], *(each[part] for part in ADDRESS))
            for each in company["addresses"]
        )
        wanted = Counter(
            (ADDRESS_KINDS[each.kind], each.code, *(getattr(each, part) for part in ADDRESS.values()))
            for each in customer.addresses.all()
        )
        if addresses != wanted:
            yield f"customer {name} has the addresses {list(addresses)} there, not {list(wanted)}"


def stock(brand: Brand, remote: Remote) -> Iterator[str]:
    """Figures there are those here; units of orders that take stock there by themselves may differ (sheet 5.3)."""
    loose: Counter[str] = Counter()
    for order in remote.orders():
        for line in order["line_items"]:
            if not line.get("prebook"):
                loose.update(size["upc"] for size in line["sizes"])
    there = {row["brand_id"]: row["inventory"] for row in remote.control("GET", "/inventory")}
    offered = _offered()
    skus = {sku.pk: sku for sku in SKU.objects.select_related("product").exclude(barcode="")}
    now = available_to_sell(skus, [brand.season])
    coming = dict(FutureStock.objects.values_list("sku_id").annotate(Sum("quantity")).order_by())
    for pk, sku in skus.items():
        if sku.product.code not in offered or sku.barcode in loose:
            continue
        held: dict[str, list[int]] = {}
        for warehouse in there.get(sku.product.code) or ():
            for bucket in warehouse["wip"]:
                when = "now" if bucket["name"] == "immediate" else "coming"
                held.setdefault(when, []).extend(
                    size["quantity"] for size in bucket["sizes"] if size["size"] == sku.size
                )
        held = {when: units for when, units in held.items() if units}
        # A brand has one warehouse, and one day on which stock comes.
        wanted = {"now": [max(sum(each.quantity for each in now[pk]), 0)]}
        if coming.get(pk):
            wanted["coming"] = [coming[pk]]
        if held != wanted:
            yield f"stock of {sku} is {held} there, not {wanted}"
