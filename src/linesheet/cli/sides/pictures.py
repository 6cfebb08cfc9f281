"""Which picture a platform was given the address of."""

from urllib.parse import unquote

from linesheet.sync.pictures import picture_of


def shown_at(link: str) -> str:
    """Content hash and extension of the picture that a signed link leads to."""
    token = unquote(link.rpartition("/")[2]).rpartition(".")[0]
    signed = picture_of(token)
    return f"{signed.content_hash}.{signed.format}"
