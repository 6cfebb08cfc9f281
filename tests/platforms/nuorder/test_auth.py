"""The test vectors of sheet nuorder.md 1.5, in both dialects."""

import re
from urllib.parse import unquote

import pytest

from linesheet.platforms.nuorder.auth import Dialect, Handshake, Keys, authorization, legacy_signature

BASE = "http://127.0.0.1:8080"
KEYS = Keys("CKEXAMPLE", "CSEXAMPLE", "TOKEN", "TOKENSECRET")
NEW = Keys("CKEXAMPLE", "CSEXAMPLE")
PENDING = Keys("CKEXAMPLE", "CSEXAMPLE", "TMPTOKEN", "TMPSECRET")
WHEN = {"timestamp": "1700000000", "nonce": "abcdef0123456789"}
RANGE = "/api/orders/list?start_date=2024-01-01&end_date=2024-12-31"


@pytest.mark.parametrize(
    ("method", "path", "keys", "handshake", "signature"),
    [
        ("GET", "/api/initiate", NEW, Handshake(callback="oob"), "30cca52e46b7ee67095d71451261446731f278cd"),
        (
            "GET",
            "/api/token",
            PENDING,
            Handshake(verifier="VERIFIER1"),
            "ed9419dac79522960532341e968a9491ee91f0ce",
        ),
        ("GET", "/api/orders/approved/list", KEYS, Handshake(), "f09b172e2b0fba42372d6b21d4b4a0b20d5e0046"),
        ("PUT", "/api/product/new/force", KEYS, Handshake(), "5af60b5e3694d8c616556d183a507c8751c6af1d"),
        ("GET", RANGE, KEYS, Handshake(), "972b920c2f4a6caa14874a603da87dfab7959f00"),
        ("GET", "/api/orders/list", KEYS, Handshake(), "8ff6609797c6b988cf3d27033b015444eb1feb1f"),
    ],
)
def test_legacy_signatures_are_those_of_the_sheet(
    method: str, path: str, keys: Keys, handshake: Handshake, signature: str
) -> None:
    assert legacy_signature(method, BASE + path, keys, handshake, **WHEN) == signature


@pytest.mark.parametrize(
    ("path", "signature"),
    [
        ("/api/orders/approved/list", "UrnfXbqQoFeO+Jn7rcJ5ysRYRVk="),
        ("/api/orders/approved/detail?__populate=__payments", "KUZ2Z6JjU9fJGPd1byQqU+Cs/C4="),
    ],
)
def test_standard_signatures_are_those_of_the_sheet(path: str, signature: str) -> None:
    header = authorization("GET", BASE + path, KEYS, Dialect.RFC5849, **WHEN)["Authorization"]

    assert _signature_in(header) == signature


def test_the_legacy_header_carries_the_signature_of_its_own_parameters() -> None:
    header = authorization("GET", BASE + "/api/orders/approved/list", KEYS, Dialect.LEGACY, **WHEN)

    assert header["Authorization"].startswith("OAuth oauth_consumer_key=")
    assert _signature_in(header["Authorization"]) == "f09b172e2b0fba42372d6b21d4b4a0b20d5e0046"


def test_no_two_calls_share_a_nonce() -> None:
    headers = {authorization("GET", BASE, KEYS, Dialect.LEGACY)["Authorization"] for _ in range(20)}

    assert len(headers) == 20


def _signature_in(header: str) -> str:
    found = re.search(r'oauth_signature="([^"]+)"', header)
    assert found
    return unquote(found[1])
