"""Pictures in a frame: put whole on white of just the size that is asked for, never stretched, cropped or enlarged."""

from io import BytesIO

import PIL.Image

from linesheet.books.images import open_image
from linesheet.books.models import Image
from linesheet.books.thumbnails import PAPER, kept_or_made, shrunk

FRAMED_FORMAT = "jpg"
_QUALITY = 90


def frame_for(width: int, height: int, ratio: tuple[int, int], most: tuple[int, int]) -> tuple[int, int]:
    """The largest frame that a picture of this size fills in one direction without being enlarged, or the smallest.

    `ratio` is the smallest frame; each next one is larger by half of it, up to `most`.
    """
    halves = 2
    while True:
        wider, taller = (side * (halves + 1) // 2 for side in ratio)
        too_large = wider > most[0] or taller > most[1]
        if too_large or (width < wider and height < taller):
            return ratio[0] * halves // 2, ratio[1] * halves // 2
        halves += 1


def framed(image: Image, frame: tuple[int, int]) -> bytes:
    """A picture in a frame of so many pixels, as a JPEG; made once, and kept until the picture goes.

    Raises FileNotFoundError when its file has gone. The picture need not be of a row.
    """
    return kept_or_made(image.framed_name(frame), lambda: _made(open_image(image), frame))


def _made(content: bytes, frame: tuple[int, int]) -> bytes:
    seen = shrunk(content, frame)
    filled = PIL.Image.new("RGB", frame, PAPER)
    filled.paste(seen, ((frame[0] - seen.width) // 2, (frame[1] - seen.height) // 2))
    target = BytesIO()
    filled.save(target, "JPEG", quality=_QUALITY, progressive=True)
    return target.getvalue()
