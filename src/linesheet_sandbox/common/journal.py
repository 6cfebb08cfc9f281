"""What was asked of the sandbox and how it answered."""

from collections import Counter, defaultdict, deque
from typing import Any

import msgspec

_EXCERPT = 500
_KEPT = 2000


class Entry(msgspec.Struct, kw_only=True):
    """One request received. `status` is null when the connection was cut instead of answered."""

    number: int
    time: str
    method: str
    path: str
    query: str
    caller: str
    body: str
    template: str
    status: int | None = None
    fault: str | None = None
    duration_ms: float = 0


class Journal:
    """The last requests in full, and counts of all of them since the start."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._received = 0

    def open(self, *, time: str, method: str, path: str, template: str, query: str, caller: str) -> Entry:
        """Note a request as it arrives."""
        self._received += 1
        entry = Entry(
            number=self._received,
            time=time,
            method=method,
            path=path,
            template=template,
            query=query,
            caller=caller,
            body="",
        )
        self._entries.append(entry)
        return entry

    def close(self, entry: Entry, *, status: int | None, duration_ms: float) -> None:
        """Note how a request ended."""
        entry.status = status
        entry.duration_ms = round(duration_ms, 1)
        self._counts[f"{entry.method} {entry.template or '(no route)'}"][str(status or "cut")] += 1

    def last(self, count: int) -> list[Entry]:
        """The last requests received, oldest first."""
        return list(self._entries)[-count:]

    def counts(self) -> dict[str, Any]:
        """Requests answered, by method and path template, then by status (`cut` for no answer)."""
        return {what: dict(by_status) for what, by_status in sorted(self._counts.items())}


def excerpt(body: bytes) -> str:
    """The beginning of a body, readable."""
    return body[:_EXCERPT].decode("utf-8", "replace")
