"""Matches: which customer or size of the books a platform means by its own words, as a person said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from linesheet.books.kinds import CUSTOMER, SIZE, records_of
from linesheet.books.models import SKU, Customer, User
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.like_customers import Sought, like_customers, packed, sought_by
from linesheet.sync.like_skus import like_skus
from linesheet.sync.likeness import folded
from linesheet.sync.models import Connection, Match

KINDS = (CUSTOMER, SIZE)
"""Kinds of records that matches are made with."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A record of the books that may be meant, and what speaks for it."""

    record: Any
    because: str


@dataclass(frozen=True, slots=True)
class Matched:
    """A match with the record of ours; None when that is gone from the books."""

    match: Match
    record: Any

    @property
    def pk(self) -> int:
        """The match's id."""
        return self.match.pk


def remember(
    connection: Connection, key: str, name: str, record: Any, *, kind: str = CUSTOMER, by: User | None = None
) -> Match:
    """Keep that what the platform calls so is this record; another match of the same key gives way."""
    match: Match
    match, _ = Match.objects.update_or_create(
        connection=connection,
        kind=kind,
        remote_key=key,
        defaults={
            "company_id": connection.company_id,
            "remote_label": name[:250],
            "record_id": str(record.pk),
            "made_by": by,
        },
    )
    return match


def remember_first(
    connection: Connection, key: str, name: str, record: Any, *, kind: str = CUSTOMER, by: User | None = None
) -> Match | None:
    """The same, unless somebody has said already what is called so: None then, and what they said stays."""
    match, new = Match.objects.get_or_create(
        connection=connection,
        kind=kind,
        remote_key=key,
        defaults={
            "company_id": connection.company_id,
            "remote_label": name[:250],
            "record_id": str(record.pk),
            "made_by": by,
        },
    )
    return match if new else None


def with_records(matches: Iterable[Match]) -> list[Matched]:
    """The matches with their records, in their order; one query a kind."""
    matches = list(matches)
    records: dict[tuple[str, int], Any] = {}
    for kind in KINDS:
        ids = {int(match.record_id) for match in matches if match.kind == kind and match.record_id.isdecimal()}
        records |= {(kind, pk): row for pk, row in records_of(kind, ids).items()}
    return [
        Matched(match, records.get((match.kind, int(match.record_id))) if match.record_id.isdecimal() else None)
        for match in matches
    ]


def customers_for(order: IncomingOrder) -> Sequence[Suggested]:
    """Customers of the books that one kept order may mean. Five queries."""
    (likes,) = like_customers([sought_by(order)])
    customers = Customer.objects.in_bulk([like.record_id for like in likes])
    return [
        Suggested(customers[like.record_id], ", ".join(like.because)) for like in likes if like.record_id in customers
    ]


def customers_alike(customer: Customer) -> Sequence[Suggested]:
    """Other customers of the books that may be the same retailer. Seven queries."""
    contact = customer.contacts.order_by("-is_default", "pk").exclude(email="").first()
    address = customer.addresses.order_by("-is_default", "pk").exclude(postcode="").first()
    sought = Sought(
        name=customer.name,
        code=customer.account_code,
        email=contact.email if contact else "",
        postcode=packed(address.postcode) if address else "",
        street=folded(address.line_1) if address else "",
    )
    (likes,) = like_customers([sought], but=customer.pk)
    others = Customer.objects.in_bulk([like.record_id for like in likes])
    return [Suggested(others[like.record_id], ", ".join(like.because)) for like in likes if like.record_id in others]


def sizes_for(connection: Connection, lines: Sequence[IncomingLine]) -> list[Sequence[Suggested]]:
    """For each line of one kept order the sizes it may mean. Six queries, however many lines."""
    found = like_skus(connection.pk, lines)
    wanted = {like.record_id for likes in found for like in likes}
    skus = SKU.objects.select_related("product").in_bulk(wanted) if wanted else {}
    return [
        [Suggested(skus[like.record_id], ", ".join(like.because)) for like in likes if like.record_id in skus]
        for likes in found
    ]
