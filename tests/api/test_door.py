"""What the door sees to before anybody is at work: bodies, encryption on the way, and what others may keep."""

import io
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from linesheet.sync.models import ApiCall
from linesheet.sync.serving import bodies
from linesheet.sync.serving.problems import ApiProblem
from tests.api.conftest import Http

NOTES = "/api/caller/v1/notes"
ELSEWHERE = {"X_Forwarded_For": "192.0.2.7"}


@pytest.mark.parametrize("header", ["", "Authorization: Bearer ls_aaaaaaaa_" + "x" * 43 + "\r\n"])
def test_nobody_waits_for_the_body_of_a_call_without_a_valid_key(call: Http, header: str):
    where = urlsplit(call.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=10) as wire:
        head = f"POST {NOTES}/bulk HTTP/1.1\r\nHost: localhost\r\n{header}Content-Length: 20000000\r\n\r\n"
        wire.sendall(head.encode())

        assert b" 401 " in wire.recv(1000)


def test_a_body_that_is_too_long_leaves_a_row(call: Http):
    assert call("POST", NOTES, b" " * (bodies.MOST_BYTES + 1)).status == 413

    row = ApiCall.objects.get()
    assert (row.status, row.refused, row.request_body) == (413, "too_large", "")


def test_a_body_may_come_in_chunks_without_its_length():
    def chunked(body: bytes) -> WSGIRequest:
        request = RequestFactory().generic("POST", "/")
        return WSGIRequest({**request.environ, "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True})

    request = chunked(b'{"name": "A"}')
    bodies.read_body(request, 20)
    assert request.body == b'{"name": "A"}'
    with pytest.raises(ApiProblem) as refused:
        bodies.read_body(chunked(b" " * 21), 20)
    assert refused.value.code.code == "too_large"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        (ELSEWHERE, 403),
        ({**ELSEWHERE, "X_Forwarded_Proto": "http"}, 403),
        ({**ELSEWHERE, "X_Forwarded_Proto": "https, http"}, 403),
        ({**ELSEWHERE, "X_Forwarded_Proto": "https"}, 200),
    ],
)
def test_keys_are_taken_over_plain_http_from_this_machine_only(
    ask: Http, settings: Any, headers: dict[str, str], status: int
):
    settings.TRUSTED_PROXIES = 1

    answer = ask.get("/api/v1/status", **headers)

    assert answer.status == status
    assert ApiCall.objects.get().refused == ("https_required" if status == 403 else "")


def test_an_installation_may_do_without_encryption_if_it_says_so(ask: Http, settings: Any):
    settings.TRUSTED_PROXIES, settings.API_WITHOUT_TLS = 1, True

    assert ask.get("/api/v1/status", **ELSEWHERE).status == 200


def test_only_whoever_asked_may_keep_an_answer(ask: Http):
    first = ask.get("/api/v1/seasons")
    same = ask.get("/api/v1/seasons", If_None_Match=f'"other", W/{first.headers["ETag"]}')

    assert first.headers["Cache-Control"] == same.headers["Cache-Control"] == "private, no-cache"
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", first.headers["ETag"])


def test_conditions_that_are_for_writing_do_not_touch_reading(ask: Http):
    for condition in ({"If_Match": '"other"'}, {"If_Unmodified_Since": "Thu, 01 Jan 2026 00:00:00 GMT"}):
        assert ask.get("/api/v1/seasons", **condition).status == 200


def test_parameters_that_are_not_known_are_refused_in_the_apis_of_our_own(ask: Http, call: Http):
    """Misspelt, they would be passed over, and everything be listed. What platforms send is theirs to say."""
    answer = ask.get("/api/v1/orders?acknoledged=false&limit=1&x%00=1")
    nothing = ask.post("/api/v1/seasons/bulk?dry_run=1", {"records": [{"name": "SS26"}]})

    assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")
    assert [issue["pointer"] for issue in answer.json["issues"]] == ["?acknoledged", "?x"]
    assert "acknowledged, approved" in answer.json["detail"]
    assert (nothing.status, nothing.json["issues"][0]["pointer"]) == (400, "?dry_run")
    assert ask("HEAD", "/api/v1/orders?acknoledged=false").status == 400
    assert ask.get("/api/v1/orders?" + "&".join(f"a{number}" for number in range(2000))).status == 400
    assert call.post(f"{NOTES}?dry_run=1", {"name": "A"}).status == 201
