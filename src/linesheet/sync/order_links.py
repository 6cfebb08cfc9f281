"""Orders of the books that a person said are orders of a platform: when that may be, and what a run makes of it.

The link is what was said. A run that meets the order does not store it a second time: the inbox record becomes the
order that is there, from then on a change on the platform is a revision of it, and the platform is told as ever.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Q, QuerySet

from linesheet.books.models import Change, ChangeSet, Order
from linesheet.books.order_drafts import OrderRefused
from linesheet.books.orders import inactivate
from linesheet.books.reasons import Reason, Refused, Said
from linesheet.books.vetoes import INSERT, Veto
from linesheet.sync import reasons
from linesheet.sync.contexts import readers_of
from linesheet.sync.models import Connection, InboxRecord, Link, Run

State = InboxRecord.State

ORDER_CAME_IN = Reason(
    "order_came_in",
    "{order} came in as {number} of {connection}, so it cannot be another order of a platform too.",
    "Look for the order of the books that was entered by hand or came from a file.",
)
ORDER_NAMED_ELSEWHERE = Reason(
    "order_named_elsewhere",
    "{order} is linked with {remote_id} of {connection} already.",
    "Unlink it there first if that is wrong.",
)
REMOTE_ORDER_STORED = Reason(
    "remote_order_stored",
    "{number} is {stored} in the books already. With {order} it would be there twice.",
    "Inactivate the one that should not count.",
)
REMOTE_ORDER_ASIDE = Reason(
    "remote_order_aside",
    "{number} was set aside, so no run would look at it.",
    "Take it up again first, on its page among the orders of {connection}.",
)
LINKED_ORDER_INACTIVE = Reason(
    "linked_order_inactive",
    "{order} is inactive. What the platform sells by {number} would count nowhere.",
    "Activate {order} first, or let {number} come in as an order of its own.",
)
ORDER_TAKEN_UNSEEN = Reason(
    "order_taken_unseen",
    "{order} is an order of another connection already, one that you may not see.",
    "Ask an owner of the company to look at it.",
)
TAKEN_UP = Reason(
    "order_link_taken_up",
    "{order} was changed as {number} of {connection} was, so they cannot be two orders again.",
    "Inactivate {order} if it should not count.",
)

REASONS = (
    ORDER_CAME_IN,
    ORDER_NAMED_ELSEWHERE,
    REMOTE_ORDER_STORED,
    REMOTE_ORDER_ASIDE,
    LINKED_ORDER_INACTIVE,
    ORDER_TAKEN_UNSEEN,
    TAKEN_UP,
)


class OrderLinkRefused(Refused):
    """An order would be in the books twice, or be lost; `fix` says what helps."""


def source_key(platform: str, connection_id: int, kind: str, remote_id: str) -> str:
    """What names the remote record on the order that it becomes; no two orders have the same."""
    return f"{platform}:{connection_id}:{kind}:{remote_id}"


def remote_id_of(connection: Connection, kind: str, given: str) -> str:
    """The id of an order that a person may have called by the number the platform shows; else what was given."""
    inbox = _inbox(connection, kind)
    if inbox.filter(remote_id=given).exists():
        return given
    numbered = inbox.filter(label__iexact=given).order_by("pk").values_list("remote_id", flat=True)
    ids = set(numbered[:2])
    return ids.pop() if len(ids) == 1 else given


def check(
    connection: Connection, kind: str, order: Order, remote_id: str, hidden: Collection[int] = frozenset()
) -> None:
    """Raises OrderLinkRefused where the link would have an order twice in the books, or lose one.

    `hidden` are connections of which nothing may be told to whoever asks.
    Inside a transaction: runs of the connection that are at work wait until it ends, so what is seen here stays so.
    """
    list(Run.objects.select_for_update().filter(connection=connection, state__in=Run.UNFINISHED).values_list("pk"))
    versions = list(
        _inbox(connection, kind)
        .filter(remote_id=remote_id)
        .select_for_update(of=("self",))
        .select_related("order")
        .defer("payload")
        .order_by("revision")
    )
    number = versions[-1].label or remote_id if versions else remote_id
    came = InboxRecord.objects.filter(order=order).select_related("connection").defer("payload").first()
    if came is not None:
        if came.connection_id in hidden:
            raise OrderLinkRefused(ORDER_TAKEN_UNSEEN, order=order)
        raise OrderLinkRefused(
            ORDER_CAME_IN, order=order, number=came.label or came.remote_id, connection=came.connection
        )
    for named in links_of(order, Connection.objects.defer("credentials").exclude(pk=connection.pk)):
        if named.connection_id in hidden:
            raise OrderLinkRefused(ORDER_TAKEN_UNSEEN, order=order)
        raise OrderLinkRefused(
            ORDER_NAMED_ELSEWHERE, order=order, remote_id=named.remote_id, connection=named.connection
        )
    if stored := next((row.order for row in reversed(versions) if row.order), None):
        raise OrderLinkRefused(REMOTE_ORDER_STORED, number=number, stored=stored, order=order)
    if versions and versions[-1].state == State.IGNORED:
        raise OrderLinkRefused(REMOTE_ORDER_ASIDE, number=number, connection=connection)
    if not order.active:
        raise OrderLinkRefused(LINKED_ORDER_INACTIVE, order=order, number=number)


def links_of(order: Order, among: Iterable[Connection]) -> list[Link]:
    """The links that say which order of a platform it is, of these connections. One query a connection."""
    found: list[Link] = []
    for connection in among:
        said = Link.objects.filter(connection=connection, kind__in=readers_of(connection), record_id=str(order.pk))
        for link in said:
            link.connection = connection
            found.append(link)
    return found


def linked_orders(connection_id: int, kind: str, remote_ids: Collection[str]) -> dict[str, Order]:
    """Orders of the books that a person said these remote records are, by remote id. Two queries at most."""
    links = Link.objects.filter(connection_id=connection_id, kind=kind, remote_id__in=remote_ids) if remote_ids else ()
    said = {link.remote_id: link.record_id for link in links if link.record_id.isdecimal()}
    if not said:
        return {}
    orders = Order.objects.select_related("customer__hold_status").in_bulk([int(pk) for pk in said.values()])
    return {remote_id: orders[int(pk)] for remote_id, pk in said.items() if int(pk) in orders}


def take_up(order: Order, key: str, names: Mapping[str, object], *, cancelled: bool, apply: bool) -> list[Said]:
    """Make the order the one that a remote record is, and say what a person should know of that.

    It stays as it is in the books, but for a cancelled one where changes are applied.
    """
    notes = [reasons.TAKEN_AS_LINKED.about(order=order, **names)]
    if not order.source_key:
        Order.objects.filter(pk=order.pk, source_key="").update(source_key=key)
    if cancelled and not (apply and _inactivated(order)):
        notes.append(reasons.LINKED_BUT_CANCELLED.about(order=order, **names))
    return notes


def part(connection: Connection, links: Sequence[Link]) -> None:
    """Undo what runs made of links of orders that are about to be taken away: the records wait for a run again.

    Inside a transaction. Raises OrderLinkRefused for an order that has followed a change of the platform's.
    """
    taken: dict[int, list[InboxRecord]] = {}
    by_remote = {(link.kind, link.remote_id): link for link in links}
    for kind in {link.kind for link in links}:
        versions = _inbox(connection, kind).filter(
            remote_id__in=[link.remote_id for link in links if link.kind == kind]
        )
        held = versions.select_for_update(of=("self",)).select_related("order").defer("payload")
        for row in held.filter(order__isnull=False).order_by("remote_id", "revision"):
            link = by_remote[kind, row.remote_id]
            if str(row.order_id) == link.record_id:
                taken.setdefault(link.pk, []).append(row)
    for rows in taken.values():
        row = rows[-1]
        if len(rows) > 1 or not any(note["code"] == reasons.TAKEN_AS_LINKED.code for note in row.notes):
            number = row.label or row.remote_id
            raise OrderLinkRefused(TAKEN_UP, order=row.order, number=number, connection=connection)
    last = [rows[-1] for rows in taken.values()]
    if last:
        keys = [source_key(connection.platform, connection.pk, row.kind, row.remote_id) for row in last]
        orders = Order.objects.filter(pk__in=[row.order_id for row in last], source_key__in=keys)
        orders.update(source_key="")
        InboxRecord.objects.filter(pk__in=[row.pk for row in last]).update(
            state=State.KEPT, order=None, notes=[], stored_at=None, acknowledged_at=None
        )


def not_undone(change_set: ChangeSet, operation: str, changes: Sequence[int], links: Sequence[int]) -> dict[int, Veto]:
    """Links that undo may neither take away, as a run has taken them up, nor bring back, as the order came in since."""
    if operation == INSERT:
        there = Link.objects.filter(pk__in=links).values_list("pk", "connection_id", "kind", "remote_id", "record_id")
        rows = {pk: tuple(rest) for pk, *rest in there}
    else:
        names = ("connection_id", "kind", "remote_id", "record_id")
        gone = (
            Change.objects.filter(pk__in=changes).order_by().values_list("row", *(f"before__{name}" for name in names))
        )
        rows = {row: tuple(rest) for row, *rest in gone}
    wanted = Q(pk__in=())
    for connection_id, kind, remote_id, _ in rows.values():
        wanted |= Q(connection_id=connection_id, kind=kind, remote_id=remote_id)
    stored = InboxRecord.objects.filter(wanted, order__isnull=False).select_related("order").defer("payload")
    orders = {(row.connection_id, row.kind, row.remote_id): row.order for row in stored.order_by("revision")}
    found: dict[int, Veto] = {}
    for pk, (*where, record_id) in rows.items():
        order = orders.get(tuple(where))
        if order is None:
            continue
        if operation == INSERT and str(order.pk) == record_id:
            found[pk] = Veto("was taken up by a run since")
        elif operation != INSERT and str(order.pk) != record_id:
            found[pk] = Veto(f"is of an order that came in as {order} since")
    return found


def _inactivated(order: Order) -> bool:
    """Whether the order could be taken out of the books."""
    try:
        inactivate(order)
    except OrderRefused:
        return False
    return True


def _inbox(connection: Connection, kind: str) -> "QuerySet[InboxRecord]":
    rows: QuerySet[InboxRecord] = InboxRecord.objects.filter(connection=connection, kind=kind)
    return rows
