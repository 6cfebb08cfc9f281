"""Small pictures: made of a product's picture once for each width, and kept beside it until its file goes."""

import threading
from collections.abc import Callable
from io import BytesIO

import PIL.Image
import PIL.ImageOps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from linesheet.books.images import open_image
from linesheet.books.models import Image

_QUALITY = 82
PAPER = (255, 255, 255)
_one_at_a_time = threading.Lock()


def thumbnail(image: Image, width: int) -> bytes:
    """A picture as a JPEG of at most `width` pixels a side, one of SMALL_WIDTHS; never larger than it is.

    Raises ValueError for another width, and FileNotFoundError when the file of the picture has gone.
    """
    return kept_or_made(image.small_name(width), lambda: _made(open_image(image), width))


def kept_or_made(name: str, make: Callable[[], bytes]) -> bytes:
    """The file of that name; made and kept when it is not there."""
    try:
        with default_storage.open(name) as file:
            kept: bytes = file.read()
            return kept
    except FileNotFoundError:
        made = make()
    default_storage.save(name, ContentFile(made))
    return made


def _made(content: bytes, width: int) -> bytes:
    target = BytesIO()
    shrunk(content, (width, width)).save(target, "JPEG", quality=_QUALITY, progressive=True)
    return target.getvalue()


def shrunk(content: bytes, most: tuple[int, int]) -> PIL.Image.Image:
    """A picture the right way up, on paper, and no larger than so many pixels; one at a time, as it is large before."""
    with _one_at_a_time, PIL.Image.open(BytesIO(content)) as picture:
        # A JPEG is decoded at about the size wanted, whichever way up it is, which is many times faster than the whole.
        picture.draft("RGB", (max(most), max(most)))
        # Of the largest picture a copy takes 300 MB.
        PIL.ImageOps.exif_transpose(picture, in_place=True)
        picture.thumbnail(most, PIL.Image.Resampling.LANCZOS, reducing_gap=2)
        return on_paper(picture)


def on_paper(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Without transparency, on white as a line sheet is."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    paper = PIL.Image.new("RGB", seen.size, PAPER)
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper
