"""Whatever a platform answers, a call ends in time with the answer or a plain word, in bounded memory."""

import asyncio
import gzip
import threading
import time
import tracemalloc
from contextlib import suppress

import aiohttp
import pytest

from linesheet.sync import transport
from linesheet.sync.errors import MOST_SAID, Ambiguous, Nonsense, Refused, TravelError, Unavailable
from linesheet.sync.masking import KEPT_BODY, masked_body, masked_url
from linesheet.sync.transport import Transport

MB = 1024 * 1024


class RawServer:
    """Answers every request with the same bytes, sent as they are, then once more and again if `endless`."""

    def __init__(self):
        self.answer = b""
        self.endless = b""
        self.pause = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def gives(self, body=b"", *headers, status=200, endless=b"", pause=0.0):
        sized = () if endless or any(b"Content-Length" in each for each in headers) else (b"Content-Length: %d",)
        lines = [b"HTTP/1.1 %d So" % status, b"Content-Type: application/json", *headers]
        lines += [each % len(body) for each in sized]
        self.answer = b"\r\n".join(lines) + b"\r\n\r\n" + body
        self.endless, self.pause = endless, pause

    async def _start(self):
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _serve(self, reader, writer):
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.answer)
            while self.endless:
                writer.write(self.endless)
                await writer.drain()
                await asyncio.sleep(self.pause)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()

    def stop(self):
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def server():
    server = RawServer()
    yield server
    server.stop()


def call(server, method="GET", *, timeout=5.0, calls=None, **options):
    async def once():
        async with aiohttp.ClientSession() as session:
            record = (calls if calls is not None else []).append
            out = Transport(server.url, session, record=record, timeout=timeout, attempts=1, most_wait=1)
            return await out.call(method, "/", **options)

    return asyncio.run(once())


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_packed_bomb_is_not_unpacked_to_its_end(server, monkeypatch, status):
    monkeypatch.setattr(transport, "MOST_BYTES", 2 * MB)
    server.gives(gzip.compress(b" " * 300 * MB, 1), b"Content-Encoding: gzip", status=status)

    tracemalloc.start()
    with pytest.raises({200: Nonsense, 400: Refused, 500: Unavailable}[status]):
        call(server)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 30 * MB


@pytest.mark.parametrize("status", [400, 500])
def test_a_huge_error_is_said_in_a_line(server, status):
    server.gives(b'{"message": "' + b"x" * 10 * MB + b'"}', status=status)
    calls = []

    with pytest.raises(TravelError) as error:
        call(server, calls=calls)

    assert len(error.value.says) <= MOST_SAID
    assert len(calls[0].response_body) < 2 * KEPT_BODY


@pytest.mark.parametrize(("method", "error"), [("GET", Unavailable), ("PUT", Ambiguous)])
def test_an_answer_in_drips_is_given_up_in_time(server, method, error):
    server.gives(b"[", b"Transfer-Encoding: chunked", endless=b"1\r\n \r\n", pause=0.01)
    server.answer = server.answer[:-1]

    with pytest.raises(error, match="No whole answer"):
        call(server, method, timeout=0.5)


@pytest.mark.parametrize(
    "headers",
    [
        (b"X: " + b"x" * 100_000,),
        (b"X" * 100_000 + b": x",),
        tuple(b"X-%d: x" % number for number in range(5_000)),
        (b"Content-Length: 100",),
        (b"Content-Length: -1",),
        (b"Content-Length: many",),
        (b"Content-Length: 2", b"Content-Length: 3"),
        (b"Transfer-Encoding: chunked\r\nX: x", b"Content-Length: 2"),
        (b"Content-Encoding: gzip",),
        (b"Content-Encoding: deflate",),
        (b"no colon",),
    ],
    ids=range(11),
)
@pytest.mark.parametrize(("method", "error"), [("GET", Unavailable), ("PUT", Ambiguous)])
def test_an_answer_that_is_no_http_is_no_answer(server, headers, method, error):
    server.gives(b"[]", *headers)

    with pytest.raises(error, match="No whole answer"):
        call(server, method)


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "\xff\xfe"}',
        b"\xff\xfe[\0]\0",
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 5_000 + b"]" * 5_000,
        b"NaN",
        b'{"price": NaN}',
        b'{"price": Infinity}',
        b'{"price": 1e999}',
        b'{"a": 1} {"a": 2}',
        b"\0",
        b'{"a": "\0"}',
        b"<html>",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_what_is_no_json_is_told_as_that(server, body, method):
    server.gives(body)

    with pytest.raises((Nonsense, Ambiguous), match=r"answered (with broken JSON|in an unknown shape)"):
        call(server, method)


@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "9" * 5_000, "1e400", "0." + "1" * 5_000, "1E+400"])
@pytest.mark.parametrize("type", [int, float, dict[str, int], str, list[int]])
def test_a_number_beyond_all_measure_is_nonsense_or_a_number(server, number, type):
    server.gives(number.encode())

    try:
        answer = call(server, type=type)
    except Nonsense:
        return
    assert isinstance(answer, (int, float, str))


def test_of_a_name_given_twice_the_last_counts(server):
    server.gives(b'{"a": 1, "a": 2}')

    assert call(server) == {"a": 2}


@pytest.mark.parametrize("depth", [100, 300, 450, 700, 900, 980, 1_000, 3_000])
@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_however_deep_is_read_or_nonsense(server, depth, status):
    server.gives(b'{"message": ' + b'{"a":' * depth + b"1" + b"}" * (depth + 1), status=status)

    with suppress(TravelError):
        call(server)


@pytest.mark.parametrize(
    "header",
    [
        b"Retry-After: nan",
        b"Retry-After: -inf",
        b"Retry-After: 1e999",
        b"Retry-After: Mon, 01 Jan 99999999999999 00:00:00 GMT",
        b"Retry-After: soon",
        b"Date: Mon, 01 Jan 99999999999999 00:00:00 GMT",
        b"Date: Mon, 01 Jan 0001 00:00:00 +2359",
        b"Date: 1 1 1 1 1",
    ],
)
def test_a_time_that_is_none_does_not_matter(server, header):
    server.gives(b"{}", header, status=503)

    with pytest.raises(Unavailable):
        call(server)


@pytest.mark.parametrize(
    "mask",
    [
        lambda: masked_body(b'"' + b"token" * 13_000),
        lambda: masked_body(b'"token' * 10_000),
        lambda: masked_body(b'{"token"' + b" " * 65_000),
        lambda: masked_body(b'"token":"' * 8_000),
        lambda: masked_url("?token" * 10_000),
        lambda: masked_url("?" + "token" * 10_000),
        lambda: masked_url("?token&" * 10_000),
    ],
)
def test_masking_takes_no_longer_for_a_text_made_to_take_long(mask):
    began = time.process_time()
    mask()
    assert time.process_time() - began < 2


def test_a_secret_is_masked_to_its_end():
    assert masked_body(b'{"token": "a\\"b", "name": "c"}') == '{"token": "***", "name": "c"}'
    assert "SECRET" not in masked_body(b'{"token": "' + b"SECRET" * 20_000)
