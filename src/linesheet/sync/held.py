"""Inbox records that wait for somebody: what each says, all that keeps it out of the books, and deciding on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from linesheet.books.addresses import keep_address
from linesheet.books.customers import save_customer
from linesheet.books.kinds import SIZE
from linesheet.books.models import SKU, Customer, Order, Season, User
from linesheet.books.order_drafts import KINDS
from linesheet.books.reasons import Reason, Refused, Said
from linesheet.sync import reasons, registry
from linesheet.sync.contexts import readers_of
from linesheet.sync.inbox import as_incoming
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.matches import remember
from linesheet.sync.models import InboxRecord, Problem
from linesheet.sync.order_links import linked_orders
from linesheet.sync.resolve import Resolver, named

State = InboxRecord.State
SOMEBODY = "Somebody at the command line"

DECIDED = Reason(
    "inbox_decided",
    "{record} is {state} by now, so there is nothing to decide.",
    "Look at it again; a run or somebody else was there first.",
)
NO_CHANGE = Reason(
    "no_change_to_apply", "{record} is no change of an order in the books.", "Try it again; it becomes a new order."
)
CUSTOMER_UNNAMED = Reason(
    "remote_customer_unnamed",
    "{record} does not name its customer.",
    "Choose a default customer in the settings of the connection, or set the record aside.",
)
LINE_UNNAMED = Reason(
    "remote_line_unnamed", "That line of {record} does not say what it is.", "Correct the order on the platform."
)
MAKES_NO_SENSE = Reason(
    "record_makes_no_sense", "{record} cannot be read, so no customer can be made of it.", "Add the customer by hand."
)

REASONS = (DECIDED, NO_CHANGE, CUSTOMER_UNNAMED, LINE_UNNAMED, MAKES_NO_SENSE)


class HeldRefused(Refused):
    """This cannot be decided so."""


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A line as it came, with the SKU that has its barcode."""

    line: IncomingLine
    sku: SKU | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A record as it came, against the books of today.

    `order` is None when it makes no sense. `missing` is everything that keeps it out of the books today; empty when a
    run would take it in. `replaces` is the order of the books that it changes.
    """

    record: InboxRecord
    label: str
    missing: Sequence[Said]
    order: IncomingOrder | None = None
    customer: Customer | None = None
    season: Season | None = None
    lines: Sequence[HeldLine] = field(default=())
    replaces: Order | None = None

    @property
    def undecided(self) -> bool:
        """Whether it waits for a run or a person."""
        return self.record.state in InboxRecord.UNDECIDED

    @property
    def codes(self) -> frozenset[str]:
        """The codes of what is missing."""
        return frozenset(said.reason.code for said in self.missing)


def label_of(record: InboxRecord) -> str:
    """The name a person knows the record by."""
    declared = registry.platforms().get(record.connection.platform)
    return f"{declared.name if declared else record.connection} {record.kind} {record.label or record.remote_id}"


def held_of(record: InboxRecord) -> Held:
    """What the record says, and what keeps it out of the books today. The record brings its connection."""
    label = label_of(record)
    meaning = as_incoming([record]).get(record.pk)
    replaces = _replaced(record)
    if not isinstance(meaning, IncomingOrder):
        missing = [meaning] if isinstance(meaning, Said) else []
        return Held(record=record, label=label, missing=missing, replaces=replaces)
    leg = readers_of(record.connection)[record.kind]
    resolver = Resolver(leg.context.settings, [meaning], record.connection_id)
    linked = linked_orders(record.connection_id, record.kind, [record.remote_id]) if replaces is None else {}
    missing = [] if meaning.cancelled or linked else list(resolver.missing(meaning, label))
    return Held(
        record=record,
        label=label,
        missing=missing,
        order=meaning,
        customer=resolver.customer_of(meaning),
        season=resolver.season_of(meaning),
        lines=[HeldLine(line, resolver.sku_of(line)) for line in meaning.lines],
        replaces=replaces,
    )


@transaction.atomic
def apply_change(record: InboxRecord, by: User | None = None) -> None:
    """Have the next run apply the change, whatever the settings say. Raises HeldRefused when there is none."""
    held = _undecided(record)
    order = _replaced(held)
    if order is None:
        raise HeldRefused(NO_CHANGE, record=label_of(held))
    _mark(record, State.KEPT, reasons.APPLY_CHANGE.about(who=by or SOMEBODY, order=order))


@transaction.atomic
def set_aside(record: InboxRecord, by: User | None = None) -> None:
    """Keep the record out of the books as it came; a later version of it comes in. Raises HeldRefused."""
    held = _undecided(record)
    _mark(record, State.IGNORED, reasons.SET_ASIDE.about(who=by or SOMEBODY, record=label_of(held)))
    problems = Problem.objects.filter(connection=held.connection_id, kind=held.kind, record_id=held.remote_id)
    problems.filter(cleared_at=None).update(cleared_at=timezone.now())


@transaction.atomic
def take_back(record: InboxRecord) -> None:
    """Undo `set_aside`: the next run looks at the record again. Raises HeldRefused when it was not set aside."""
    held = _locked(record)
    if held.state != State.IGNORED or held.reason_code != reasons.SET_ASIDE.code:
        raise HeldRefused(DECIDED, record=label_of(held), state=held.get_state_display().lower())
    _mark(record, State.KEPT, None)


def customer_of(held: Held) -> Customer:
    """The customer that a record would make, not in the books yet. Raises HeldRefused when it makes no sense."""
    if held.order is None:
        raise HeldRefused(MAKES_NO_SENSE, record=held.label)
    record = held.record
    return Customer(
        name=held.order.customer_name or held.order.customer_code,
        account_code=held.order.customer_code,
        currency=held.order.currency,
        source_key=f"{record.connection.platform}:{record.connection_id}:{record.kind}:{record.remote_id}"[:200],
    )


@transaction.atomic
def add_customer(held: Held, customer: Customer, by: User | None = None) -> Customer:
    """Put the customer of a record in the books, with the addresses that came with it, and remember who it is there.

    Raises CustomerRefused or AddressRefused. An address that has no first line is left out.
    """
    save_customer(customer)
    order = held.order
    for kind, name in KINDS.items():
        parts = dict(order.addresses.get(name, {})) if order else {}
        if parts.get("line_1", "").strip():
            keep_address(customer, kind, **parts)
    if order and order.customer_keys:
        remember(held.record.connection, order.customer_keys[0], named(order), customer, by=by)
    return customer


def this_is(held: Held, customer: Customer, by: User | None = None) -> None:
    """Say which customer of the books a record is from. Raises HeldRefused when it does not name anybody."""
    if held.order is None or not held.order.customer_keys:
        raise HeldRefused(CUSTOMER_UNNAMED, record=held.label)
    remember(held.record.connection, held.order.customer_keys[0], named(held.order), customer, by=by)


def line_is(held: Held, number: int, sku: SKU, by: User | None = None) -> None:
    """Say which size of the books a line means. Raises HeldRefused when the line does not name any."""
    line = held.lines[number].line
    if not line.keys:
        raise HeldRefused(LINE_UNNAMED, record=held.label)
    remember(held.record.connection, line.keys[0], line.described_as or line.barcode, sku, kind=SIZE, by=by)


def _replaced(record: InboxRecord) -> Order | None:
    """The order that another version of the record became."""
    versions = InboxRecord.objects.filter(
        connection=record.connection_id, kind=record.kind, remote_id=record.remote_id, order__isnull=False
    )
    stored = versions.exclude(pk=record.pk).select_related("order").order_by("-revision").first()
    return stored.order if stored else None


def _locked(record: InboxRecord) -> InboxRecord:
    rows = InboxRecord.objects.select_for_update(of=("self",)).select_related("connection").defer("payload")
    found: InboxRecord = rows.get(pk=record.pk)
    return found


def _undecided(record: InboxRecord) -> InboxRecord:
    held = _locked(record)
    if held.state not in InboxRecord.UNDECIDED:
        raise HeldRefused(DECIDED, record=label_of(held), state=held.get_state_display().lower())
    return held


def _mark(record: InboxRecord, state: InboxRecord.State, said: Said | None) -> None:
    marks = {
        "state": state,
        "reason_code": said.reason.code if said else "",
        "says": said.says if said else "",
        "fix": said.fix if said else "",
    }
    InboxRecord.objects.filter(pk=record.pk).update(**marks)
    for name, value in marks.items():
        setattr(record, name, value)
