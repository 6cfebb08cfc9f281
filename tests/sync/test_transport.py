import asyncio
import contextlib
import math
import socket
import time

import aiohttp
import pytest
from aiohttp import web

from linesheet.site.addresses import guarded_connector
from linesheet.sync import transport
from linesheet.sync.errors import Ambiguous, Misdirected, Nonsense, Refused, Stopped, Unauthorised, Unavailable
from linesheet.sync.masking import KEPT_BODY, masked_body, masked_headers, masked_url
from linesheet.sync.transport import Gate, Transport


def call(toy, method, path, calls=None, *, gate=None, most_wait=math.inf, **options):
    async def once():
        async with aiohttp.ClientSession() as session:
            record = (calls if calls is not None else []).append
            out = Transport(toy.url, session, gate=gate, record=record, attempts=3, most_wait=most_wait)
            return await out.call(method, path, **options)

    return asyncio.run(once())


def answering(toy, times, **answer):
    """Have the server give this answer to the next calls."""
    left = list(range(times))

    def give(request):
        if left:
            left.pop()
            return web.Response(**answer)
        return None

    toy.before.append(give)


def status(code):
    return {"status": code, "text": '{"message": "no such thing"}', "headers": {"Retry-After": "0"}}


@pytest.mark.parametrize(
    ("code", "error"), [(400, Refused), (404, Refused), (409, Refused), (401, Unauthorised), (403, Unauthorised)]
)
def test_an_answer_that_will_not_change_is_not_asked_for_again(toy, code, error):
    answering(toy, 3, **status(code))

    with pytest.raises(error, match="no such thing"):
        call(toy, "GET", "/products")
    assert len(toy.requests) == 1


@pytest.mark.parametrize("code", [429, 500, 502, 503, 408])
def test_a_read_is_repeated_until_it_succeeds(toy, code):
    answering(toy, 2, **status(code))

    assert call(toy, "GET", "/products") == []
    assert len(toy.requests) == 3


def test_a_read_is_given_up_after_the_attempts(toy):
    answering(toy, 9, **status(503))

    with pytest.raises(Unavailable, match="503"):
        call(toy, "GET", "/products")
    assert len(toy.requests) == 3


def test_a_write_after_too_many_requests_is_repeated_because_it_was_not_applied(toy):
    answering(toy, 1, **status(429))

    call(toy, "PUT", "/products", json=[{"id": "P1"}])

    assert toy.writes == [["P1"]]


@pytest.mark.parametrize("code", [500, 502, 503])
def test_a_write_that_may_have_been_applied_is_not_repeated(toy, code):
    answering(toy, 1, **status(code))

    with pytest.raises(Ambiguous):
        call(toy, "PUT", "/products", json=[])
    assert len(toy.requests) == 1


def test_a_write_on_a_broken_connection_is_not_repeated(toy):
    call(toy, "GET", "/products")
    toy.after.append(lambda request: request.transport.close())

    with pytest.raises(Ambiguous):
        call(toy, "PUT", "/products", json=[{"id": "P1"}])
    assert toy.writes == [["P1"]]


def test_a_page_cut_short_is_asked_for_again(toy):
    answering(toy, 1, body=b'["P1", "P')
    toy.products["P1"] = {}

    assert call(toy, "GET", "/products") == ["P1"]
    assert len(toy.requests) == 2


def test_an_answer_of_another_shape_is_nonsense(toy):
    answering(toy, 1, text='{"data": []}')

    with pytest.raises(Nonsense, match="unknown shape"):
        call(toy, "GET", "/products", type=list[str])


def test_an_answer_that_stays_broken_is_nonsense(toy):
    answering(toy, 3, text="<html>")

    with pytest.raises(Nonsense, match="broken JSON"):
        call(toy, "GET", "/products")


def test_nobody_there_is_said_with_the_address():
    async def nowhere():
        async with aiohttp.ClientSession() as session:
            await Transport("http://127.0.0.1:9", session, attempts=1).call("GET", "/")

    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9"):
        asyncio.run(nowhere())


