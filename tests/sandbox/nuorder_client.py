"""A tiny NuORDER client of the tests' own, with both signature dialects, and the process it talks to."""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlsplit


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
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])


def exchange(url: str, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, target, body or None, headers or {})
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


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


@dataclass
class Control:
    """The control API, with what the tests need most spelled out."""

    url: str

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        content = b"" if body is None else json.dumps(body).encode()
        return exchange(self.url, method, f"/_control{path}", content)

    def get(self, path: str) -> Any:
        return self._done(self.call("GET", path))

    def post(self, path: str, body: Any = None) -> Any:
        return self._done(self.call("POST", path, body))

    def patch(self, path: str, body: Any) -> Any:
        return self._done(self.call("PATCH", path, body))

    def delete(self, path: str) -> Any:
        return self._done(self.call("DELETE", path))

    def set(self, **settings: Any) -> None:
        self.post("/settings", settings)

    def fault(self, kind: str, **order: Any) -> dict[str, Any]:
        return dict(self.post("/faults", {"kind": kind, **order}))

    def place_order(self, *lines: tuple[str, int], **wish: Any) -> dict[str, Any]:
        rows = [{"upc": upc, "quantity": quantity} for upc, quantity in lines]
        return dict(self.post("/orders", {"company": "C001", "lines": rows, **wish}))

    def writes(self, kind: str) -> dict[str, Any]:
        return dict(self.get("/stats")["writes"].get(kind, {}))

    def _done(self, reply: Reply) -> Any:
        assert reply.status in (200, 201), reply.body
        return reply.json


@dataclass
class Process:
    """A sandbox process, up once its announcement has been read."""

    state: Path | None = None
    port: int = 0
    announcement: dict[str, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "linesheet_sandbox", "nuorder", "--port", str(self.port)]
        if self.state:
            command += ["--state", str(self.state)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.announcement = json.loads(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGKILL)

    @property
    def control(self) -> Control:
        return Control(self.announcement["url"])

    def client(self, dialect: str = "legacy") -> NuOrder:
        return NuOrder(self.announcement["url"], self.announcement["credentials"], dialect)

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        """Exit code, and what else was printed."""
        self._process.send_signal(number)
        printed, _ = self._process.communicate(timeout=10)
        return self._process.returncode, printed
