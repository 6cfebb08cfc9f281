"""What holds for every call (sheet 2.1)."""

import gzip
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.sandbox.nuorder_client import exchange


def test_answers_carry_the_headers_of_the_original(nuorder):
    headers = nuorder.get("/api/products/list").headers

    assert headers["x-powered-by"] == "Express"
    assert headers["cache-control"] == "private,max-age=0, must-revalidate"
    assert abs(int(headers["request-token"]) / 1000 - time.time()) < 60
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_reads_carry_a_tag_that_spares_reading_again(nuorder, tee):
    tag = nuorder.get("/api/products/list").headers["etag"]

    assert nuorder.get("/api/products/list", headers={"If-None-Match": tag}).status == 304
    created = nuorder.put("/api/product/new", tee)
    assert "etag" not in created.headers
    assert nuorder.get("/api/products/list", headers={"If-None-Match": tag}).status == 200


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_json_is_read_whatever_its_content_type(nuorder, tee, content_type):
    assert nuorder.put("/api/product/new", tee, headers={"Content-Type": content_type}).status == 201


def test_a_body_may_be_gzip(nuorder, tee):
    zipped = gzip.compress(json.dumps(tee).encode())

    assert nuorder.put("/api/product/new", raw=zipped, headers={"Content-Encoding": "gzip"}).status == 201
    assert nuorder.put("/api/product/new", raw=b"{}", headers={"Content-Encoding": "gzip"}).status == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b""])
def test_a_body_that_is_no_json_object_is_refused(nuorder, body):
    reply = nuorder.put("/api/product/new", raw=body)

    assert (reply.status, reply.json["code"]) == (400, 400)
    assert reply.message


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"),
        ("PUT", "/api/inventory"),
        ("DELETE", "/api/order/65f000000000000000000001"),
        ("GET", "/api/v1/products"),
    ],
)
def test_an_unknown_route_is_not_found(nuorder, method, path):
    reply = nuorder.call(method, path)

    assert (reply.status, reply.json) == (404, {"code": 404, "message": "Not found"})


def test_the_historic_failure_text_can_be_switched_on(nuorder, control):
    control.set(unknown_route_500=True)

    for reply in (
        nuorder.get("/api/nothing"),
        nuorder.put("/api/product/new"),
        nuorder.post("/api/company/new", raw=b""),
    ):
        assert (reply.status, reply.body) == (500, b"Oops, there was a problem!")
        assert reply.headers["content-type"].startswith("text/plain")


def test_unknown_routes_and_control_mistakes_do_not_need_a_signature_to_fail(control):
    assert exchange(control.url, "GET", "/api/nothing").status == 401
    assert control.call("GET", "/nothing").status == 404


def test_head_is_a_read_without_its_body(nuorder):
    read, head = nuorder.get("/api/products/list"), nuorder.call("HEAD", "/api/products/list")

    assert (head.status, head.body) == (200, b"")
    assert (head.headers["etag"], head.headers["content-length"]) == (read.headers["etag"], "2")
    assert nuorder.call("HEAD", "/api/nothing").status == 404


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b'{"a":NaN}'])
def test_json_that_cannot_be_read_is_refused_and_nothing_breaks(nuorder, control, body):
    assert nuorder.put("/api/product/new", raw=body).status == 400
    assert exchange(control.url, "POST", "/_control/settings", body=body).status == 400


@pytest.mark.parametrize("number", ["%C2%B2", "%D9%A3", "9" * 5000, "-1", "1e3", ""])
def test_what_is_no_plain_number_is_refused_wherever_one_is_read(nuorder, control, number):
    assert nuorder.get(f"/api/products/list?__limit={number}").status == 400
    assert control.call("GET", f"/requests?limit={number}").status == 400
    header = (
        f"OAuth oauth_consumer_key={nuorder.credentials['consumer_key']},oauth_token={nuorder.credentials['token']}"
    )
    signed = {"Authorization": f"{header},oauth_timestamp={number},oauth_nonce=1,oauth_signature={'a' * 40}"}
    assert exchange(control.url, "GET", "/api/products/list", headers=signed).status == 401


def test_a_body_beyond_the_limit_is_refused_packed_or_not(nuorder, tee):
    large = b" " * (32 * 1024 * 1024 + 1)

    assert nuorder.put("/api/product/new", raw=large).status == 413
    packed = nuorder.put("/api/product/new", raw=gzip.compress(large), headers={"Content-Encoding": "gzip"})
    assert (packed.status, packed.message) == (413, "the body is too large")
    assert nuorder.put("/api/product/new", tee).status == 201


def test_a_call_whose_sender_left_before_its_end_is_not_applied(nuorder, control, tee):
    body, path = json.dumps(tee), "/api/product/new"
    headers = {"Authorization": nuorder.authorization("PUT", path), "Content-Length": str(len(body) + 1)}

    connection = http.client.HTTPConnection(urlsplit(control.url).netloc)
    connection.request("PUT", path, body, headers)
    connection.close()

    while not (counts := control.get("/stats")["requests"]):
        pass
    assert counts == {f"PUT {path}": {"cut": 1}}
    assert control.get("/products") == []


def test_the_same_call_twice_at_once_is_applied_one_after_the_other(nuorder, control, tee):
    with ThreadPoolExecutor() as pool:
        replies = list(pool.map(lambda _: nuorder.put("/api/product/new/force", tee), range(4)))

    assert sorted(reply.status for reply in replies) == [200, 200, 200, 201]
    assert control.writes("products") == {"ST100-NVY": {"created": 1, "updated": 3}}
