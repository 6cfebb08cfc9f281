"""Images export: the main picture of each colour, in JOOR's frame."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import PIL.Image
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books.images import add_image, order_images
from linesheet.books.models import Image, Product
from linesheet.platforms.joor import catalogue_reasons
from linesheet.platforms.joor.image_mapping import MainImage, filename, image_findings, images_to_wire, picture_wire
from linesheet.platforms.joor.images import Images
from linesheet.platforms.joor.product_wire import ImagesWire, PictureWire
from linesheet.sync.models import Link
from tests.platforms.joor.conftest import Books, JoorSandbox, counted
from tests.platforms.joor.exporting import codes, ends, item, styles, written


def picture(width: int = 1320, height: int = 1800, colour: str = "navy", format: str = "JPEG") -> bytes:
    content = BytesIO()
    PIL.Image.new("RGB", (width, height), colour).save(content, format)
    return content.getvalue()


def an_image(width: int = 1320, height: int = 1800) -> Image:
    return Image(content_hash="a" * 64, format="jpg", width=width, height=height, bytes=1)


def main_image(image: Image | None, product_id: str = "33") -> MainImage:
    product = Product(code="COAT-BLK")
    return MainImage(product, image, product_id, [("COAT-BLK", image)] if image else [])


# Mapping


@pytest.mark.parametrize("size", [(660, 900), (990, 1350), (1320, 1800), (2640, 3600), (1319, 1800)])
def test_a_picture_of_joors_ratio_has_no_finding(size: tuple[int, int]) -> None:
    assert image_findings(main_image(an_image(*size))) == []


def test_image() -> None:
    """The worked example of the sheet (9.9): 700 x 700 goes out with a warning, never stretched."""
    record = main_image(an_image(700, 700))

    assert [said.reason for said in image_findings(record)] == [catalogue_reasons.IMAGE_RATIO]
    assert images_to_wire(record).pictures == (PictureWire("COAT-BLK", f"{'a' * 64}.jpg", "660x900"),)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (main_image(an_image(), product_id=""), catalogue_reasons.NOT_PUBLISHED),
        (main_image(None), catalogue_reasons.NO_IMAGE),
        (main_image(an_image(300, 400)), catalogue_reasons.IMAGE_SMALL),
        (main_image(an_image(1800, 1200)), catalogue_reasons.IMAGE_RATIO),
    ],
)
def test_what_is_said_of_a_picture(record: MainImage, reason: Any) -> None:
    assert [said.reason for said in image_findings(record)] == [reason]


@pytest.mark.parametrize(
    ("size", "frame"),
    [((100, 100), "660x900"), ((700, 2000), "1320x1800"), ((1000, 1000), "990x1350"), ((5000, 5000), "1320x1800")],
)
def test_a_picture_goes_in_the_largest_frame_it_fills(size: tuple[int, int], frame: str) -> None:
    assert picture_wire("C", an_image(*size)).frame == frame


@given(st.text(min_size=1, max_size=120), st.text(min_size=1, max_size=120))
def test_filenames_are_short_plain_and_of_their_picture(one: str, other: str) -> None:
    names = [filename(PictureWire(code, f"{'a' * 64}.jpg", "660x900"), "jpg") for code in (one, other)]

    assert all(len(name) <= 100 and name.isascii() and " " not in name and "/" not in name for name in names)
    assert filename(PictureWire(one, f"{'b' * 64}.jpg", "660x900"), "jpg") != names[0]


# The books side


def on_joor(books: Books, *products: Product) -> None:
    """Say that JOOR has these products as colours of its product 33."""
    for product in products:
        Link.objects.create(
            connection=books.connection,
            kind="product",
            record_id=str(product.pk),
            remote_id="33",
            accepted_at=timezone.now(),
        )


def mapped(books: Books, *products: Product) -> list[ImagesWire]:
    leg = books.leg(Images)
    return [leg.map(record) for record in leg.load([str(product.pk) for product in products])]


def test_nothing_is_sent_where_pictures_are_kept_by_hand_or_joor_could_not_fetch_them(books: Books) -> None:
    leg = books.leg(Images)

    assert leg.ready() == []
    assert [each.reason.code for each in books.leg(Images, images=False).ready()] == ["images_off"]
    hidden = Images(replace(leg.context, public_url=""))
    assert [each.reason.code for each in hidden.ready()] == ["joor_no_public_address"]


def test_each_colour_takes_the_pictures_of_all_colours_of_its_style_along(books: Books) -> None:
    black, red, blue = (books.product(f"COAT-{colour}") for colour in ("black", "red", "blue"))
    cape = books.product("CAPE")
    for product in (black, red, cape):
        add_image(product, picture(colour="red" if product is red else "navy"))
    on_joor(books, black, red, blue)

    one, other = mapped(books, black, red)

    assert one == other
    assert [each.code for each in one.pictures] == ["COAT-black", "COAT-red"]
    assert books.says(Images) == {
        "COAT-black": [],
        "COAT-red": [],
        "COAT-blue": ["joor_no_image"],
        "CAPE": ["joor_not_published"],
    }


def test_a_colour_that_left_the_catalogue_takes_its_picture_along(books: Books) -> None:
    black, red = books.product("COAT-black"), books.product("COAT-red", placed=())
    for product in (black, red):
        add_image(product, picture(colour="red" if product is red else "navy"))
    on_joor(books, black, red)

    (wire,) = mapped(books, black)

    assert [each.code for each in wire.pictures] == ["COAT-black"]


def test_only_another_main_picture_is_a_change(books: Books) -> None:
    coat = books.product("COAT-black")
    first, second = add_image(coat, picture()), add_image(coat, picture(colour="red"))
    on_joor(books, coat)
    before = mapped(books, coat)
    add_image(coat, picture(colour="green"))
    assert mapped(books, coat) == before

    order_images(coat, [second.pk, first.pk])

    assert mapped(books, coat) != before


# Over HTTP, JOOR fetching from the hub


@pytest.fixture
def shop(brand: Books, live_server: Any, settings: Any) -> Books:
    """Books connected to an account that can fetch pictures from the hub."""
    settings.PUBLIC_URL = live_server.url
    return brand


def assets(joor: JoorSandbox) -> list[dict[str, Any]]:
    return sorted(joor.control("GET", "/assets"), key=lambda each: each["display_order"])


def test_joor_fetches_the_main_picture_of_each_colour_in_its_frame(shop: Books, joor: JoorSandbox) -> None:
    black, red = shop.product("COAT-black"), shop.product("COAT-red")
    add_image(black, picture(2000, 2000))
    add_image(black, picture(colour="green"))
    add_image(red, picture(700, 700, "red", "PNG"))
    shop.run("data-export")

    run = shop.run("images-export")

    assert counted(run) == {"created": 2}
    assert codes(item(run, "COAT-red")) == ["image_ratio"]
    sizes = [(each["width"], each["height"]) for each in assets(joor)]
    assert sizes == [(1320, 1800), (660, 900)]
    assert {each["product_id"] for each in assets(joor)} == {styles(joor)["COAT"]["id"]}
    assert written(joor).count("assets/products") == 1


def test_another_main_picture_replaces_those_of_its_style_and_a_second_run_sends_nothing(
    shop: Books, joor: JoorSandbox
) -> None:
    black, red = shop.product("COAT-black"), shop.product("COAT-red")
    for product, colour in ((black, "navy"), (red, "red")):
        add_image(product, picture(colour=colour))
    shop.run("data-export")
    shop.run("images-export")
    before = {each["filename"] for each in assets(joor)}
    assert counted(shop.run("images-export")) == {"unchanged": 2}
    new = add_image(red, picture(colour="green"))
    order_images(red, [new.pk])

    run = shop.run("images-export")

    after = {each["filename"] for each in assets(joor)}
    assert counted(run) == {"updated": 2}
    assert len(after) == 2
    assert len(after & before) == 1


def test_a_picture_that_joor_cannot_fetch_fails_its_style_alone(shop: Books, joor: JoorSandbox) -> None:
    coat, cape = shop.product("COAT-black"), shop.product("CAPE")
    gone = add_image(coat, picture())
    add_image(cape, picture(colour="green"))
    default_storage.delete(gone.storage_name)
    shop.run("data-export")

    run = shop.run("images-export")

    assert ends(run) == {"COAT-black": "failed", "CAPE": "created"}
