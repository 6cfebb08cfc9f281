"""The page of barcode ranges."""

import pytest
from django.test import Client

from linesheet.books.barcodes import add_range
from linesheet.books.models import SKU, BarcodeRange, Company, Product
from tests.web.conftest import ClientOf

RANGE = {"first": "400638100000", "last": "400638100009", "method": "sequential", "warn_below": "5"}


@pytest.fixture
def skus(company: Company) -> list[SKU]:
    product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    return [SKU.objects.create(product=product, size=size, position=number) for number, size in enumerate("SML")]


def test_an_editor_adds_a_range_gives_barcodes_and_takes_them_back(client_of: ClientOf, skus: list[SKU]) -> None:
    editor = client_of("editor")

    editor.post("/products/barcodes/", RANGE)
    given = editor.post("/products/barcodes/give/", follow=True).content.decode()

    assert "3 SKUs given a barcode" in given
    assert "Undo" in given
    assert sorted(SKU.objects.values_list("barcode", flat=True)) == ["4006381000000", "4006381000017", "4006381000024"]
    assert "Every SKU on offer has a barcode" in given


def test_a_range_that_is_none_is_refused_with_what_helps(client_of: ClientOf, company: Company) -> None:
    editor = client_of("editor")
    editor.post("/products/barcodes/", RANGE)

    twice = editor.post("/products/barcodes/", RANGE)
    wrong = editor.post("/products/barcodes/", {**RANGE, "first": "12"})

    assert (twice.status_code, wrong.status_code) == (422, 422)
    assert BarcodeRange.objects.count() == 1


def test_a_viewer_sees_what_is_left_and_adds_nothing(client_of: ClientOf, company: Company) -> None:
    add_range("400638100000", "400638100009")
    viewer: Client = client_of("viewer")

    page = viewer.get("/products/barcodes/").content.decode()

    assert "4006381000000" in page
    assert "Add a range" not in page
    assert viewer.post("/products/barcodes/", RANGE).status_code == 403
    assert viewer.post("/products/barcodes/give/").status_code == 403
