"""How a call to NuORDER is signed: OAuth 1.0 in both dialects in use (sheet nuorder.md 1.4 and 1.5)."""

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote

from oauthlib import oauth1


class Dialect(StrEnum):
    """NuORDER's own signature with a hexadecimal digest, or the one of RFC 5849."""

    LEGACY = "legacy"
    RFC5849 = "rfc5849"


@dataclass(frozen=True, slots=True)
class Keys:
    """The four values of a connection; token and its secret are "" before the handshake."""

    consumer_key: str
    consumer_secret: str
    token: str = ""
    token_secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What the two calls of the handshake carry beside the keys (sheet 1.3)."""

    callback: str = ""
    verifier: str = ""
    application_name: str = ""


def authorization(
    method: str,
    url: str,
    keys: Keys,
    dialect: Dialect,
    handshake: Handshake = Handshake(),
    *,
    timestamp: str = "",
    nonce: str = "",
) -> Mapping[str, str]:
    """The Authorization header of one call. `url` is whole, as it will be called.

    Timestamp (Unix seconds) and nonce are made afresh unless given. The application's name goes into the
    header only, unsigned (sheet 1.3).
    """
    timestamp = timestamp or str(int(time.time()))
    nonce = nonce or secrets.token_hex(8)
    if dialect is Dialect.RFC5849:
        header = _standard_header(method, url, keys, handshake, timestamp, nonce)
    else:
        header = _legacy_header(method, url, keys, handshake, timestamp, nonce)
    if handshake.application_name:
        header += f',application_name="{_quoted(handshake.application_name)}"'
    return {"Authorization": header}


def legacy_signature(
    method: str,
    url: str,
    keys: Keys,
    handshake: Handshake = Handshake(),
    *,
    timestamp: str,
    nonce: str,
) -> str:
    """Lower-case hexadecimal HMAC-SHA1 over NuORDER's base string: fixed order, nothing percent-encoded.

    A query string in `url` is signed as it stands, as NuORDER's samples do (sheet 1.5).
    """
    base = (
        f"{method}{url}?oauth_consumer_key={keys.consumer_key}&oauth_token={keys.token}"
        f"&oauth_timestamp={timestamp}&oauth_nonce={nonce}"
        "&oauth_version=1.0&oauth_signature_method=HMAC-SHA1"
    )
    if handshake.verifier:
        base += f"&oauth_verifier={handshake.verifier}"
    if handshake.callback:
        base += f"&oauth_callback={handshake.callback}"
    return hmac.digest(f"{keys.consumer_secret}&{keys.token_secret}".encode(), base.encode(), "sha1").hex()


def _legacy_header(method: str, url: str, keys: Keys, handshake: Handshake, timestamp: str, nonce: str) -> str:
    signature = legacy_signature(method, url, keys, handshake, timestamp=timestamp, nonce=nonce)
    # What is made here, letters and digits, needs no quoting.
    header = (
        f'OAuth oauth_consumer_key="{_quoted(keys.consumer_key)}",oauth_token="{_quoted(keys.token)}"'
        f',oauth_timestamp="{timestamp}",oauth_nonce="{nonce}"'
        f',oauth_version="1.0",oauth_signature_method="HMAC-SHA1",oauth_signature="{signature}"'
    )
    if handshake.verifier:
        header += f',oauth_verifier="{_quoted(handshake.verifier)}"'
    if handshake.callback:
        header += f',oauth_callback="{_quoted(handshake.callback)}"'
    return header


@lru_cache(100)
def _quoted(value: str) -> str:
    return quote(value, safe="")


def _standard_header(method: str, url: str, keys: Keys, handshake: Handshake, timestamp: str, nonce: str) -> str:
    signer = oauth1.Client(
        keys.consumer_key,
        client_secret=keys.consumer_secret,
        resource_owner_key=keys.token or None,
        resource_owner_secret=keys.token_secret or None,
        callback_uri=handshake.callback or None,
        verifier=handshake.verifier or None,
        timestamp=timestamp,
        nonce=nonce,
    )
    _, headers, _ = signer.sign(url, http_method=cast(Any, method))
    return str(headers["Authorization"])
