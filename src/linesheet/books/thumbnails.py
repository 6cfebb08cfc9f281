"""Small pictures: made of a product's picture once for each width, and kept beside it until its file goes."""

from io import BytesIO

import PIL.Image
import PIL.ImageOps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from linesheet.books.images import open_image
from linesheet.books.models import Image

_QUALITY = 82
PAPER = (255, 255, 255)


def thumbnail(image: Image, width: int) -> bytes:
    """A picture as a JPEG of at most `width` pixels a side, one of SMALL_WIDTHS; never larger than it is.

    Raises ValueError for another width, and FileNotFoundError when the file of the picture has gone.
    """
    name = image.small_name(width)
    try:
        with default_storage.open(name) as file:
            kept: bytes = file.read()
            return kept
    except FileNotFoundError:
        made = _made(open_image(image), width)
    default_storage.save(name, ContentFile(made))
    return made


def _made(content: bytes, width: int) -> bytes:
    with PIL.Image.open(BytesIO(content)) as picture:
        # A JPEG is decoded at about the size wanted, which is many times faster than the whole.
        picture.draft("RGB", (width, width))
        upright = PIL.ImageOps.exif_transpose(picture)
        upright.thumbnail((width, width), PIL.Image.Resampling.LANCZOS, reducing_gap=2)
        small = on_paper(upright)
    target = BytesIO()
    small.save(target, "JPEG", quality=_QUALITY, progressive=True)
    return target.getvalue()


def on_paper(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Without transparency, on white as a line sheet is."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    paper = PIL.Image.new("RGB", seen.size, PAPER)
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper
