"""Order files: one row per line, whose order columns agree across the rows of an order."""

from typing import Any

from linesheet.books.barcodes import gtin
from linesheet.books.customers import may_approve, may_order
from linesheet.books.files.importer import Chunk, Importer, Stated, disagrees, is_taken
from linesheet.books.files.job import Known, one_of
from linesheet.books.files.ledger import HeldOrder, Ledger
from linesheet.books.files.order_rows import VOCABULARY, WantedOrder, address_read, address_text, wanted_by
from linesheet.books.files.reasons import (
    CUSTOMER_CONTRADICTS,
    CUSTOMER_UNKNOWN,
    LINE_UNMATCHED,
    ORDER_ELSEWHERE,
    OWNER_UNKNOWN,
    RECORD_CREATED,
)
from linesheet.books.files.report import State
from linesheet.books.files.rows import Row, RowRefused, clean, cleaned, fold
from linesheet.books.files.skus import Named, SKUs
from linesheet.books.files.values import date_in, written
from linesheet.books.models import SKU, Customer, Location, Order, OrderLine, Season
from linesheet.books.orders import CUSTOMER_MAY_NOT_BE_APPROVED, CUSTOMER_MAY_NOT_ORDER, ORDER_LOCKED

_LINE_COLUMNS = {"ships_from": "line_ships_from", "ships_until": "line_ships_until", "comment": "line_comment"}


