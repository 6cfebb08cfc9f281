"""Small pictures."""

import io

import PIL.Image
import pytest
from django.core.files.storage import default_storage

from linesheet.books.images import add_image, remove_image
from linesheet.books.models import Product
from linesheet.books.thumbnails import thumbnail

pytestmark = pytest.mark.django_db(transaction=True)


def drawn(mode: str, size: tuple[int, int], colour: object, kind: str = "PNG", **how: object) -> bytes:
    content = io.BytesIO()
    PIL.Image.new(mode, size, colour).save(content, kind, **how)
    return content.getvalue()


@pytest.fixture
def coat(company, settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path), "allow_overwrite": True}},
    }
    return Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")


def opened(content: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(content))


def test_it_fits_into_its_width_and_is_never_larger_than_the_picture(coat):
    large = add_image(coat, drawn("RGB", (800, 1600), "red", "JPEG"))
    small = add_image(coat, drawn("RGB", (40, 20), "red", "JPEG"))

    assert opened(thumbnail(large, 320)).size == (160, 320)
    assert opened(thumbnail(small, 320)).size == (40, 20)


@pytest.mark.parametrize(
    ("mode", "colour"), [("RGBA", (255, 0, 0, 0)), ("P", 0), ("L", 128), ("CMYK", (0, 0, 0, 0)), ("1", 1), ("I;16", 9)]
)
def test_every_kind_of_picture_becomes_a_jpeg(coat, mode, colour):
    content = drawn(mode, (200, 100), colour, "JPEG" if mode == "CMYK" else "PNG")

    assert opened(thumbnail(add_image(coat, content), 96)).mode == "RGB"


def test_what_is_transparent_becomes_white(coat):
    image = add_image(coat, drawn("RGBA", (100, 100), (255, 0, 0, 0)))

    assert opened(thumbnail(image, 96)).getpixel((50, 50)) == (255, 255, 255)


def test_a_picture_that_lies_on_its_side_is_put_upright(coat):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    image = add_image(coat, drawn("RGB", (200, 100), "red", "JPEG", exif=exif))

    assert opened(thumbnail(image, 96)).size == (48, 96)


def test_it_is_made_once_and_goes_with_the_picture(coat):
    image = add_image(coat, drawn("RGB", (200, 100), "red"))
    made = thumbnail(image, 96)
    assert default_storage.exists(image.small_name(96))

    default_storage.delete(image.storage_name)
    assert thumbnail(image, 96) == made

    remove_image(image)
    assert not default_storage.exists(image.small_name(96))


def test_other_widths_are_refused(coat):
    with pytest.raises(ValueError, match="pixels"):
        thumbnail(add_image(coat, drawn("RGB", (200, 100), "red")), 97)
