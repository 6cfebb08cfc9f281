"""A company with people of every role, a connection to a made-up platform, and a browser."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from linesheet.books.models import Company, Member, User
from linesheet.sync import registry
from linesheet.sync.models import Connection
from tests.browsers import chromium
from tests.web.made_up import MADE_UP

# Playwright's sync API keeps an event loop running in this thread, in which Django would refuse every query.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

ClientOf = Callable[[str], Client]


@pytest.fixture(autouse=True)
def made_up_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": MADE_UP})


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """No test is held up by how often earlier ones asked for the same."""
    cache.clear()


@pytest.fixture
def people(company: Company) -> dict[str, User]:
    """A user of each role."""
    found = {}
    for role in Member.Role.values:
        found[role] = User.objects.create_user(f"{role}@example.com", "a good password", name=role.title())
        Member.objects.create(user=found[role], role=role)
    return found


@pytest.fixture
def client_of(people: dict[str, User]) -> ClientOf:
    """A client logged in as the user of a role."""

    def logged_in(role: str) -> Client:
        client = Client()
        client.force_login(people[role])
        return client

    return logged_in


@pytest.fixture
def operator(client_of: ClientOf) -> Client:
    return client_of("operator")


@pytest.fixture
def connection(company: Company) -> Connection:
    return Connection.objects.create(
        platform="made-up", name="Paris", base_url="https://api.example", credentials={"key": "k"}
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page that tolerates no error in its console, violations of the policy included."""
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    # A 422 says that a form was filled in wrongly; the browser logs every such answer.
    assert [text for text in said if "status of 422" not in text] == []


@pytest.fixture
def operator_page(page: Page, live_server: LiveServer, operator: Client) -> Page:
    """The page of an operator who is logged in."""
    _log_in(page, live_server, operator)
    return page


@pytest.fixture
def owner_page(page: Page, live_server: LiveServer, client_of: ClientOf) -> Page:
    """The page of an owner who is logged in."""
    _log_in(page, live_server, client_of("owner"))
    return page


@pytest.fixture
def browser_without_scripts(browser: Browser, live_server: LiveServer, operator: Client) -> Iterator[Page]:
    """The page of an operator whose browser runs no scripts."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    _log_in(page, live_server, operator)
    yield page
    context.close()


def _log_in(page: Page, live_server: LiveServer, client: Client) -> None:
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
