"""Every address there is: none leads into another company, and none but a few named ones opens without a log-in.

The walk finds the addresses by itself. What it cannot know is how to fill a new kind of id in: `tests/web/elsewhere.py`
holds that, and a missing line there fails here by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from linesheet.books.models import User
from tests.web.elsewhere import KWARGS, MARK, SOUGHT, Rows, as_it_stands, make_rows, way_into

OPEN = {
    "accept_invitation",
    "account_confirm_email",
    "account_inactive",
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "login",
    "mfa_login_webauthn",
    "picture",
}
"""What answers people who are not logged in. All else leads to log-in."""

BY_SECRET = {"accept_invitation", "account_confirm_email", "account_reset_password_from_key", "picture"}
"""What opens by a signed link alone, whoever holds it."""

HAS_NOTHING = {404, 405}
LOG_IN_PAGES = ("/login/", "/set-up/")


@dataclass(frozen=True)
class Address:
    """One pattern of the address table."""

    name: str
    kwargs: tuple[str, ...]

    def filled(self, rows: Rows) -> str:
        return reverse(self.name, kwargs=way_into(self.name, self.kwargs, rows))


def _walk(patterns: list[URLPattern | URLResolver], space: str, above: tuple[str, ...]) -> Iterator[Address]:
    for pattern in patterns:
        own = (*above, *pattern.pattern.regex.groupindex, *pattern.pattern.converters)
        kwargs = tuple(dict.fromkeys(own))
        if isinstance(pattern, URLResolver):
            inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inside, kwargs)
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            yield Address(f"{space}{pattern.name}", kwargs)


ADDRESSES = list(_walk(get_resolver().url_patterns, "", ()))
WITH_IDS = [one for one in ADDRESSES if one.kwargs]
WITHOUT_IDS = [one for one in ADDRESSES if not one.kwargs]


def _named(address: Address) -> str:
    return address.name


@pytest.fixture
def rows(db: None) -> Rows:
    return make_rows()


@pytest.fixture
def owner(people: dict[str, User]) -> Client:
    """An owner of the first company, who gave their password a moment ago."""
    client = Client()
    client.post("/login/", {"login": "owner@example.com", "password": "a good password"})
    client.post("/account/confirm/password/", {"password": "a good password"})
    return client


def _guesses(rows: Rows) -> dict[str, Any]:
    """Ids of the other company under every name a filter or a form might have, and a search that would find it."""
    ids = {name: fill(rows) for name, fill in KWARGS.items() if "." not in name}
    short = {name.removesuffix("_id"): value for name, value in ids.items() if name.endswith("_id")}
    many = {f"{name}s": value for name, value in short.items()}
    every = {"id": rows.product.pk, "ids": rows.product.pk, "selected": rows.product.pk, "company": rows.company.pk}
    search = {"q": SOUGHT, "search": SOUGHT, "text": SOUGHT}
    return {**ids, **short, **many, **every, **search, "active": "no", "when": "off", "role": "viewer"}


def _body(response: HttpResponse | StreamingHttpResponse) -> str:
    content = b"".join(response) if isinstance(response, StreamingHttpResponse) else response.content
    return f"{content.decode(errors='replace')} {response.get('Location', '')}"


@pytest.mark.parametrize("address", WITH_IDS, ids=_named)
def test_ids_of_another_company_lead_nowhere(address: Address, owner: Client, rows: Rows) -> None:
    where, before = address.filled(rows), as_it_stands(rows)

    answers = [owner.get(where), owner.get(where, _guesses(rows)), owner.post(where, _guesses(rows))]

    if address.name not in BY_SECRET:
        statuses = {answer.status_code for answer in answers}
        assert statuses <= HAS_NOTHING
        assert 404 in statuses
    assert not any(MARK in _body(answer) for answer in answers)
    assert as_it_stands(rows) == before


@pytest.mark.parametrize("address", WITHOUT_IDS, ids=_named)
def test_nothing_of_another_company_is_shown_or_changed_by_any_filter_or_form(
    address: Address, owner: Client, rows: Rows
) -> None:
    where, before = address.filled(rows), as_it_stands(rows)

    answers = [owner.get(where), owner.get(where, _guesses(rows)), owner.post(where, _guesses(rows))]

    assert all(answer.status_code < 500 for answer in answers)
    assert not any(MARK in _body(answer) for answer in answers)
    assert as_it_stands(rows) == before


@pytest.mark.parametrize("address", ADDRESSES, ids=_named)
def test_who_is_not_logged_in_is_sent_to_log_in(address: Address, rows: Rows) -> None:
    where, before = address.filled(rows), as_it_stands(rows)

    for answer in (Client().get(where), Client().post(where, _guesses(rows))):
        if address.name in OPEN:
            assert answer.status_code < 500
            assert MARK not in _body(answer)
        else:
            assert answer.status_code == 302
            assert answer["Location"].startswith(LOG_IN_PAGES)
    assert as_it_stands(rows) == before


def test_every_name_in_the_short_list_is_there() -> None:
    assert {address.name for address in ADDRESSES} >= OPEN | BY_SECRET
