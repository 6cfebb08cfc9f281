"""One way out for every platform: budget, retries, recording and masking of HTTP calls."""

import asyncio
import copy
import datetime
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
import stamina
from yarl import URL

from linesheet.site.addresses import AddressRefused
from linesheet.sync.errors import (
    Ambiguous,
    Misdirected,
    Nonsense,
    Refused,
    TravelError,
    Unauthorised,
    Unavailable,
    one_line,
)
from linesheet.sync.masking import KEPT_BODY, masked_body, masked_form, masked_headers, masked_url

log = logging.getLogger(__name__)

T = TypeVar("T")
Sign = Callable[[str, str], Mapping[str, str]]

# A listing of 10,000 orders in full is 27 MB.
MOST_BYTES = 64 * 1024 * 1024
MOST_DEPTH = 100
THROTTLED_AT_MOST = 30
_FORM = "application/x-www-form-urlencoded"
_as_json = msgspec.json.Encoder(decimal_format="number")
_serving: ContextVar[tuple[int, ...]] = ContextVar("serving", default=())


@dataclass(slots=True)
class Call:
    """One HTTP call as it went, masked, for the exchange log."""

    method: str
    url: str
    started_at: datetime.datetime
    item_ids: tuple[int, ...] = ()
    connected: bool = True
    status: int | None = None
    error: str = ""
    milliseconds: int = 0
    request_headers: dict[str, str] = field(default_factory=dict)
    request_body: str = ""
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""

    @property
    def may_have_changed(self) -> bool:
        """Whether the call may have changed something there, as far as it tells by itself."""
        turned_away = self.status is not None and 300 <= self.status < 500 and self.status != 408
        return self.method != "GET" and self.connected and not turned_away


