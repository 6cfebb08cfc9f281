"""HTTP connections that can be cut: uvicorn's own, with the transport within the application's reach."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from linesheet_sandbox.common.http import Answer

_TRANSPORT = "linesheet_sandbox.transport"


class _JoinedWrites:
    """A transport that sends the pieces of an answer in one go: a small packet for each costs more than the call."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> None:
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(piece)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        whole, self._pieces = b"".join(self._pieces), []
        if whole and not self._transport.is_closing():
            self._transport.write(whole)


class CuttableConnection(H11Protocol):
    """Puts its transport into the scope of each request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        joined = cast(asyncio.Transport, _JoinedWrites(transport, self.loop))
        super().connection_made(joined)
        served = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope[_TRANSPORT] = joined
            await served(scope, receive, send)

        self.app = with_transport


async def cut(scope: Any, receive: Any, partial: Answer | None = None, promised: int = 0) -> None:
    """Close the connection without an answer, or after `partial`, whose headers promise `promised` bytes."""
    transport = cast(asyncio.Transport, scope[_TRANSPORT])
    if partial:
        lines = [f"HTTP/1.1 {partial.status} ", f"content-length: {promised}"]
        lines += [f"{name}: {value}" for name, value in partial.headers.items()]
        transport.write("\r\n".join([*lines, "", ""]).encode("latin-1") + partial.body)
    transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


async def hold(receive: Any, seconds: float) -> None:
    """Wait, but no longer than the caller stays connected."""

    async def caller_left() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(caller_left(), seconds)
    except TimeoutError:
        return
