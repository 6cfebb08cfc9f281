"""Why a record is on a platform or is not: every rule it meets, its last run, its link and its places.

Nothing here calls a platform: a leg is asked with a context whose client is None.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from linesheet.books.customers import find_customer
from linesheet.books.models import Customer, Product
from linesheet.books.products import find_products
from linesheet.books.reasons import BLOCKER, WARNING, Reason, Refused, Said
from linesheet.sync import reasons, runs
from linesheet.sync.catalogue import placement_paths
from linesheet.sync.catalogue.warnings import counting_for, warnings_of
from linesheet.sync.connections import missing_answers
from linesheet.sync.contexts import context_of, whole_runs
from linesheet.sync.differences import differences, fingerprint, wire_form
from linesheet.sync.legs import Comparison, Leg, Outbound
from linesheet.sync.models import Connection, Item, Link, Problem, Run
from linesheet.sync.platform import Task
from linesheet.sync.registry import platform

NO_SUCH_RECORD = Reason(
    "no_such_record",
    "There is no {kind} {key} in the books.",
    "Give {known_by}.",
)
SEVERAL_RECORDS = Reason(
    "several_records",
    "{key} is the name of several products: {codes}.",
    "Give the code of the one that is meant.",
)

REASONS: tuple[Reason, ...] = (NO_SUCH_RECORD, SEVERAL_RECORDS)

NAMED_CODES = 12
_WEIGHT = {BLOCKER: 0, WARNING: 1}


class ExplainRefused(Refused):
    """It is not clear which record is meant."""


class Outlook(StrEnum):
    """What the next run would do with the record, or the last found of it, as far as the hub can tell by itself."""

    BLOCKED = "blocked"
    CREATE = "create"
    UPDATE = "update"
    NOTHING = "nothing"
    AGREES = "agrees"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason said of the record."""

    code: str
    severity: str
    says: str
    fix: str


