"""Starts a sandbox on a socket, says where it is, and ends it on a signal."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from linesheet_sandbox.common.connection import CuttableConnection
from linesheet_sandbox.common.control import PREFIX
from linesheet_sandbox.common.gateway import Gateway
from linesheet_sandbox.common.sandbox import Sandbox


class _AnnouncedServer(uvicorn.Server):
    """Prints one line once it accepts connections, and ends without an error on SIGTERM and SIGINT."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._announcement, flush=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def serve(sandbox: Sandbox, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. The first line on stdout is the JSON announcement."""
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
    try:
        _AnnouncedServer(config, json.dumps(announcement)).run(sockets=[bound])
    finally:
        sandbox.platform.close()


def _bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket. Its protocol is named, or asyncio would leave small answers to Nagle's delay."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    bound.listen(512)
    return bound
