"""Faults, limits and counts: what the control API does to calls and what it tells of them."""

import http.client
import threading
import time
from typing import Any

import pytest

from tests.sandbox.nuorder_client import NuOrder

PUSH = {"method": "PUT", "path": "/product/new"}
LIST = {"path": "/products/list"}


@pytest.fixture
def three(nuorder: NuOrder, tee: dict[str, Any]) -> list[str]:
    """Ids of three products."""
    return [nuorder.put("/api/product/new", {**tee, "color": c, "brand_id": c}).json["_id"] for c in ("A", "B", "C")]


@pytest.mark.parametrize(
    ("kind", "stored"),
    [("timeout_before", 0), ("timeout_after", 1), ("disconnect_before", 0), ("disconnect_after", 1)],
)
def test_a_cut_call_is_applied_or_not_as_ordered(nuorder, control, tee, kind, stored):
    fault = control.fault(kind, match=PUSH, seconds=0.05)

    with pytest.raises(http.client.RemoteDisconnected):
        nuorder.put("/api/product/new/force", tee)

    assert len(control.get("/products")) == stored
    assert control.get("/faults")[0] == {**fault, "matched": 1, "hits": 1}
    assert control.get("/requests")[-1]["status"] is None
    assert nuorder.put("/api/product/new/force", tee).status == (200 if stored else 201)


@pytest.mark.parametrize(
    ("kind", "order", "status"),
    [
        ("status", {"status": 503}, 503),
        ("status", {}, 500),
        ("rate_limit", {"retry_after": 2}, 429),
        ("unauthorized", {}, 401),
        ("forbidden", {"message": "closed"}, 403),
    ],
)
@pytest.mark.parametrize("applied", [False, True])
def test_a_refusal_comes_in_the_platforms_form(nuorder, control, tee, kind, order, status, applied):
    control.fault(kind, match=PUSH, applied=applied, **order)

    reply = nuorder.put("/api/product/new", tee)

    assert (reply.status, reply.json["code"]) == (status, status)
    assert reply.headers.get("retry-after") == ("2" if kind == "rate_limit" else None)
    assert len(control.get("/products")) == applied


def test_a_truncated_answer_has_a_matching_length_or_ends_early(nuorder, control, three):
    control.fault("truncate", match=LIST)
    control.fault("truncate", match=LIST, close_early=True)
    whole = len(str(three).replace(" ", ""))

    assert len(nuorder.get("/api/products/list").body) == whole // 2
    with pytest.raises(http.client.IncompleteRead) as cut:
        nuorder.get("/api/products/list")
    assert cut.value.expected == whole - whole // 2


def test_a_malformed_or_blank_answer_hides_a_write_that_was_applied(nuorder, control, tee):
    control.fault("malformed", match=PUSH)
    control.fault("blank", match=PUSH)

    replies = [nuorder.put("/api/product/new/force", tee) for _ in range(3)]

    assert [reply.status for reply in replies] == [201, 200, 200]
    assert replies[0].body.startswith(b"<html>")
    assert replies[1].body == b""
    assert control.writes("products") == {"ST100-NVY": {"created": 1, "updated": 2}}


def test_lists_come_back_empty_doubled_or_shuffled(nuorder, control, three):
    for kind in ("empty", "duplicate", "reorder"):
        control.fault(kind, match=LIST, seed=1)

    assert nuorder.get(f"/api/product/{three[0]}").status == 200
    empty, doubled, shuffled, sound = (nuorder.get("/api/products/list").json for _ in range(4))
    assert empty == []
    assert doubled == [one for one in three for _ in range(2)]
    assert sorted(shuffled) == three != shuffled
    assert sound == three


def test_a_slow_call_is_applied_and_answered_late(nuorder, control, tee):
    control.fault("slow", match=PUSH, seconds=0.2)
    started = time.monotonic()

    assert nuorder.put("/api/product/new", tee).status == 201

    assert time.monotonic() - started >= 0.2


def test_a_fault_skips_calls_and_wears_off(nuorder, control):
    control.fault("status", match=LIST, after=1, times=2)

    assert [nuorder.get("/api/products/list").status for _ in range(5)] == [200, 500, 500, 200, 200]


def test_a_fault_by_chance_strikes_the_same_calls_for_the_same_seed(nuorder, control):
    def run() -> list[int]:
        control.delete("/faults")
        control.fault("status", match=LIST, times=None, probability=0.5, seed=7)
        return [nuorder.get("/api/products/list").status for _ in range(12)]

    first = run()

    assert set(first) == {200, 500}
    assert run() == first


