"""Pictures that programs add, fetch, order and remove."""

import io
from typing import Any

import pytest
from PIL import Image as Picture

from linesheet.books.models import Company, Image, Product
from tests.api.conftest import Http


@pytest.fixture
def product(company: Company) -> Product:
    return Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")


def picture(colour: str) -> bytes:
    file = io.BytesIO()
    Picture.new("RGB", (20, 30), colour).save(file, "PNG")
    return file.getvalue()


def add(ask: Http, product: Product, content: bytes) -> Any:
    return ask("POST", f"/api/v1/products/{product.pk}/images", content, Content_Type="image/png")


def test_a_picture_is_added_fetched_and_removed(ask: Http, product: Product):
    added = add(ask, product, picture("red"))
    address = f"/api/v1/products/{product.pk}/images/{added.json['id']}"

    fetched = ask.get(address)
    known = ask.get(address, If_None_Match=fetched.headers["ETag"])
    removed = ask("DELETE", address)

    assert (added.status, added.json["width"], added.json["format"]) == (201, 20, "png")
    assert (fetched.status, fetched.headers["Content-Type"], fetched.body) == (200, "image/png", picture("red"))
    assert fetched.headers["ETag"] == f'"{added.json["etag"]}"'
    assert (known.status, removed.status, ask.get(address).status) == (304, 204, 404)


def test_pictures_are_put_in_order(ask: Http, product: Product):
    first, second = (add(ask, product, picture(colour)).json["id"] for colour in ("red", "blue"))

    ordered = ask("PUT", f"/api/v1/products/{product.pk}/images", {"ids": [second]})
    elsewhere = ask("PUT", f"/api/v1/products/{product.pk}/images", {"ids": [second + 99]})

    assert [one["id"] for one in ordered.json["data"]] == [second, first]
    assert (elsewhere.status, elsewhere.json["code"]) == (422, "refused")


def test_what_is_no_picture_is_refused(ask: Http, product: Product):
    answer = add(ask, product, b"not a picture")

    assert (answer.status, answer.json["code"]) == (422, "refused")


def test_pictures_of_another_company_are_not_there(ask: Http, other: Any, product: Product):
    image = add(ask, product, picture("red")).json["id"]
    _, key = other()
    theirs = ask.with_key(key)

    assert add(theirs, product, picture("blue")).status == 404
    assert theirs("PUT", f"/api/v1/products/{product.pk}/images", {"ids": []}).status == 404
    assert theirs.get(f"/api/v1/products/{product.pk}/images/{image}").status == 404
    assert theirs("DELETE", f"/api/v1/products/{product.pk}/images/{image}").status == 404
    assert Image.objects.count() == 1
