"""Which products want what, and finding them by what they are called."""

import datetime
from decimal import Decimal

import pytest

from linesheet.books.models import SKU, Image, Price, PriceList, Product, Season, Visibility
from linesheet.books.product_search import search_products
from linesheet.books.products import set_active, set_withdrawn
from linesheet.books.readiness import Readiness, in_state


def product(code, *, barcodes=("4006381333931",), picture=True, visible=None, priced=None, **fields) -> Product:
    made = Product.objects.create(code=code, style=code[:4], colour="Black", name=code.title(), **fields)
    for number, barcode in enumerate(barcodes):
        SKU.objects.create(product=made, size=str(number), barcode=barcode, code=f"{code}/{number}")
    if picture:
        Image.objects.create(product=made, content_hash=code, format="jpg", width=1, height=1, bytes=1)
    if visible:
        Visibility.objects.create(product=made, season=visible)
    if priced:
        wholesale, _ = PriceList.objects.get_or_create(name="Wholesale", kind="wholesale")
        Price.objects.create(product=made, season=priced, price_list=wholesale, currency="EUR", amount=Decimal(9))
    return made


@pytest.fixture
def seasons(company):
    return [Season.objects.create(name=name, starts_on=datetime.date(2026, at, 1)) for name, at in (("A", 1), ("B", 7))]


@pytest.fixture
def range_of_products(seasons):
    a, b = seasons
    product("READY", barcodes=("4006381333931", ""), visible=a, priced=a)
    product("BARE", barcodes=("",), visible=b, priced=b)
    product("SIZELESS", barcodes=(), visible=b, priced=b)
    product("UNSEEN", barcodes=("5000000000005",), picture=False)
    product("OFF", barcodes=("5000000000012",), visible=a, priced=a, active=False)
    product("WITHDRAWN", barcodes=("5000000000029",), visible=a, priced=a, withdrawn=True)


@pytest.mark.parametrize(
    ("state", "in_any", "in_b"),
    [
        (Readiness.READY, {"READY"}, set()),
        (Readiness.NO_BARCODE, {"BARE", "SIZELESS"}, {"BARE", "SIZELESS"}),
        (Readiness.SOME_BARCODE, {"READY", "BARE"}, {"READY", "BARE"}),
        (Readiness.NO_PICTURE, {"UNSEEN"}, {"UNSEEN"}),
        (Readiness.NO_PRICE, {"UNSEEN"}, {"READY", "UNSEEN", "OFF", "WITHDRAWN"}),
        (Readiness.NOT_VISIBLE, {"UNSEEN"}, {"READY", "UNSEEN", "OFF", "WITHDRAWN"}),
        (Readiness.WITHDRAWN, {"WITHDRAWN"}, {"WITHDRAWN"}),
        (Readiness.INACTIVE, {"OFF"}, {"OFF"}),
    ],
)
def test_each_state_finds_its_products(range_of_products, seasons, state, in_any, in_b):
    assert {each.code for each in in_state(Product.objects.all(), state)} == in_any
    assert {each.code for each in in_state(Product.objects.all(), state, seasons[1])} == in_b


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ead", {"READY"}),
        ("Withd", {"WITHDRAWN"}),
        ("unse", {"UNSEEN"}),
        ("4006381333931", {"READY"}),
        ("4006 3813", {"READY"}),
        ("bare/0", {"BARE"}),
        ("50000000000", {"UNSEEN", "OFF", "WITHDRAWN"}),
        ("100%", set()),
        ("  ", {"READY", "BARE", "SIZELESS", "UNSEEN", "OFF", "WITHDRAWN"}),
    ],
)
def test_products_are_found_by_a_part_of_what_they_are_called(range_of_products, text, found):
    assert {each.code for each in search_products(Product.objects.all(), text)} == found


def test_a_upc_is_found_by_its_first_digits(company):
    product("COAT", barcodes=("036000291452",))

    assert search_products(Product.objects.all(), "0360002").count() == 1
    assert search_products(Product.objects.all(), "36000291452").count() == 0


def test_only_what_was_otherwise_is_counted_as_changed(range_of_products):
    assert set_active(Product.objects.all(), False) == 5
    assert set_active(Product.objects.all(), False) == 0
    assert set_withdrawn(Product.objects.filter(code="OFF"), True) == 1
    assert set_withdrawn(Product.objects.all(), False) == 2
