"""Starts a sandbox on a socket, says where it is, and ends it on a signal."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn

from linesheet_sandbox.common.connection import CuttableConnection
from linesheet_sandbox.common.control import PREFIX
from linesheet_sandbox.common.gateway import Gateway
from linesheet_sandbox.common.sandbox import Sandbox

Works = Callable[[], Coroutine[Any, Any, None]] | None


class _AnnouncedServer(uvicorn.Server):
    """Says where it is once it accepts connections, and ends without an error on SIGTERM and SIGINT.

    What the platform does of its own accord, it does from then on, until the end.
    """

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], works: Works) -> None:
        super().__init__(config)
        self._announce = announce
        self._works = works
        self._working: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._works:
            self._working = asyncio.create_task(self._works())
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._working:
            self._working.cancel()
            with suppress(asyncio.CancelledError):
                await self._working
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def serve(sandbox: Sandbox, host: str, port: int, announce_in: Path | None = None) -> None:
    """Serve until SIGTERM or SIGINT. The first line on stdout, or else the file, is the JSON announcement.

    The file holds the keys of the ready-made account, so nobody else may read it. It stays when the sandbox ends:
    whoever starts it again finds there at which port it was.
    """
    bound = _bound_socket(host, port)
    url = f"http://{host}:{bound.getsockname()[1]}"
    announcement = {
        "platform": sandbox.platform.name,
        "url": url,
        "control_url": url + PREFIX,
        "credentials": sandbox.platform.credentials(),
    }
    config = uvicorn.Config(
        Gateway(sandbox),
        http=CuttableConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    line = json.dumps(announcement)

    def announce() -> None:
        if announce_in is None:
            print(line, flush=True)
        else:
            _write(announce_in, line)

    try:
        _AnnouncedServer(config, announce, sandbox.works).run(sockets=[bound])
    finally:
        sandbox.platform.close()


def _write(path: Path, line: str) -> None:
    """Put the line into the file at once, so that nobody reads half of it."""
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(line + "\n")
    aside.replace(path)


def _bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket. Its protocol is named, or asyncio would leave small answers to Nagle's delay."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    bound.listen(512)
    return bound
