"""The two signature dialects and the headers that carry them (sheet 1.4 and 1.5)."""

import base64
from urllib.parse import quote

import pytest

from linesheet_sandbox.nuorder import signatures
from tests.sandbox.nuorder_client import Control, NuOrder, Reply, exchange, legacy_signature, standard_signature

BASE = "http://127.0.0.1:8080"
ACCOUNT = {
    "consumer_key": "CKEXAMPLE",
    "consumer_secret": "CSEXAMPLE",
    "token": "TOKEN",
    "token_secret": "TOKENSECRET",
}
SIGNED = {
    "oauth_consumer_key": "CKEXAMPLE",
    "oauth_token": "TOKEN",
    "oauth_timestamp": "1700000000",
    "oauth_nonce": "abcdef0123456789",
    "oauth_version": "1.0",
    "oauth_signature_method": "HMAC-SHA1",
}
APPROVED = "/api/orders/approved/list"
DATED = "/api/orders/list?start_date=2024-01-01&end_date=2024-12-31"
PAYMENTS = "/api/orders/approved/detail?__populate=__payments"

VECTORS = [
    ("GET", APPROVED, "f09b172e2b0fba42372d6b21d4b4a0b20d5e0046"),
    ("PUT", "/api/product/new/force", "5af60b5e3694d8c616556d183a507c8751c6af1d"),
    ("GET", DATED, "972b920c2f4a6caa14874a603da87dfab7959f00"),
    ("GET", DATED, "8ff6609797c6b988cf3d27033b015444eb1feb1f"),
    ("GET", APPROVED, "UrnfXbqQoFeO+Jn7rcJ5ysRYRVk="),
    ("GET", PAYMENTS, "KUZ2Z6JjU9fJGPd1byQqU+Cs/C4="),
]


@pytest.fixture
def open_house(process, control: Control) -> str:
    """A sandbox that knows the account of the vectors and takes a signature of any age, again and again."""
    control.post("/credentials", ACCOUNT)
    control.set(max_clock_skew=None, check_nonce=False)
    return control.url


def send(url: str, method: str, target: str, header: str, **headers: str) -> Reply:
    return exchange(url, method, target, b"", {"Host": "127.0.0.1:8080", "Authorization": header, **headers})


def header_of(values: dict[str, str]) -> str:
    return "OAuth " + ",".join(f'{name}="{quote(value, safe="")}"' for name, value in values.items())


@pytest.mark.parametrize(("method", "target", "signature"), VECTORS)
def test_each_published_signature_is_accepted(open_house, method, target, signature):
    reply = send(open_house, method, target, header_of({**SIGNED, "oauth_signature": signature}))

    assert reply.status == (400 if method == "PUT" else 200)


def test_the_published_initiate_signature_starts_a_handshake(open_house):
    values = {**SIGNED, "oauth_token": "", "oauth_callback": "oob", "application_name": "Hub"}
    signature = "30cca52e46b7ee67095d71451261446731f278cd"

    reply = send(open_house, "GET", "/api/initiate", header_of({**values, "oauth_signature": signature}))

    assert reply.json["oauth_callback_confirmed"] is True


def test_the_published_token_signature_covers_the_verifier():
    oauth = {**SIGNED, "oauth_token": "TMPTOKEN", "oauth_verifier": "VERIFIER1"}

    base = signatures.legacy_base("GET", f"{BASE}/api/token", oauth)

    expected = "ed9419dac79522960532341e968a9491ee91f0ce"
    assert signatures.legacy_signature(base, "CSEXAMPLE", "TMPSECRET") == expected
    assert legacy_signature("GET", f"{BASE}/api/token", oauth, "CSEXAMPLE", "TMPSECRET") == expected


def test_the_tests_own_signers_agree_with_the_published_signatures():
    secrets = "CSEXAMPLE", "TOKENSECRET"

    assert legacy_signature("GET", BASE + DATED, SIGNED, *secrets) == VECTORS[2][2]
    assert standard_signature("GET", BASE + PAYMENTS, SIGNED, *secrets) == VECTORS[5][2]


