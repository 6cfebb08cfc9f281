"""A tiny JOOR client of the tests' own, for both generations of the API, and pictures for it to send."""

import base64
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urlencode

from PIL import Image

from tests.sandbox import running
from tests.sandbox.running import Reply, exchange


@dataclass
class Joor:
    """A client under one set of credentials."""

    url: str
    credentials: dict[str, str]
    token: str = ""

    def log_in(self, **changes: str) -> Reply:
        """Ask for a token, as a form."""
        body = urlencode(self.grant(**changes)).encode()
        return exchange(self.url, "POST", "/auth/", body, {"Content-Type": "application/x-www-form-urlencoded"})

    def grant(self, **changes: str) -> dict[str, str]:
        named = {name: self.credentials[name] for name in ("client_id", "client_secret", "username", "password")}
        return {**named, "grant_type": "password", **changes}

    def v4(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Reply:
        """A v4 call on the account; the token is asked for when there is none yet."""
        self.token = self.token or str(self.log_in().json["access_token"])
        joint = "&" if "?" in path else "?"
        target = path if "account=" in path else f"{path}{joint}account={self.credentials['account_id']}"
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        return exchange(self.url, method, f"/v4{target}", _json(body) if raw is None else raw, sent)

    def v2(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """A v2 call."""
        token = base64.b64encode(self.credentials["v2_token"].encode()).decode()
        sent = {"Authorization": f"OAuth2 {token}", "Content-Type": "application/json", **headers}
        return exchange(self.url, method, f"/v2{path}", _json(body), sent)

    def get(self, path: str) -> list[dict[str, Any]]:
        """`data` of a list read by v4."""
        reply = self.v4("GET", path)
        assert reply.status == 200, reply.body
        return list(reply.json["data"])

    def post(self, path: str, *items: Any) -> list[dict[str, Any]]:
        """`data` of a v4 write in which nothing failed."""
        reply = self.v4("POST", path, list(items))
        assert (reply.status, reply.json["errors"]) == (200, [])
        return list(reply.json["data"])

    def refused(self, path: str, *items: Any) -> dict[str, Any]:
        """The one error of a v4 write in which everything failed."""
        reply = self.v4("POST", path, list(items))
        assert (reply.status, reply.json["data"]) == (400, [])
        (error,) = reply.json["errors"]
        return dict(error)

    def add_product(self, key: str = "COAT1", **fields: Any) -> str:
        """The id of a new product."""
        item = {"name": "Wool coat", "external_id": key, "product_identifier": key, **fields}
        return str(self.post("/products/bulk_create", item)[0]["id"])

    def add_skus(self, product_id: str, colours: str = "Black", sizes: str = "S M", upc: int = 5060000000000) -> Any:
        """The SKUs of a product in all of these colours and sizes, with UPCs counting up."""
        pairs = [(colour, size) for colour in colours.split() for size in sizes.split()]
        items = [sku_item(product_id, colour, size, str(upc + n)) for n, (colour, size) in enumerate(pairs)]
        return self.post("/skus/bulk_create", *items)


class Process(running.Process):
    """A process of JOOR's sandbox."""

    platform: ClassVar[str] = "joor"

    def client(self) -> Joor:
        return Joor(self.announcement["url"], self.announcement["credentials"])


def sku_item(product_id: str, colour: str, size: str, upc: str = "", **fields: Any) -> dict[str, Any]:
    """A SKU as a client would send it."""
    return {
        "product_id": product_id,
        "external_id": f"{product_id}-{colour}-{size}",
        "trait_values": [
            {"trait_name": "Color", "value": colour, "external_id": colour[:3].upper(), "order_nbr": 1},
            {"trait_name": "Size", "value": size, "external_id": size, "order_nbr": 1},
        ],
        "identifiers": [{"type": "upc", "value": upc}] if upc else [],
        **fields,
    }


def picture(width: int = 66, height: int = 90, kind: str = "PNG", colour: str = "navy") -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


@dataclass
class Shelf:
    """Files served on this machine, by path."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, name: str, content: bytes) -> str:
        self.files[f"/{name}"] = content
        return f"{self.url}/{name}"


@contextmanager
def serving_files() -> Iterator[Shelf]:
    """A web server as the brand has one for its pictures."""
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shelf.asked.append(self.path)
            content = shelf.files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shelf.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield shelf
    finally:
        server.shutdown()
        server.server_close()


def _json(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()
