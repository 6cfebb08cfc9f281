"""Real worker processes on the test database, and waiting for what they do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from django.db import connections


class Workers:
    """Starts worker processes by their command line, on the tests' database unless `env` says else, and ends them."""

    def __init__(self, *command: str, env: dict[str, str] | None = None) -> None:
        self._command = command
        self._env = env
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, log: Path | None = None, **environment: str) -> subprocess.Popen[bytes]:
        """A worker, with more in its environment if need be; its log goes to a file when one is given."""
        process = subprocess.Popen(
            [sys.executable, *self._command],
            cwd=Path(__file__).parents[1],
            env=self._env
            or {
                **os.environ,
                "DATABASE_URL": database_url(),
                "DJANGO_SETTINGS_MODULE": "linesheet.site.settings",
                "LINESHEET_LOG_LEVEL": "INFO",
                **environment,
            },
            stderr=log.open("ab") if log else None,
        )
        self._processes.append(process)
        return process

    def end(self) -> None:
        """Kill those that still run."""
        for process in self._processes:
            process.kill()
            process.wait()


def database_url() -> str:
    """URL of the database the tests use, for processes of their own."""
    settings = connections["default"].settings_dict
    return f"postgresql://{settings['USER']}@/{settings['NAME']}?host={quote(settings['HOST'], safe='')}"


def until(holds: Callable[[], object], seconds: float = 100) -> None:
    """Wait for a condition; fail when it does not come true, on a busy machine neither."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def empty_queue() -> None:
    """Forget the jobs of earlier tests, which Django's flush leaves alone."""
    with connections["default"].cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
