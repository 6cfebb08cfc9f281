"""How many requests a caller may have under way, and start per second."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from linesheet_sandbox.common.settings import Settings


class Limiter:
    """Counts requests in progress per caller. One is in progress until its answer is ready to be sent."""

    def __init__(self) -> None:
        self.highest_concurrency = 0
        self.refused = 0
        self._under_way: Counter[str] = Counter()
        self._starts: dict[str, deque[float]] = defaultdict(deque)

    @property
    def in_progress(self) -> int:
        """Requests under way now, of all callers."""
        return self._under_way.total()

    @contextmanager
    def admission(self, caller: str, settings: Settings) -> Iterator[bool]:
        """Count a request in for as long as it takes; false when it exceeds a limit and must be refused.

        `highest_concurrency` counts the refused ones too: it says how many the caller had open at once.
        """
        present = self._under_way[caller] + 1
        self.highest_concurrency = max(self.highest_concurrency, present)
        crowded = settings.concurrency is not None and present > settings.concurrency
        if crowded or self._too_fast(caller, settings.rate_per_second):
            self.refused += 1
            yield False
            return
        self._under_way[caller] = present
        try:
            yield True
        finally:
            self._under_way[caller] -= 1
            if not self._under_way[caller]:
                del self._under_way[caller]

    def _too_fast(self, caller: str, rate: float | None) -> bool:
        if rate is None:
            return False
        starts, now = self._starts[caller], time.monotonic()
        while starts and starts[0] <= now - 1:
            starts.popleft()
        if len(starts) >= rate:
            return True
        starts.append(now)
        return False
