"""A process of ORDRE's sandbox, and a small made-up hub for it to call (sheet ordre.md 6)."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Event, Lock, Thread
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from tests.sandbox import running

KEY = "ordre-key-of-the-made-up-hub"
BASE = "/api/ordre/v1"

Json = dict[str, Any]
Told = tuple[int, Json, Any]


class Process(running.Process):
    """A process of ORDRE's sandbox."""

    platform: ClassVar[str] = "ordre"


@dataclass
class Asked:
    """One call the hub got."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class MadeUpHub:
    """The hub as far as ORDRE can tell: two looks, customers, and orders by Idempotency-Key.

    `before` may answer a call in the hub's place; None lets it pass.
    """

    url: str = ""
    products: dict[str, Json] = field(default_factory=dict)
    customers: dict[str, Json] = field(default_factory=dict)
    stock: dict[str, Json] = field(default_factory=dict)
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    orders: list[Json] = field(default_factory=list)
    before: Callable[[Asked], Told | None] = lambda asked: None
    as_of: int = 100
    _answers: dict[str, tuple[Any, Json]] = field(default_factory=dict)
    _cursors: dict[str, list[Json]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def put_product(self, key: str, look: str = "A", **fields: Any) -> None:
        """A product, changed at the present moment of the hub."""
        self.products[key] = {"id": key, "updated_at": self.stamp(), **product(key, look), **fields}

    def put_customer(self, key: str, name: str, **fields: Any) -> None:
        self.customers[key] = {
            "id": key,
            "name": name,
            "active": True,
            "currency": "EUR",
            "price_list": "Wholesale",
            "updated_at": self.stamp(),
            **fields,
        }

    def remove_product(self, key: str) -> None:
        """Out of the catalogue: a tombstone."""
        stamp = self.stamp()
        self.products[key] = {"id": key, "removed_at": stamp, "updated_at": stamp, "reason": "out_of_catalogue"}

    def stamp(self) -> str:
        return f"2026-01-01T00:00:{self.as_of:06d}Z"

    def calls(self, method: str, path: str) -> list[Asked]:
        return [each for each in self.asked if (each.method, each.path) == (method, path)]

    def answer(self, asked: Asked) -> Told:
        if (told := self.before(asked)) is not None:
            return told
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return problem(401, "unauthorised")
        if asked.method == "POST":
            return self._posted(asked)
        if asked.path == "/status":
            return 200, {}, {"company": "Maison", "season_set": True}
        if asked.path == "/collections":
            looks = [{"id": "B", "name": "Evening", "position": 2}, {"id": "A", "name": "Day", "position": 1}]
            return 200, {}, {"data": [{"id": "c1", "name": "Winter", "position": 1, "looks": looks}]}
        if asked.path.endswith("/image"):
            return self._pictured(asked)
        shelves = {"/products": self.products, "/customers": self.customers, "/inventory": self.stock}
        if (shelf := shelves.get(asked.path)) is not None:
            return self._paged(asked, list(shelf.values()))
        if asked.path.startswith("/orders/"):
            number = asked.path.rpartition("/")[2]
            return 200, {}, {"data": [order for order in self.orders if order["order_number"] == number]}
        return problem(404, "not_found")

    def _paged(self, asked: Asked, rows: list[Json]) -> Told:
        limit, cursor = int(asked.query["limit"]), asked.query.get("cursor")
        if cursor is None:
            since = asked.query.get("updated_since", "")
            rows = [row for row in rows if row.get("updated_at", "") >= since]
            rows = [row for row in rows if since or not row.get("removed_at")]
        elif cursor not in self._cursors:
            return problem(410, "cursor_expired")
        else:
            rows = self._cursors[cursor]
        following = None
        if rows[limit:]:
            following = f"cursor-{len(self._cursors)}"
            self._cursors[following] = rows[limit:]
        return 200, {}, {"data": rows[:limit], "next_cursor": following, "as_of": self.stamp()}

    def forget_cursors(self) -> None:
        self._cursors.clear()

    def _pictured(self, asked: Asked) -> Told:
        etag, content = self.pictures.get(asked.path.split("/")[2], ("", b""))
        if not content:
            return problem(404, "not_found")
        if asked.headers.get("if-none-match") == etag:
            return 304, {"ETag": etag}, b""
        return 200, {"ETag": etag, "Content-Type": "image/png"}, content

    def _posted(self, asked: Asked) -> Told:
        if asked.path == "/orders/validate":
            return 200, {}, {"result": "created", "issues": []}
        key = asked.headers.get("idempotency-key") or json.dumps(asked.body)
        with self._lock:
            if key in self._answers:
                body, answer = self._answers[key]
                if body != asked.body:
                    return problem(409, "idempotency_conflict")
                return 200, {"Idempotency-Replayed": "true"}, answer
            self.orders.append(asked.body)
            answer = {"result": "created", "erp_order_number": f"SO-{len(self.orders):05d}"}
            self._answers[key] = (asked.body, answer)
        return 201, {}, answer


def product(key: str, look: str = "A") -> Json:
    """A product as the sheet has it (6.4), in two sizes."""
    number = int(key.strip("p"))
    sizes = [("M", 2), ("S", 1)]
    return {
        "id": key,
        "style": f"Coat {number}",
        "colour": "Navy",
        "collection": {"id": "c1", "name": "Winter", "position": 1},
        "look": {"id": look, "name": "Day" if look == "A" else "Evening", "position": 1},
        "position": number,
        "image": None,
        "prices": [
            {"price_list": "Wholesale", "currency": "EUR", "wholesale": "125.00", "retail": "300.00"},
            {"price_list": "Wholesale", "currency": "GBP", "wholesale": "110.00", "retail": "270.00"},
        ],
        "skus": [
            {"id": f"{key}-{size}", "size": size, "size_position": place, "barcode": barcode(number, place)}
            for size, place in sizes
        ],
    }


def barcode(number: int, place: int) -> str:
    return f"50000{number:06d}{place:02d}"


def problem(status: int, code: str, **headers: str) -> Told:
    """Problem JSON (sheet 6.6)."""
    return status, headers, {"title": code, "status": status, "code": code}


@contextmanager
def serving(hub: MadeUpHub) -> Iterator[MadeUpHub]:
    """The made-up hub on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(
                self.command,
                parts.path.removeprefix(BASE),
                dict(parse_qsl(parts.query)),
                {name.lower(): value for name, value in self.headers.items()},
                json.loads(content) if content else None,
            )
            hub.asked.append(asked)
            status, headers, body = hub.answer(asked)
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            if status != 304:
                self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Callers that give up early are what these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


def kept_waiting(path: str, until: Event) -> Callable[[Asked], Told | None]:
    """Every call of a path waits for the event, and is answered then."""

    def wait(asked: Asked) -> Told | None:
        if asked.path == path:
            until.wait(20)
        return None

    return wait


def all_at_once(path: str, count: int) -> Callable[[Asked], Told | None]:
    """Calls of a path are answered when this many are there."""
    gate = Barrier(count)

    def wait(asked: Asked) -> Told | None:
        if asked.path == path:
            gate.wait(20)
        return None

    return wait