def test_a_fault_can_be_lifted_and_nonsense_is_refused(nuorder, control):
    fault = control.fault("unauthorized", times=None)
    assert nuorder.get("/api/products/list").status == 401

    control.delete(f"/faults/{fault['id']}")

    assert nuorder.get("/api/products/list").status == 200
    assert control.call("POST", "/faults", {"kind": "earthquake"}).status == 400
    assert control.call("POST", "/faults", {"kind": "slow", "match": {"path": "("}}).status == 400
    assert control.call("POST", "/settings", {"gravity": 0}).status == 400


def statuses_at_once(nuorder: NuOrder, count: int) -> list[int]:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(nuorder.get("/api/products/list").status)) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def test_a_sixth_request_at_once_is_refused(nuorder, control):
    control.set(latency_ms=400)

    assert statuses_at_once(nuorder, 6) == [200] * 5 + [429]
    stats = control.get("/stats")
    assert (stats["highest_concurrency"], stats["refused_by_limits"], stats["in_progress"]) == (6, 1, 0)


def test_limits_count_per_connection(nuorder, control):
    control.set(latency_ms=400, concurrency=1)
    other = NuOrder(nuorder.url, control.post("/credentials"))
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(nuorder.get("/api/products/list").status))

    thread.start()
    found.append(other.get("/api/products/list").status)
    thread.join()

    assert found == [200, 200]


def test_a_refusal_for_speed_says_when_to_come_back(nuorder, control):
    control.set(rate_per_second=1, retry_after=3)
    nuorder.get("/api/products/list")

    reply = nuorder.get("/api/products/list")

    assert (reply.status, reply.json) == (429, {"code": 429, "message": "Too many requests"})
    assert reply.headers["retry-after"] == "3"
    control.set(retry_after=None)
    assert "retry-after" not in nuorder.get("/api/products/list").headers


def test_the_journal_and_the_counts_tell_what_was_asked(nuorder, control, tee):
    nuorder.put("/api/product/new", tee)
    nuorder.put("/api/product/new", tee)
    nuorder.get("/api/product/external_id/none?x=1")

    requests = control.get("/requests?limit=2")
    assert [(r["method"], r["path"], r["status"]) for r in requests] == [
        ("PUT", "/api/product/new", 409),
        ("GET", "/api/product/external_id/none", 404),
    ]
    assert '"ST100"' in requests[0]["body"]
    assert requests[1]["query"] == "x=1"
    assert control.get("/stats")["requests"] == {
        "GET /api/product/external_id/{ext}": {"404": 1},
        "PUT /api/product/new": {"201": 1, "409": 1},
    }


def test_the_clock_moves_dates(nuorder, control, tee):
    control.post("/clock", {"offset_seconds": 86400 * 400})

    product = nuorder.put("/api/product/new", tee)

    assert product.status == 401
    control.set(max_clock_skew=None)
    stamp = nuorder.put("/api/product/new", tee).json["created_on"]
    assert stamp[:4] > time.strftime("%Y", time.gmtime())


def test_a_reset_empties_the_portal_but_keeps_the_credentials(nuorder, control, tee):
    nuorder.put("/api/product/new", tee)
    control.set(latency_ms=1)
    control.fault("status", times=None)

    control.post("/reset")

    assert nuorder.get("/api/products/list").json == []
    assert control.get("/settings")["latency_ms"] == 0
    assert control.get("/state")["products"] == {}
    assert len(control.get("/requests")) == 1


def test_records_can_be_seeded_changed_and_dropped_by_hand(nuorder, control, tee, shop):
    control.post("/products", tee)
    control.post("/companies", shop)
    assert control.call("POST", "/products", tee).status == 409
    assert control.call("POST", "/companies", shop).status == 409

    control.patch("/products/ST100-NVY", {"name": "Drifted"})
    control.patch("/companies/C001", {"name": "Renamed"})
    assert nuorder.get("/api/product/external_id/ST100-NVY").json["name"] == "Drifted"
    assert nuorder.get("/api/company/code/C001").json["name"] == "Renamed"

    control.delete("/products/ST100-NVY")
    control.delete("/companies/C001")
    assert (control.get("/products"), control.get("/companies")) == ([], [])
    assert control.writes("products") == {}
