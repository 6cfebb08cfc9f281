"""From an incoming order to a draft for the books: customer, SKUs, season and addresses by the connection's rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Value
from django.db.models.functions import Lower

from linesheet.books.barcodes import gtin
from linesheet.books.customers import may_order
from linesheet.books.models import SKU, Customer, Order, Season
from linesheet.books.names import Careless, careless
from linesheet.books.order_drafts import LineDraft, OrderDraft
from linesheet.books.reasons import Said
from linesheet.sync import reasons
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.known import customers_known, sizes_known

NAMED_LINES = 5
TAKEN_IN_PART = ("short", "leave_out")
"""Where lines are unknown, the order comes in all the same."""
LINES_OF_ACTIVE = ("leave_out", "hold_any")
"""Lines of inactive products do not come in either."""


@dataclass(slots=True)
class Resolved:
    """What an incoming order becomes; the notes say what a person should know of it."""

    draft: OrderDraft
    notes: list[Said] = field(default_factory=list)


class Resolver:
    """Resolves a page of incoming orders of one connection with a constant number of queries."""

    def __init__(self, settings: Mapping[str, Any], orders: Sequence[IncomingOrder], connection_id: int) -> None:
        self._settings = settings
        self._seasons = {_folded(season.name): season for season in Season.objects.filter(active=True)}
        self._known = customers_known(connection_id, orders)
        self._by_code, self._by_name = _customers(orders)
        records = {order.customer_record for order in orders if order.customer_record is not None}
        found = Customer.objects.select_related("hold_status", "merged_into__hold_status")
        self._by_record = {pk: one.meant for pk, one in found.in_bulk(records).items()} if records else {}
        lines = [line for order in orders for line in order.lines]
        self._alike = _alike(orders) if settings.get("unknown_customer") == "create" else {}
        self._skus = _skus(line.barcode for line in lines)
        self._said = sizes_known(connection_id, [line for line in lines if _gtin(line.barcode) not in self._skus])

    def resolve(self, order: IncomingOrder, label: str, source_key: str) -> Resolved | Said:
        """The draft, or the reason why the order is held."""
        for missing in self.missing(order, label):
            return missing
        season, found = self.season_of(order), self.customer_of(order)
        # Only for a look ahead is there a customer who is not in the books yet.
        customer = found or self._stand_in or Customer(name=named(order), currency=order.currency)
        assert season
        lines = [self._line(line) for line in order.lines if not self._left_out(line)]
        unknown = [line for line in lines if line.sku is None]
        notes: list[Said] = []
        if found is None and customer.pk:
            notes.append(reasons.DEFAULTED_CUSTOMER.about(record=label, customer=named(order)))
        if not customer.active:
            notes.append(reasons.INACTIVE_CUSTOMER.about(record=label, customer=customer))
        if unknown:
            notes.append(reasons.IMPORTED_SHORT.about(record=label, lines=_named(unknown)))
        notes += _total_note(order, label)
        draft = OrderDraft(
            customer=customer,
            season=season,
            lines=lines,
            currency=order.currency,
            price_label=order.price_label[:120],
            reference=order.number,
            customer_reference=order.customer_reference,
            owner=self._settings.get("order_owner"),
            approved=bool(self._settings.get("import_approved")),
            addresses=order.addresses,
            discount_percent=order.discount_percent,
            ships_from=order.ships_from,
            ships_until=order.ships_until,
            comments=order.comments,
            source_key=source_key,
            short=bool(unknown),
        )
        return Resolved(draft, notes)

    def missing(self, order: IncomingOrder, label: str) -> Iterator[Said]:
        """Everything that keeps the order out of the books, one after the other."""
        if self.season_of(order) is None:
            yield reasons.NO_SEASON.about(record=label)
        customer = self.customer_of(order) or self._stand_in
        if self.ambiguous(order):
            yield reasons.AMBIGUOUS_CUSTOMER.about(record=label, customer=named(order), found=self._names_alike(order))
        elif customer is None and self._creates(order):
            pass
        elif customer is None:
            yield reasons.UNKNOWN_CUSTOMER.about(record=label, customer=_named_in_full(order))
        elif not may_order(customer):
            yield reasons.CUSTOMER_ON_HOLD.about(record=label, customer=customer, status=customer.hold_status)
        unknown = [line for line in order.lines if self.sku_of(line) is None or self._left_out(line)]
        if unknown and len(unknown) == len(order.lines):
            yield reasons.NO_KNOWN_LINE.about(record=label)
        elif unknown and self._settings.get("unknown_lines") not in TAKEN_IN_PART:
            yield reasons.UNKNOWN_BARCODES.about(record=label, lines=_named(unknown))

    def season_of(self, order: IncomingOrder) -> Season | None:
        """The season the order goes to."""
        named = self._seasons.get(_folded(order.season_name)) if self._settings.get("match_season") else None
        chosen: Season | None = named or self._settings.get("import_season")
        return chosen

    def customer_of(self, order: IncomingOrder) -> Customer | None:
        """Who a person said it is, else who is linked or named by a key (`_surely`), else by name."""
        surely = self._surely(order)
        if surely or order.by_code_only:
            return surely
        named = (order.customer_code, order.customer_name)
        found = next((self._by_name[_folded(name)] for name in named if _folded(name) in self._by_name), None)
        alike = self._alike.get(careless(order.customer_name), ())
        return found or (alike[0] if len(alike) == 1 else None)

    def ambiguous(self, order: IncomingOrder) -> bool:
        """Whether several customers have the order's name, read without care, and nothing else tells which it is."""
        return not self._surely(order) and len(self._alike.get(careless(order.customer_name), ())) > 1

    def _surely(self, order: IncomingOrder) -> Customer | None:
        """Who a person said it is, else who is linked with that id of the platform, else by our id, else by code."""
        known = self._known.of(order) or self._by_record.get(order.customer_record)
        return known or self._by_code.get(order.customer_code.strip())

    def may_create(self, order: IncomingOrder, label: str) -> bool:
        """Whether an unknown customer, who is to be added to the books, is all that keeps the order out of them."""
        return self._creates(order) and not self.customer_of(order) and not any(self.missing(order, label))

    def learn(self, order: IncomingOrder, customer: Customer) -> None:
        """Know from now on whom the order is from."""
        self._by_name[_folded(order.customer_name)] = customer

    def _creates(self, order: IncomingOrder) -> bool:
        wanted = self._settings.get("unknown_customer") == "create"
        return wanted and bool(order.customer_name.strip() or order.customer_code.strip())

    def _names_alike(self, order: IncomingOrder) -> str:
        return ", ".join(customer.name for customer in self._alike[careless(order.customer_name)][:NAMED_LINES])

    def _left_out(self, line: IncomingLine) -> bool:
        if self._settings.get("unknown_lines") not in LINES_OF_ACTIVE:
            return False
        sku = self.sku_of(line)
        return sku is None or not sku.product.active

    def sku_of(self, line: IncomingLine) -> SKU | None:
        """The SKU that has the line's barcode, else the one that a person said it means."""
        found = self._skus.get(_gtin(line.barcode))
        return found or next((self._said[key] for key in line.keys if key in self._said), None)

    @property
    def _stand_in(self) -> Customer | None:
        """The customer to whom orders of unknown customers go."""
        chosen: Customer | None = self._settings.get("default_customer")
        return chosen if self._settings.get("unknown_customer") == "default" else None

    def _line(self, line: IncomingLine) -> LineDraft:
        return LineDraft(
            sku=self.sku_of(line),
            barcode=line.barcode[:40],
            described_as=line.described_as[:200],
            quantity=line.quantity,
            price=line.price,
            original_price=line.original_price,
            ships_from=line.ships_from,
            ships_until=line.ships_until,
            comment=line.comment[:500],
        )


