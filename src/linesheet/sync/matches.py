"""Matches: which customer of the books a platform means, said by a person, and suggestions for whom nobody said it.

What can be suggested is what the kept orders and the books tell by themselves; the platform is not asked.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Lower
from rapidfuzz import fuzz, process, utils

from linesheet.books.models import Contact, Customer, User
from linesheet.books.reasons import Reason, Refused
from linesheet.sync import reasons
from linesheet.sync.inbox import as_incoming
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.known import CUSTOMER
from linesheet.sync.models import Connection, InboxRecord, Match

MOST_HELD = 60
"""Held orders that are looked at, the latest first: there are more only where a whole account is unknown."""
MOST_SUGGESTED = 3
ALIKE = 72.0
"""Names that are less alike than so many percent are not suggested."""

MATCH_NEEDS_CUSTOMER = Reason(
    "match_needs_customer", "There is no customer {name} in the books.", "Choose one of the list, or add it first."
)
MATCH_NEEDS_ORDER = Reason(
    "match_needs_order", "No held order names that customer any more.", "Look at the list again; it may be settled."
)

REASONS = (MATCH_NEEDS_CUSTOMER, MATCH_NEEDS_ORDER)


class MatchRefused(Refused):
    """There cannot be such a match; `fix` says what helps."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A customer of the books that may be meant, and what speaks for it."""

    customer: Customer
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Somebody whom held orders name and the books do not know; `records` are these orders, the latest first."""

    key: str
    name: str
    code: str
    email: str
    records: Sequence[InboxRecord]
    suggestions: Sequence[Suggestion] = ()


def unknown_customers(connection: Connection, *, suggest: bool = True) -> list[Unknown]:
    """Whom the latest held orders name and the books do not know, most orders first, with suggestions.

    Five queries, however many there are.
    """
    held = InboxRecord.objects.filter(
        connection=connection, state=InboxRecord.State.HELD, reason_code=reasons.UNKNOWN_CUSTOMER.code
    )
    records = list(held.order_by("-pk")[:MOST_HELD])
    meanings = as_incoming(records)
    by_key: dict[str, list[tuple[InboxRecord, IncomingOrder]]] = {}
    for record in records:
        meaning = meanings.get(record.pk)
        if isinstance(meaning, IncomingOrder) and meaning.customer_keys:
            by_key.setdefault(meaning.customer_keys[0], []).append((record, meaning))
    settled = set(
        Match.objects.filter(connection=connection, remote_key__in=by_key).values_list("remote_key", flat=True)
    )
    found = [_unknown(key, orders) for key, orders in by_key.items() if key not in settled]
    found.sort(key=lambda each: (-len(each.records), each.name.casefold()))
    return _with_suggestions(found) if suggest else found


def match_customer(connection: Connection, key: str, name: str, *, by: User | None = None) -> tuple[Match, Unknown]:
    """Say that whom the platform calls so is this customer of the books; held orders then go to it.

    Another match of the same key gives way. Raises MatchRefused.
    """
    named = next((each for each in unknown_customers(connection, suggest=False) if each.key == key), None)
    if named is None:
        raise MatchRefused(MATCH_NEEDS_ORDER)
    wanted = " ".join(name.split())
    customer = Customer.objects.filter(name__iexact=wanted).first()
    if customer is None:
        raise MatchRefused(MATCH_NEEDS_CUSTOMER, name=wanted or "without a name")
    return remember(connection, key, named.name, customer, by=by), named


def remember(connection: Connection, key: str, name: str, customer: Customer, *, by: User | None = None) -> Match:
    """Keep that whom the platform calls so is this customer; another match of the same key gives way."""
    match: Match
    match, _ = Match.objects.update_or_create(
        connection=connection,
        kind=CUSTOMER,
        remote_key=key,
        defaults={
            "company_id": connection.company_id,
            "remote_label": name[:250],
            "record_id": str(customer.pk),
            "made_by": by,
        },
    )
    return match


def suggested_for(record: InboxRecord, meaning: IncomingOrder) -> Sequence[Suggestion]:
    """Customers of the books that one kept order may mean. Four queries."""
    (unknown,) = _with_suggestions([_unknown("", [(record, meaning)])])
    return unknown.suggestions


def _unknown(key: str, orders: Sequence[tuple[InboxRecord, IncomingOrder]]) -> Unknown:
    _, latest = orders[0]
    return Unknown(
        key=key,
        name=latest.customer_name or latest.customer_code or latest.customer_id,
        code=latest.customer_code,
        email=latest.customer_email,
        records=[record for record, _ in orders],
    )


def _with_suggestions(found: Sequence[Unknown]) -> list[Unknown]:
    if not found:
        return []
    names = {pk: _bare(name) for pk, name in Customer.objects.order_by().values_list("pk", "name")}
    by_code, by_email = _by_code(found), _by_email(found)
    because: list[dict[int, str]] = []
    for each in found:
        said: dict[int, str] = {}
        for pk in by_code.get(each.code.casefold(), ()):
            said.setdefault(pk, f"has the account code {each.code}")
        for pk in by_email.get(each.email.casefold(), ()):
            said.setdefault(pk, f"has a contact with the e-mail {each.email}")
        for pk, score in _alike(each.name, names):
            said.setdefault(pk, f"has a name {score:.0f} % alike")
        because.append(dict(list(said.items())[:MOST_SUGGESTED]))
    customers = Customer.objects.in_bulk({pk for said in because for pk in said})
    return [
        Unknown(
            key=each.key,
            name=each.name,
            code=each.code,
            email=each.email,
            records=each.records,
            suggestions=[Suggestion(customers[pk], why) for pk, why in said.items() if pk in customers],
        )
        for each, said in zip(found, because, strict=True)
    ]


def _alike(name: str, names: Mapping[int, str]) -> list[tuple[int, float]]:
    """Customers whose names share words with it, the most alike first.

    The scorer that is right about long and short forms of a name is slow, so it sees only what a quick one picks.
    """
    bare = _bare(name)
    picked = process.extract(bare, names, scorer=fuzz.token_set_ratio, score_cutoff=ALIKE, limit=4 * MOST_SUGGESTED)
    scored = [(pk, fuzz.WRatio(bare, other)) for other, _, pk in picked]
    return sorted((each for each in scored if each[1] >= ALIKE), key=lambda each: -each[1])[:MOST_SUGGESTED]


def _bare(name: str) -> str:
    """A name without accents, signs and case."""
    if not name.isascii():
        name = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return utils.default_process(name)


def _by_code(found: Sequence[Unknown]) -> Mapping[str, list[int]]:
    wanted = {each.code.casefold() for each in found if each.code}
    if not wanted:
        return {}
    rows = Customer.objects.exclude(account_code="").alias(folded=Lower("account_code")).filter(folded__in=wanted)
    return _grouped(rows.values_list("account_code", "pk"))


def _by_email(found: Sequence[Unknown]) -> Mapping[str, list[int]]:
    wanted = {each.email.casefold() for each in found if each.email}
    if not wanted:
        return {}
    rows = Contact.objects.filter(~Q(email="")).alias(folded=Lower("email")).filter(folded__in=wanted)
    return _grouped(rows.order_by("pk").values_list("email", "customer_id"))


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for text, pk in pairs:
        grouped.setdefault(text.casefold(), []).append(pk)
    return grouped
