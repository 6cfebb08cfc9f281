"""A company with people and keys, a platform that calls us, and real HTTP to ask by."""

import http.client
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from linesheet.books.models import Company, Member, User
from linesheet.books.tenancy import acting_for
from linesheet.sync import api_keys, registry, scopes
from linesheet.sync.models import Connection
from tests.api.caller import CALLER

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@dataclass(frozen=True)
class Answered:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Http:
    """Asks the live server; every call is a connection of its own, so that threads may share it."""

    url: str
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def with_key(self, key: str) -> "Http":
        return Http(self.url, key)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answered:
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        got = Answered(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        return got

    def get(self, path: str, **headers: str) -> Answered:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answered:
        return self("POST", path, body, **headers)


@pytest.fixture(autouse=True)
def calling_platform(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The only platform calls us, and is mounted."""
    monkeypatch.setattr(registry, "platforms", lambda: {"caller": CALLER})
    settings.ROOT_URLCONF = "tests.api.urls"


@pytest.fixture
def member(company: Company) -> Member:
    user = User.objects.create_user("erp@example.com", "a good password", name="Ada")
    return Member.objects.create(user=user, role=Member.Role.OWNER)


@pytest.fixture
def connection(company: Company) -> Connection:
    return Connection.objects.create(platform="caller", name="Caller")


@pytest.fixture
def key(member: Member) -> str:
    """A key of a member, for all of the hub's API."""
    return api_keys.make(member, "ERP", [scope.key for scope in scopes.HUB]).secret


@pytest.fixture
def calling_key(connection: Connection) -> str:
    """A key of the connection, for all that the platform may."""
    return api_keys.make(connection, "Caller", ["notes:read", "notes:write"]).secret


@pytest.fixture
def ask(live_server: LiveServer, key: str) -> Http:
    """The hub's API, with the member's key."""
    return Http(live_server.url, key)


@pytest.fixture
def call(live_server: LiveServer, calling_key: str) -> Http:
    """The platform's API, with the connection's key."""
    return Http(live_server.url, calling_key)


@pytest.fixture
def other(db: None) -> Callable[[], Any]:
    """Makes another company with an owner's key."""

    def made() -> tuple[Company, str]:
        company = Company.objects.create(name="Zebrafish House", slug="zebrafish")
        with acting_for(company):
            user = User.objects.create_user("other@example.com", "a good password")
            member = Member.objects.create(user=user, role=Member.Role.OWNER)
            return company, api_keys.make(member, "ERP", [scope.key for scope in scopes.HUB]).secret

    return made