def named(order: IncomingOrder) -> str:
    """Whom the order is from, as the platform calls them."""
    return order.customer_name or order.customer_code or "an unnamed customer"


def _named_in_full(order: IncomingOrder) -> str:
    """The same with the code, where only that tells who they are."""
    if not order.by_code_only:
        return named(order)
    return f"{named(order)}, {f'code {order.customer_code}' if order.customer_code else 'without a code'}"


def computed_total(order: IncomingOrder) -> Decimal:
    """What the lines come to after the order's discount, to two decimals, as the books round it."""
    lines = sum((line.quantity * line.price for line in order.lines), Decimal(0))
    return (lines * (1 - order.discount_percent / 100)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _total_note(order: IncomingOrder, label: str) -> list[Said]:
    computed = computed_total(order)
    if order.total is None or abs(order.total - computed) < Decimal("0.01"):
        return []
    return [
        reasons.TOTAL_DIFFERS.about(
            record=label, stated=f"{order.total:,.2f}", computed=f"{computed:,.2f}", currency=order.currency
        )
    ]


def revised(order: Order, draft: OrderDraft) -> OrderDraft:
    """The draft with what a revision does not change: season and owner stay as a person may have set them."""
    return replace(draft, season=order.season, owner=order.owner, location=order.location)


def _customers(orders: Iterable[IncomingOrder]) -> tuple[dict[str, Customer], dict[str, Customer]]:
    codes = {order.customer_code.strip() for order in orders} - {""}
    names = {_folded(text) for order in orders for text in (order.customer_name, order.customer_code)} - {""}
    customers = Customer.objects.select_related("hold_status", "merged_into__hold_status")
    by_code = {found.account_code: found.meant for found in customers.filter(account_code__in=codes)}
    lowered = customers.alias(folded=Lower("name")).filter(folded__in=[Lower(Value(name)) for name in names])
    return by_code, {_folded(found.name): found.meant for found in lowered}


def _alike(orders: Iterable[IncomingOrder]) -> dict[str, list[Customer]]:
    """The customers who are meant by these names, read without care; each once."""
    names = {careless(order.customer_name) for order in orders} - {""}
    found: dict[str, list[Customer]] = {}
    customers = Customer.objects.select_related("hold_status", "merged_into__hold_status")
    for customer in customers.alias(key=Careless("name")).filter(key__in=names).order_by("pk"):
        of_name = found.setdefault(careless(customer.name), [])
        if customer.meant not in of_name:
            of_name.append(customer.meant)
    return found


def _skus(barcodes: Iterable[str]) -> dict[str, SKU]:
    wanted = {_gtin(barcode) for barcode in barcodes} - {""}
    skus = SKU.objects.select_related("product").filter(gtin__in=wanted).exclude(barcode="")
    return {sku.gtin: sku for sku in skus}


def _gtin(barcode: str) -> str:
    digits = barcode.strip()
    return gtin(digits) if digits.isdecimal() and len(digits) in (12, 13) else ""


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _named(lines: Sequence[LineDraft | IncomingLine]) -> str:
    names = [f"{line.described_as} ({line.barcode or 'no barcode'}) x {line.quantity}" for line in lines[:NAMED_LINES]]
    more = len(lines) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
