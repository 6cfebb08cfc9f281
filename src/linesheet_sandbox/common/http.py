"""A request and its answer, as the sandboxes see them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes a request body may have, packed and unpacked; a larger one is answered with 413."""

_LONGEST_NUMBER = 18


@dataclass(slots=True)
class Call:
    """One request, read whole. `raw_path` is undecoded, so that `%2F` inside a path part survives.

    `half_seed` is set when half of the items of a written list must fail by a fault's order.
    """

    method: str
    scheme: str
    raw_path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    parts: dict[str, str] = field(default_factory=dict)
    half_seed: int | None = None

    def query(self) -> dict[str, str]:
        """Query parameters; of a repeated one the last counts."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    def spoiled(self, count: int) -> frozenset[int]:
        """Positions of the items that must fail of a written list of `count`: none, or under a `half` fault half."""
        if self.half_seed is None:
            return frozenset()
        return frozenset(random.Random(self.half_seed).sample(range(count), count // 2))


@dataclass(slots=True)
class Answer:
    """One response, held whole."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(payload: Any, status: int = 200) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, msgspec.json.encode(payload), {"content-type": "application/json; charset=utf-8"})


def decode_json(text: bytes) -> Any:
    """The JSON sent. Raises msgspec.DecodeError also for what is nested too deeply to be read."""
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise msgspec.DecodeError("it is nested too deeply") from None


def whole_number(text: str) -> int | None:
    """The number written in plain digits; None for anything else, and for more digits than a count or time has."""
    plain = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if plain else None


def error_answer(status: int, message: str, **extra: Any) -> Answer:
    """An error as `{"code", "message"}`, with any further keys."""
    return json_answer({"code": status, "message": message, **extra}, status)
