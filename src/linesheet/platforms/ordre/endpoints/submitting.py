"""Taking in an order that was posted, and telling what became of it (sheet ordre.md 6.4 and 6.5)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from linesheet.books import orders as books
from linesheet.books.models import Order
from linesheet.books.reasons import BLOCKER, NOTE
from linesheet.platforms.ordre.endpoints.bodies import CustomerMade, EarlierOut, IssueOut, OrderIn, OrderReport
from linesheet.platforms.ordre.endpoints.problems import ALREADY_SUBMITTED, NOT_CONFIGURED, code_of
from linesheet.platforms.ordre.findings import earlier_orders, line_error
from linesheet.platforms.ordre.order_mapping import lines_of, order_from
from linesheet.platforms.ordre.orders import TASK, Orders
from linesheet.platforms.ordre.references import reference
from linesheet.platforms.ordre.settings import REFUSE, REPLACE
from linesheet.sync import handed
from linesheet.sync.contexts import context_of
from linesheet.sync.handed import Handed
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.legs import Received
from linesheet.sync.models import Connection, InboxRecord
from linesheet.sync.resolve import Resolver
from linesheet.sync.serving.problems import MAINTENANCE, ApiProblem, Code, Issue

Notes = Iterable[Mapping[str, str]]
_CODES = {
    "inactive_customer": "customer_inactive",
    "total_differs": "total_mismatch",
    "units_mismatch": "total_mismatch",
}
"""Codes of the hub's own reasons, as ORDRE's contract has them."""
WAIT_SECONDS = "5"
LATER_SECONDS = "300"


class Taken:
    """An order that was taken in or refused, inside the caller's transaction. Raises ApiProblem."""

    def __init__(self, connection: Connection, order: OrderIn) -> None:
        self.order = order
        self.leg = Orders(context_of(connection))
        self._check_settings()
        try:
            run = handed.begin(connection, TASK, self.leg.kind)
        except handed.Busy:
            says = "Orders that were held are being taken in. Try again in a moment."
            raise ApiProblem(MAINTENANCE, says, headers={"Retry-After": WAIT_SECONDS}) from None
        self.earlier = earlier_orders(connection.pk, order.order_number)
        settings = self.leg.context.settings
        if self.earlier and settings["resubmission"] == REFUSE:
            raise ApiProblem(ALREADY_SUBMITTED, f"{order.order_number} is {self.earlier[0]} in the books already.")
        self.payload = order.kept()
        received = Received(_remote_id(connection, order.order_number), order.order_number, self.payload)
        self.handed: Handed = handed.take_in(run, self.leg, received)
        if self.made and settings["resubmission"] == REPLACE:
            self._inactivate_earlier()

    @property
    def made(self) -> Order | None:
        """The order of the books that it became."""
        found: Order | None = self.handed.record.order
        return found

    @property
    def code(self) -> Code:
        """Why it was refused."""
        return code_of(self.handed.record.reason_code)

    def problem(self) -> ApiProblem:
        """The refusal, for one that did not become an order."""
        record = self.handed.record
        issues = [Issue(**issue.model_dump(include=set(Issue.model_fields))) for issue in self.refused_lines()]
        return ApiProblem(self.code, f"{record.says} {record.fix}", issues)

    def refused_lines(self) -> list[IssueOut]:
        """What is wrong with the lines of an order that was refused."""
        order = order_from(self.payload, "")
        lines = lines_of(self.payload)
        incoming = [order] if isinstance(order, IncomingOrder) else []
        resolver = Resolver(self.leg.context.settings, incoming, self.handed.run.connection_id)
        errors = ((line, line_error(line, resolver.sku_of(line.meant))) for line in lines)
        return [
            self._issue({"code": said.reason.code, "severity": BLOCKER, "says": said.says}, line.place)
            for line, said in errors
            if said
        ]

    def report(self, activity_id: int | None) -> OrderReport:
        """What became of it."""
        made, record, settings = self.made, self.handed.record, self.leg.context.settings
        if made is None:
            issues = [IssueOut(severity="error", code=self.code.code, message=record.says), *self.refused_lines()]
        else:
            issues = [self._issue(note, self.leg.places.get(note["says"])) for note in _told(record.notes)]
        errors = [issue for issue in issues if issue.severity == "error"]
        template, number, po = settings["order_reference"], self.order.order_number, self.order.po_number or ""
        return OrderReport(
            result="refused" if made is None else "created_with_errors" if errors else "created",
            erp_order_number=str(made) if made else None,
            order_reference=made.reference if made else reference(template, number, po),
            season=made.season.name if made else None,
            approved=bool(made and made.approved),
            owner=str(made.owner) if made and made.owner else None,
            customer=_customer(made, record.notes),
            lines_accepted=len(self.order.lines) - len(errors) if made else 0,
            lines_skipped=len(errors) if made else len(self.order.lines),
            units=made.units if made else 0,
            amount=made.total if made else Decimal(0),
            issues=issues,
            superseded=[earlier_out(order) for order in self.earlier],
            activity_id=activity_id,
        )

    def _issue(self, note: Mapping[str, str], place: int | None) -> IssueOut:
        issue = issue_of(note)
        if place is not None:
            line = self.order.lines[place]
            issue.pointer = f"/lines/{place}"
            issue.line_id, issue.barcode = line.line_id or str(place + 1), line.barcode or None
        return issue

    def _check_settings(self) -> None:
        settings = self.leg.context.settings
        owner = settings["order_owner"]
        lacking = [
            *(["the import order season is not set"] if settings["import_season"] is None else []),
            *(["the order owner is not set"] if owner is None else []),
            *(["the order owner is switched off"] if owner is not None and not owner.is_active else []),
        ]
        if lacking:
            says = f"Orders cannot be taken in yet: {' and '.join(lacking)}."
            raise ApiProblem(NOT_CONFIGURED, says, headers={"Retry-After": LATER_SECONDS})

    def _inactivate_earlier(self) -> None:
        for order in self.earlier:
            if order.active and not order.approved and not order.locked:
                books.inactivate(order)


def issue_of(note: Mapping[str, str]) -> IssueOut:
    """What was noted of an order, as it is told to ORDRE."""
    return IssueOut(
        severity="error" if note["severity"] == BLOCKER else "warning",
        code=_CODES.get(note["code"], note["code"]),
        message=note["says"],
    )


def issues_of(notes: Notes) -> list[IssueOut]:
    """All that ORDRE is told of what was noted of an order."""
    return [issue_of(note) for note in _told(notes)]


def earlier_out(order: Order) -> EarlierOut:
    """An earlier order, as it is now."""
    return EarlierOut(
        erp_order_number=str(order), order_reference=order.reference, approved=order.approved, active=order.active
    )


def _told(notes: Notes) -> Sequence[Mapping[str, str]]:
    return [note for note in notes if note["severity"] != NOTE]


def _customer(made: Order | None, notes: Notes) -> CustomerMade | None:
    if made is None:
        return None
    created = any(note["code"] == "customer_created" for note in notes)
    return CustomerMade(id=made.customer_id, name=made.customer.name, created=created)


def _remote_id(connection: Connection, order_number: str) -> str:
    """A submission's own id: of the one before while that waits, as the newer is then to take its place."""
    rows: Any = InboxRecord.objects.filter(connection=connection, kind=Orders.kind, label=order_number)
    latest = rows.order_by("-pk").values_list("remote_id", "state").first()
    if latest and latest[1] in InboxRecord.UNDECIDED:
        return str(latest[0])
    return f"{order_number}#{rows.values('remote_id').distinct().count() + 1}"