@pytest.mark.parametrize("address", ["10.0.0.7", "169.254.169.254"])
def test_a_name_that_has_come_to_stand_for_a_private_address_is_not_spoken_to(monkeypatch, address):
    place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *host, **options: [place])
    calls = []

    async def ask():
        async with aiohttp.ClientSession(connector=guarded_connector(this_machine=True)) as session:
            await Transport("http://toy.example", session, record=calls.append).call("PUT", "/", json=[])

    with pytest.raises(Misdirected, match=r"toy\.example is not spoken to: it is an address"):
        asyncio.run(ask())
    assert [call.may_have_changed for call in calls] == [False]


def test_every_attempt_is_recorded_without_secrets(toy):
    calls = []
    answering(toy, 1, status=503, text='{"oauth_token": "T0PSECRET"}', headers={"Retry-After": "0"})

    call(toy, "GET", "/products", calls, sign=lambda method, url: {"Authorization": "OAuth T0PSECRET"})

    assert [attempt.status for attempt in calls] == [503, 200]
    assert "T0PSECRET" not in repr(calls)


def test_what_is_secret_is_masked():
    assert masked_headers({"Authorization": "x", "X-Api-Key": "y", "Accept": "z"}) == {
        "Authorization": "***",
        "X-Api-Key": "***",
        "Accept": "z",
    }
    assert masked_url("https://a/b?api_key=1&page=2&access_token=3") == (
        "https://a/b?api_key=***&page=2&access_token=***"
    )
    assert masked_body(b'{"token_secret": "x", "name": "y"}') == '{"token_secret": "***", "name": "y"}'


def test_a_huge_body_is_kept_in_part_with_its_size():
    assert masked_body(b"x" * (KEPT_BODY + 1)).endswith("(65,537 bytes)")


def test_the_difference_of_the_clocks_is_known_after_an_answer(toy):
    async def ask():
        async with aiohttp.ClientSession() as session:
            transport = Transport(toy.url, session)
            before = transport.clock_difference
            await transport.call("GET", "/products")
            return before, transport.clock_difference

    before, after = asyncio.run(ask())
    assert before is None
    assert abs(after) < 60


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("code", [301, 302, 304, 307])
def test_an_answer_that_leads_elsewhere_is_no_success(toy, method, code):
    answering(toy, 1, status=code, headers={"Location": "/login?token=T0PSECRET"})

    with pytest.raises(Misdirected, match=rf"^{method} /products answered {code}, leading to /login\?token=\*\*\*\.$"):
        call(toy, method, "/products", json=[] if method == "PUT" else None, empty=[])
    assert len(toy.requests) == 1


def test_a_redirect_that_means_nothing_there_is_empty(toy):
    answering(toy, 1, status=304)

    assert call(toy, "GET", "/products", empty_on={304}, empty=[]) == []


@pytest.mark.parametrize(
    "body", [b'{"message": "no\\u0000 such\\u001b thing"}', b"no\0 such \x07thing", b'"no\\nsuch\\tthing"']
)
def test_what_a_platform_says_is_kept_without_control_characters(toy, body):
    answering(toy, 1, status=400, body=body)

    with pytest.raises(Refused) as refused:
        call(toy, "GET", "/products")
    assert refused.value.says == str(refused.value) == "no such thing (400)"


@pytest.mark.parametrize("body", [b'{"message": "' + b"x" * 9999 + b'"}', b"x" * 9999, b"[" * 9999])
def test_what_a_platform_says_at_length_is_cut(toy, body):
    answering(toy, 1, status=400, body=body)

    with pytest.raises(Refused) as refused:
        call(toy, "GET", "/products")
    assert len(refused.value.says) <= 500


