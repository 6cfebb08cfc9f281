"""One connection's whole round trip: publish, have buyers order, bring the orders back, and do it all again."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Sum

from linesheet.books.models import SKU, Customer, Order, OrderLine, Season
from linesheet.cli.sides.side import Side
from linesheet.cli.sides.words import Placed, Standing, Wanted
from linesheet.sync import runs
from linesheet.sync.models import Connection, InboxRecord, Item, Run
from linesheet.sync.platform import Direction, Task
from linesheet.sync.registry import platform

Say = Callable[[str], None]

APPROVED_ORDERS = 8
PENDING_ORDERS = 2
POLL_SECONDS = 0.1


@dataclass(slots=True)
class Account:
    """What the demo has to show for itself, as its last line prints it."""

    tasks: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain data; `ok` when nothing is wrong."""
        return {"ok": not self.wrong, "tasks": self.tasks, "orders": self.orders, "wrong": self.wrong}


class RoundTrip:
    """Runs a connection's tasks through its workers, and checks the hub against the platform."""

    def __init__(self, connection: Connection, remote: Side, account: Account, say: Say) -> None:
        self.connection = connection
        self.remote = remote
        self.account = account
        self.say = say
        # Reasons that were told with as many records of a task.
        self._told: set[tuple[str, str, int]] = set()

    def make(self) -> None:
        """The whole of it. Tasks are taken as the platform declares them, each after those that have to run before."""
        exports, files, imports = (self.tasks(each) for each in (Direction.OUT, Direction.FILE, Direction.IN))
        checks = self.tasks(Direction.CHECK)
        self._run_all(checks)
        self.publish(exports)
        self._run_all(files)
        self.take_orders()
        self._run_all(imports)
        # Imported orders are sold, so what is available changed: once it is sent, nothing is left to send.
        self._run_all(exports)
        self.repeat([*exports, *imports, *checks])
        self.reconcile()

    def tasks(self, direction: Direction) -> list[str]:
        """The connection's tasks of a direction, in the order in which they can be run."""
        declared = platform(self.connection.platform).tasks
        return [task.key for task in _in_order(declared) if task.direction is direction]

    def publish(self, tasks: Sequence[str]) -> None:
        """Preview and approve the first task, then run the others."""
        first, *others = tasks
        preview, _ = runs.start(self.connection, first, preview=True)
        self._wait(preview, until=(*Run.FINAL, Run.State.PLANNED))
        self.say(
            f"  {first}, preview: {preview.selected} selected, {_planned(preview)} to send, {preview.blocked} blocked; "
            f"{preview.planned_calls} calls, about {max(1, round(preview.planned_seconds))} s. Nothing was sent."
        )
        self._finish(runs.approve(preview))
        self._run_all(others)

    def _run_all(self, tasks: Sequence[str]) -> None:
        for task in tasks:
            self.run(task)

    def run(self, task: str) -> Run:
        """Run one task to its end."""
        run, _ = runs.start(self.connection, task)
        return self._finish(run)

    def take_orders(self) -> None:
        """Have buyers place orders: approved ones, ones still pending, an unknown barcode, an unknown customer."""
        published = self.remote.published()
        barcodes = list(SKU.objects.filter(barcode__in=published).order_by("pk").values_list("barcode", flat=True))
        customers = [self.remote.customer_key(customer) for customer in Customer.objects.order_by("pk")]
        season = Season.objects.order_by("starts_on").last()
        ships = (
            (season.delivery_starts_on, season.delivery_cancels_on)
            if season and season.delivery_starts_on and season.delivery_cancels_on
            else None
        )

        def place(customer: str, lines: list[Wanted], po: str, *, approved: bool = True) -> None:
            self.remote.place_order(Placed(customer=customer, lines=lines, po=po, approved=approved, ships=ships))

        def lines(number: int) -> list[Wanted]:
            chosen = barcodes[number % len(barcodes) :: max(1, len(barcodes) // 5)][:5]
            return [Wanted(barcode=barcode, units=1 + (number + step) % 6) for step, barcode in enumerate(chosen)]

        for number in range(APPROVED_ORDERS + PENDING_ORDERS):
            customer = customers[number % len(customers)]
            place(customer, lines(number), f"PO-{number + 1}", approved=number < APPROVED_ORDERS)
        unknown = Wanted(barcode="9999999999994", units=2, style="X1", colour="Red", size="M")
        place(customers[0], [*lines(1), unknown], "PO-barcode")
        place(self.remote.unknown_customer, lines(2), "PO-customer")
        self.say(
            f"  buyers placed {APPROVED_ORDERS} approved and {PENDING_ORDERS} pending orders, one more with a barcode "
            "that is in no book and one from a shop that is in no book"
        )

    def repeat(self, tasks: Sequence[str]) -> None:
        """Run every task again: with nothing changed, nothing may be written on the platform."""
        before = self.remote.writes()
        for task in tasks:
            run = self.run(task)
            self._expect(run.created + run.updated == 0, f"the second {task} sent {run.created + run.updated} records")
        self._expect(self.remote.writes() == before, "the second round wrote on the platform")
        self.say("  a second run of every task sent nothing")

    def reconcile(self) -> None:
        """Compare the approved orders there with the orders here, one by one and unit by unit."""
        approved = {order.key: order for order in self.remote.orders() if order.standing is Standing.APPROVED}
        mine = f"{self.connection.platform}:{self.connection.pk}:"
        orders = {order.pk: order for order in Order.objects.filter(source_key__startswith=mine)}
        stored = Counter(_remote_key(order) for order in orders.values())
        inbox = InboxRecord.objects.filter(connection=self.connection, state=InboxRecord.State.HELD)
        held = set(inbox.values_list("remote_id", flat=True))
        lines = OrderLine.objects.filter(order__in=orders).values_list("order").annotate(Sum("quantity")).order_by()
        units = {_remote_key(orders[order]): quantity for order, quantity in lines}
        row = {
            "connection": self.connection.name,
            "remote_approved": len(approved),
            "stored": len(stored.keys() & approved.keys()),
            "held": len(held & approved.keys()),
            "lost": sum(key not in stored and key not in held for key in approved),
            "doubled": sum(count > 1 for count in stored.values()),
            "short": sum(key in stored and units.get(key) != order.units for key, order in approved.items()),
        }
        self.account.orders.append(row)
        self.say(
            "  " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in row.items() if name != "connection")
        )
        for name in ("lost", "doubled", "short"):
            self._expect(row[name] == 0, f"{row[name]} orders {name}")
        self._expect(row["held"] == 2, f"{row['held']} orders held, not 2")
        for record in inbox:
            self.say(f"    held: {record.says} {record.fix}")

    def _finish(self, run: Run) -> Run:
        self._wait(run, until=Run.FINAL)
        seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0
        row: dict[str, Any] = {"connection": self.connection.name, "task": run.task, "run": run.pk, "state": run.state}
        counters = ("selected", "created", "updated", "unchanged", "blocked", "failed", "not_attempted", "calls")
        row |= {name: getattr(run, name) for name in counters}
        self.account.tasks.append(row | {"seconds": round(seconds, 2)})
        parts = ", ".join(f"{row[name]} {name.replace('_', ' ')}" for name in counters[1:-1] if row[name])
        self.say(
            f"  {run.task}: {run.get_state_display().lower()}: {run.selected} selected = {parts or 'nothing'} "
            f"({run.calls} calls, {seconds:.1f} s)"
        )
        reasons = (
            run.items.filter(state__in=(Item.State.BLOCKED, Item.State.FAILED))
            .values_list("reason_code")
            .annotate(times=Count("pk"))
            .order_by("-times")
        )
        for code, times in reasons:
            if (run.task, code, times) in self._told:
                continue
            self._told.add((run.task, code, times))
            example = run.items.filter(reason_code=code).order_by("pk")[0]
            self.say(f"    {times} x {code}: {example.says} {example.fix}")
        self._expect(run.state in (Run.State.DONE, Run.State.PROBLEMS), f"{run.task} {run.state}: {run.says}")
        self._expect(run.adds_up, f"{run.task} does not add up")
        self._expect(run.failed == 0, f"{run.task} failed on {run.failed} records")
        return run

    def _wait(self, run: Run, until: Sequence[str]) -> None:
        while run.state not in until:
            time.sleep(POLL_SECONDS)
            run.refresh_from_db()

    def _expect(self, holds: bool, wrong: str) -> None:
        if not holds:
            self.account.wrong.append(f"{self.connection.name}: {wrong}")
            self.say(f"  WRONG: {wrong}")


def _planned(run: Run) -> int:
    return run.items.filter(state=Item.State.PLANNED).count()


def _remote_key(order: Order) -> str:
    """The key of an imported order on its platform."""
    return order.source_key.rpartition(":")[2]


def _in_order(tasks: Sequence[Task]) -> Iterator[Task]:
    """Each after those that have to run before it, else as declared."""
    waiting, done = list(tasks), set[str]()
    while waiting:
        task = next((one for one in waiting if done.issuperset(one.after)), waiting[0])
        waiting.remove(task)
        done.add(task.key)
        yield task
