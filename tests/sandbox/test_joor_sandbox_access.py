"""Tokens, schemes and the account: who may call (sheet joor.md 1)."""

import base64

import pytest

from tests.sandbox.joor_client import Joor
from tests.sandbox.running import exchange

CREDENTIALS = ["account_id", "client_id", "client_secret", "password", "username", "v2_token"]


def encoded(token: str) -> str:
    return base64.b64encode(token.encode()).decode()


def test_it_announces_credentials_for_both_generations(joor_process, joor):
    said = joor_process.announcement

    assert said["platform"] == "joor"
    assert sorted(said["credentials"]) == CREDENTIALS
    assert joor.v4("GET", "/traits").status == 200
    assert joor.v2("GET", "/style").status == 200


@pytest.mark.parametrize("path", ["/auth", "/auth/"])
def test_a_token_is_granted_to_a_form_of_either_kind(joor, path):
    fields = joor.grant().items()
    parts = [f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
    body = ("".join(parts) + "--X--\r\n").encode()

    as_multipart = exchange(joor.url, "POST", path, body, {"Content-Type": "multipart/form-data; boundary=X"})
    as_form = joor.log_in()

    for reply in (as_multipart, as_form):
        assert reply.status == 200
        assert reply.json["token_type"] == "Bearer"
        assert (reply.json["expires_in"], reply.json["refresh_expires_in"]) == (36_000, 7_776_000)
        assert reply.json["scope"] == "email profile"
        assert {"not-before-policy", "session_state", "refresh_token"} <= set(reply.json)


@pytest.mark.parametrize("wrong", ["client_id", "client_secret", "username", "password"])
def test_wrong_credentials_are_an_invalid_grant(joor, wrong):
    reply = joor.log_in(**{wrong: "wrong"})

    assert (reply.status, reply.json["error"]) == (401, "invalid_grant")
    assert reply.json["error_description"]


def test_another_grant_is_not_supported(joor):
    reply = joor.log_in(grant_type="client_credentials")

    assert (reply.status, reply.json["error"]) == (400, "unsupported_grant_type")


def test_several_tokens_live_at_once(joor):
    first, second = (joor.log_in().json["access_token"] for _ in range(2))

    assert first != second
    for token in (first, second):
        assert Joor(joor.url, joor.credentials, token).v4("GET", "/traits").status == 200


def test_a_token_expires_by_the_clock_and_is_refreshed(joor, joor_control):
    granted = joor.log_in().json
    joor.token = granted["access_token"]
    joor_control.post("/clock", {"offset_seconds": 36_001})

    expired = joor.v4("GET", "/traits")
    refreshed = joor.log_in(grant_type="refresh_token", refresh_token=granted["refresh_token"])
    joor.token = refreshed.json["access_token"]

    assert (expired.status, expired.json["errors"][0]["status"]) == (401, "UNAUTHORIZED")
    assert refreshed.status == 200
    assert joor.v4("GET", "/traits").status == 200


def test_a_refresh_token_expires_too(joor, joor_control):
    granted = joor.log_in().json
    joor_control.post("/clock", {"offset_seconds": 7_776_001})

    reply = joor.log_in(grant_type="refresh_token", refresh_token=granted["refresh_token"])

    assert (reply.status, reply.json["error"]) == (401, "invalid_grant")


@pytest.mark.parametrize("scheme", ["Bearer ", "OAuth2 ", "bearer ", ""])
def test_v4_takes_the_token_under_each_scheme_seen(joor, scheme):
    token = joor.log_in().json["access_token"]

    assert joor.v4("GET", "/traits", Authorization=f"{scheme}{token}").status == 200


@pytest.mark.parametrize("scheme", ["OAuth2", "Bearer"])
def test_v2_takes_the_encoded_token_under_each_scheme_seen(joor, scheme):
    header = f"{scheme} {encoded(joor.credentials['v2_token'])}"

    assert joor.v2("GET", "/style", Authorization=header).status == 200


@pytest.mark.parametrize("header", ["", "OAuth2 wrong", "Basic {v2}", "OAuth2 {plain}", "{v2}"])
def test_v2_takes_nothing_else(joor, header):
    plain = joor.credentials["v2_token"]
    sent = header.format(v2=encoded(plain), plain=plain)

    reply = joor.v2("GET", "/style", Authorization=sent)

    assert (reply.status, reply.json["response"]["code"]) == (401, 4)


def test_v4_takes_no_v2_token(joor):
    header = f"OAuth2 {encoded(joor.credentials['v2_token'])}"

    assert joor.v4("GET", "/traits", Authorization=header).status == 401


@pytest.mark.parametrize("query", ["account=", "account=1"])
def test_a_missing_or_foreign_account_is_forbidden(joor, query):
    reply = joor.v4("GET", f"/products?{query}")

    (error,) = reply.json["errors"]
    assert (reply.status, error["status"], reply.json["data"]) == (403, "FORBIDDEN", [])


def test_v2_processes_no_call_without_a_content_type(joor):
    token = encoded(joor.credentials["v2_token"])

    reply = exchange(joor.url, "GET", "/v2/style", headers={"Authorization": f"OAuth2 {token}"})

    assert (reply.status, reply.json["response"]["code"]) == (400, 1)


def test_an_unknown_path_is_told_in_the_form_of_its_generation(joor):
    fourth, second = joor.v4("GET", "/inventory"), joor.v2("GET", "/nothing")

    assert (fourth.status, fourth.json["errors"][0]["status"]) == (404, "NOT_FOUND")
    assert (second.status, second.json["response"]["code"]) == (404, 2)


def test_further_credentials_reach_the_same_account_until_they_are_revoked(joor, joor_control):
    joor.add_product()
    given = joor_control.post("/credentials", {"username": "agency@brand.example"})
    other = Joor(joor.url, given)
    assert other.get("/products")[0]["external_id"] == "COAT1"
    assert other.v2("GET", "/style").status == 200

    joor_control.post("/credentials/revoke", {"username": given["username"], "v2_token": given["v2_token"]})

    assert other.v4("GET", "/products").status == 401
    assert other.v2("GET", "/style").status == 401
    assert other.log_in().status == 401
    assert joor.v4("GET", "/products").status == 200
