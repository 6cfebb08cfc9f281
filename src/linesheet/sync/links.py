"""Links: which remote record belongs to which of ours, seen, made and taken away by hand."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from linesheet.books.customers import find_customer
from linesheet.books.kinds import ids_called, records_of
from linesheet.books.models import Customer, Order, Product
from linesheet.books.reasons import Reason, Refused
from linesheet.sync import order_links, registry
from linesheet.sync.catalogue import read_tree, shown
from linesheet.sync.contexts import frugal_context_of, readers_of
from linesheet.sync.legs import LONGEST_ID, Inbound, Outbound
from linesheet.sync.models import Connection, Link

MOST_FOUND = 500
"""Records of ours whose links a search looks for."""

NAMED = 6

SECTION = "section"
"""What the sections of a catalogue are called among the kinds of records, which the books do not have."""

NOT_LINKABLE = Reason("not_linkable", "{connection} keeps no links of the kind {kind}.", "It keeps these: {known}.")
NO_RECORD_TO_LINK = Reason(
    "no_record_to_link",
    "There is no {of} {key} in the books.",
    "Give its whole name or code as it stands in the books.",
)
NO_REMOTE_ID = Reason(
    "no_remote_id", "The id on {platform} is missing or too long.", "Copy it from the record's page on {platform}."
)
LINKED_ALREADY = Reason(
    "linked_already", "{record} is linked with {remote_id} already.", "Unlink that first if it is wrong."
)
REMOTE_LINKED_ALREADY = Reason(
    "remote_linked_already",
    "{remote_id} is linked with {record} already.",
    "Unlink that first if it is wrong. Two records of the books cannot be one there.",
)

SEVERAL_TO_LINK = Reason(
    "several_to_link",
    "{key} is the reference of several orders: {orders}.",
    "Give the number of the one that is meant.",
)

REASONS = (SEVERAL_TO_LINK, NOT_LINKABLE, NO_RECORD_TO_LINK, NO_REMOTE_ID, LINKED_ALREADY, REMOTE_LINKED_ALREADY)


class LinkRefused(Refused):
    """There cannot be such a link; `fix` says what helps."""


@dataclass(frozen=True, slots=True)
class LinkedRecord:
    """A link with the name of our record; "" when that is gone from the books."""

    link: Link
    label: str

    @property
    def pk(self) -> int:
        """The link's id."""
        return self.link.pk


def forget_links(connection: Connection, kind: str = "") -> int:
    """Forget which remote records belong to ours, of one kind or of all; how many were forgotten.

    The next run finds or creates each record anew. For an account that was emptied or replaced.
    """
    links = Link.objects.filter(connection=connection)
    return int((links.filter(kind=kind) if kind else links).delete()[0])


def kinds_of(connection: Connection) -> dict[str, str]:
    """The kinds of links the connection's tasks keep, each with the kind of hub record behind it.

    What goes out is linked when the platform takes it; what comes in, only where a person says which record it is.
    """
    declared = registry.platforms().get(connection.platform)
    if declared is None:
        return {}
    context = frugal_context_of(connection)
    legs = (make(context) for task in declared.tasks for make in task.legs)
    return {leg.kind: leg.of for leg in legs if isinstance(leg, Outbound | Inbound)}


def is_shared(connection: Connection, kind: str) -> bool:
    """Whether several records of ours of a kind may be one on the platform."""
    context = frugal_context_of(connection)
    legs = (make(context) for task in registry.platform(connection.platform).tasks for make in task.legs)
    return any(leg.shared for leg in legs if isinstance(leg, Outbound) and leg.kind == kind)


def comes_in(connection: Connection, kind: str) -> bool:
    """Whether records of a kind come from the platform, so that a link keeps them from coming in a second time."""
    return kind in readers_of(connection)


def searched(links: Any, text: str, kinds: Mapping[str, str]) -> Any:
    """The links whose record of ours has the text in its name or code, or whose remote id begins with it.

    Of each kind of record, and of ids, at most MOST_FOUND: who finds more has not said yet what is looked for.
    """
    found = list(
        links.filter(remote_id__startswith=text.strip()).order_by("pk").values_list("pk", flat=True)[:MOST_FOUND]
    )
    for of in set(kinds.values()):
        ids = [str(pk) for pk in ids_called(of, text, MOST_FOUND)]
        of_kind = links.filter(kind__in=[kind for kind, each in kinds.items() if each == of], record_id__in=ids)
        found += of_kind.order_by().values_list("pk", flat=True) if ids else []
    return links.filter(pk__in=found)


