"""The rate limit: credits per account in a fixed window (sheet joor.md 2)."""

import pytest


@pytest.fixture
def left(joor):
    """How many credits a reply says are left."""
    return lambda reply: int(reply.headers["x-throttling-remaining"])


def test_reads_cost_one_credit_and_writes_five_in_one_budget_for_both_generations(joor, left):
    assert left(joor.v4("GET", "/products")) == 299
    assert left(joor.v4("POST", "/products/bulk_create", [{"name": f"P{n}"} for n in range(20)])) == 294
    assert left(joor.v2("GET", "/style")) == 293


def test_asking_for_tokens_costs_nothing(joor, left):
    joor.v4("GET", "/products")

    joor.log_in()

    assert left(joor.v4("GET", "/products")) == 298


def test_every_reply_names_the_account_and_what_is_left(joor):
    replies = [joor.v4("GET", "/products"), joor.v4("GET", "/nothing"), joor.v4("GET", "/products?account=1")]

    for number, reply in enumerate(replies, 1):
        assert reply.headers["x-throttling-account-id"] == joor.credentials["account_id"]
        assert reply.headers["x-throttling-limit"] == "300"
        assert reply.headers["x-throttling-remaining"] == str(300 - number)
        assert 0 < int(reply.headers["x-throttling-reset"]) <= 300


def test_a_spent_window_refuses_until_the_next(joor, joor_control, left):
    joor_control.set(credits=6)
    joor.v4("GET", "/products")
    joor_control.post("/clock", {"offset_seconds": 200})
    joor.v4("POST", "/products/bulk_create", [{"name": "Coat"}])

    refused = joor.v4("GET", "/products")
    legacy = joor.v2("GET", "/style")
    joor_control.post("/clock", {"offset_seconds": 301})

    assert (refused.status, refused.json["data"], refused.json["errors"][0]["details"]) == (429, [], {})
    assert refused.json["errors"][0]["status"] == "TOO_MANY_REQUESTS"
    assert 0 < int(refused.headers["retry-after"]) <= 100
    assert (legacy.status, legacy.json["response"]["code"]) == (429, 1)
    assert left(joor.v4("GET", "/products")) == 5


def test_a_write_too_dear_for_what_is_left_spends_nothing(joor, joor_control, left):
    joor_control.set(credits=6)
    joor.v4("GET", "/products")
    joor.v4("GET", "/products")

    assert joor.v4("POST", "/products/bulk_create", [{"name": "Coat"}]).status == 429
    assert joor_control.get("/products") == []
    assert left(joor.v4("GET", "/products")) == 3


def test_the_statistics_tell_what_the_credits_went_to(joor, joor_control):
    joor.v4("GET", "/products")
    joor.add_product()
    joor.v2("GET", "/style")

    credits = joor_control.get("/stats")["credits"]

    assert (credits["spent"], credits["left"], credits["refused"]) == (7, 293, 0)
    assert credits["by_template"] == {"GET /v2/style": 1, "GET /v4/products": 1, "POST /v4/products/bulk_create": 5}


def test_the_limit_can_be_switched_off(joor, joor_control):
    joor_control.set(throttle=False, credits=1)

    replies = [joor.v4("GET", "/products") for _ in range(3)]

    assert [reply.status for reply in replies] == [200, 200, 200]
    assert "x-throttling-remaining" not in replies[0].headers
    assert joor_control.get("/stats")["credits"]["spent"] == 0


def test_an_ordered_refusal_comes_in_the_form_of_the_generation_called(joor, joor_control):
    joor_control.fault("rate_limit", match={"path": "/v[24]/"}, times=2, retry_after=7)

    fourth, second = joor.v4("GET", "/products"), joor.v2("GET", "/style")

    assert (fourth.status, fourth.json["errors"][0]["status"], fourth.headers["retry-after"]) == (
        429,
        "TOO_MANY_REQUESTS",
        "7",
    )
    assert (second.status, second.json["response"]["code"]) == (429, 1)
    assert second.headers["x-throttling-account-id"] == joor.credentials["account_id"]