@dataclass(frozen=True, slots=True)
class Place:
    """A section that the record is placed in."""

    connection: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """A platform that collects what is placed in its catalogue by itself, and what the record lacks, in sentences."""

    connection: str
    platform: str
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastItem:
    """What became of the record in the last run that had to do something about it."""

    run: int
    state: str
    when: datetime.datetime | None
    says: str
    fix: str


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last finished run of the whole task, whether or not it had to do something about the record."""

    run: int
    state: str
    when: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Linked:
    """The remote record, and when the platform last accepted a payload for it."""

    remote_id: str
    accepted_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """A problem of earlier runs that has not cleared."""

    says: str
    fix: str
    times: int
    since: datetime.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A record before one leg of one task. `findings` has all that it meets, what stops it first."""

    connection: str
    task: str
    task_name: str
    kind: str
    selected: bool
    findings: tuple[Finding, ...]
    outlook: Outlook
    changes: Sequence[dict[str, Any]] = ()
    last_item: LastItem | None = None
    last_run: LastRun | None = None
    link: Linked | None = None
    problems: tuple[OpenProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A record of the books, where it is placed, and how it stands with each task that would take it along."""

    kind: str
    record_id: str
    label: str
    places: tuple[Place, ...] = ()
    collected: tuple[Collected, ...] = ()
    ways: tuple[Way, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain data, fit for JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def explain_product(key: str, connection: Connection | None = None) -> Explanation:
    """A product by its code, style, SKU code or barcode. Raises ExplainRefused when that is none, or several."""
    found = list(find_products(key).order_by("code"))
    exactly = [product for product in found if product.code.casefold() == key.strip().casefold()]
    if not found:
        raise ExplainRefused(
            NO_SUCH_RECORD, kind="product", key=key, known_by="a product code, a style, a SKU code or a barcode"
        )
    if len(exactly or found) > 1:
        codes = ", ".join(product.code for product in found[:NAMED_CODES])
        raise ExplainRefused(SEVERAL_RECORDS, key=key, codes=codes + (" ..." if len(found) > NAMED_CODES else ""))
    return product_explained((exactly or found)[0], connections(connection))


def product_explained(product: Product, among: Sequence[Connection]) -> Explanation:
    """How a product stands with these connections."""
    placed = [(each, placement_paths(each.pk, [product.pk]).get(product.pk, ())) for each in among]
    return Explanation(
        kind="product",
        record_id=str(product.pk),
        label=product.code,
        places=tuple(Place(each.name, path) for each, paths in placed for path in paths),
        collected=tuple(_collected(each, product) for each, paths in placed if paths and collects(each)),
        ways=tuple(ways("product", str(product.pk), product.code, among)),
    )


def collects(connection: Connection) -> bool:
    """Whether the connection's platform collects what is in its catalogue, by calling us."""
    return platform(connection.platform).endpoints is not None


def _collected(connection: Connection, product: Product) -> Collected:
    lacks = warnings_of([product.pk], counting_for(connection)).get(product.pk, ())
    return Collected(connection.name, platform(connection.platform).name, tuple(kind.means for kind in lacks))


def explain_customer(key: str, connection: Connection | None = None) -> Explanation:
    """A customer by account code or name. Raises ExplainRefused when there is none."""
    customer: Customer | None = find_customer(account_code=key) or find_customer(name=key)
    if customer is None:
        raise ExplainRefused(NO_SUCH_RECORD, kind="customer", key=key, known_by="an account code or the whole name")
    return customer_explained(customer, connections(connection))


def customer_explained(customer: Customer, among: Sequence[Connection]) -> Explanation:
    """How a customer stands with these connections."""
    return Explanation(
        kind="customer",
        record_id=str(customer.pk),
        label=customer.name,
        ways=tuple(ways("customer", str(customer.pk), customer.name, among)),
    )


def connections(chosen: Connection | None) -> list[Connection]:
    """The chosen connection, or else all that are switched on."""
    return [chosen] if chosen else list(Connection.objects.filter(active=True))


def ways(of: str, record_id: str, label: str, among: Sequence[Connection]) -> Iterator[Way]:
    """How a record of the books stands with every leg that sends or compares records of its kind.

    A comparison says nothing before its task has come to its end.
    """
    for connection in among:
        context = context_of(connection)
        for task in platform(connection.platform).tasks:
            for make in task.legs:
                leg = make(context)
                if isinstance(leg, Outbound) and leg.of == of:
                    yield _way(connection, task, leg, record_id, label)
                elif isinstance(leg, Comparison) and (last := _last_whole_run(connection, task)):
                    kinds = [kind for kind, each in leg.kinds().items() if each == of]
                    yield from (_compared(connection, task, kind, record_id, last) for kind in kinds)


def finding(said: Said) -> Finding:
    """A said reason as explanations keep it."""
    return Finding(said.reason.code, str(said.reason.severity), said.says, said.fix)


def noted(note: Mapping[str, str]) -> Finding:
    """A note as items and inbox records keep it (`journal.said_as_json`); what else it may carry is left out."""
    return Finding(note["code"], note["severity"], note["says"], note["fix"])


def findings(said: Sequence[Said]) -> tuple[Finding, ...]:
    """Said reasons, what stops the record first."""
    return tuple(finding(each) for each in sorted(said, key=lambda each: _WEIGHT.get(each.reason.severity, 2)))


def _way(connection: Connection, task: Task, leg: Outbound[Any, Any], record_id: str, label: str) -> Way:
    link = Link.objects.filter(connection=connection, kind=leg.kind, record_id=record_id).first()
    selected = leg.select().filter(pk=record_id).exists()
    said = [*_obstacles(connection, leg)]
    if not selected:
        said.append(reasons.NOT_IN_SELECTION.about(record=label, task=task.name, connection=connection))
    records = leg.load([record_id])
    for record in records:
        said += leg.check(record)
    outlook, changes = Outlook.BLOCKED, ()
    if records and not any(each.reason.severity is BLOCKER for each in said):
        outlook, changes = _outlook(leg, records[0], link)
    return Way(
        connection=connection.name,
        task=task.key,
        task_name=task.name,
        kind=leg.kind,
        selected=selected,
        findings=findings(said),
        outlook=outlook,
        changes=changes,
        last_item=_last_item(connection, task, leg.kind, record_id),
        last_run=_last_run(connection, task),
        link=Linked(link.remote_id, link.accepted_at) if link else None,
        problems=_open_problems(connection, task, leg.kind, record_id),
    )


def _compared(connection: Connection, task: Task, kind: str, record_id: str, last: LastRun) -> Way:
    """What the last run of a comparison found of the record; that it agrees also where it was not among them."""
    item = _last_item(connection, task, kind, record_id)
    problems = _open_problems(connection, task, kind, record_id)
    return Way(
        connection=connection.name,
        task=task.key,
        task_name=task.name,
        kind=kind,
        selected=True,
        findings=(),
        outlook=Outlook.DIFFERS if problems else Outlook.AGREES,
        last_item=item if item and problems else None,
        last_run=last,
        problems=problems,
    )


def _obstacles(connection: Connection, leg: Leg) -> Iterator[Said]:
    """What keeps the whole task from running."""
    if not connection.active:
        yield runs.INACTIVE.about(connection=connection)
    unset = missing_answers(connection)
    if unset:
        yield runs.SETTING_MISSING.about(
            connection=connection,
            labels=", ".join(each.label for each in unset),
            keys=", ".join(each.key for each in unset),
        )
    yield from leg.ready()


def _outlook(leg: Outbound[Any, Any], record: Any, link: Link | None) -> tuple[Outlook, Any]:
    payload = wire_form(leg.map(record))
    if link is None:
        return Outlook.CREATE, ()
    if link.fingerprint == fingerprint(payload):
        return Outlook.NOTHING, ()
    return Outlook.UPDATE, differences(link.payload, payload)


def _last_item(connection: Connection, task: Task, kind: str, record_id: str) -> LastItem | None:
    items = Item.objects.filter(kind=kind, record_id=record_id, run__connection=connection, run__task=task.key)
    item = items.order_by("-pk").first()
    return LastItem(item.run_id, item.state, item.settled_at, item.says, item.fix) if item else None


def _last_run(connection: Connection, task: Task) -> LastRun | None:
    return _told(Run.objects.filter(connection=connection, task=task.key, state__in=Run.FINAL, only_record="").first())


def _last_whole_run(connection: Connection, task: Task) -> LastRun | None:
    return _told(whole_runs(connection.pk, task.key).first())


def _told(run: Run | None) -> LastRun | None:
    return LastRun(run.pk, run.state, run.finished_at) if run else None


def _open_problems(connection: Connection, task: Task, kind: str, record_id: str) -> tuple[OpenProblem, ...]:
    rows = Problem.objects.filter(connection=connection, task=task.key, kind=kind, record_id=record_id, cleared_at=None)
    return tuple(OpenProblem(row.says, row.fix, row.times, row.first_seen_at) for row in rows)
