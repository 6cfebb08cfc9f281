"""Coming in, as people live it, in a real browser; every test also fails on an error in the console."""

import re
import time

import pytest
from django.core import mail
from playwright.sync_api import CDPSession, Page, expect
from pytest_django.live_server_helper import LiveServer

from linesheet.books.models import Member, User
from linesheet.sync.models import Connection
from tests.web.second_factors import code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a good password"


def _log_in(page: Page, email: str = "owner@example.com") -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def _prove(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def test_a_newcomer_sets_up_and_stands_in_empty_books(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Company").fill("Atelier Nord")
    page.get_by_label("Your e-mail").fill("ada@example.com")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Open the books").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Atelier Nord")
    expect(page.get_by_role("link", name="ada@example.com")).to_be_visible()


def test_the_browsers_time_zone_is_offered(page: Page) -> None:
    page.goto("/set-up/")
    here = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")

    expect(page.get_by_label("Time zone")).to_have_value(here)


def test_an_app_is_set_up_and_asked_for_at_the_next_log_in(page: Page, people: dict[str, User]) -> None:
    page.goto("/account/")
    _log_in(page)
    page.get_by_role("link", name="Set up an app").click()
    _prove(page)
    secret = page.locator("main code").inner_text()
    page.get_by_label("Code the app shows now").fill(code_of(secret, time.time() - 30))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    expect(page.locator(".codes li")).to_have_count(10)

    page.get_by_role("button", name="Log out").click()
    _log_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    page.get_by_label("Code of your app").fill(code_of(secret))
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Atelier Nord")


@pytest.fixture
def key(page: Page) -> CDPSession:
    """A device that keeps passkeys and recognises its owner, in the browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def test_a_passkey_lets_one_in_without_a_password(
    page: Page, live_server: LiveServer, key: CDPSession, people: dict[str, User]
) -> None:
    by_name = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{by_name}/account/")
    _log_in(page)
    page.get_by_role("link", name="Add a passkey").click()
    _prove(page)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.get_by_role("link", name="Done").click()
    expect(page.locator("p", has_text="Laptop")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Atelier Nord")

    page.get_by_role("button", name="Log out").click()
    _log_in(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Atelier Nord")

    page.goto(f"{by_name}/account/")
    page.get_by_role("link", name="Remove Laptop").click()
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    expect(page.locator("p", has_text="Laptop")).to_have_count(0)


def test_where_there_is_no_passkey_the_page_says_so(
    page: Page, live_server: LiveServer, people: dict[str, User]
) -> None:
    page.goto(f"{live_server.url}/login/".replace("localhost", "127.0.0.1"))
    page.get_by_role("button", name="Log in with a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("Passkeys need https and a host name")
    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_enabled()


def test_somebody_is_invited_joins_and_may_run_what_they_were_given(
    page: Page, people: dict[str, User], connection: Connection
) -> None:
    page.goto("/members/")
    _log_in(page)
    page.get_by_role("textbox", name="E-mail").fill("bo@example.com")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("bo@example.com is invited by mail; the link in it holds for 7 days.")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    link = re.search(r"http\S+/invitations/\S+", str(mail.outbox[-1].body))
    assert link

    page.goto(link[0])
    page.get_by_label("Your name").fill("Bo")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Atelier Nord")
    expect(page.get_by_role("link", name="Members")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()

    bo = Member.everywhere.get(user__email="bo@example.com")
    page.goto("/members/")
    _log_in(page)
    page.get_by_role("link", name="Bo", exact=True).click()
    page.get_by_label("Paris").select_option("See and run")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What Bo may do is saved.")).to_be_visible()
    assert bo.connection_rights.model.everywhere.get(member=bo).level == "run"

    page.get_by_role("button", name="Remove from Atelier Nord").click()
    expect(page.get_by_text("Bo is no member any more.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Bo is a member again.")).to_be_visible()
    expect(page.get_by_text("Paris: see and run")).to_be_visible()
