"""Calls a platform makes to somebody else on this machine, with a journal of them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import msgspec

from linesheet_sandbox.common.clock import Clock
from linesheet_sandbox.common.http import decode_json
from linesheet_sandbox.common.journal import Journal, excerpt

_LARGEST_ANSWER = 32 * 1024 * 1024


class UnansweredError(Exception):
    """No answer came, so the caller cannot know whether the call took effect. The message says why."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was answered; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The JSON answered; None when it is none."""
        try:
            return decode_json(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


class Outgoing:
    """Makes the calls, on connections that are kept open. To be used, and closed, within one event loop."""

    def __init__(self, clock: Clock) -> None:
        self.journal = Journal()
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        base: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        seconds: float,
        template: str = "",
        fault: str | None = None,
    ) -> Heard:
        """One call, given up after `seconds`. Redirections are not followed. Raises UnansweredError.

        `template` is the kind of path, for the counts; `fault` is what is wrong with the call on purpose.
        """
        target = f"?{urlencode(query)}" if query else ""
        started = time.perf_counter()
        entry = self.journal.open(
            time=self._clock.stamp(),
            method=method,
            path=path,
            template=template or path,
            query=target[1:],
            caller="",
        )
        entry.body, entry.fault, status = excerpt(body), fault, None
        try:
            async with self._opened().request(
                method,
                f"{base}{path}{target}",
                headers=headers,
                data=body or None,
                timeout=aiohttp.ClientTimeout(total=seconds),
                allow_redirects=False,
            ) as response:
                content = await _whole(response)
                status = response.status
                return Heard(status, {name.lower(): value for name, value in response.headers.items()}, content)
        except TimeoutError:
            raise UnansweredError(f"no answer within {seconds:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            raise UnansweredError(f"no answer: {problem}") from None
        finally:
            self.journal.close(entry, status=status, duration_ms=(time.perf_counter() - started) * 1000)

    def forget(self) -> None:
        """Start the journal and its counts afresh."""
        self.journal = Journal()

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._session


def address_on_this_machine(url: str) -> str:
    """The URL, without a slash at its end. Raises ValueError when it is not of this machine."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("it must be an http URL")
    try:
        here = parts.hostname == "localhost" or ip_address(parts.hostname).is_loopback
    except ValueError:
        here = False
    if not here or parts.port == 0:
        raise ValueError("the sandbox calls this machine alone")
    return parts.geturl().rstrip("/")


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    chunks, length = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        length += len(chunk)
        if length > _LARGEST_ANSWER:
            raise ValueError("the answer is too long")
    return b"".join(chunks)
