"""What holds for every call (sheet 2.1)."""

import gzip
import json
import time

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

    for reply in (nuorder.get("/api/nothing"), nuorder.put("/api/product/new")):
        assert (reply.status, reply.body) == (500, b"Oops, there was a problem!")
        assert reply.headers["content-type"].startswith("text/plain")


def test_unknown_routes_and_control_mistakes_do_not_need_a_signature_to_fail(control):
    assert exchange(control.url, "GET", "/api/nothing").status == 401
    assert control.call("GET", "/nothing").status == 404
