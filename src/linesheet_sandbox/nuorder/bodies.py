"""Request bodies: JSON whatever the content type says, gzip or plain (sheet 2.1)."""

import gzip
import zlib
from typing import Any

import msgspec

from linesheet_sandbox.common.http import Call
from linesheet_sandbox.nuorder.errors import invalid


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
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error):
            invalid("the body is not gzip")
    if not body.strip():
        raise EmptyBodyError
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as problem:
        invalid(f"the body is not JSON: {problem}")
