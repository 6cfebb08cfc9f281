"""Record ids: 24 lower-case hex digits, the first eight the time in seconds (sheet 2.1)."""

import random
import re
from datetime import datetime

_OBJECT_ID = re.compile(r"[0-9a-f]{24}")


class ObjectIds:
    """Hands out ids that only ever rise, so that id order is the order of creation."""

    def __init__(self) -> None:
        self._last = 0
        self._salt = random.getrandbits(40) << 24

    def seen(self, object_id: str) -> None:
        """Stay above an id that is already in use; other texts are no matter."""
        if _OBJECT_ID.fullmatch(object_id):
            self._last = max(self._last, int(object_id, 16))

    def next(self, now: datetime) -> str:
        """A fresh id."""
        self._last = max(self._last + 1, (int(now.timestamp()) << 64) | self._salt)
        return f"{self._last:024x}"
