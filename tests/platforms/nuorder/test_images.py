"""Images export: one picture for each published product, fetched by a signed link."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest

from linesheet.books.models import Image, Product
from linesheet.platforms.nuorder.images import Images
from linesheet.platforms.nuorder.products import Products
from linesheet.sync.pictures import picture_of
from tests.platforms.nuorder.conftest import PUBLIC_URL, Books, NuOrderSandbox

FIRST, SECOND = "a" * 64, "b" * 64


@pytest.fixture
def coat(nuorder_sandbox: NuOrderSandbox, books: Books) -> Product:
    coat = books.product("COAT-BLACK")
    books.export(nuorder_sandbox, Products)
    picture(coat, FIRST, position=1)
    return coat


def picture(product: Product, content_hash: str, position: int = 0) -> Image:
    shape = {"format": "jpg", "width": 900, "height": 900, "bytes": 500_000}
    image: Image = Image.objects.create(product=product, content_hash=content_hash, position=position, **shape)
    return image


def test_nuorder_gets_a_link_to_the_main_picture(nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product) -> None:
    books.export(nuorder_sandbox, Images)

    [link] = nuorder_sandbox.products()["COAT-BLACK"]["images"]
    assert link.startswith(PUBLIC_URL)
    assert picture_of(unquote(PurePosixPath(urlsplit(link).path).stem)) == (books.company.pk, FIRST, "jpg", None)
    assert books.held(nuorder_sandbox, Images) == [True]


def test_only_another_picture_is_a_change(nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product) -> None:
    [before] = books.export(nuorder_sandbox, Images)
    [again] = books.sendings(books.leg(Images))
    picture(coat, SECOND, position=0)
    [after] = books.sendings(books.leg(Images))

    assert again.payload == before.payload
    assert after.payload.image == f"{SECOND}.jpg"
    assert books.held(nuorder_sandbox, Images) == [False]


def test_a_product_made_anew_there_gets_its_picture_again(
    nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product
) -> None:
    [before] = books.export(nuorder_sandbox, Images)
    nuorder_sandbox.control("DELETE", "/products/COAT-BLACK")
    books.export(nuorder_sandbox, Products)

    [after] = books.sendings(books.leg(Images))

    assert after.payload != before.payload
    assert after.payload.image == before.payload.image


def test_a_data_export_leaves_the_picture_alone(nuorder_sandbox: NuOrderSandbox, books: Books, coat: Product) -> None:
    books.export(nuorder_sandbox, Images)
    books.export(nuorder_sandbox, Products)

    assert len(nuorder_sandbox.products()["COAT-BLACK"]["images"]) == 1


def test_products_not_there_or_without_picture_are_blocked(books: Books, coat: Product) -> None:
    Image.objects.all().delete()
    books.product("COAT-NAVY")

    assert books.says(Images) == {"COAT-BLACK": ["no_image"], "COAT-NAVY": ["not_published"]}


def test_without_a_public_address_nothing_starts(books: Books) -> None:
    leg = books.leg(Images)
    assert leg.ready() == ()

    unreachable = Images(type(leg.context)(leg.context.connection_id, leg.context.company_id, leg.context.settings))
    assert [said.reason.code for said in unreachable.ready()] == ["no_public_address"]
