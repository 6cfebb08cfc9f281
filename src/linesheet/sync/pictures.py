"""Signed links under which a platform fetches a picture from the hub."""

from typing import NamedTuple
from urllib.parse import quote

from django.core import signing

from linesheet.books.framing import FRAMED_FORMAT

_SALT = "linesheet.pictures"
VALID_SECONDS = 14 * 24 * 3600


class SignedPicture(NamedTuple):
    """What a link leads to: the picture as it is kept, or made to fill a `frame` of so many pixels."""

    company_id: int
    content_hash: str
    format: str
    frame: tuple[int, int] | None = None

    @property
    def served_as(self) -> str:
        """The format that whoever follows the link gets."""
        return FRAMED_FORMAT if self.frame else self.format


def picture_url(
    public_url: str, company_id: int, content_hash: str, format: str, frame: tuple[int, int] | None = None
) -> str:
    """A link that whoever has it may fetch the picture by for two weeks from now.

    With a frame, the picture comes in just that size, as a JPEG: whole and never enlarged, on white.
    """
    picture = SignedPicture(company_id, content_hash, format, frame)
    token = signing.dumps(list(picture) if frame else list(picture[:3]), salt=_SALT)
    return f"{public_url}/pictures/{quote(token)}.{picture.served_as}"


def picture_of(token: str) -> SignedPicture:
    """What a link's token leads to. Raises signing.BadSignature when forged or expired."""
    company_id, content_hash, format, *frame = signing.loads(token, salt=_SALT, max_age=VALID_SECONDS)
    return SignedPicture(company_id, content_hash, format, tuple(frame[0]) if frame else None)