def test_a_body_beyond_all_measure_is_not_read_to_its_end(toy, monkeypatch):
    monkeypatch.setattr(transport, "MOST_BYTES", 2 * 1024 * 1024)
    sent = []

    async def endless(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        with contextlib.suppress(ConnectionError):
            while len(sent) < 500:
                await answer.write(b" " * 1024 * 1024)
                sent.append(1)
        return answer

    toy.before.append(endless)

    with pytest.raises(Nonsense, match="answered with more than 2 MB"):
        call(toy, "GET", "/products")
    assert len(sent) < 100


class Paused(Gate):
    """A gate whose run is cancelled while the platform's pause lasts."""

    def __init__(self):
        self.pauses = []

    async def enter(self, method, *, counted=True):
        if self.pauses:
            raise Stopped

    async def pause(self, seconds, *, used_up=False):
        self.pauses.append(seconds)


@pytest.mark.parametrize("code", [429, 503])
def test_a_pause_the_platform_asks_for_is_waited_out_in_the_gate_where_a_cancellation_is_seen(toy, code):
    answering(toy, 1, status=code, headers={"Retry-After": "25"})
    gate = Paused()
    began = time.monotonic()

    with pytest.raises(Stopped):
        call(toy, "GET", "/products", gate=gate)

    assert [round(pause) for pause in gate.pauses] == [25]
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("method", "code", "error"), [("GET", 429, Unavailable), ("GET", 503, Unavailable), ("PUT", 503, Ambiguous)]
)
def test_a_longer_pause_than_there_is_time_for_ends_the_call_with_its_length(toy, method, code, error):
    answering(toy, 1, status=code, headers={"Retry-After": "300"})
    began = time.monotonic()

    with pytest.raises(error, match="next try would be in 300 s"):
        call(toy, method, "/products", json=[], most_wait=5)
    assert time.monotonic() - began < 2


def test_many_short_pauses_are_no_longer_than_one(toy):
    answering(toy, 99, status=429, headers={"Retry-After": "0.3"})
    began = time.monotonic()

    with pytest.raises(Unavailable, match="429"):
        call(toy, "GET", "/products", most_wait=1)
    assert time.monotonic() - began < 2


def test_a_form_is_sent_as_a_web_form_sends_it_and_kept_without_its_secrets(toy):
    bodies, calls = [], []

    async def log_in(request):
        bodies.append((request.content_type, dict(await request.post())))
        return web.json_response({"access_token": "T0PSECRET"})

    toy.before.append(log_in)
    form = {"username": "ann@example.org", "password": "T0P SECRET", "grant_type": "password", "client_secret": "T0P&"}

    answer = call(toy, "POST", "/auth/", calls, form=form, repeatable=True)

    assert bodies == [("application/x-www-form-urlencoded", form)]
    assert answer == {"access_token": "T0PSECRET"}
    assert calls[0].request_body == ("username=ann%40example.org&password=***&grant_type=password&client_secret=***")
    assert "T0P" not in repr(calls)


def test_other_addresses_of_an_account_share_the_budget_the_record_and_the_waits(toy):
    class Counting(Gate):
        entered = 0

        async def enter(self, method, *, counted=True):
            self.entered += counted

    async def ask(gate, calls):
        async with aiohttp.ClientSession() as session:
            out = Transport("http://127.0.0.1:9/v2", session, gate=gate, record=calls.append, most_wait=1)
            there = out.at(f"{toy.url}/products/")
            await there.call("GET", "")
            await there.at(toy.url).call("GET", "/products", counted=False)
            answering(toy, 9, status=429, headers={"Retry-After": "0.6"})
            for way in (there.at(toy.url), out.at(toy.url)):
                with pytest.raises(Unavailable, match="too long to wait here"):
                    await way.call("GET", "/products")
            return out.base_url, there.base_url

    gate, calls = Counting(), []

    assert asyncio.run(ask(gate, calls)) == ("http://127.0.0.1:9/v2", f"{toy.url}/products")
    assert [each.status for each in calls] == [200, 200, 429, 429, 429]
    assert gate.entered == 4