@pytest.mark.parametrize(
    "header",
    [
        "OAuth {pairs}",
        "oAuth {pairs}",
        "OAuth{pairs}",
    ],
)
@pytest.mark.parametrize("separator", [",", ", "])
@pytest.mark.parametrize("quotes", ['"', ""])
@pytest.mark.parametrize("signature", [VECTORS[0][2], VECTORS[4][2], quote(VECTORS[4][2], safe="")])
def test_every_way_of_writing_the_header_is_read(open_house, header, separator, quotes, signature):
    values = {"oauth_signature": signature, **dict(reversed(SIGNED.items()))}
    pairs = separator.join(f"{name}={quotes}{value}{quotes}" for name, value in values.items())

    assert send(open_house, "GET", APPROVED, header.format(pairs=pairs)).status == 200


@pytest.mark.parametrize("base", ["https://127.0.0.1:8080", "https://nuorder.example"])
@pytest.mark.parametrize("dialect", ["legacy", "standard"])
def test_the_url_the_client_believes_in_is_the_one_that_counts(open_house, base, dialect):
    client = NuOrder(open_house, ACCOUNT, dialect)
    values = client.oauth_values("GET", APPROVED, base_url=base)
    host = base.removeprefix("https://")

    reply = send(open_house, "GET", APPROVED, header_of(values), **{"X-Forwarded-Host": host})

    assert reply.status == 200


def test_a_public_url_can_be_set_for_a_proxy_that_hides_it(open_house, control):
    control.set(public_url="https://sandbox.example/nuorder", max_clock_skew=None, check_nonce=False)
    client = NuOrder(open_house, ACCOUNT)
    values = client.oauth_values("GET", APPROVED, base_url="https://sandbox.example/nuorder")

    assert send(open_house, "GET", APPROVED, header_of(values)).status == 200


@pytest.mark.parametrize("dialect", ["legacy", "standard"])
@pytest.mark.parametrize("sign_query", [True, False])
def test_only_the_legacy_dialect_may_leave_the_query_unsigned(nuorder, dialect, sign_query):
    nuorder.dialect, nuorder.sign_query = dialect, sign_query

    accepted = nuorder.get("/api/orders/list?start_date=2024-01-01").status == 200

    assert accepted == (sign_query or dialect == "legacy")


def test_a_standard_signature_does_not_cover_the_json_body(nuorder, tee):
    nuorder.dialect = "standard"

    assert nuorder.put("/api/product/new", tee).status == 201


@pytest.mark.parametrize(
    "spoil",
    [
        {"consumer_key": "nobody"},
        {"consumer_secret": "guessed"},
        {"token": "unknown"},
        {"token_secret": "guessed"},
    ],
)
def test_a_call_signed_with_anything_wrong_is_unauthorised(nuorder, spoil):
    nuorder.credentials = {**nuorder.credentials, **spoil}

    reply = nuorder.get(APPROVED)

    assert reply.status == 401
    assert reply.json["code"] == 401


@pytest.mark.parametrize("header", ["", "Basic abc", "OAuth"])
def test_a_call_without_an_oauth_header_is_unauthorised(control, header):
    assert exchange(control.url, "GET", APPROVED, b"", {"Authorization": header}).status == 401


def test_a_signature_for_another_path_is_unauthorised(nuorder):
    header = nuorder.authorization("GET", "/api/products/list")

    assert exchange(nuorder.url, "GET", APPROVED, b"", {"Authorization": header}).status == 401


@pytest.mark.parametrize(("age", "status"), [(290, 200), (310, 401), (-310, 401)])
def test_a_signature_holds_for_five_minutes(nuorder, control, age, status):
    control.post("/clock", {"offset_seconds": age})

    assert nuorder.get(APPROVED).status == status


def test_a_nonce_serves_once_unless_the_check_is_off(nuorder, control):
    header = {"Authorization": nuorder.authorization("GET", APPROVED)}

    first, again = (exchange(nuorder.url, "GET", APPROVED, b"", header).status for _ in range(2))
    control.set(check_nonce=False)

    assert (first, again) == (200, 401)
    assert exchange(nuorder.url, "GET", APPROVED, b"", header).status == 200


def test_a_base64_signature_may_come_raw(nuorder):
    nuorder.dialect = "standard"
    values = nuorder.oauth_values("GET", APPROVED)
    assert base64.b64decode(values["oauth_signature"])
    raw = "OAuth " + ", ".join(f"{name}={value}" for name, value in values.items())

    assert exchange(nuorder.url, "GET", APPROVED, b"", {"Authorization": raw}).status == 200
