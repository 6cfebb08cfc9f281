"""The versions of an order as a platform gave them, and what differs from each to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linesheet.books.models import Order
from linesheet.sync.contexts import tells
from linesheet.sync.differences import differences, wire_form
from linesheet.sync.inbox import as_incoming, left_out
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.models import InboxRecord


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a record; `changes` are the fields that differ from the version before, as of an item.

    With `tells`, the platform is told once it is stored.
    """

    record: InboxRecord
    changes: Sequence[Mapping[str, Any]]
    tells: bool

    @property
    def remarks(self) -> list[Mapping[str, str]]:
        """What was noted of it, without the lines that were left out, which are told of with the lines of the order."""
        told = left_out(self.record)
        return [note for note in self.record.notes if note not in told]

    @property
    def waits(self) -> bool:
        """Whether it is undecided what becomes of it."""
        return self.record.state in (InboxRecord.State.KEPT, InboxRecord.State.HELD)


def revisions_of(order: Order) -> list[Revision]:
    """The versions of the record an order came from, oldest first; [] for an order that no connection brought."""
    stored = InboxRecord.objects.filter(order=order).values_list("connection_id", "kind", "remote_id").first()
    return _of(*stored) if stored else []


def revisions_of_record(record: InboxRecord) -> list[Revision]:
    """The versions of the record that one version belongs to, oldest first."""
    return _of(record.connection_id, record.kind, record.remote_id)


def _of(connection_id: int, kind: str, remote_id: str) -> list[Revision]:
    rows = list(
        InboxRecord.objects.filter(connection=connection_id, kind=kind, remote_id=remote_id)
        .select_related("connection", "order")
        .defer("connection__credentials")
        .order_by("revision")
    )
    meanings = as_incoming(rows)
    told = bool(rows) and tells(rows[0].connection, kind)
    found: list[Revision] = []
    before: IncomingOrder | None = None
    for row in rows:
        meaning = meanings.get(row.pk)
        now = meaning if isinstance(meaning, IncomingOrder) else None
        changes = differences(wire_form(before), wire_form(now)) if before and now else []
        found.append(Revision(row, changes, told))
        before = now or before
    return found
