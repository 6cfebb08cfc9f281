"""The round trip of a platform that calls us: it collects, its buyers' orders are handed to us, and all is compared."""

import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Sum

from linesheet.books.barcodes import put_barcode
from linesheet.books.models import SKU, Customer, Order, OrderLine, PriceList, Season
from linesheet.books.prices import prices_of
from linesheet.cli.demo.account import Account, Say, Trip
from linesheet.cli.sides.caller import Caller, Submitted
from linesheet.cli.sides.words import Placed, Wanted
from linesheet.sync.models import Connection, InboxRecord, Notice, Placement
from linesheet.sync.registry import platform

ORDERS = 8
NOBODYS_BARCODE = "9999999999994"
MENDED_BARCODE = "5602999999997"


class CalledTrip(Trip):
    """Has the platform collect and submit, and checks the hub against it."""

    def __init__(self, connection: Connection, remote: Caller, account: Account, say: Say) -> None:
        super().__init__(connection, account, say)
        self.remote = remote

    def make(self) -> None:
        """The whole of it."""
        self.collect()
        self.take_orders()
        self.bad_barcode_and_new_customer()
        self.edited()
        self.mended()
        self.reconcile()

    def collect(self) -> None:
        """A first collect brings all that is offered, the next one nothing."""
        started = time.monotonic()
        collected = self.remote.collect()
        seconds = time.monotonic() - started
        self.expect(not collected.wrong, f"the collect failed: {collected.wrong}")
        held = {shown.key: shown for shown in self.remote.products()}
        wanted = {shown.key: shown for shown in self.remote.products_wanted(self.connection.pk)}
        placed = Placement.objects.filter(section__connection=self.connection).count()
        places = {shown.places for shown in held.values()}
        self.say(
            f"  collected: {len(held)} of {placed} products placed, in {len({each[0] for each in places})} collections "
            f"and {len(places)} looks, and {len(self.remote.customers())} customers ({seconds:.1f} s); "
            f"{placed - len(held)} without a barcode"
        )
        differing = [key for key in held.keys() | wanted.keys() if held.get(key) != wanted.get(key)]
        self.expect(not differing, f"{len(differing)} products differ from the books, such as {differing[:3]}")
        missing = set(Customer.objects.filter(active=True).values_list("name", flat=True)) ^ self.remote.customers()
        self.expect(not missing, f"customers differ: {sorted(missing)[:3]}")
        again = self.remote.collect()
        self.expect(again.products + again.customers + again.pictures == 0, f"a second collect brought {again}")
        self.say("  prices, barcodes, looks and pictures are those of the books; a second collect brought nothing")

    def take_orders(self) -> None:
        """Buyers order and the platform hands the orders on; one of them twice."""
        barcodes = self._barcodes()
        for number in range(ORDERS):
            customer = Customer.objects.order_by("pk")[number % Customer.objects.count()].name
            order = self._place(customer, self._lines(barcodes, number), f"PO-{number + 1}")
            sent = self.remote.submit(order, "twice" if number == 0 else "")
            self.expect(sent.taken and not sent.left_out, f"order {order} was not taken: {sent.message}")
            if number == 0:
                self.expect((sent.replies, sent.repeats) == (2, 1), f"of two posts, {sent.repeats} were repeats")
        self.say(f"  {ORDERS} orders handed to us and taken; one was posted twice, and the second post was a repeat")

    def bad_barcode_and_new_customer(self) -> None:
        """One line is left out, the customer is added, and whoever wants to know is told once."""
        told = Notice.objects.count()
        lines = self._lines(self._barcodes(), 1)
        dearer = Wanted(barcode=lines[0].barcode, units=lines[0].units, price=self._price(lines[0].barcode) + 5)
        unknown = Wanted(barcode=NOBODYS_BARCODE, units=2, price=dearer.price, style="X1", size="M")
        order = self._place(self.remote.unknown_customer, [dearer, *lines[1:], unknown], "PO-barcode")
        sent = self.remote.submit(order)
        self.expect(sent.taken and sent.left_out == 1 and sent.new_customer, f"order {order}: {sent.message}")
        self.expect("price_differs" in sent.told, "nothing was said of the price")
        notices = list(Notice.objects.order_by("-pk")[: Notice.objects.count() - told])
        self.expect(len(notices) == 1, f"{len(notices)} messages instead of one")
        self.say(
            f"  {sent.made} of a new customer, with a line left out and a price kept that is not ours: {sent.told}"
        )
        for notice in notices:
            reasons = " ".join(f"{reason['says']} {reason['fix']}" for reason in notice.reasons)
            self.say(f"    to {notice.member.user.email}: {notice.says} {reasons}")
        self.remote.collect()
        self.expect(self.remote.unknown_customer in self.remote.customers(), "the new customer was not collected")

    def edited(self) -> None:
        """Edited and submitted again, an order is a second one beside the first."""
        first = next(sent for sent in self.remote.submissions() if sent.taken)
        lines = [Wanted(barcode=barcode, units=units + 1) for barcode, units in first.units.items()]
        before = self._units_of(first.made)
        self.remote.change_order(first.order, lines)
        again = self.remote.submit(first.order)
        self.expect(again.taken and again.made != first.made, f"the edited order was not taken: {again.message}")
        self.expect(list(again.before) == [first.made], f"{again.made} names {again.before} before it")
        self.expect(self._units_of(first.made) == before, f"{first.made} was changed")
        self.say(f"  edited and submitted again: {again.made}, which names {first.made}; that one is as it was")

    def mended(self) -> None:
        """An order of nothing but a barcode that we lack is refused, kept, and taken in once the barcode is there."""
        sku = SKU.objects.filter(barcode="", product__placements__section__connection=self.connection).first()
        if sku is None:
            self.expect(False, "no size lacks a barcode")
            return
        customer = Customer.objects.order_by("pk")[0].name
        line = Wanted(
            barcode=MENDED_BARCODE, units=3, price=self._price_of(sku), style=sku.product.style, size=sku.size
        )
        order = self._place(customer, [line], "PO-mended")
        sent = self.remote.submit(order)
        self.expect(not sent.taken, f"{sent.made} was made of a barcode nobody knows")
        self.say(f"  refused and kept: {sent.message}")
        put_barcode(sku, MENDED_BARCODE)
        for task in platform(self.connection.platform).tasks:
            self.run(task.key)
        made = Order.objects.filter(source_key__contains=f":{order}#").first()
        self.expect(made is not None, f"{order} is not in the books although its barcode is")
        collected = self.remote.collect()
        self.expect(collected.products == 1, f"a collect brought {collected.products} products instead of one")
        self.say(f"  with its barcode, {sku} was collected, and {made} taken in from what was kept")

    def reconcile(self) -> None:
        """Compare what was submitted with the orders here, one by one and unit by unit."""
        sent = [each for each in self.remote.submissions() if each.taken]
        refused = {each.order for each in self.remote.submissions() if not each.taken}
        row = compared(self.connection, sent, refused)
        self.account.orders.append(row)
        self.say(
            "  " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in row.items() if name != "connection")
        )
        for name in ("lost", "doubled", "short", "held"):
            self.expect(row[name] == 0, f"{row[name]} orders {name}")

    def _place(self, customer: str, lines: Sequence[Wanted], po: str) -> str:
        season = Season.objects.order_by("starts_on").last()
        ships = (
            (season.delivery_starts_on, season.delivery_cancels_on)
            if season and season.delivery_starts_on and season.delivery_cancels_on
            else None
        )
        return self.remote.place_order(Placed(customer=customer, lines=lines, po=po, ships=ships))

    def _barcodes(self) -> list[str]:
        return sorted(barcode for shown in self.remote.products() for barcode in shown.sizes.values())

    def _lines(self, barcodes: Sequence[str], number: int) -> list[Wanted]:
        chosen = barcodes[number % len(barcodes) :: max(1, len(barcodes) // 5)][:5]
        return [Wanted(barcode=barcode, units=1 + (number + step) % 6) for step, barcode in enumerate(chosen)]

    def _units_of(self, made: str) -> int:
        order = Order.objects.get(number=made.rpartition(" ")[2])
        return int(order.lines.aggregate(Sum("quantity"))["quantity__sum"])

    def _price(self, barcode: str) -> Decimal:
        return self._price_of(SKU.objects.get(barcode=barcode))

    def _price_of(self, sku: SKU) -> Decimal:
        held = prices_of([sku.product_id])[sku.product_id]
        return next(each.amount for each in held.prices if each.price_list.kind == PriceList.Kind.WHOLESALE)


def compared(connection: Connection, sent: Sequence[Submitted], refused: set[str]) -> dict[str, object]:
    """What was taken by what the platform believes, against the books: each once, with the units whose barcode we know.

    An order that was refused may be there by now, from what was kept; one that was never sent may not (`doubled`).
    """
    mine = f"{connection.platform}:{connection.pk}:"
    orders = {str(order): order for order in Order.objects.filter(source_key__startswith=mine)}
    sums = OrderLine.objects.filter(order__in=orders.values()).values_list("order").annotate(Sum("quantity")).order_by()
    units = dict(sums)
    known = set(SKU.objects.exclude(barcode="").values_list("barcode", flat=True))
    made = Counter(each.made for each in sent)
    short = 0
    for each in sent:
        wanted = sum(count for barcode, count in each.units.items() if barcode in known)
        short += each.made in orders and units.get(orders[each.made].pk) != wanted
    others = [order for name, order in orders.items() if name not in made]
    from_kept = [order for order in others if order.source_key.rpartition(":")[2].rpartition("#")[0] in refused]
    held = InboxRecord.objects.filter(connection=connection, state=InboxRecord.State.HELD).count()
    return {
        "connection": connection.name,
        "submitted": len(sent),
        "stored": len(made.keys() & orders.keys()),
        "from_kept": len(from_kept),
        "held": held,
        "lost": len(made.keys() - orders.keys()),
        "doubled": len(others) - len(from_kept) + sum(count - 1 for count in made.values()),
        "short": short,
    }
