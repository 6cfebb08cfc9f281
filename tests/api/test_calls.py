"""What every call has: problems in one shape, an id, limits, ETags, and its row in Activity."""

import json
from typing import Any

import pytest

from linesheet.books.models import Customer
from linesheet.sync.models import ApiCall
from linesheet.sync.serving.bodies import MOST_BYTES, MOST_BYTES_IN_BULK
from tests.api.conftest import Http

PROBLEM = {"type", "title", "status", "detail", "code", "request_id", "issues"}


def test_a_request_keeps_its_id_or_gets_one(ask: Http):
    given = ask.get("/api/v1/status", X_Request_Id="order-7")
    refused = ask.with_key("").get("/api/v1/status")

    assert given.headers["X-Request-ID"] == "order-7"
    assert refused.json["request_id"] == refused.headers["X-Request-ID"]
    assert ApiCall.objects.get().request_id == "order-7"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "pointer"),
    [
        ("GET", "/api/v1/customers?limit=0", None, 400, "invalid_parameter", "?limit"),
        ("GET", "/api/v1/customers?limit=x", None, 400, "invalid_parameter", "?limit"),
        ("GET", "/api/v1/customers?updated_since=2026-01-01T00:00", None, 400, "invalid_parameter", "?updated_since"),
        (
            "GET",
            "/api/v1/customers?updated_since=2026-01-01T00:00:00",
            None,
            400,
            "invalid_parameter",
            "?updated_since",
        ),
        ("GET", "/api/v1/customers?updated_since=0.5", None, 400, "invalid_parameter", "?updated_since"),
        (
            "GET",
            "/api/v1/customers?updated_since=0001-01-01T00:00%2B09",
            None,
            400,
            "invalid_parameter",
            "?updated_since",
        ),
        ("GET", "/api/v1/customers?cursor=forged", None, 400, "invalid_parameter", "?cursor"),
        ("GET", "/api/v1/customers/999999999999999999999999", None, 404, "not_found", None),
        ("GET", "/api/v1/customers/-1", None, 404, "not_found", None),
        ("GET", "/api/v1/nowhere", None, 404, "not_found", None),
        ("GET", "/api/v1/%00", None, 404, "not_found", None),
        ("DELETE", "/api/v1/customers", None, 405, "method_not_allowed", None),
    ],
)
def test_a_refusal_is_a_problem_with_a_code(
    ask: Http, method: str, path: str, body: Any, status: int, code: str, pointer: str | None
):
    answer = ask(method, path, body)

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.json) == PROBLEM
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert [issue["pointer"] for issue in answer.json["issues"]] == ([pointer] if pointer else [])


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        (b"", 422, "schema_violation", ""),
        (b"{", 400, "invalid_json", None),
        (b'{"name": NaN}', 400, "invalid_json", None),
        (b'{"name": "\xff"}', 400, "invalid_json", None),
        (rb'{"name": "a\u0000b"}', 400, "invalid_json", None),
        (rb'{"name": "\ud800"}', 400, "invalid_json", None),
        (b"[" * 100_000, 400, "invalid_json", None),
        (b"[]", 422, "schema_violation", ""),
        (b'{"name": 7}', 422, "schema_violation", "/name"),
        (b'{"name": "A", "lines": [1, "x"]}', 422, "schema_violation", "/lines/1"),
        (json.dumps({"name": "A", "lines": [1] * 5001}).encode(), 422, "schema_violation", "/lines"),
    ],
)
def test_a_body_that_is_not_as_declared_is_refused_with_pointers(
    call: Http, body: bytes, status: int, code: str, pointer: str | None
):
    answer = call("POST", "/api/caller/v1/notes", body)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert [issue["pointer"] for issue in answer.json["issues"]] == ([] if pointer is None else [pointer])
    assert not Customer.objects.exists()


def test_a_text_that_only_looks_like_a_nul_is_kept(call: Http):
    assert call("POST", "/api/caller/v1/notes", rb'{"name": "caf\u00e9 \\u0041"}').status == 201
    assert Customer.objects.get().name == r"café \u0041"


def test_a_body_beyond_the_limit_is_refused(call: Http):
    answer = call("POST", "/api/caller/v1/notes", b" " * (MOST_BYTES + 1))

    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert call("POST", "/api/caller/v1/notes", b'{"name": "A"}' + b" " * (MOST_BYTES - 20)).status == 201


def test_a_bulk_body_may_be_longer(call: Http):
    path = "/api/caller/v1/notes/bulk"
    one = b'{"name": "A"}'

    assert call("POST", path, b"[" + one + b" " * MOST_BYTES + b"]").json == ["A"]
    assert call("POST", path, b"[" + one + b" " * MOST_BYTES_IN_BULK + b"]").status == 413
    wrong = call("POST", path, b"[" + one + b', {"name": ""}]')
    assert (wrong.status, wrong.json["issues"][0]["pointer"]) == (422, "/1/name")


def test_what_has_not_changed_is_not_sent_again(ask: Http):
    customer = Customer.objects.create(name="Maison Exemple")
    path = f"/api/v1/customers/{customer.pk}"

    first = ask.get(path)
    again = ask.get(path, If_None_Match=first.headers["ETag"])
    customer.contacts.create(name="Ada", company=customer.company)

    assert first.json["name"] == "Maison Exemple"
    assert (again.status, again.body) == (304, b"")
    assert ask.get(path, If_None_Match=first.headers["ETag"]).status == 200


def test_a_time_may_be_in_any_zone(ask: Http):
    assert ask.get("/api/v1/orders?updated_since=0252-11-19T18:59:17-17:45").status == 200


def test_head_answers_as_get_without_the_body(ask: Http):
    answer = ask("HEAD", "/api/v1/seasons")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(ask.get("/api/v1/seasons").body))
    assert answer.headers["ETag"] == ask.get("/api/v1/seasons").headers["ETag"]


def test_a_defect_is_told_without_its_insides(call: Http, log_lines: list[dict[str, Any]]):
    answer = call.post("/api/caller/v1/notes", {"name": "broken"}, X_Request_Id="seven")

    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert "a defect" not in answer.body.decode().replace("a defect of Linesheet", "")
    assert any("RuntimeError" in line.get("traceback", "") and line["request"] == "seven" for line in log_lines)
    assert not Customer.objects.exists()


def test_a_call_that_writes_is_kept_with_its_bodies_masked(call: Http, calling_key: str):
    call.post("/api/caller/v1/notes", {"name": "A", "token": "very secret"})
    call.post("/api/caller/v1/notes", {"name": calling_key})

    rows = list(ApiCall.objects.order_by("pk"))
    assert (rows[0].method, rows[0].route, rows[0].status) == ("POST", "/api/caller/v1/notes", 201)
    assert rows[0].connection is not None
    assert "very secret" not in rows[0].request_body
    assert '"name": "A"' in rows[0].request_body
    assert '"name": "***"' in rows[1].request_body


def test_other_hosts_names_are_refused(ask: Http):
    answer = ask.get("/api/v1/status", Host="elsewhere.example")

    assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")


def test_nothing_of_a_browser_is_asked_or_given(ask: Http):
    answer = ask.get("/api/v1/status")

    assert "Set-Cookie" not in answer.headers
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
