"""Pictures in a frame of just the size that is asked for."""

import PIL.Image
import pytest
from django.core.files.storage import default_storage

from linesheet.books.framing import frame_for, framed
from linesheet.books.images import add_image, remove_image
from tests.books.test_thumbnails import coat, drawn, opened  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)

RED = (254, 0, 0)


def seen(picture: PIL.Image.Image, *at: tuple[int, int]) -> list[str]:
    """What colour a picture has in places, as near as a JPEG is."""
    return ["red" if picture.getpixel(place)[1] < 128 else "white" for place in at]


@pytest.mark.parametrize(
    ("size", "frame"),
    [
        ((660, 900), (660, 900)),
        ((100, 100), (660, 900)),
        ((700, 700), (660, 900)),
        ((989, 1349), (660, 900)),
        ((990, 800), (990, 1350)),
        ((800, 1350), (990, 1350)),
        ((1320, 1800), (1320, 1800)),
        ((5000, 200), (1320, 1800)),
    ],
)
def test_the_frame_is_the_largest_that_the_picture_fills(size, frame):
    assert frame_for(*size, ratio=(660, 900), most=(1320, 1800)) == frame


def test_a_picture_stands_whole_in_the_middle_of_white(coat):  # noqa: F811
    image = add_image(coat, drawn("RGB", (400, 200), RED))

    made = opened(framed(image, (100, 150)))

    assert (made.size, made.format) == ((100, 150), "JPEG")
    assert set(seen(made, (2, 75), (50, 75), (97, 75), (50, 54), (50, 95))) == {"red"}
    assert set(seen(made, (50, 2), (50, 45), (50, 105), (50, 147))) == {"white"}


def test_a_picture_is_never_enlarged(coat):  # noqa: F811
    made = opened(framed(add_image(coat, drawn("RGB", (20, 20), RED)), (100, 150)))

    assert seen(made, (30, 75), (50, 75), (70, 75)) == ["white", "red", "white"]


def test_a_picture_that_lies_on_its_side_stands_upright_in_its_frame(coat):  # noqa: F811
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    made = opened(framed(add_image(coat, drawn("RGB", (900, 300), RED, "JPEG", exif=exif)), (100, 300)))

    assert set(seen(made, (50, 5), (50, 150), (50, 295))) == {"red"}


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (255, 0, 0, 0)), ("P", 0), ("L", 128), ("I;16", 9)])
def test_every_kind_of_picture_can_be_framed(coat, mode, colour):  # noqa: F811
    assert opened(framed(add_image(coat, drawn(mode, (200, 100), colour)), (66, 90))).mode == "RGB"


def test_it_is_made_once_and_goes_with_the_picture(coat):  # noqa: F811
    image = add_image(coat, drawn("RGB", (40, 20), RED))
    first = framed(image, (66, 90))
    framed(image, (132, 180))
    default_storage.delete(image.storage_name)
    assert framed(image, (66, 90)) == first
    with pytest.raises(FileNotFoundError):
        framed(image, (99, 135))

    remove_image(image)

    assert not default_storage.exists(image.framed_folder)
