"""Books to wire: the main pictures of the colours of JOOR's product (sheet joor.md 3.6, 4, 9.5). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from linesheet.books.framing import frame_for
from linesheet.books.models import Image, Product
from linesheet.books.reasons import Said
from linesheet.platforms.joor import catalogue_reasons
from linesheet.platforms.joor.product_wire import ImagesWire, PictureWire

SMALLEST, LARGEST = (660, 900), (1320, 1800)
"""What JOOR wants pictures to be, or between the two in the same ratio."""
LONGEST_FILENAME = 100

# Pixels that a side may be off by; more leaves a line of white that can be seen.
_OFF = 0.01
_NO_SIGN = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class MainImage:
    """A product with its main image, JOOR's id of its style, "" when it has none, and the pictures of all its colours.

    `pictures` are by the codes of the products that JOOR has as colours of that style and that have one, oldest first.
    """

    product: Product
    image: Image | None
    product_id: str
    pictures: Sequence[tuple[str, Image]] = ()


def image_findings(record: MainImage) -> list[Said]:
    """What keeps a product's picture from JOOR, and what to mind about it."""
    code, image = record.product.code, record.image
    if not record.product_id:
        return [catalogue_reasons.NOT_PUBLISHED.about(record=code)]
    if image is None:
        return [catalogue_reasons.NO_IMAGE.about(record=code)]
    about = {"record": code, "width": image.width, "height": image.height}
    if image.width < SMALLEST[0] and image.height < SMALLEST[1]:
        return [catalogue_reasons.IMAGE_SMALL.about(**about)]
    fits = abs(image.width * SMALLEST[1] / (image.height * SMALLEST[0]) - 1) <= _OFF
    return [] if fits else [catalogue_reasons.IMAGE_RATIO.about(**about)]


def images_to_wire(record: MainImage) -> ImagesWire:
    """All pictures of the style, as JOOR replaces them together; each known by its content."""
    return ImagesWire(record.product_id, tuple(picture_wire(code, image) for code, image in record.pictures))


def picture_wire(code: str, image: Image) -> PictureWire:
    """A picture in the largest of JOOR's sizes that it fills without being enlarged."""
    width, height = frame_for(image.width, image.height, SMALLEST, LARGEST)
    return PictureWire(code, f"{image.content_hash}.{image.format}", f"{width}x{height}")


def frame_of(picture: PictureWire) -> tuple[int, int]:
    """The size that JOOR gets it in."""
    width, _, height = picture.frame.partition("x")
    return int(width), int(height)


def filename(picture: PictureWire, extension: str) -> str:
    """A name of its own for a product's picture, which another picture or another size of it does not have."""
    content = picture.image.partition(".")[0][:32]
    end = f"-{content}-{picture.frame}.{extension}"
    return _NO_SIGN.sub("_", picture.code)[: LONGEST_FILENAME - len(end)] + end
