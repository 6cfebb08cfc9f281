"""A server that is told of events, small, and over a real socket."""

import asyncio
import hashlib
import hmac
import json
import threading
from dataclasses import dataclass
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Told:
    """One message as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def signed_by(self, secret: str) -> list[bool]:
        """Of every sign in the header, whether it was made with the secret."""
        said = self.headers["Linesheet-Timestamp"].encode() + b"." + self.body
        ours = hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
        signs = self.headers["Linesheet-Signature"].split(",")
        return [hmac.compare_digest(sign, f"v1={ours}") for sign in signs]


class Receiver:
    """Keeps what it is told; answers the next messages by `says`, a status each, then 204. 0 is no answer at all."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.says: list[int] = []
        self.url = ""
        self._over = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._on_loop(self._start())

    def end(self) -> None:
        self._on_loop(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _on_loop(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_post("/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/hook"

    async def _stop(self) -> None:
        self._over.set()
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.told.append(Told(dict(request.headers), await request.read()))
        status = self.says.pop(0) if self.says else 204
        if status == 0:
            await self._over.wait()
        headers = {"Location": "/elsewhere"} if 300 <= status < 400 else None
        return web.Response(status=status or 500, headers=headers, text=None if status == 204 else "Not now.")
