"""Values out of what was sent: a wrong kind of value refuses the item, or the control call, it is in."""

from typing import Any

from linesheet_sandbox.common.http import whole_number
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import VALIDATION_ERROR, ItemError

_LARGEST = 2**31 - 1


def invalid(message: str) -> ItemError:
    """The item is wrong, and the message says where."""
    return ItemError(VALIDATION_ERROR, message)


def text_in(item: Record, name: str) -> str:
    """A text, trimmed; "" when absent or null. A number is taken for text, as ids are by some clients."""
    value = item.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid(f"{name} must be text")
    return str(value).strip()


def filled_in(item: Record, name: str) -> str:
    """A text that must not be empty."""
    return text_in(item, name) or _missing(name)


def whole_in(item: Record, name: str) -> int | None:
    """A whole number of 0 or more, also written as text; None when absent, null or ""."""
    value = item.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = whole_number(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise invalid(f"{name} must be a whole number")
    return value


def objects_in(item: Record, name: str) -> list[Record]:
    """A list of objects; [] when absent or null."""
    value = item.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise invalid(f"{name} must be a list of objects")
    return value


def texts_in(item: Record, name: str) -> list[str]:
    """A list of texts, each once; [] when absent or null."""
    value = item.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(part, str | int) for part in value):
        raise invalid(f"{name} must be a list of text")
    return list(dict.fromkeys(str(part) for part in value))


def object_in(item: Record, name: str) -> Record:
    """An object; {} when absent or null."""
    value: Any = item.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"{name} must be an object")
    return value


def _missing(name: str) -> str:
    raise invalid(f"{name} missing")
