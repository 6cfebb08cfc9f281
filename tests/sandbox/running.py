"""A sandbox as a process, its control API, and plain HTTP, for the tests of all sandboxes."""

import http.client
import json
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])


def exchange(url: str, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, target, body or None, headers or {})
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


@dataclass
class Control:
    """The control API, with what the tests need most spelled out."""

    url: str

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        content = b"" if body is None else json.dumps(body).encode()
        return exchange(self.url, method, f"/_control{path}", content)

    def get(self, path: str) -> Any:
        return self._done(self.call("GET", path))

    def post(self, path: str, body: Any = None) -> Any:
        return self._done(self.call("POST", path, body))

    def patch(self, path: str, body: Any) -> Any:
        return self._done(self.call("PATCH", path, body))

    def delete(self, path: str) -> Any:
        return self._done(self.call("DELETE", path))

    def set(self, **settings: Any) -> None:
        self.post("/settings", settings)

    def fault(self, kind: str, **order: Any) -> dict[str, Any]:
        return dict(self.post("/faults", {"kind": kind, **order}))

    def writes(self, kind: str) -> dict[str, Any]:
        return dict(self.get("/stats")["writes"].get(kind, {}))

    def _done(self, reply: Reply) -> Any:
        assert reply.status in (200, 201), reply.body
        return reply.json


@dataclass
class Process:
    """A sandbox process, up once its announcement has been read."""

    platform: ClassVar[str]

    state: Path | None = None
    port: int = 0
    furnished: bool = False
    more: tuple[str, ...] = ()
    announcement: dict[str, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "linesheet_sandbox", self.platform, "--port", str(self.port)]
        if self.state:
            command += ["--state", str(self.state)]
        if self.furnished:
            command.append("--furnished")
        command += self.more
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.announcement = json.loads(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGKILL)

    @property
    def control(self) -> Control:
        return Control(self.announcement["url"])

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        """Exit code, and what else was printed."""
        self._process.send_signal(number)
        printed, _ = self._process.communicate(timeout=10)
        return self._process.returncode, printed
