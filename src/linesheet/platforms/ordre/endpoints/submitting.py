"""Taking in an order that was posted, and telling what became of it (sheet ordre.md 6.4 and 6.5)."""

from decimal import Decimal

from django.db import transaction

from linesheet.books.models import Order
from linesheet.platforms.ordre.endpoints.bodies import CustomerMade, EarlierOut, IssueOut, OrderIn, OrderReport
from linesheet.platforms.ordre.endpoints.issues import issues_of, lines_skipped
from linesheet.platforms.ordre.endpoints.problems import ALREADY_SUBMITTED, NOT_CONFIGURED, code_of
from linesheet.platforms.ordre.findings import earlier_orders, errors_of, submissions
from linesheet.platforms.ordre.order_mapping import lines_of
from linesheet.platforms.ordre.orders import TASK, Orders
from linesheet.platforms.ordre.references import reference
from linesheet.platforms.ordre.settings import REFUSE
from linesheet.sync import handed
from linesheet.sync.contexts import context_of
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.legs import Received
from linesheet.sync.models import Connection, InboxRecord
from linesheet.sync.resolve import Resolver
from linesheet.sync.serving.problems import MAINTENANCE, ApiProblem

WAIT_SECONDS = "5"
LATER_SECONDS = "300"


class Taken:
    """An order that was taken in or refused, inside the caller's transaction. Raises ApiProblem.

    `made` is the order of the books that it became. `record` is what was kept of it: None where the settings refuse
    what came before.
    """

    def __init__(self, connection: Connection, order: OrderIn) -> None:
        self.order = order
        self.leg = Orders(context_of(connection))
        self.record: InboxRecord | None = None
        self.made: Order | None = None
        self._check_settings()
        try:
            run = handed.begin(connection, TASK, self.leg.kind)
        except handed.Busy:
            says = "Orders that were held are being taken in. Try again in a moment."
            raise ApiProblem(MAINTENANCE, says, headers={"Retry-After": WAIT_SECONDS}) from None
        self.earlier = earlier_orders(connection.pk, order.order_number)
        if self.earlier and self.leg.context.settings["resubmission"] == REFUSE:
            return
        received = Received(_remote_id(connection.pk, order.order_number), order.order_number, order.kept())
        self.record = handed.take_in(run, self.leg, received).record
        self.made = self.record.order
        # As they are now: what was placed may have taken the place of those before.
        self.earlier = [order for order in earlier_orders(connection.pk, order.order_number) if order != self.made]

    @classmethod
    def checked(cls, connection: Connection, order: OrderIn) -> OrderReport:
        """What would become of an order; nothing of it stays. Raises ApiProblem."""
        with transaction.atomic():
            report = cls(connection, order).report(None)
            transaction.set_rollback(True)
        return report

    def problem(self) -> ApiProblem:
        """The refusal, for one that did not become an order."""
        issues = self.issues()
        if self.record is None:
            return ApiProblem(ALREADY_SUBMITTED, issues[0].message, issues)
        return ApiProblem(code_of(self.record.reason_code), f"{self.record.says} {self.record.fix}", issues)

    def issues(self) -> list[IssueOut]:
        """What is to be told of the order, whatever became of it; of one that was refused, first why."""
        if self.record is None:
            says = f"{self.order.order_number} is {self.earlier[0]} in the books already."
            return [IssueOut(code=ALREADY_SUBMITTED.code, message=says, pointer="/order_number")]
        if self.made:
            return issues_of(self.record)
        lines = lines_of(self.record.payload)
        # An order of nothing but the lines, as one that was refused may make no sense.
        nobodys = IncomingOrder(
            remote_id="",
            number="",
            customer_name="",
            customer_code="",
            currency="",
            lines=tuple(line.meant for line in lines),
        )
        resolver = Resolver(self.leg.context.settings, [nobodys], self.leg.context.connection_id)
        return issues_of(self.record, errors_of(lines, resolver.sku_of))

    def report(self, activity_id: int | None) -> OrderReport:
        """What became of it."""
        made, posted, issues = self.made, len(self.order.lines), self.issues()
        skipped = lines_skipped(issues) if made else posted
        named = (self.leg.context.settings["order_reference"], self.order.order_number, self.order.po_number or "")
        return OrderReport(
            result="refused" if made is None else "created_with_errors" if skipped else "created",
            erp_order_number=str(made) if made else None,
            order_reference=made.reference if made else reference(*named),
            season=made.season.name if made else None,
            approved=bool(made and made.approved),
            owner=str(made.owner) if made and made.owner else None,
            customer=_customer(made, issues) if made else None,
            lines_accepted=posted - skipped,
            lines_skipped=skipped,
            units=made.units if made else 0,
            amount=made.total if made else Decimal(0),
            issues=issues,
            superseded=[earlier_out(order) for order in self.earlier],
            activity_id=None if activity_id is None else str(activity_id),
        )

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


def earlier_out(order: Order) -> EarlierOut:
    """An earlier order, as it is now."""
    return EarlierOut(
        erp_order_number=str(order), order_reference=order.reference, approved=order.approved, active=order.active
    )


def _customer(made: Order, issues: list[IssueOut]) -> CustomerMade:
    created = any(issue.code == "customer_created" for issue in issues)
    return CustomerMade(id=str(made.customer_id), name=made.customer.name, created=created)


def _remote_id(connection_id: int, order_number: str) -> str:
    """A submission's own id: of the one before while that waits, as the newer is then to take its place."""
    rows = submissions(connection_id, order_number).order_by("-received_at")
    waiting = rows.filter(state__in=InboxRecord.UNDECIDED).values_list("remote_id", flat=True).first()
    return waiting or f"{order_number}#{rows.order_by().values('remote_id').distinct().count() + 1}"
