"""Data export when calls go wrong half-way: nothing is doubled, nothing is lost, and what failed is told."""

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Value
from django.db.models.functions import Concat

from linesheet.books.models import Price, Product
from linesheet.books.prices import set_price
from linesheet.platforms.joor.client_v4 import ClientV4
from linesheet.sync.models import Link
from tests.platforms.joor.conftest import Books, JoorSandbox, counted
from tests.platforms.joor.exporting import barcodes, ends, linesheets, matrix, prices, styles

WRITES = ("products/bulk_create", "skus/bulk_create", "prices/bulk_create", "collections/bulk_create")


@pytest.fixture
def shop(brand: Books) -> Books:
    """Books with two styles to send."""
    brand.product("COAT-black")
    brand.product("COAT-red", sizes=("M", "L"))
    brand.product("CAPE")
    return brand


def whole(joor: JoorSandbox) -> bool:
    """Whether JOOR has both styles, each once and with all that belongs to it."""
    there = joor.control("GET", "/products")
    sold = [upc for each in there for upc in prices(joor, each["external_id"])]
    return (
        sorted(each["external_id"] for each in there) == ["CAPE", "COAT"]
        and (len(matrix(joor, "COAT")), len(matrix(joor, "CAPE"))) == (6, 2)
        and len(sold) == len(set(sold)) == 6
        and list(linesheets(joor)) == [("Main", "SS26")]
        and sorted(upc for upcs in linesheets(joor)["Main", "SS26"].values() for upc in upcs) == sorted(sold)
    )


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("kind", ["disconnect_after", "disconnect_before", "malformed"])
def test_a_write_whose_answer_is_lost_is_made_good_without_doubles(
    shop: Books, joor: JoorSandbox, path: str, kind: str
) -> None:
    joor.fault(kind, path=path)

    shop.run("data-export")
    shop.run("data-export")

    assert whole(joor)
    assert counted(shop.run("data-export")) == {"unchanged": 4}


@pytest.mark.parametrize("path", WRITES)
def test_a_list_of_which_half_is_refused_fails_those_alone_and_the_next_run_sends_them(
    shop: Books, joor: JoorSandbox, path: str
) -> None:
    joor.fault("half", path=path)

    shop.run("data-export")
    after = shop.run("data-export")

    assert after.failed == 0
    assert whole(joor)


def test_of_a_half_refused_list_of_products_the_others_are_taken(shop: Books, joor: JoorSandbox) -> None:
    joor.fault("half", path="products/bulk_create")

    run = shop.run("data-export")

    states = ends(run)
    (gone,) = {"COAT", "CAPE"} - styles(joor).keys()
    assert {label: state for label, state in states.items() if label.startswith(gone)} == dict.fromkeys(
        [label for label in states if label.startswith(gone)], "failed"
    )
    assert Link.objects.filter(kind="product").count() == sum(not label.startswith(gone) for label in states) - 1


def test_half_refused_prices_are_told_of_their_products(shop: Books, joor: JoorSandbox) -> None:
    joor.fault("half", path="prices/bulk_create")

    run = shop.run("data-export")

    unpriced = {
        label
        for label in ("COAT-black", "COAT-red", "CAPE")
        if not {*barcodes(product_called(label))} <= {*prices(joor, "COAT"), *prices(joor, "CAPE")}
    }
    assert {label for label, state in ends(run).items() if state == "failed"} == unpriced


def product_called(code: str) -> Product:
    found: Product = Product.objects.get(code=code)
    return found


def test_a_price_that_is_there_and_is_not_shown_is_not_taken_for_sent(shop: Books, joor: JoorSandbox) -> None:
    shop.run("data-export")
    Price.objects.filter(product__code="CAPE").update(amount=99)
    joor.fault("empty", path="/v4/prices", method="GET", times=2)

    hidden, after = shop.run("data-export"), shop.run("data-export")

    assert (counted(hidden), counted(after)) == ({"failed": 1, "unchanged": 3}, {"updated": 1, "unchanged": 3})
    assert {wholesale for wholesale, _ in prices(joor, "CAPE").values()} == {"99.00"}


def test_a_listing_of_skus_that_comes_twice_changes_nothing(shop: Books, joor: JoorSandbox) -> None:
    shop.run("data-export")
    Link.objects.filter(kind="product").update(fingerprint="")
    joor.fault("duplicate", path="/v4/skus$", times=None)
    joor.fault("duplicate", path="/v4/products$", times=None)

    run = shop.run("data-export")

    assert run.failed == 0
    assert whole(joor)


def test_a_change_that_was_half_refused_and_is_taken_back_in_the_books_is_taken_back_there(
    shop: Books, joor: JoorSandbox
) -> None:
    shop.run("data-export")
    coat = product_called("COAT-black")
    set_price(coat, shop.season, shop.wholesale, Decimal(110), "EUR")
    joor.fault("half", path="prices/bulk_update")
    assert shop.run("data-export").failed == 1
    assert ("110.00", "0.00") in {(w, r or "0.00") for w, r in prices(joor, "COAT").values()}

    set_price(coat, shop.season, shop.wholesale, Decimal(100), "EUR")
    shop.run("data-export")

    assert {wholesale for wholesale, _ in prices(joor, "COAT").values()} == {"100.00"}


@pytest.mark.parametrize("path", ["prices/bulk_create", "prices/bulk_update", "skus/bulk_update"])
def test_what_an_answer_passes_over_is_not_taken_for_done(
    shop: Books, joor: JoorSandbox, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    if path.endswith("update"):
        shop.run("data-export")
        coat = product_called("COAT-black")
        set_price(coat, shop.season, shop.wholesale, Decimal(110), "EUR")
        coat.skus.update(barcode=Concat(Value("9"), "size"))
    call = ClientV4._call

    async def losing(self: ClientV4, method: str, asked: str, *args: Any, **options: Any) -> Any:
        if asked != f"/{path}":
            return await call(self, method, asked, *args, **options)
        options["json"] = options["json"][1:]
        return await call(self, method, asked, *args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(ClientV4, "_call", losing)
        run = shop.run("data-export")

    assert [item.label for item in run.items.filter(state="failed", kind="product")] == ["COAT-black"]
    assert shop.run("data-export").failed == 0
    assert len(prices(joor, "COAT")) == 4
