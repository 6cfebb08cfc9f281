"""The two OAuth signature dialects in production use (sheet 1.5)."""

import base64
import hmac
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HEX_DIGEST = re.compile(r"[0-9a-f]{40}")


def is_legacy(signature: str) -> bool:
    """Whether a signature is in the legacy dialect: hexadecimal, where RFC 5849 has base64."""
    return _HEX_DIGEST.fullmatch(signature) is not None


def legacy_base(method: str, url: str, oauth: Mapping[str, str]) -> str:
    """Base string of the legacy dialect: fixed order, nothing encoded. `url` may hold a query string."""
    base = (
        f"{method}{url}?oauth_consumer_key={oauth.get('oauth_consumer_key', '')}"
        f"&oauth_token={oauth.get('oauth_token', '')}"
        f"&oauth_timestamp={oauth.get('oauth_timestamp', '')}&oauth_nonce={oauth.get('oauth_nonce', '')}"
        "&oauth_version=1.0&oauth_signature_method=HMAC-SHA1"
    )
    for name in ("oauth_verifier", "oauth_callback"):
        if name in oauth:
            base += f"&{name}={oauth[name]}"
    return base


def legacy_signature(base: str, consumer_secret: str, token_secret: str) -> str:
    """Hexadecimal HMAC-SHA1 under the raw secrets."""
    return hmac.digest(f"{consumer_secret}&{token_secret}".encode(), base.encode(), "sha1").hex()


def standard_base(method: str, url: str, query: str, parameters: Mapping[str, str]) -> str:
    """Base string of RFC 5849: header parameters and query, encoded and sorted; the body is left out."""
    pairs: Iterable[tuple[str, str]] = [*parameters.items(), *parse_qsl(query, keep_blank_values=True)]
    encoded = sorted((_encoded(name), _encoded(value)) for name, value in pairs)
    listing = "&".join(f"{name}={value}" for name, value in encoded)
    return f"{method}&{_encoded(_normal_url(url))}&{_encoded(listing)}"


def standard_signature(base: str, consumer_secret: str, token_secret: str) -> str:
    """Base64 HMAC-SHA1 under the encoded secrets."""
    key = f"{_encoded(consumer_secret)}&{_encoded(token_secret)}"
    return base64.b64encode(hmac.digest(key.encode(), base.encode(), "sha1")).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def _normal_url(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.port and parts.port != _DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    return f"{parts.scheme.lower()}://{host}{parts.path or '/'}"
