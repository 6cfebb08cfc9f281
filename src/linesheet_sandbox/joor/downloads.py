"""Pictures as JOOR shows them: `GET /images/{sha256}.{extension}`, by a link anybody may open."""

import base64

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.portal import JoorPortal

PREFIX = "/images/"

_KINDS = {"gif": "image/gif", "jpeg": "image/jpeg", "jpg": "image/jpeg", "png": "image/png", "mp4": "video/mp4"}


def base_url(call: Call) -> str:
    """Where this sandbox was called."""
    return f"{call.scheme}://{call.headers.get('host', '')}"


def image_url(base: str, asset: Record) -> str:
    """The link to an asset's bytes."""
    return f"{base}{PREFIX}{asset['sha256']}.{asset['extension']}"


def answer_image(portal: JoorPortal, call: Call) -> Answer:
    """The bytes of an asset, as they were fetched."""
    sha256, _, extension = call.raw_path.removeprefix(PREFIX).partition(".")
    content = portal.contents.get(sha256)
    if call.method != "GET" or content is None or extension not in _KINDS:
        return Answer(404, b"not found", {"content-type": "text/plain"})
    return Answer(200, base64.b64decode(content["base64"]), {"content-type": _KINDS[extension]})
