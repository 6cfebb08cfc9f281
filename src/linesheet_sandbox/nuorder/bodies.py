"""Request bodies: JSON whatever the content type says, gzip or plain (sheet 2.1)."""

import zlib
from typing import Any

import msgspec

from linesheet_sandbox.common.http import LARGEST_BODY, Call, decode_json
from linesheet_sandbox.nuorder.errors import RefusedError, invalid

_GZIP = zlib.MAX_WBITS | 16


class EmptyBodyError(Exception):
    """A call that needs a body came without one."""


def json_object(call: Call) -> dict[str, Any]:
    """The JSON object sent. Refuses anything else with 400."""
    payload = json_value(call)
    if not isinstance(payload, dict):
        invalid("the body must be a JSON object")
    return payload


def json_value(call: Call) -> Any:
    """The JSON sent. Refuses with 400 what cannot be read."""
    body = call.body
    if call.headers.get("content-encoding", "").lower() == "gzip":
        try:
            body = _unzipped(body)
        except zlib.error:
            invalid("the body is not gzip")
    if not body.strip():
        raise EmptyBodyError
    try:
        return decode_json(body)
    except msgspec.DecodeError as problem:
        invalid(f"the body is not JSON: {problem}")


def _unzipped(body: bytes) -> bytes:
    """A gzip body as it was. Raises zlib.error, and refuses with 413 what would unpack beyond the limit."""
    unpacker = zlib.decompressobj(wbits=_GZIP)
    plain = unpacker.decompress(body, LARGEST_BODY + 1)
    if len(plain) > LARGEST_BODY:
        raise RefusedError(413, "the body is too large")
    if not unpacker.eof:
        raise zlib.error("the end is missing")
    return plain