class OrdersImporter(Importer):
    """Creates and updates orders by number and their lines by position; lines the file lacks are left alone.

    A line that names no SKU of the books is kept as described. An order that was locked takes no change.
    """

    vocabulary = VOCABULARY

    def write(self, rows: list[Row], chunk: Chunk) -> None:
        if self.job.create_missing:
            # Seasons and locations made for a chunk that was taken back are gone.
            self.job.known = Known.load()
        wanted = []
        for row in rows:
            try:
                wanted.append(wanted_by(row, self.job.currency))
            except RowRefused as refused:
                chunk.done(row, refused)
        ledger = Ledger(wanted, chunk)
        for each in wanted:
            try:
                chunk.done(each.row, self._put(each, ledger, chunk))
            except RowRefused as refused:
                chunk.done(each.row, refused)
        ledger.save(chunk)

    def _put(self, wanted: WantedOrder, ledger: Ledger, chunk: Chunk) -> State:
        held = ledger.orders.get(wanted.number)
        is_new = held is None
        held = held or HeldOrder(Order(number=wanted.number))
        customer = self._customer(wanted, ledger)
        values = self._values(wanted, held, customer, ledger, is_new=is_new)
        changes = _changes(wanted, held, values, is_new=is_new)
        _refuse_barred(wanted, customer, changes, is_new=is_new)
        _refuse_elsewhere(wanted, changes, held, ledger)
        position = wanted.position or held.last + 1
        line = held.lines.get(position)
        sku = _sku(wanted, line, ledger.skus)
        line_changes = _line_changes(wanted, held, line, position, sku)
        if held.was_locked and (changes or line_changes):
            raise wanted.row.refuse(ORDER_LOCKED, "number", order=held.order)

        if customer.pk is None and fold(customer.name) not in ledger.new_customers:
            ledger.new_customers[fold(customer.name)] = customer
            chunk.warn(RECORD_CREATED, what="customer", value=customer.name)
        if is_new:
            ledger.add(held)
        for name, value in changes.items():
            setattr(held.order, name, value)
        if held.order.source_key:
            ledger.sources[held.order.source_key] = held.order.number
        held.changed |= bool(changes)
        self._state(wanted, held, values)
        of_order = State.CREATED if is_new else State.UPDATED if changes else State.UNCHANGED
        if wanted.line is None:
            return of_order
        held.last = max(held.last, position)
        held.line_rows.setdefault(position, wanted.row.number)
        if line is None:
            held.lines[position] = _new_line(wanted, held.order, position, line_changes)
            if held.lines[position].sku is None:
                chunk.warn(LINE_UNMATCHED)
            ledger.touch(held.lines[position])
            return State.CREATED
        if not line_changes:
            return of_order
        for name, value in line_changes.items():
            setattr(line, name, value)
        ledger.touch(line)
        return State.UPDATED

    def _customer(self, wanted: WantedOrder, ledger: Ledger) -> Customer:
        """The customer a row names. Raises RowRefused when there is none and none may be created."""
        row = wanted.row
        by_code = ledger.customers_by_code.get(wanted.account_code)
        by_name = ledger.customers_by_name.get(fold(wanted.customer)) if wanted.customer else None
        if by_code and wanted.customer and by_name is not by_code:
            raise row.refuse(CUSTOMER_CONTRADICTS, "account_code", holder=by_code, customer=wanted.customer)
        found = by_code or by_name or ledger.new_customers.get(fold(wanted.customer))
        if found is not None and wanted.account_code and found.account_code not in ("", wanted.account_code):
            value = f"{wanted.customer} with account code {wanted.account_code}"
            raise row.refuse(CUSTOMER_UNKNOWN, "account_code", value=value)
        if found is not None:
            return found
        if not (self.job.create_missing and wanted.customer):
            raise row.refuse(CUSTOMER_UNKNOWN, "customer" if wanted.customer else "account_code")
        return Customer(
            name=wanted.customer, account_code=wanted.account_code, currency=wanted.values.get("currency", "")
        )

    def _values(
        self, wanted: WantedOrder, held: HeldOrder, customer: Customer, ledger: Ledger, *, is_new: bool
    ) -> dict[str, Any]:
        """The order's fields a row gives, with what a new order needs beside them. Raises RowRefused."""
        row, values = wanted.row, {**wanted.values, "customer": customer}
        if row.get("owner"):
            values["owner"] = ledger.members.get(fold(row.cells["owner"]))
            if values["owner"] is None:
                del values["owner"]
                ledger.chunk.warn(OWNER_UNKNOWN, value=row.cells["owner"])
        if row.get("season") or is_new:
            values["season"] = self._season(row, ledger)
        if "location" in row.cells or (is_new and self.job.location):
            values["location"] = self._location(row, ledger)
        if is_new:
            values.setdefault("type", customer.type)
            currency = self.job.currency or customer.currency or ledger.company.currency
            values.setdefault("currency", currency)
        addresses = dict(held.order.addresses)
        for kind, text in wanted.addresses.items():
            if text == address_text(addresses.get(kind)):
                continue
            name = f"{kind}_address"
            other = address_text(addresses.get(kind))
            if is_taken(row, name, held.stated, blank=not text, other=other, what="order"):
                addresses[kind] = address_read(text)
                if not text:
                    del addresses[kind]
        if addresses != held.order.addresses:
            values["addresses"] = addresses
        return values

    def _season(self, row: Row, ledger: Ledger) -> Season:
        text = row.get("season")
        if self.job.create_missing and text and fold(text) not in self.job.known.seasons:
            starts_on = date_in(row, "season_starts_on")
            if starts_on is not None and row.text("season", 60):
                made = Season.objects.create(name=text, starts_on=starts_on)
                self.job.known.seasons[fold(text)] = made
                ledger.chunk.warn(RECORD_CREATED, what="season", value=text)
        return self.job.needed_season_of(row)

    def _location(self, row: Row, ledger: Ledger) -> Location | None:
        text = row.get("location")
        if not text:
            return self.job.location
        known = self.job.known.locations_by_name_or_code()
        if self.job.create_missing and fold(text) not in known and row.text("location", 60):
            known[fold(text)] = self.job.known.locations[fold(text)] = Location.objects.create(name=text)
            ledger.chunk.warn(RECORD_CREATED, what="location", value=text)
        return one_of(known, row, "location", what="location")

    def _state(self, wanted: WantedOrder, held: HeldOrder, values: dict[str, Any]) -> None:
        said = values.keys() - {"addresses"} | {f"{kind}_address" for kind in wanted.addresses}
        row = wanted.row.number
        if held.stated is not None:
            said |= held.stated.fields
            row = held.stated.row
        held.stated = Stated(row, self.memory.one(frozenset(said)))


