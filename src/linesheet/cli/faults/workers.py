"""Worker processes that start at once and live fast.

A process of this module has imported all that `linesheet worker` needs, and forks a worker for every line it reads:
`{"database": name, "log": path}`, answered with the worker's process id. Each is a process of its own, to be killed
and frozen like any other. When its standard input ends it kills them all. `{"clock": seconds}` sets the wall clock of
all of them off by so much, as far as Django (`timezone.now`) and signatures (`time.time`) read it.

The waits of a worker are constants, because an installation has no reason to change them. `hurry` sets them shorter
here, so that a seed takes seconds: lease 2.5 s instead of 12, timeout of a call 4 s instead of 30, and so on. Their
order stays: a call may outlive the lease, and nothing is sent in the last second of one. So are the windows of
platforms that count calls by them, since the hub waits for the next one when it is refused.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from multiprocessing.sharedctypes import RawValue
from typing import Any

import psutil
from django.utils import timezone

from linesheet.cli.sides.listed import PLATFORMS, traffic_of

SHORTER = {
    "lease": {"LEASE_SECONDS": 2.5, "PULSE_SECONDS": 0.25, "SAFETY_SECONDS": 1.0},
    "takeover": {"MOMENT_SECONDS": 1.0},
    "sending": {"GRACE_SECONDS": 1.5},
    "quota": {"MARGIN": 0.2},
    "worker": {"RESTART_SECONDS": 0.3, "STOP_SECONDS": 2.0, "FROZEN_SECONDS": 1.5},
}
WATCH_SECONDS = 0.5
WINDOW_SECONDS = 1.0
CALL_SECONDS = 4.0


def main() -> None:
    """Fork workers as told, until standard input ends."""
    from linesheet.site import boot

    boot.start()
    from linesheet.sync import registry

    hurry()
    registry.platforms()
    clock = _shared_clock()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        if "clock" in order:
            clock.value = order["clock"]
            print(0, flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            _work(order["database"], order["log"])
        print(pid, flush=True)
    for worker in psutil.Process().children():
        worker.kill()


def hurry() -> None:
    """Set the waits of this process's workers shorter. Raises LookupError for one that is no longer there."""
    from linesheet.sync import registry, transport, worker

    for module, constants in SHORTER.items():
        _replace(vars(import_module(f"linesheet.sync.{module}")), constants)
    worker.WATCHES = tuple(
        (watch, min(seconds, WATCH_SECONDS)) if seconds < 60 else (watch, seconds) for watch, seconds in worker.WATCHES
    )
    _replace(transport.Transport.__init__.__kwdefaults__ or {}, {"timeout": CALL_SECONDS})
    for place, values in [each for key in PLATFORMS for each in traffic_of(key).waits.items()]:
        module, _, name = place.partition(":")
        _replace(getattr(import_module(module), name).__init__.__kwdefaults__ or {}, values)
    for platform in registry.platforms().values():
        if quota := platform.budget.quota:
            budget = replace(platform.budget, quota=replace(quota, seconds=WINDOW_SECONDS))
            object.__setattr__(platform, "budget", budget)


def _shared_clock() -> Any:
    """Have this process's wall clock off by a number of seconds that all its workers share."""
    ahead = RawValue("d", 0.0)
    time_of, now_of = time.time, timezone.now
    time.time = lambda: time_of() + ahead.value
    timezone.now = lambda: now_of() + timedelta(seconds=ahead.value)
    return ahead


def _replace(names: MutableMapping[str, Any], values: Mapping[str, Any]) -> None:
    if unknown := values.keys() - names.keys():
        raise LookupError(f"There is nothing called {', '.join(sorted(unknown))} to set shorter.")
    names.update(values)


def _work(database: str, log: str) -> None:
    from django.db import connections

    from linesheet.sync.worker import serve

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    connections["default"].settings_dict["NAME"] = database
    try:
        asyncio.run(serve())
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
