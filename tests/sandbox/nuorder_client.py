"""A tiny NuORDER client of the tests' own, with both signature dialects."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote

from tests.sandbox import running
from tests.sandbox.running import Reply, exchange


def legacy_signature(method: str, url: str, oauth: dict[str, str], consumer_secret: str, token_secret: str) -> str:
    """Hexadecimal signature over an unencoded base string in fixed order."""
    base = f"{method}{url}?oauth_consumer_key={oauth['oauth_consumer_key']}&oauth_token={oauth['oauth_token']}"
    base += f"&oauth_timestamp={oauth['oauth_timestamp']}&oauth_nonce={oauth['oauth_nonce']}"
    base += "&oauth_version=1.0&oauth_signature_method=HMAC-SHA1"
    base += "".join(f"&{name}={oauth[name]}" for name in ("oauth_verifier", "oauth_callback") if name in oauth)
    key = f"{consumer_secret}&{token_secret}".encode()
    return hmac.new(key, base.encode(), hashlib.sha1).hexdigest()


def standard_signature(method: str, url: str, oauth: dict[str, str], consumer_secret: str, token_secret: str) -> str:
    """Base64 signature of RFC 5849."""

    def encoded(text: str) -> str:
        return quote(text, safe="")

    address, _, query = url.partition("?")
    pairs = [*oauth.items(), *parse_qsl(query, keep_blank_values=True)]
    listing = "&".join(f"{name}={value}" for name, value in sorted((encoded(n), encoded(v)) for n, v in pairs))
    base = f"{method}&{encoded(address)}&{encoded(listing)}"
    key = f"{encoded(consumer_secret)}&{encoded(token_secret)}".encode()
    return base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()


@dataclass
class NuOrder:
    """A client of the API under one set of credentials."""

    url: str
    credentials: dict[str, str]
    dialect: str = "legacy"
    sign_query: bool = True

    def call(self, method: str, target: str, body: Any = None, *, raw: bytes | None = None, **extra: Any) -> Reply:
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": self.authorization(method, target), "Content-Type": "application/json"}
        return exchange(self.url, method, target, content, headers | extra.get("headers", {}))

    def get(self, target: str, **extra: Any) -> Reply:
        return self.call("GET", target, **extra)

    def put(self, target: str, body: Any = None, **extra: Any) -> Reply:
        return self.call("PUT", target, body, **extra)

    def post(self, target: str, body: Any = None, **extra: Any) -> Reply:
        return self.call("POST", target, body, **extra)

    def delete(self, target: str) -> Reply:
        return self.call("DELETE", target)

    def authorization(self, method: str, target: str, **overrides: str) -> str:
        """The header of a signed call, every value quoted and encoded."""
        values = self.oauth_values(method, target, **overrides)
        return "OAuth " + ",".join(f'{name}="{quote(value, safe="")}"' for name, value in values.items())

    def oauth_values(self, method: str, target: str, base_url: str = "", **overrides: str) -> dict[str, str]:
        oauth = {
            "oauth_consumer_key": self.credentials["consumer_key"],
            "oauth_token": self.credentials["token"],
            "oauth_timestamp": str(int(time.time())),
            "oauth_nonce": secrets.token_hex(8),
            "oauth_version": "1.0",
            "oauth_signature_method": "HMAC-SHA1",
            **overrides,
        }
        sign = legacy_signature if self.dialect == "legacy" else standard_signature
        signed_target = target if self.sign_query else target.partition("?")[0]
        secrets_used = self.credentials["consumer_secret"], self.credentials["token_secret"]
        signature = sign(method, (base_url or self.url) + signed_target, oauth, *secrets_used)
        return {**oauth, "oauth_signature": signature}


class Control(running.Control):
    """The control API, with buyers of NuORDER's."""

    def place_order(self, *lines: tuple[str, int], **wish: Any) -> dict[str, Any]:
        rows = [{"upc": upc, "quantity": quantity} for upc, quantity in lines]
        return dict(self.post("/orders", {"company": "C001", "lines": rows, **wish}))


class Process(running.Process):
    """A process of NuORDER's sandbox."""

    platform: ClassVar[str] = "nuorder"

    @property
    def control(self) -> Control:
        return Control(self.announcement["url"])

    def client(self, dialect: str = "legacy") -> NuOrder:
        return NuOrder(self.announcement["url"], self.announcement["credentials"], dialect)
