"""A web process of the installation in hand, asked over HTTP as a program would, and what its work costs it."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from linesheet.cli.bench.targets import Figures

PATIENCE = 60
LONGEST_CALL = 300


class Served:
    """A running web process of one worker."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self._process = process
        self._port = port

    def call(self, key: str, method: str, path: str, body: Any = None) -> Any:
        """The answer to a call, as JSON. Raises SystemExit with a problem."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=LONGEST_CALL)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status} {content.decode()}")
        return json.loads(content)

    @contextmanager
    def measured(self) -> Iterator[Figures]:
        """Filled at the end: what the calls took by the clock, and what CPU time and memory they cost the server."""
        watching = psutil.Process(self._process.pid)
        processes = [watching, *watching.children(recursive=True)]
        for each in processes:
            Path(f"/proc/{each.pid}/clear_refs").write_text("5")  # Forgets the peak of what went before.
        began, cpu_began = time.perf_counter(), sum(map(_cpu_seconds, processes))
        figures: Figures = {}
        yield figures
        figures["seconds"] = round(time.perf_counter() - began, 2)
        figures["cpu_seconds"] = round(sum(map(_cpu_seconds, processes)) - cpu_began, 2)
        # The one that answers, and not the one that watches over it.
        figures["peak_mb"] = max(map(_peak_kb, processes)) // 1024

    def wait(self) -> None:
        """Until it answers. Raises SystemExit."""
        for _ in range(PATIENCE * 10):
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit("The web process does not answer.")


@contextmanager
def served() -> Iterator[Served]:
    """A web process, ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "linesheet.cli.main", "web", "--port", str(port)])
    try:
        running = Served(process, port)
        running.wait()
        yield running
    finally:
        process.terminate()
        process.wait()


def _peak_kb(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
