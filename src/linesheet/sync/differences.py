"""Fingerprints of payloads, and what differs between two of them field by field."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

# A row of a list is known by the first of these fields that it has, so that a size put in front of the others
# shows as one added size and not as every size changed.
ROW_NAMES = ("described_as", "size", "warehouse", "code", "name", "id")
# Where several rows have the same, as one size now and from a date, these tell them apart.
FURTHER_NAMES = ("warehouse", "inventory_date", "date")

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
    told = [(path, value) for path, value in _leaves(payload) if path and value not in (None, "", [])]
    beside = Counter(path.rpartition(".")[0] for path, _ in told)
    # A row of a list bears its name already: what names it is not told beside what else it has.
    return [
        (path, value)
        for path, value in told
        if beside[path.rpartition(".")[0]] == 1 or not path.rpartition(".")[0].endswith(f"[{value}]")
    ]


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
        for name, item in zip(_row_names(value), value, strict=True):
            yield from _leaves(item, f"{path}[{name}]")
    else:
        yield path, value


def _row_names(rows: Sequence[Any]) -> list[str]:
    """What each row is known by, each name once: else the change of one row would hide behind another's."""
    names = [_row_name(item) for item in rows]
    often, seen, told = Counter(names), Counter[str](), list[str]()
    for number, (name, item) in enumerate(zip(names, rows, strict=True)):
        if name and often[name] > 1:
            name = " ".join([name, *(str(item[key]) for key in FURTHER_NAMES if item.get(key) not in (None, "", name))])
        seen[name] += 1
        told.append((name if seen[name] == 1 else f"{name} ({seen[name]})") if name else str(number))
    return told


def _row_name(item: Any) -> str:
    if not isinstance(item, Mapping):
        return ""
    return next((str(item[key]) for key in ROW_NAMES if item.get(key) not in (None, "")), "")
