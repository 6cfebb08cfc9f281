"""Whether everybody can use the pages of coming in: axe finds nothing, and nothing is wider than a phone."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from linesheet.books import invitations
from linesheet.books.models import Member, User
from linesheet.sync.models import Connection
from tests.accessibility import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = 390


@pytest.fixture
def looked_at(page: Page) -> Callable[[str], None]:
    def look(address: str) -> None:
        page.emulate_media(color_scheme="light")
        page.goto(address)
        assert violations(page) == [], address
        page.emulate_media(color_scheme="dark")
        assert violations(page, only_colours=True) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, address

    page.set_viewport_size({"width": PHONE, "height": 844})
    return look


def test_set_up(looked_at: Callable[[str], None]) -> None:
    looked_at("/set-up/")


def test_pages_of_people_who_are_not_in(looked_at: Callable[[str], None], people: dict[str, User]) -> None:
    invitation = invitations.invite("bo@example.com", Member.Role.EDITOR, by=people["owner"])
    for address in (
        "/login/",
        "/password/",
        "/password/sent/",
        f"/invitations/{invitations.token_of(invitation)}/",
    ):
        looked_at(address)


def test_pages_of_an_owner(
    looked_at: Callable[[str], None],
    page: Page,
    live_server: LiveServer,
    people: dict[str, User],
    connection: Connection,
) -> None:
    invitations.invite("bo@example.com", Member.Role.EDITOR, by=people["owner"])
    owner = Client()
    owner.post("/login/", {"login": "owner@example.com", "password": "a good password"})
    owner.post("/account/confirm/password/", {"password": "a good password"})
    session = owner.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    viewer = Member.objects.get(role="viewer")
    for address in (
        "/members/",
        f"/members/{viewer.pk}/",
        "/company/",
        "/account/",
        "/account/email/",
        "/account/password/",
        "/account/app/",
        "/account/passkeys/add/",
        "/account/confirm/password/",
    ):
        looked_at(address)
