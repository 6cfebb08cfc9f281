"""A lane of a campaign: a process that plays one seed after another on an installation of its own.

Its data folder and its PostgreSQL server are nobody else's, so that what a seed does to them disturbs no other lane. It
plays every seed it reads from standard input, as "platform seed", and answers each with a line, a `Verdict` as JSON. A
seed that takes too long is broken off, and its verdict says where it stood.
"""

import atexit
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import msgspec

from linesheet.cli.common import environment_apart
from linesheet.cli.faults.scenario import draw
from linesheet.cli.supervise import free_port

# A seed takes 10 s on a machine that is not overloaded.
SEED_AT_MOST_SECONDS = 300


class Overdue(Exception):
    """A seed takes too long."""


class Verdict(msgspec.Struct):
    """What came of a seed on a platform: what does not hold, [] when all is well, and how often which fault struck."""

    platform: str
    seed: int
    wrong: list[str]
    struck: dict[str, int] = {}
    seconds: float = 0.0


def main(logs: str = "") -> None:
    """Play seeds as told, until standard input ends. `logs` is a folder for the workers' logs of seeds that fail."""
    port = own_installation()
    from linesheet.cli.faults.pictures import serving
    from linesheet.cli.faults.play import play
    from linesheet.cli.faults.world import Campaign

    with serving(port), contextlib.closing(Campaign(Path(logs) if logs else None)) as campaign:
        for line in sys.stdin:
            platform, _, seed = line.strip().partition(" ")
            verdict = _verdict(platform, int(seed), lambda platform, seed: play(campaign, draw(platform, seed)))
            print(msgspec.json.encode(verdict).decode(), flush=True)


def own_installation() -> int:
    """Start on a data folder and a server of the lane's own, gone when it ends, however it ends.

    The port of its public address, at which nothing answers yet.
    """
    folder = tempfile.mkdtemp(prefix="linesheet-faults-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    own = environment_apart(folder)
    os.environ.clear()
    port = free_port("127.0.0.1", 0)
    os.environ.update(own, LINESHEET_PUBLIC_URL=f"http://127.0.0.1:{port}")
    from linesheet.site import boot

    boot.start(migrate=True)
    return port


def _verdict(platform: str, seed: int, play: Callable[[str, int], tuple[list[str], dict[str, int]]]) -> Verdict:
    began = time.monotonic()
    struck: dict[str, int] = {}
    signal.signal(signal.SIGALRM, _break_off)
    signal.alarm(SEED_AT_MOST_SECONDS)
    try:
        wrong, struck = play(platform, seed)
    except Exception:
        wrong = ["The campaign itself stopped on an error:", *traceback.format_exc(limit=-8, chain=False).splitlines()]
    finally:
        signal.alarm(0)
    return Verdict(platform, seed, wrong, struck, round(time.monotonic() - began, 1))


def _break_off(*_: object) -> NoReturn:
    raise Overdue(f"{SEED_AT_MOST_SECONDS} s were not enough")


if __name__ == "__main__":
    main(*sys.argv[1:])
