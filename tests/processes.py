"""Real worker processes on the test database, and waiting for what they do."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psutil
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


class WebServer:
    """The web server as a process of its own, which can be killed and started again at the same address."""

    def __init__(self) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes = Workers("-m", "linesheet.cli.main", "web", "--port", str(self.port))

    def start(self) -> None:
        """Until it answers."""
        self.pid = self._processes.start().pid
        until(self.answers)

    def kill(self) -> None:
        """As the kernel does when memory is short: nobody is asked."""
        started = psutil.Process(self.pid)
        for process in (started, *started.children(recursive=True)):
            process.kill()
        until(lambda: not self.answers())

    def end(self) -> None:
        """Kill it, and the processes it has started."""
        if psutil.pid_exists(self.pid):
            self.kill()
        self._processes.end()

    def answers(self) -> bool:
        """Whether it does."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return True
        except OSError:
            return False


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
