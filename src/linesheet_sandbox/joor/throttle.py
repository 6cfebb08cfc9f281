"""The rate limit: credits per account in a fixed window, spent by v2 and v4 together (sheet 2)."""

import math
from collections import Counter
from typing import Any

from linesheet_sandbox.joor.portal import JoorPortal

_READS = ("GET", "HEAD", "OPTIONS")


class Throttle:
    """The credits spent. A window opens with the first request after the last one closed; asking for tokens is free."""

    def __init__(self, portal: JoorPortal) -> None:
        self._portal = portal
        self.forget()

    def forget(self) -> None:
        """Close the window and start the counts afresh."""
        self._opened: float | None = None
        self._spent = 0
        self._refused = 0
        self._by_template: Counter[str] = Counter()

    def spend(self, method: str, template: str) -> bool:
        """Pay for a call; false when there is not enough left, and then nothing is spent."""
        if not self._portal.settings.throttle:
            return True
        now = self._now()
        if self._opened is None or not 0 <= now - self._opened < self._portal.settings.window_seconds:
            self._opened, self._spent = now, 0
        cost = 1 if method in _READS else 5
        if self._spent + cost > self._portal.settings.credits:
            self._refused += 1
            return False
        self._spent += cost
        self._by_template[f"{method} {template or '(no route)'}"] += cost
        return True

    def headers(self, account: str) -> dict[str, str]:
        """What every reply says. Only the first name is confirmed (sheet 2)."""
        if not self._portal.settings.throttle:
            return {"x-throttling-account-id": account}
        return {
            "x-throttling-account-id": account,
            "x-throttling-limit": str(self._portal.settings.credits),
            "x-throttling-remaining": str(self._left()),
            "x-throttling-reset": str(self.seconds_left()),
        }

    def seconds_left(self) -> int:
        """Whole seconds until the window closes, rounded up."""
        if self._opened is None:
            return 0
        return max(0, math.ceil(self._opened + self._portal.settings.window_seconds - self._now()))

    def figures(self) -> dict[str, Any]:
        """Credits spent since the traffic was forgotten, in all and by method and path template, for the statistics."""
        return {
            "spent": self._by_template.total(),
            "left": self._left(),
            "refused": self._refused,
            "by_template": dict(sorted(self._by_template.items())),
        }

    def _left(self) -> int:
        open_yet = self.seconds_left() > 0
        return self._portal.settings.credits - (self._spent if open_yet else 0)

    def _now(self) -> float:
        return self._portal.clock.now().timestamp()
