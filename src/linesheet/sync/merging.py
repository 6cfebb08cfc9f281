"""Merging customers with what platforms know of them: links and matches lead to the one that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from linesheet.books.kinds import CUSTOMER
from linesheet.books.merging import Moves, merge_customers, moves
from linesheet.books.models import Customer, User
from linesheet.sync.incoming import match_key
from linesheet.sync.matches import remember_first
from linesheet.sync.models import Connection, Link, Match, Problem
from linesheet.sync.shown import pick_like


@dataclass(frozen=True, slots=True)
class Merging:
    """What merging two customers moves, in the books and of connections.

    `doubled` are links of connections on which the one who is kept has a link of its own: a link is one to one, so
    these become matches, by which orders of that record still find the customer.
    """

    books: Moves
    links: Sequence[Link]
    doubled: Sequence[Link]
    matches: Sequence[Match]

    @property
    def connections(self) -> list[Connection]:
        """The connections of which something moves, each once."""
        known: list[Link | Match] = [*self.links, *self.doubled, *self.matches]
        return list({each.connection_id: each.connection for each in known}.values())


def merging(gone: Customer, kept: Customer) -> Merging:
    """What merging one customer into another would do. Raises MergeRefused where that may not be."""
    own = Link.objects.filter(kind=CUSTOMER, record_id=str(kept.pk)).values_list("connection_id", flat=True)
    doubled = set(own)
    links: Sequence[Link] = _known(Link, gone)
    return Merging(
        books=moves(gone, kept),
        links=[link for link in links if link.connection_id not in doubled],
        doubled=[link for link in links if link.connection_id in doubled],
        matches=_known(Match, gone),
    )


@transaction.atomic
def merge(gone: Customer, kept: Customer, by: User | None = None) -> Merging:
    """Make two customers one, as `merge_customers` does, with their links and matches. Raises MergeRefused."""
    done = merging(gone, kept)
    pick_like(kept, gone)
    merge_customers(gone, kept)
    of_gone = {"kind": CUSTOMER, "record_id": str(gone.pk)}
    Link.objects.filter(pk__in=[link.pk for link in done.doubled]).delete()
    for link in done.doubled:
        if link.remote_id:
            remember_first(link.connection, match_key("id", link.remote_id), gone.name, kept, by=by)
    Link.objects.filter(**of_gone).update(record_id=str(kept.pk))
    Match.objects.filter(**of_gone).update(record_id=str(kept.pk))
    # Nothing is sent of it any more, so no run would find out that they are over.
    Problem.objects.filter(**of_gone, cleared_at=None).update(cleared_at=timezone.now())
    return done


def _known(model: type[Link] | type[Match], customer: Customer) -> list[Any]:
    rows: Any = model.objects.filter(kind=CUSTOMER, record_id=str(customer.pk)).select_related("connection")
    return list(rows.defer("connection__credentials").order_by("connection__name", "pk"))
