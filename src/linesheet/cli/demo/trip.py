"""One connection's whole round trip: publish, have buyers order, bring the orders back, and do it all again."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Sum

from linesheet.books.models import SKU, Customer, Order, OrderLine, Season
from linesheet.cli.demo.remote import Remote
from linesheet.sync import runs
from linesheet.sync.models import Connection, InboxRecord, Item, Run

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

    def __init__(self, connection: Connection, remote: Remote, account: Account, say: Say) -> None:
        self.connection = connection
        self.remote = remote
        self.account = account
        self.say = say

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
        for task in others:
            self.run(task)

    def run(self, task: str) -> Run:
        """Run one task to its end."""
        run, _ = runs.start(self.connection, task)
        return self._finish(run)

    def take_orders(self) -> None:
        """Have buyers place orders: approved ones, ones still pending, an unknown barcode, an unknown customer."""
        published = {size["upc"] for product in self.remote.products() for size in product["sizes"] if size["upc"]}
        barcodes = list(SKU.objects.filter(barcode__in=published).order_by("pk").values_list("barcode", flat=True))
        customers = list(Customer.objects.order_by("pk").values_list("name", flat=True))

        season = Season.objects.order_by("starts_on").last()
        ships = (season.delivery_starts_on, season.delivery_cancels_on) if season else None

        def place(customer: str, lines: list[dict[str, Any]], po: str, status: str = "approved") -> None:
            self.remote.place_order(customer, lines, status=status, po=po, ships=ships)

        def lines(number: int) -> list[dict[str, Any]]:
            chosen = barcodes[number % len(barcodes) :: max(1, len(barcodes) // 5)][:5]
            return [{"upc": barcode, "quantity": 1 + (number + step) % 6} for step, barcode in enumerate(chosen)]

        for number in range(APPROVED_ORDERS + PENDING_ORDERS):
            status = "approved" if number < APPROVED_ORDERS else "pending"
            place(customers[number % len(customers)], lines(number), f"PO-{number + 1}", status)
        unknown = {"upc": "9999999999994", "quantity": 2, "style_number": "X1", "color": "Red", "size": "M"}
        place(customers[0], [*lines(1), unknown], "PO-barcode")
        place("A shop nobody knows", lines(2), "PO-customer")
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
        approved = {
            order["order_number"]: order
            for order in self.remote.orders()
            if order["status"] in ("approved", "processed")
        }
        stored = dict(
            Order.objects.filter(reference__in=approved).values_list("reference").annotate(Count("pk")).order_by()
        )
        held = set(
            InboxRecord.objects.filter(connection=self.connection, state=InboxRecord.State.HELD).values_list(
                "label", flat=True
            )
        )
        units = dict(
            OrderLine.objects.filter(order__reference__in=approved)
            .values_list("order__reference")
            .annotate(Sum("quantity"))
            .order_by()
        )
        row = {
            "connection": self.connection.name,
            "remote_approved": len(approved),
            "stored": len(stored),
            "held": len(held & approved.keys()),
            "lost": sum(number not in stored and number not in held for number in approved),
            "doubled": sum(count > 1 for count in stored.values()),
            "short": sum(number in stored and units.get(number) != _units(order) for number, order in approved.items()),
        }
        self.account.orders.append(row)
        self.say(
            "  " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in row.items() if name != "connection")
        )
        for name in ("lost", "doubled", "short"):
            self._expect(row[name] == 0, f"{row[name]} orders {name}")
        self._expect(row["held"] == 2, f"{row['held']} orders held, not 2")
        for record in InboxRecord.objects.filter(connection=self.connection, state=InboxRecord.State.HELD):
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


def _units(order: dict[str, Any]) -> int:
    return sum(int(size["quantity"]) for line in order["line_items"] for size in line["sizes"])