def with_labels(links: Iterable[Link], kinds: Mapping[str, str]) -> list[LinkedRecord]:
    """The links with the names of our records, in their order; one query for each kind of record."""
    links = list(links)
    wanted: dict[str, set[int]] = {}
    for link in links:
        if link.record_id.isdecimal():
            wanted.setdefault(kinds.get(link.kind, link.kind), set()).add(int(link.record_id))
    records = {of: _sections(links) if of == SECTION else records_of(of, ids) for of, ids in wanted.items()}
    return [LinkedRecord(link, _label(records.get(kinds.get(link.kind, link.kind), {}), link)) for link in links]


@transaction.atomic
def link_by_hand(
    connection: Connection, kind: str, key: str, remote_id: str, hidden: Collection[int] = frozenset()
) -> Link:
    """Say that the record of the books called `key` is that one on the platform.

    The next run compares nothing: it sends the record as an update of that one, if the platform still has it, and
    creates it anew where not. An order that comes in from there is not stored again: it becomes the one that is meant
    (see `order_links`), and may be given by the number the platform shows. Raises LinkRefused or OrderLinkRefused,
    which tell nothing of the connections that are `hidden` from whoever says it.
    """
    kinds = kinds_of(connection)
    if kind not in kinds:
        raise LinkRefused(NOT_LINKABLE, connection=connection, kind=kind, known=", ".join(kinds) or "none")
    remote_id = remote_id.strip()
    if not 0 < len(remote_id) <= LONGEST_ID:
        raise LinkRefused(NO_REMOTE_ID, platform=registry.platform(connection.platform).name)
    record = _record(kinds[kind], key)
    if record is None:
        raise LinkRefused(NO_RECORD_TO_LINK, of=kinds[kind], key=key.strip())
    return link_record(connection, kind, record, remote_id, hidden)


@transaction.atomic
def link_record(
    connection: Connection,
    kind: str,
    record: Product | Customer | Order,
    remote_id: str,
    hidden: Collection[int] = frozenset(),
) -> Link:
    """The same for a record in hand and an id that can be one. Raises LinkRefused or OrderLinkRefused."""
    kinds = kinds_of(connection)
    inbound = isinstance(record, Order) and comes_in(connection, kind)
    if inbound:
        remote_id = order_links.remote_id_of(connection, kind, remote_id)
    of_kind = Link.objects.filter(connection=connection, kind=kind)
    if there := of_kind.filter(record_id=str(record.pk)).first():
        raise LinkRefused(LINKED_ALREADY, record=record, remote_id=there.remote_id)
    taken = of_kind.filter(remote_id=remote_id).first()
    if taken and not is_shared(connection, kind):
        (holder,) = with_labels([taken], kinds)
        raise LinkRefused(
            REMOTE_LINKED_ALREADY, remote_id=remote_id, record=holder.label or f"record {taken.record_id}"
        )
    if inbound:
        order_links.check(connection, kind, record, remote_id, hidden)  # type: ignore[arg-type]  # it is an order then
    try:
        with transaction.atomic():
            link: Link = Link.objects.create(
                connection=connection,
                kind=kind,
                record_id=str(record.pk),
                remote_id=remote_id,
                accepted_at=timezone.now(),
            )
    except IntegrityError:  # a run has just linked it
        raise LinkRefused(LINKED_ALREADY, record=record, remote_id="another record") from None
    return link


@transaction.atomic
def unlink(connection: Connection, links: Any) -> int:
    """Take links of a connection away; how many. Raises OrderLinkRefused where an order would be there twice then."""
    order_links.part(connection, [*links.filter(kind__in=readers_of(connection))])
    return int(links.delete()[0])


def _sections(links: Iterable[Link]) -> dict[int, Any]:
    """The sections of the catalogues these links belong to, as people read them."""
    connections = {link.connection_id for link in links}
    return {pk: shown(node.path) for each in connections for pk, node in read_tree(each).by_id.items()}


def _label(records: Mapping[int, Any], link: Link) -> str:
    record = records.get(int(link.record_id)) if link.record_id.isdecimal() else None
    return "" if record is None else str(record)


def _record(of: str, key: str) -> Product | Customer | Order | None:
    """The record of the books that a person calls so. Raises LinkRefused when several orders are called so."""
    key = " ".join(key.split())
    found: Product | Customer | Order | None = None
    match of:
        case "product":
            found = Product.objects.filter(code__iexact=key).first()
        case "customer":
            found = find_customer(account_code=key) or find_customer(name=key)
        case "order":
            found = _order(key)
    return found


def _order(key: str) -> Order | None:
    number = re.fullmatch(r"(?:SO ?)?(\d{1,9})", key, re.IGNORECASE)
    numbered: Order | None = Order.objects.filter(number=int(number[1])).first() if number else None
    if numbered or not key:
        return numbered
    referred = list(Order.objects.filter(reference__iexact=key).order_by("number")[:NAMED])
    if len(referred) > 1:
        raise LinkRefused(SEVERAL_TO_LINK, key=key, orders=", ".join(map(str, referred)))
    return referred[0] if referred else None
