"""Every address there is: none leads into another company, and none but a few named ones opens without a log-in.

The walk finds the addresses by itself. What it cannot know is how to fill a new kind of id in: `tests/web/elsewhere.py`
holds that, and a missing line there fails here by name.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from linesheet.books.models import Member, User
from linesheet.books.tenancy import acting_for
from linesheet.sync import rights
from tests.web.elsewhere import KWARGS, MARK, OF_NOBODY, SOUGHT, Rows, as_it_stands, make_rows, way_into

pytestmark = pytest.mark.timeout(600)

OPEN = {
    "accept_invitation",
    "account_confirm_email",
    "account_email_verification_sent",
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

OF_CONNECTION = {
    "connection_id",
    "run_id",
    "item_id",
    "section_id",
    "placement_id",
    "link_id",
    "inbox_id",
    "suggestion_id",
    "exchange_id",
    "api_key_id",
    "api_call_id",
}
"""Parts that name a connection, or something of one."""

OF_ONES_OWN = {"accept_invitation", "keep_view"}
"""Where a viewer may write: what is theirs alone."""

HAS_NOTHING = {404, 405}

ONLY_MADE_UP = {"connection_try", "mfa_reauthenticate_webauthn"}
"""What breaks on the made-up platform, which has no client, and on a passkey that is none, once one may open it."""


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


# What programs call is walked in tests/api: no log-in opens it.
_PAGES = [pattern for pattern in get_resolver().url_patterns if str(pattern.pattern) != "api/"]
ADDRESSES = list(_walk(_PAGES, "", ()))
WITH_IDS = [one for one in ADDRESSES if set(one.kwargs) - OF_NOBODY]
WITHOUT_IDS = [one for one in ADDRESSES if not set(one.kwargs) - OF_NOBODY]


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


@contextmanager
def _as_if_never() -> Iterator[list[str]]:
    """What one address did, the next ones do not see; the statements by which it may have changed anything."""
    written: list[str] = []

    def noted(execute: Any, sql: str, *args: Any) -> Any:
        if not sql.lstrip().upper().startswith(_READING):
            written.append(sql)
        return execute(sql, *args)

    cache.clear()
    with transaction.atomic():
        with connection.execute_wrapper(noted):
            yield written
        transaction.set_rollback(True)


_READING = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET LOCAL")


def _same_as(client: Client) -> Client:
    same = Client(raise_request_exception=False)
    same.cookies = copy.deepcopy(client.cookies)
    return same


def _guesses(rows: Rows) -> dict[str, Any]:
    """Ids of the other company under every name a filter or a form might have, and a search that would find it."""
    ids = {name: fill(rows) for name, fill in KWARGS.items() if "." not in name}
    short = {name.removesuffix("_id"): value for name, value in ids.items() if name.endswith("_id")}
    many = {f"{name}s": value for name, value in short.items()}
    every = {"id": rows.product.pk, "ids": rows.product.pk, "selected": rows.product.pk, "company": rows.company.pk}
    search = {"q": SOUGHT, "search": SOUGHT, "text": SOUGHT}
    return {**ids, **short, **many, **every, **search, "active": "no", "when": "off", "role": "viewer"}


def _asked(client: Client, where: str, rows: Rows) -> list[Any]:
    return [client.get(where), client.get(where, _guesses(rows)), client.post(where, _guesses(rows))]


def _body(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return f"{content.decode(errors='replace')} {response.get('Location', '')}"


def _complaints(
    address: Address, answers: list[Any], written: list[str], rows: Rows, before: dict[str, Any]
) -> list[str]:
    found = []
    if any(answer.status_code >= 500 for answer in answers):
        found.append("breaks")
    if any(MARK in _body(answer) for answer in answers):
        found.append("shows the other company")
    after = as_it_stands(rows) if written else before
    found += [f"changes {what} of the other company" for what in before if before[what] != after[what]]
    return [f"{address.name} {complaint}" for complaint in found]


def test_ids_of_another_company_lead_nowhere(owner: Client, rows: Rows) -> None:
    before, wrong = as_it_stands(rows), []
    for address in WITH_IDS:
        with _as_if_never() as written:
            answers = _asked(_same_as(owner), address.filled(rows), rows)
            statuses = {answer.status_code for answer in answers}
            if address.name not in BY_SECRET and not (statuses <= HAS_NOTHING and 404 in statuses):
                wrong.append(f"{address.name} answers {sorted(statuses)}")
            wrong += _complaints(address, answers, written, rows, before)

    assert wrong == []


def test_no_filter_and_no_form_shows_or_changes_another_company(owner: Client, rows: Rows) -> None:
    before, wrong = as_it_stands(rows), []
    for address in WITHOUT_IDS:
        with _as_if_never() as written:
            answers = _asked(_same_as(owner), address.filled(rows), rows)
            wrong += _complaints(address, answers, written, rows, before)

    assert wrong == []


def test_a_nul_character_breaks_nothing(rows: Rows) -> None:
    own, wrong = Client(raise_request_exception=False), []
    own.force_login(rows.user)
    fields = dict.fromkeys((*_guesses(rows), "after", "customer", "kind", "name", "record", "sku", "view"), "a\x00b")
    for address in ADDRESSES:
        where = address.filled(rows)
        with _as_if_never():
            asked = [_same_as(own).get(where, fields), _same_as(own).post(where, fields)]
            asked += [_same_as(own).get(f"{where}%00"), _same_as(own).get(where, {**fields, "find-0": "\0"})]
            if address.name not in ONLY_MADE_UP and any(answer.status_code >= 500 for answer in asked):
                wrong.append(address.name)

    assert wrong == []


def test_who_is_not_logged_in_is_sent_to_log_in(rows: Rows) -> None:
    before, wrong = as_it_stands(rows), []
    for address in ADDRESSES:
        with _as_if_never() as written:
            answers = _asked(Client(raise_request_exception=False), address.filled(rows), rows)
            to_log_in = all(str(answer.get("Location", "")).startswith("/login/") for answer in answers)
            if address.name not in OPEN and not to_log_in:
                wrong.append(f"{address.name} opens without a log-in")
            wrong += _complaints(address, answers, written, rows, before)

    assert wrong == []


def test_a_connection_one_may_not_see_is_nowhere(rows: Rows) -> None:
    with acting_for(rows.company):
        member = Member.objects.create(user=User.objects.create_user("operator@example.com"), role="operator")
        rights.give(member, {rows.connection.pk: rights.Level.NONE})
    operator, wrong = Client(raise_request_exception=False), []
    operator.force_login(member.user)
    for address in ADDRESSES:
        if OF_CONNECTION & set(address.kwargs):
            with _as_if_never():
                statuses = {answer.status_code for answer in _asked(_same_as(operator), address.filled(rows), rows)}
                if not statuses <= {403, *HAS_NOTHING}:  # 403: not for this role, whatever it names
                    wrong.append(f"{address.name} answers {sorted(statuses)}")
        elif address in WITHOUT_IDS:
            answers = [operator.get(address.filled(rows)), operator.get(address.filled(rows), _guesses(rows))]
            if any(rows.connection.name in _body(answer) for answer in answers):
                wrong.append(f"{address.name} shows it")

    assert wrong == []


def test_who_only_looks_changes_nothing(rows: Rows) -> None:
    with acting_for(rows.company):
        member = Member.objects.create(user=User.objects.create_user("viewer@example.com"), role="viewer")
    viewer, before, wrong = Client(raise_request_exception=False), as_it_stands(rows), []
    viewer.force_login(member.user)
    for address in ADDRESSES:
        if address.name not in OF_ONES_OWN:
            with _as_if_never() as written:
                answers = [_same_as(viewer).post(address.filled(rows), _guesses(rows))]
                found = _complaints(address, answers, written, rows, before)
                wrong += [complaint for complaint in found if "shows" not in complaint]

    assert wrong == []


def test_every_part_of_every_address_can_be_filled_in() -> None:
    known = {part.rpartition(".")[2] for part in KWARGS}
    assert {part: address.name for address in ADDRESSES for part in address.kwargs if part not in known} == {}


def test_every_name_in_the_short_lists_is_there() -> None:
    assert {address.name for address in ADDRESSES} >= OPEN | BY_SECRET
