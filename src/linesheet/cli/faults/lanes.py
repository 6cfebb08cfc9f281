"""The lanes of a campaign, side by side: each plays its seeds in a process of its own."""

import math
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec

from linesheet.cli.faults.lane import SEED_AT_MOST_SECONDS, Verdict

# Seeds mostly wait: for leases to end, for frozen workers, for calls that are held.
LANES_A_CORE = 4
STOP_SECONDS = 20.0
LOOK_SECONDS = 1.0
# A lane breaks its seed off by itself; one that cannot must not hang the campaign.
LANE_AT_MOST_SECONDS = SEED_AT_MOST_SECONDS + 60.0


def sensible() -> int:
    """So many lanes as keep this machine busy."""
    return LANES_A_CORE * len(os.sched_getaffinity(0))


def verdicts(
    seeds: Iterator[tuple[str, int]], at_once: int, logs: Path | None = None
) -> Generator[Verdict, None, None]:
    """Play seeds, each on its platform, so many at once, each begun when a lane is free; the verdicts as they come."""
    with ExitStack() as stack, selectors.DefaultSelector() as answers:
        for _, seed in zip(range(at_once), seeds, strict=False):
            lane = stack.enter_context(closing(_Lane(logs)))
            lane.begin(*seed)
            answers.register(lane, selectors.EVENT_READ)
        while waiting := answers.get_map():
            for key in list(waiting.values()):
                key.fileobj.end_if_overdue()  # type: ignore[union-attr]  # as registered
            for key, _ in answers.select(LOOK_SECONDS):
                lane = key.fileobj  # type: ignore[assignment]  # as registered
                answers.unregister(lane)
                yield lane.verdict()
                if (following := next(seeds, None)) is not None:
                    lane.begin(*following)
                    answers.register(lane, selectors.EVENT_READ)


def lane_command(logs: Path | None) -> list[str]:
    """What starts the process of a lane."""
    return [sys.executable, "-m", "linesheet.cli.faults.lane", *([str(logs)] if logs else [])]


class _Lane:
    """One lane, from this side. It is readable when its verdict has come."""

    def __init__(self, logs: Path | None) -> None:
        self._command = lane_command(logs)
        self._platform, self._seed = "", 0
        self._overdue_at = math.inf
        self._asked_to_end = False
        self._start()

    def fileno(self) -> int:
        assert self._process.stdout
        return self._process.stdout.fileno()

    def begin(self, platform: str, seed: int) -> None:
        """Have a seed played on a platform."""
        assert self._process.stdin
        self._platform, self._seed, self._asked_to_end = platform, seed, False
        self._overdue_at = time.monotonic() + LANE_AT_MOST_SECONDS
        self._process.stdin.write(f"{platform} {seed}\n".encode())

    def end_if_overdue(self) -> None:
        """End the lane when its seed takes too long, by force if it does not go; its end is then its answer."""
        if time.monotonic() <= self._overdue_at:
            return
        if self._asked_to_end:
            self._process.kill()
        else:
            self._process.terminate()
        self._overdue_at, self._asked_to_end = time.monotonic() + STOP_SECONDS, True

    def verdict(self) -> Verdict:
        """The verdict on the seed begun last. A lane that ended instead is started again."""
        assert self._process.stdout
        if line := self._process.stdout.readline():
            return msgspec.json.decode(line, type=Verdict)
        self.close()
        self._start()
        says = "The lane ended without a verdict, by itself or because it took too long."
        return Verdict(self._platform, self._seed, [says])

    def close(self) -> None:
        """End the lane, in the middle of a seed if need be."""
        assert self._process.stdin
        self._process.stdin.close()
        # One that has a seed in hand would finish it first.
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
