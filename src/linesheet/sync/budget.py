"""The calls a connection may make, shared by all workers through the connection's row."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from django.db import connection

from linesheet.sync import quota
from linesheet.sync.database import DatabaseThread
from linesheet.sync.errors import Stopped
from linesheet.sync.lease import Pulse
from linesheet.sync.platform import CALLS_PER_SECOND, Platform, Quota
from linesheet.sync.transport import Gate

# Turns are taken for this many seconds at a time, so that a fast connection does not ask the database per call.
TURNS_AHEAD = 0.5
# A platform that counts the calls of each second sees one too many when a call comes late and those behind it on time,
# so turns are given out a little slower than allowed.
PACE = 0.97
# Who waits for the next window asks again meanwhile: another worker may learn that it comes sooner.
LOOK_AGAIN_SECONDS = 5.0


def calls_per_second(settings: Mapping[str, Any], platform: Platform) -> float | None:
    """Calls a second that a connection with these settings may make; None when there is no known limit."""
    own: float | None = settings.get(CALLS_PER_SECOND.key)
    return own or platform.budget.per_second


class Budget(Gate):
    """Gives a call its turn: after the platform's pause, so many a second, and for so many credits a window.

    All workers of the connection share in it.
    """

    def __init__(
        self,
        connection_id: int,
        per_second: float | None,
        pulse: Pulse,
        db: DatabaseThread,
        quota: Quota | None = None,
    ) -> None:
        self._connection_id = connection_id
        self._per_second = per_second
        self._quota = quota
        self._pulse = pulse
        self._db = db
        self._turns: list[float] = []
        self._free_at = 0.0
        self._asking = asyncio.Lock()

    async def enter(self, method: str, *, counted: bool = True) -> None:
        """Wait for a turn. Raises Stopped when the run was cancelled or its lease is over."""
        while True:
            self._still_ours()
            if wait := self._pulse.paused_for:
                await asyncio.sleep(min(wait, 0.5))
                continue
            if self._per_second is not None:
                turn = await self._next_turn(self._per_second * PACE)
                await self._sleep(max(turn, self._free_at) - time.monotonic())
                if self._pulse.paused_for:
                    continue
            if self._quota and counted:
                wait = await self._db(quota.spend, self._connection_id, self._quota, self._quota.cost(method))
                if wait:
                    await self._sleep(min(wait, LOOK_AGAIN_SECONDS))
                    continue
            if self._per_second is not None:
                self._free_at = time.monotonic() + 1 / self._per_second
            return

    async def refill(self) -> float | None:
        """Seconds until the platform gives credits again."""
        return await self._db(quota.refill, self._connection_id, self._quota) if self._quota else None

    async def pause(self, seconds: float, *, used_up: bool = False) -> None:
        """Make every worker of this connection wait; when its credits are `used_up`, a new window follows."""
        self._pulse.pause(seconds)
        await self._db(pause_connection, self._connection_id, seconds, used_up=used_up)

    async def _sleep(self, seconds: float) -> None:
        over = time.monotonic() + seconds
        while (left := over - time.monotonic()) > 0:
            await asyncio.sleep(min(left, 0.5))
            self._still_ours()

    def _still_ours(self) -> None:
        if not self._pulse.may_send():
            raise Stopped("The run was cancelled or taken over.")

    async def _next_turn(self, per_second: float) -> float:
        async with self._asking:
            while len(self._turns) > 1 and self._turns[-2] <= time.monotonic():
                self._turns.pop()  # Nobody took it while it was due.
            if not self._turns:
                turns = max(1, int(per_second * TURNS_AHEAD))
                first = await self._db(_first_turn, self._connection_id, turns, per_second)
                self._turns = [first + number / per_second for number in reversed(range(turns))]
            return self._turns.pop()


def reserve_turns(connection_id: int, turns: int, per_second: float) -> float:
    """Reserve the next turns of the connection; seconds until the first of them, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE sync_connection
               SET next_call_at = greatest(coalesce(next_call_at, clock_timestamp()), clock_timestamp())
                                  + %s * interval '1 second'
             WHERE id = %s
         RETURNING extract(epoch FROM next_call_at - clock_timestamp()) - %s
            """,
            [turns / per_second, connection_id, turns / per_second],
        )
        return max(0.0, float(cursor.fetchone()[0]))


def _first_turn(connection_id: int, turns: int, per_second: float) -> float:
    """Reserve turns; when the first is, by this process's clock as it was when the database had answered."""
    return reserve_turns(connection_id, turns, per_second) + time.monotonic()


def pause_connection(connection_id: int, seconds: float, *, used_up: bool = False) -> None:
    """No worker calls through this connection for so many seconds from now; `used_up` ends its window of credits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE sync_connection
               SET paused_until = greatest(coalesce(paused_until, clock_timestamp()),
                                           clock_timestamp() + %s * interval '1 second'),
                   quota_from = CASE WHEN %s THEN NULL ELSE quota_from END
             WHERE id = %s
            """,
            [seconds, used_up, connection_id],
        )