def _changes(wanted: WantedOrder, held: HeldOrder, values: dict[str, Any], *, is_new: bool) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name == "addresses":
            changes[name] = value
            continue
        if is_new:
            changes[name] = "" if value is None and name == "comments" else value
            continue
        current = getattr(held.order, name)
        if value == current or (isinstance(value, str) and value == cleaned(name, current)):
            continue
        blank, other = value in (None, ""), written(current)
        if is_taken(wanted.row, name, held.stated, blank=blank, other=other, what="order"):
            changes[name] = value
    return changes


def _sku(wanted: WantedOrder, line: OrderLine | None, skus: SKUs) -> SKU | None:
    """The SKU of a row's line. One that names none of the books is none, unless a line would lose its SKU by it."""
    by_barcode = skus.by_gtin.get(gtin(wanted.named.barcode)) if wanted.named.barcode else None
    if not wanted.names_product:
        return line.sku if line is not None else by_barcode
    try:
        # The barcode is the one ordered by, which may be on another SKU by now.
        return skus.find(Named(wanted.row))
    except RowRefused:
        if by_barcode is None and line is not None and line.sku is not None:
            raise
        return by_barcode


def _line_changes(
    wanted: WantedOrder, held: HeldOrder, line: OrderLine | None, position: int, sku: SKU | None
) -> dict[str, Any]:
    """The fields of a line that a row gives otherwise. Raises RowRefused when an earlier row gave that line."""
    if wanted.line is None:
        return {}
    given = {**wanted.line, "sku": sku}
    if line is None:
        return given
    if line.sku is None and not given.get("described_as"):
        given.pop("described_as", None)
    changes: dict[str, Any] = {}
    for name, value in given.items():
        current = getattr(line, name)
        if value == current or (isinstance(value, str) and value == clean(current)):
            continue
        first = held.line_rows.get(position)
        if first:
            column = _LINE_COLUMNS.get(name, "code" if name == "sku" else name)
            raise disagrees(wanted.row, column, first=first, other=written(current), what="order line")
        changes[name] = value
    return changes


def _new_line(wanted: WantedOrder, order: Order, position: int, values: dict[str, Any]) -> OrderLine:
    """A line as a row gives it; one without SKU is described by what the row says of it."""
    line = OrderLine(order=order, position=position, **values)
    if line.sku is None and not line.described_as:
        said = (wanted.row.get(name) for name in ("code", "style", "fabric", "colour", "size", "sku_code"))
        line.described_as = " ".join(filter(None, said))[:200]
    return line


def _refuse_barred(wanted: WantedOrder, customer: Customer, changes: dict[str, Any], *, is_new: bool) -> None:
    """Raise RowRefused for what the customer's hold status does not allow (sheet erp.md 2.7)."""
    if is_new and not may_order(customer):
        raise wanted.row.refuse(CUSTOMER_MAY_NOT_ORDER, "customer", customer=customer, hold_status=customer.hold_status)
    if changes.get("approved") and not may_approve(customer):
        names = {"customer": customer, "hold_status": customer.hold_status, "order": f"SO {wanted.number}"}
        raise wanted.row.refuse(CUSTOMER_MAY_NOT_BE_APPROVED, "approved", **names)


def _refuse_elsewhere(wanted: WantedOrder, changes: dict[str, Any], held: HeldOrder, ledger: Ledger) -> None:
    other = ledger.sources.get(changes.get("source_key") or "")
    if other is not None and other != held.order.number:
        raise wanted.row.refuse(ORDER_ELSEWHERE, "source_key", number=wanted.number, other=other)
