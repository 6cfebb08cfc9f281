"""Slices of lists: `__limit` and `__last_id` (sheet 2.4)."""

from linesheet_sandbox.common.http import Call, whole_number
from linesheet_sandbox.nuorder.errors import invalid

_HARD_MAXIMUM = 500


def page(call: Call, ids: list[str]) -> list[str]:
    """The ids asked for: all of them, or at most `__limit` after `__last_id`, in id order."""
    query = call.query()
    last, limit = query.get("__last_id"), query.get("__limit")
    if last:
        ids = [record_id for record_id in ids if record_id > last]
    if limit is None:
        return ids[:_HARD_MAXIMUM] if last else ids
    count = whole_number(limit) or invalid("__limit must be a whole number above 0")
    return ids[: min(count, _HARD_MAXIMUM)]
