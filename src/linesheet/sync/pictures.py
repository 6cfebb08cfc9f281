"""Signed links under which a platform fetches a picture from the hub."""

from urllib.parse import quote

from django.core import signing

_SALT = "linesheet.pictures"
VALID_SECONDS = 14 * 24 * 3600


def picture_url(public_url: str, company_id: int, content_hash: str, format: str) -> str:
    """A link that whoever has it may fetch the picture by for two weeks from now."""
    token = signing.dumps([company_id, content_hash, format], salt=_SALT)
    return f"{public_url}/pictures/{quote(token)}.{format}"


def picture_of(token: str) -> tuple[int, str, str]:
    """Company id, content hash and format of a link's token. Raises signing.BadSignature when forged or expired."""
    company_id, content_hash, format = signing.loads(token, salt=_SALT, max_age=VALID_SECONDS)
    return company_id, content_hash, format
