"""Fingerprints of payloads, and what differs between two of them field by field."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

# A row of a list is known by the first of these fields that it has, so that a size put in front of the others
# shows as one added size and not as every size changed.
ROW_NAMES = ("size", "warehouse", "code", "name", "id")

_PARTS = re.compile(r"[.\[\]]+")
_WITHIN = " > "


def wire_form(value: Any) -> Any:
    """A wire shape as plain JSON values; decimals as numbers would lose digits, so they become plain text."""
    return _plain(msgspec.to_builtins(value, builtin_types=(Decimal,)))


def fingerprint(value: Any) -> str:
    """SHA-256 of plain JSON values, as `wire_form` makes them; the order of keys does not count."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def differences(old: Any, new: Any) -> list[dict[str, Any]]:
    """Fields that differ, as [{"field", "old", "new"}] in the order of `new`; None where a side lacks the field."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        same = {key for key, value in new.items() if key in old and old[key] == value}
        old, new = ({key: value for key, value in each.items() if key not in same} for each in (old, new))
    before, after = dict(_leaves(old)), dict(_leaves(new))
    names = [*after, *(name for name in before if name not in after)]
    return [
        {"field": name, "old": before.get(name), "new": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]


def fields_of(payload: Any) -> list[tuple[str, Any]]:
    """Every field of a payload that says something, by its path, in the order they are sent."""
    return [(path, value) for path, value in _leaves(payload) if path and value not in (None, "", [])]


def in_words(path: str, words: Mapping[str, str]) -> str:
    """The path of a field as people read it: `words` says what its parts are called, where the part does not."""
    parts = [part for part in _PARTS.split(path) if part]
    told = [words.get(part, part.strip("_").replace("_", " ")) for part in parts]
    return _WITHIN.join(part[:1].upper() + part[1:] for part in told) or path


def _plain(value: Any) -> Any:
    match value:
        case str():
            return value
        case Decimal():
            return format(value.normalize(), "f") if value else "0"
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return value


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if all(not isinstance(item, (Mapping, list, tuple)) for item in value):
            yield path, list(value) or None
            return
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}[{_row_name(item) or number}]")
    else:
        yield path, value


def _row_name(item: Any) -> str:
    if not isinstance(item, Mapping):
        return ""
    return next((str(item[key]) for key in ROW_NAMES if item.get(key) not in (None, "")), "")