def decoded(raw: bytes, type: Any, where: str) -> Any:
    """What a JSON text says, as the type. Raises Nonsense, naming `where` it came from."""
    try:
        answer = msgspec.json.decode(raw, type=type, strict=False)
    except msgspec.ValidationError as error:
        raise Nonsense(f"{where} answered in an unknown shape: {error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _BrokenJson(f"{where} answered with broken JSON: {error}.") from None
    # Most answers have too few lists and objects to be deep, and counting them is far quicker.
    if raw.count(b"[") + raw.count(b"{") > MOST_DEPTH and _is_deeper(answer, MOST_DEPTH):
        raise Nonsense(f"{where} answered in an unknown shape: JSON nested more than {MOST_DEPTH} deep.")
    return answer


class _BrokenJson(Nonsense):
    """What may be whole when it comes again."""


@contextmanager
def serving(item_ids: Collection[int]) -> Iterator[None]:
    """Say which items the calls made inside are for."""
    token = _serving.set(tuple(item_ids))
    try:
        yield
    finally:
        _serving.reset(token)


class Gate:
    """Lets a call through when the connection's budget allows it; `budget.Budget` is the shared one."""

    async def enter(self, method: str, *, counted: bool = True) -> None:
        """Wait for a turn, and for what a `counted` call costs. Raises Stopped when nothing more may be sent."""

    async def refill(self) -> float | None:
        """Seconds until a platform that counts calls by windows of time lets the next through; None if it does not."""
        return None

    async def pause(self, seconds: float, *, used_up: bool = False) -> None:
        """The platform asked everybody to wait; `used_up`: because there were too many calls.

        A gate that does the waiting in `enter` returns at once.
        """
        await asyncio.sleep(seconds)


class Transport:
    """HTTP to one base URL. Every attempt is signed anew, waits its turn, and is handed to `record`.

    `most_wait` is how many seconds in all the platform may make calls wait, by "too many requests" or Retry-After;
    a call that would have to wait longer is given up. Raises Refused, Unauthorised, Misdirected, Unavailable,
    Ambiguous or Nonsense (see `sync.errors`).
    """

    def __init__(
        self,
        base_url: str,
        session: aiohttp.ClientSession,
        *,
        gate: Gate | None = None,
        record: Callable[[Call], None] = lambda call: None,
        concurrency: int = 1,
        timeout: float = 30,
        attempts: int = 5,
        most_wait: float = math.inf,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = session
        # aiohttp would by itself repeat a PUT whose connection broke; whether that is right is for us to find out.
        session._retry_connection = False
        self._gate = gate or Gate()
        self._record = record
        self._at_once = asyncio.Semaphore(concurrency)
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 10))
        self._attempts = attempts
        self._waits = _Waits(most_wait)
        self.clock_difference: float | None = None
        """Seconds by which the platform's clock was ahead of ours at its last answer; None until one told."""

    def at(self, base_url: str) -> "Transport":
        """The way to another address of the same account, with the same session, budget, record and waits."""
        there = copy.copy(self)
        there.base_url = base_url.rstrip("/")
        return there

    async def call(
        self,
        method: str,
        path: str,
        *,
        type: Any = Any,
        sign: Sign = lambda method, url: {},
        query: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        counted: bool = True,
        repeatable: bool | None = None,
        once: bool = False,
        empty_on: Collection[int] = (),
        empty: Any = None,
    ) -> Any:
        """The decoded answer of one call, repeated as far as that is safe.

        A call is repeatable when sending it twice does what sending it once does (by default: GET). Of other
        calls only those that surely were not applied are repeated; the rest raises Ambiguous. With `once` a call that
        failed is not repeated, for what can be done without. An answer with a status in `empty_on`, or with an empty
        body, is `empty`. The body is `json`, or `form` as a web form sends it. A call that is not `counted` costs
        nothing of a quota, such as one that logs in.
        """
        url = self.base_url + path + ("?" + urlencode(query) if query else "")
        request = _Request(method, url, sign, _body(json, form), counted=counted)
        again = method == "GET" if repeatable is None else repeatable

        async def attempt() -> Any:
            answer, raw = await self._when_let_in(request, again)
            if answer.status in empty_on:
                return empty
            if answer.status >= 300:
                raise Misdirected(f"{method} {path} answered {_redirect(answer)}.", status=answer.status)
            if not raw.strip():
                return empty
            try:
                return decoded(raw, type, f"{method} {path}")
            except _BrokenJson as broken:
                raise (_Retry(broken) if again else Ambiguous(broken.says)) from None

        try:
            return await attempt()
        except _Retry as failed:
            if once:
                raise failed.error from failed.__cause__
            return await self._until_answered(attempt, failed)

    async def _until_answered(self, attempt: Callable[[], Awaitable[Any]], failed: "_Retry") -> Any:
        """The result of the first attempt that is answered, after one that was not."""
        try:
            # Most calls are answered at once, and do without the tenth of their time that this takes.
            async for each in stamina.retry_context(
                on=_wait_before_retry, attempts=self._attempts, timeout=None, wait_initial=0.2, wait_max=20
            ):
                with each:
                    if each.num == 1:
                        raise failed
                    return await attempt()
        except _Retry as used_up:
            raise used_up.error from used_up.__cause__

    async def _when_let_in(self, request: "_Request", again: bool) -> tuple[aiohttp.ClientResponse, bytes]:
        """One attempt. "Too many requests" is no failure: it is waited out, up to THROTTLED_AT_MOST times."""
        for times in range(THROTTLED_AT_MOST):
            try:
                return await self._once(request, again)
            except _Throttled as throttled:
                last = throttled
                wait = throttled.wait
                if wait is None and request.counted:
                    wait = await self._gate.refill()
                if wait is None:
                    wait = min(0.25 * 2**times, 30)
                error = Unavailable(last.says, status=429)
                await self._pause(wait + random.uniform(0, 0.1), error, used_up=request.counted)
        raise Unavailable(last.says, status=429)

    async def _pause(self, seconds: float, error: TravelError, *, used_up: bool = False) -> None:
        """Have all calls wait. Raises the error that asks for it when that is longer than we may wait."""
        if seconds > self._waits.left:
            says = f"{error.says} The next try would be in {seconds:.0f} s, too long to wait here."
            raise type(error)(says, status=error.status)
        self._waits.left -= seconds
        await self._gate.pause(seconds, used_up=used_up)

    async def _once(self, request: "_Request", again: bool) -> tuple[aiohttp.ClientResponse, bytes]:
        method, url, (content_type, body) = request.method, request.url, request.body
        async with self._at_once:
            await self._gate.enter(method, counted=request.counted)
            headers = {"Accept": "application/json", **request.sign(method, url)}
            if body is not None:
                headers["Content-Type"] = content_type
            call = Call(method, masked_url(url), datetime.datetime.now(datetime.UTC), _serving.get())
            call.request_headers = masked_headers(headers)
            call.request_body = (masked_form if content_type == _FORM else masked_body)(body or b"")
            began = time.monotonic()
            try:
                async with self._session.request(
                    method,
                    URL(url, encoded=True),
                    data=body,
                    headers=headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                ) as answer:
                    call.status = answer.status
                    self._compare_clocks(answer.headers)
                    call.response_headers = masked_headers(answer.headers)
                    raw = await _read(answer)
                    call.response_body = masked_body(raw)
            except aiohttp.ClientConnectorError as error:
                call.error, call.connected = one_line(f"No connection: {error}"), False
                reason = error.strerror or error.os_error
                if isinstance(error.os_error, AddressRefused):
                    raise Misdirected(f"{self.base_url} is not spoken to: {reason}.") from error
                raise _Retry(Unavailable(f"{self.base_url} could not be reached: {reason}.")) from error
            except (TimeoutError, aiohttp.ClientError) as error:
                call.error = one_line(f"No whole answer: {error or type(error).__name__}")
                raise (_Retry(Unavailable(call.error)) if again else Ambiguous(call.error)) from error
            except asyncio.CancelledError:
                call.error = "Given up while waiting for the answer."
                raise
            finally:
                call.milliseconds = round((time.monotonic() - began) * 1000)
                _log(call)
                self._record(call)
        await self._judge(answer, raw, again)
        if len(raw) > MOST_BYTES:
            raise Nonsense(f"{method} {call.url} answered with more than {MOST_BYTES // 2**20} MB.")
        return answer, raw

    def _compare_clocks(self, headers: Mapping[str, str]) -> None:
        moment = _http_date(headers.get("Date", ""))
        if moment:
            self.clock_difference = (moment - datetime.datetime.now(datetime.UTC)).total_seconds()

    async def _judge(self, answer: aiohttp.ClientResponse, raw: bytes, again: bool) -> None:
        status = answer.status
        if status < 400:
            return
        said = _message(raw) or answer.reason or ""
        if status == 401:
            raise Unauthorised(f"The platform does not accept the credentials (401): {said}", status=status)
        if status == 403:
            raise Unauthorised(f"The credentials do not allow this (403): {said}", status=status)
        if status == 429:
            raise _Throttled(f"The platform says too many requests (429): {said}", _retry_after(answer.headers))
        if status == 408 or status >= 500:
            error = (Unavailable if again else Ambiguous)(f"The platform answered {status}: {said}", status=status)
            wait = _retry_after(answer.headers)
            if wait is not None:
                await self._pause(wait, error)
            raise _Retry(error, waited=wait is not None) if again else error
        raise Refused(f"{said} ({status})", status=status, answer=raw)


