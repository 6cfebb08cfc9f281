"""A sandbox as a process of its own, and its control API."""

import json
import subprocess
import sys
import urllib.request
from typing import Any, ClassVar

import psutil

from linesheet.sync.sandboxes import announcement_file


class SandboxProcess:
    """A running sandbox of a platform, as an account is to begin with."""

    platform: ClassVar[str]

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "linesheet_sandbox", self.platform, "--furnished"], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        announced = json.loads(self._process.stdout.readline())
        self.url: str = announced["url"]
        self.control_url: str = announced["control_url"]
        self.credentials: dict[str, str] = announced["credentials"]
        self._announced = announced

    def offer(self) -> None:
        """Have the web offer this sandbox to whoever adds a connection."""
        file = announcement_file(self.platform)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps(self._announced))

    def cpu_seconds(self) -> float:
        """CPU time that the sandbox has taken since its start."""
        times = psutil.Process(self._process.pid).cpu_times()
        return round(times.user + times.system, 2)

    def stop(self) -> None:
        """End the sandbox."""
        self._process.terminate()
        self._process.wait(10)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of the sandbox's control API."""
        request = urllib.request.Request(  # noqa: S310 - our own sandbox on this machine
            self.control_url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)
