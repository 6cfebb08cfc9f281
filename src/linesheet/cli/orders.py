"""Sales orders, and the inbox they come through."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from linesheet.cli.common import Door, Failure, connection_called, examples, in_books, json_option
from linesheet.cli.showing import show_json, show_said, show_table, when

if TYPE_CHECKING:
    from decimal import Decimal

    from linesheet.books.models import Order, OrderLine
    from linesheet.sync.inbox import InboxRow

_limit = click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Show at most so many.")


@click.group(cls=Door)
def orders() -> None:
    """Sales orders in the books."""


@orders.command("list")
@_limit
@json_option
@in_books
def list_(limit: int, as_json: bool) -> None:
    """The latest orders."""
    from linesheet.books.models import Order

    found = Order.objects.select_related("customer", "season")[:limit]
    if as_json:
        show_json([_data(order) for order in found])
        return
    rows = [
        (
            order,
            order.reference,
            order.customer,
            order.season,
            order.units,
            _money(order.total, order.currency),
            _state(order),
        )
        for order in found
    ]
    show_table(
        ("Order", "Reference", "Customer", "Season", "Units", "Total", "State"),
        rows,
        empty="None yet. Import some: linesheet run CONNECTION TASK, or linesheet import orders FILE",
    )


@orders.command("show", epilog=examples("linesheet orders show 12", 'linesheet orders show "SO 12" --json'))
@click.argument("number")
@json_option
@in_books
def show_order(number: str, as_json: bool) -> None:
    """One order with its lines. Why it is as it is: linesheet explain order NUMBER."""
    order = _numbered(number)
    lines = list(order.lines.select_related("sku__product"))
    if as_json:
        show_json({**_data(order), "lines": [_line_data(line) for line in lines]})
        return
    click.echo(f"{order} of {order.customer}, {order.season}: {_state(order)}")
    click.echo(f"Reference {order.reference or '-'}, ships {order.ships_from or '-'} to {order.ships_until or '-'}")
    if order.price_label:
        click.echo(f"Priced by {order.price_label}")
    if order.acknowledged_at:
        click.echo(f"Taken by the ERP {when(order.acknowledged_at)}")
    for kind, address in order.addresses.items():
        parts = (address.get(part) for part in ("company_name", "line_1", "line_2", "postcode", "city", "country"))
        click.echo(f"{kind.capitalize()}: {', '.join(part for part in parts if part)}")
    click.echo()
    show_table(
        ("#", "Product", "Size", "Barcode", "Units", "Price"),
        [
            (
                line.position,
                line.sku.product if line.sku else f"not in the books: {line.described_as}",
                line.sku.size if line.sku else "",
                line.barcode,
                line.quantity,
                line.price.normalize(),
            )
            for line in lines
        ],
        empty="It has no lines.",
    )
    click.echo(f"\n{order.units} units, {_money(order.total, order.currency)}")


@orders.command(epilog=examples("linesheet orders approve 12 13 14"))
@click.argument("numbers", nargs=-1, required=True)
@in_books
def approve(numbers: tuple[str, ...]) -> None:
    """Approve orders, so that their units count as sold. All of them, or none."""
    from linesheet.books import orders as rules

    _all_or_none(numbers, rules.approve, "approved")


@orders.command()
@click.argument("numbers", nargs=-1, required=True)
@in_books
def inactivate(numbers: tuple[str, ...]) -> None:
    """Take orders out of the books without deleting them. All of them, or none."""
    from linesheet.books import orders as rules

    _all_or_none(numbers, rules.inactivate, "inactive")


@click.group(cls=Door)
def inbox() -> None:
    """What platforms gave us, kept as received."""


@inbox.command("list")
@click.option("--connection", metavar="NAME", help="Of this connection only.")
@click.option("--state", type=click.Choice(["kept", "stored", "held", "ignored", "superseded"]))
@_limit
@json_option
@in_books
def list_inbox(connection: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """Records as they came in, the latest first."""
    from linesheet.sync.inbox import rows_of

    found = _inbox().order_by("-pk")
    if connection:
        found = found.filter(connection=connection_called(connection))
    if state:
        found = found.filter(state=state)
    rows = rows_of(found[:limit])
    if as_json:
        show_json([_inbox_data(row) for row in rows])
        return
    show_table(
        ("ID", "Connection", "Record", "Revision", "Received", "State", "SO", "Customer", "PO", "Units", "Value"),
        [
            (
                row.record.pk,
                row.record.connection,
                f"{row.record.kind} {row.number}",
                row.record.revision,
                row.record.received_at,
                row.record.state,
                row.order.number if row.order else None,
                row.customer,
                row.reference,
                row.units,
                _money(row.value, row.currency),
            )
            for row in rows
        ],
        empty="Nothing here.",
    )
    for row in rows:
        if row.record.says:
            click.echo()
            show_said(f"{row.record.pk}: {row.record.says}", row.record.fix, indent="")


@inbox.command("show")
@click.argument("id", type=int)
@in_books
def show_record(id: int) -> None:
    """One record: its state and reasons, then the payload as JSON, as the platform gave it."""
    from linesheet.sync.inbox import rows_of

    found = rows_of(_inbox().filter(pk=id))
    if not found:
        raise Failure(f"There is no inbox record {id}.", "See `linesheet inbox list`.")
    row, record = found[0], found[0].record
    click.echo(f"{record.connection}: {record.kind} {row.number}, revision {record.revision}", err=True)
    became = f", became {row.order}" if row.order else ""
    click.echo(f"{record.get_state_display()}{became}; received {when(record.received_at)}", err=True)
    if row.value is not None:
        order = f"{row.customer or 'No customer'}, PO {row.reference or '-'}"
        click.echo(f"{order}: {row.units} units, {_money(row.value, row.currency)}", err=True)
    for says, fix in [(record.says, record.fix), *((note["says"], note["fix"]) for note in record.notes)]:
        if says:
            click.echo(f"{says}\n  {fix}", err=True)
    click.echo(json.dumps(record.payload, indent=2, ensure_ascii=False))


@inbox.command("apply", epilog=examples("linesheet inbox apply 7"))
@click.argument("id", type=int)
@in_books
def apply_change(id: int) -> None:
    """Have the next run apply a change of an order, whatever the settings say."""
    from linesheet.sync import held

    record = _record(id)
    held.apply_change(record)
    click.echo(f"{record}: the next run applies it.")


@inbox.command("set-aside", epilog=examples("linesheet inbox set-aside 7"))
@click.argument("id", type=int)
@in_books
def set_aside(id: int) -> None:
    """Keep a held record out of the books as it came. A later version of it comes in."""
    from linesheet.sync import held

    record = _record(id)
    held.set_aside(record)
    click.echo(f"{record}: set aside.")


@inbox.command("take-back", epilog=examples("linesheet inbox take-back 7"))
@click.argument("id", type=int)
@in_books
def take_back(id: int) -> None:
    """Undo `set-aside`: the next run looks at the record again."""
    from linesheet.sync import held

    record = _record(id)
    held.take_back(record)
    click.echo(f"{record}: the next run looks at it again.")


def _record(id: int) -> Any:
    found = _inbox().filter(pk=id).first()
    if found is None:
        raise Failure(f"There is no inbox record {id}.", "See `linesheet inbox list`.")
    return found


def _inbox() -> Any:
    from linesheet.sync.models import InboxRecord

    return InboxRecord.objects.select_related("connection").defer("connection__credentials")


def _numbered(text: str) -> Any:
    """The order of that number, as 12 or SO 12, with its totals."""
    from linesheet.books.models import Order

    number = re.fullmatch(r"(?:SO\s*)?(\d{1,9})", text.strip(), re.IGNORECASE)
    found = Order.objects.filter(number=int(number[1])) if number else Order.objects.none()
    order = found.select_related("customer", "season").first()
    if order is None:
        raise Failure(f"There is no order {text}.", "See `linesheet orders list`.")
    return order


def _all_or_none(numbers: tuple[str, ...], change: "Callable[[Order], None]", became: str) -> None:
    from django.db import transaction

    found = [_numbered(number) for number in numbers]
    with transaction.atomic():
        for order in found:
            change(order)
    click.echo(f"{', '.join(map(str, found))}: {became}.")


def _money(amount: "Decimal | None", currency: str) -> str:
    return "" if amount is None else f"{amount} {currency}"


def _state(order: "Order") -> str:
    if not order.active:
        return "inactive"
    flags = ("locked", "force_closed", "short")
    words = [flag.replace("_", " ") for flag in flags if getattr(order, flag)]
    return ", ".join(["approved" if order.approved else "not approved", *words])


def _data(order: Any) -> dict[str, Any]:
    return {
        "number": order.number,
        "reference": order.reference,
        "customer_reference": order.customer_reference,
        "customer": order.customer.name,
        "season": order.season.name,
        "currency": order.currency,
        "price_label": order.price_label,
        "units": order.units,
        "total": order.total,
        "ships_from": order.ships_from,
        "ships_until": order.ships_until,
        "addresses": order.addresses,
        "approved": order.approved,
        "active": order.active,
        "locked": order.locked,
        "acknowledged_at": order.acknowledged_at,
        "force_closed": order.force_closed,
        "short": order.short,
    }


def _inbox_data(row: "InboxRow") -> dict[str, Any]:
    record = row.record
    return {
        "id": record.pk,
        "connection": record.connection.name,
        "kind": record.kind,
        "label": row.number,
        "revision": record.revision,
        "received_at": record.received_at,
        "state": record.state,
        "order": row.order.number if row.order else None,
        "customer": row.customer,
        "customer_reference": row.reference,
        "season": row.season,
        "units": row.units,
        "value": row.value,
        "currency": row.currency,
        "says": record.says,
        "fix": record.fix,
    }


def _line_data(line: "OrderLine") -> dict[str, Any]:
    return {
        "position": line.position,
        "product": line.sku.product.code if line.sku else None,
        "size": line.sku.size if line.sku else None,
        "barcode": line.barcode,
        "described_as": line.described_as,
        "quantity": line.quantity,
        "price": line.price,
        "ships_from": line.ships_from,
        "ships_until": line.ships_until,
    }