@dataclass(slots=True)
class _Waits:
    """Seconds that may still be waited for the platform, through all transports to one account."""

    left: float


@dataclass(frozen=True, slots=True)
class _Request:
    """What every attempt of a call sends; `body` with its content type."""

    method: str
    url: str
    sign: Sign
    body: tuple[str, bytes | None]
    counted: bool


def _body(json: Any, form: Mapping[str, str] | None) -> tuple[str, bytes | None]:
    if form is not None:
        return _FORM, urlencode(form).encode()
    return "application/json", None if json is None else _as_json.encode(json)


class _Throttled(Exception):
    def __init__(self, says: str, wait: float | None) -> None:
        super().__init__(says)
        self.says = says
        self.wait = wait


class _Retry(Exception):
    """Worth another attempt; `waited`: at once, because the gate does the waiting the platform asked for."""

    def __init__(self, error: TravelError, *, waited: bool = False) -> None:
        super().__init__(error.says)
        self.error = error
        self.waited = waited


def _log(call: Call) -> None:
    level = logging.DEBUG if call.status and call.status < 400 else logging.WARNING
    log.log(level, "%s %s: %s after %s ms", call.method, call.url, call.status or call.error, call.milliseconds)


def _wait_before_retry(error: Exception) -> bool | float:
    if not isinstance(error, _Retry):
        return False
    return 0.0 if error.waited else True


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body; of one that is longer than MOST_BYTES, its start and no more than a bit beyond."""
    chunks = []
    read = 0
    async for chunk in answer.content.iter_any():
        chunks.append(chunk)
        read += len(chunk)
        if read > MOST_BYTES:
            break
    return b"".join(chunks)


def _redirect(answer: aiohttp.ClientResponse) -> str:
    to = answer.headers.get("Location")
    return f"{answer.status}, leading to {masked_url(to)}" if to else str(answer.status)


def _is_deeper(value: Any, most: int) -> bool:
    """Whether lists and objects are nested more than `most` deep, which those who walk through them cannot bear."""
    level = [value]
    for _ in range(most + 1):
        level = [
            part
            for whole in level
            if isinstance(whole, dict | list)
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
        if not level:
            return False
    return True


def _message(raw: bytes) -> str:
    try:
        said = msgspec.json.decode(raw[:KEPT_BODY])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return one_line(raw[:KEPT_BODY].decode(errors="replace"))
    return one_line(str(_said_in(said, 3) or said))


# By these names platforms say in words what was wrong, whatever it is wrapped in.
_WORDS = ("message", "error_description", "comment")


def _said_in(answer: Any, levels: int) -> str:
    """What an answer says in words, in itself or in what it holds, so many levels down; "" when nothing."""
    if isinstance(answer, dict):
        own = next((answer[name] for name in _WORDS if isinstance(answer.get(name), str) and answer[name]), "")
        answer = list(answer.values())
        if own or not levels:
            return own
    if not isinstance(answer, list) or not levels:
        return ""
    # Of a long list the first three say enough.
    parts = [said for part in answer[:20] if (said := _said_in(part, levels - 1))]
    return " ".join(dict.fromkeys(parts[:3]))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return None if math.isnan(seconds) else min(max(seconds, 0), 3600)
    moment = _http_date(value)
    if moment is None:
        return None
    return min(max((moment - datetime.datetime.now(datetime.UTC)).total_seconds(), 0), 3600)


@lru_cache(16)
def _http_date(value: str) -> datetime.datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
