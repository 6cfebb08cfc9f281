"""A web server in this process whose answers tests write."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from aiohttp import web


class AnsweringServer:
    """Answers each path as it was told, and 404 elsewhere; `asked` are the paths asked for."""

    def __init__(self, content_type: str) -> None:
        self.asked: list[str] = []
        self.content_type = content_type
        self._answers: dict[str, Callable[[web.Request], Any]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.url: str = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    def gives(self, path: str, content: bytes | Callable[[web.Request], Any] = b"", **answer: Any) -> str:
        """The URL at which this body, or what the handler answers, is found."""
        answer.setdefault("content_type", self.content_type)
        self._answers[path] = content if callable(content) else lambda _: web.Response(body=content, **answer)
        return self.url + path

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> str:
        self._runner = web.AppRunner(web.Application(), shutdown_timeout=0.1)
        self._runner.app.router.add_route("*", "/{path:.*}", self._answer)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        give = self._answers.get(request.path, lambda _: web.Response(status=404))
        answer = give(request)
        return await answer if asyncio.iscoroutine(answer) else answer
