"""One connection's whole round trip: publish, have buyers order, bring the orders back, and do it all again."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.db.models import Sum

from linesheet.books.models import SKU, Customer, Order, OrderLine, Season
from linesheet.cli.demo.account import Account, Say, Trip
from linesheet.cli.sides.side import Side
from linesheet.cli.sides.words import Placed, Standing, Wanted
from linesheet.sync import runs
from linesheet.sync.models import Connection, InboxRecord, Item, Run
from linesheet.sync.platform import Direction, Task
from linesheet.sync.registry import platform

APPROVED_ORDERS = 8
PENDING_ORDERS = 2


class RoundTrip(Trip):
    """Runs a connection's tasks through its workers, and checks the hub against the platform."""

    def __init__(self, connection: Connection, remote: Side, account: Account, say: Say) -> None:
        super().__init__(connection, account, say)
        self.remote = remote

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
        self.wait(preview, until=(*Run.FINAL, Run.State.PLANNED))
        self.say(
            f"  {first}, preview: {preview.selected} selected, {_planned(preview)} to send, {preview.blocked} blocked; "
            f"{preview.planned_calls} calls, about {max(1, round(preview.planned_seconds))} s. Nothing was sent."
        )
        self.finish(runs.approve(preview))
        self._run_all(others)

    def _run_all(self, tasks: Sequence[str]) -> None:
        for task in tasks:
            self.run(task)

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
            self.expect(run.created + run.updated == 0, f"the second {task} sent {run.created + run.updated} records")
        self.expect(self.remote.writes() == before, "the second round wrote on the platform")
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
            self.expect(row[name] == 0, f"{row[name]} orders {name}")
        self.expect(row["held"] == 2, f"{row['held']} orders held, not 2")
        for record in inbox:
            self.say(f"    held: {record.says} {record.fix}")


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
