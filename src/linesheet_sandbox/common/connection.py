"""HTTP connections that can be cut: uvicorn's own, with the transport within the application's reach."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from linesheet_sandbox.common.http import Answer

_TRANSPORT = "linesheet_sandbox.transport"


class CuttableConnection(H11Protocol):
    """Puts its transport into the scope of each request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        served = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope[_TRANSPORT] = transport
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
