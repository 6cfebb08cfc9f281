"""Why a record is on a platform, or is not."""

from typing import TYPE_CHECKING

import click

from linesheet.cli.common import Door, connection_called, examples, in_books, json_option
from linesheet.cli.showing import show_json, show_said, when

if TYPE_CHECKING:
    from linesheet.sync.explain import Explanation, Finding, Way
    from linesheet.sync.explain_order import OrderExplanation, Revision
    from linesheet.sync.models import Connection

_connection = click.option("--connection", metavar="NAME", help="For this connection; else for all that are on.")


@click.group(cls=Door)
def explain() -> None:
    """Why a record is on a platform, or is not, and what would help. Nothing is called."""


@explain.command(
    epilog=examples("linesheet explain product COAT-WOOL-BLACK", "linesheet explain product 4006381333931")
)
@click.argument("key")
@_connection
@json_option
@in_books
def product(key: str, connection: str | None, as_json: bool) -> None:
    """A product, by its code, a style, a SKU code or a barcode."""
    from linesheet.sync.explain import explain_product

    _show(explain_product(key, _named(connection)), as_json=as_json)


@explain.command(epilog=examples('linesheet explain customer "Maison Rive" --connection NuORDER'))
@click.argument("key")
@_connection
@json_option
@in_books
def customer(key: str, connection: str | None, as_json: bool) -> None:
    """A customer, by account code or name."""
    from linesheet.sync.explain import explain_customer

    _show(explain_customer(key, _named(connection)), as_json=as_json)


@explain.command(epilog=examples("linesheet explain order 12", "linesheet explain order N-1024"))
@click.argument("key")
@_connection
@json_option
@in_books
def order(key: str, connection: str | None, as_json: bool) -> None:
    """An order, by its number in the books or on the platform, its reference, or its remote id."""
    from linesheet.sync.explain_order import explain_orders

    found = explain_orders(key, _named(connection))
    if as_json:
        show_json([each.to_dict() for each in found])
        return
    for number, each in enumerate(found):
        if number:
            click.echo()
        _show_order(each)


def _named(connection: str | None) -> "Connection | None":
    return connection_called(connection) if connection else None


def _show(explanation: "Explanation", *, as_json: bool) -> None:
    if as_json:
        show_json(explanation.to_dict())
        return
    click.echo(f"{explanation.kind.capitalize()} {explanation.label}")
    for place in explanation.places:
        click.echo(f"  placed on {place.connection} in {' > '.join(place.path)}")
    for collected in explanation.collected:
        click.echo(f"  {collected.platform} collects it by itself, from the catalogue of {collected.connection}")
        for lack in collected.lacks:
            click.echo(f"    {lack}")
    if not explanation.ways and not explanation.collected:
        click.echo("  No connection that is on takes such records along.")
    for way in explanation.ways:
        _show_way(way)


def _show_way(way: "Way") -> None:
    outlook = {
        "blocked": "would not go out",
        "create": "would be created there",
        "update": "would be updated there",
        "nothing": "is as the platform has it",
        "agrees": "nothing was found against it",
        "differs": "does not match what is there",
    }
    kind = f" ({way.kind})" if way.kind else ""
    click.echo(f"\n{way.connection}, {way.task_name}{kind}: {outlook[way.outlook]}")
    for each in way.findings:
        _show_finding(each)
    for change in way.changes:
        click.echo(f"  {change['field']}: {change['old']} -> {change['new']}")
    if way.link:
        click.echo(f"  There it is {way.link.remote_id}, last accepted {when(way.link.accepted_at)}.")
    if way.last_item:
        last = way.last_item
        click.echo(f"  Run {last.run}: {last.state}{f', {when(last.when)}' if last.when else ''}")
        if last.says:
            show_said(last.says, last.fix, indent="    ")
    if way.last_run and (way.last_item is None or way.last_run.run > way.last_item.run):
        run = way.last_run
        compared = way.outlook in ("agrees", "differs")
        nothing = "found nothing against it" if compared else "had nothing to send for it"
        click.echo(f"  The latest run {run.run} of {when(run.when)} {nothing}.")
    for problem in way.problems:
        show_said(f"Open since {when(problem.since)}, {problem.times} times: {problem.says}", problem.fix)


def _show_finding(finding: "Finding") -> None:
    show_said(f"{finding.severity.capitalize()}: {finding.says}", finding.fix)


def _show_order(explanation: "OrderExplanation") -> None:
    click.echo(explanation.label + (f" on {explanation.connection}" if explanation.connection else ""))
    for revision in explanation.revisions:
        _show_revision(revision, explanation.connection)
    if explanation.order:
        found = explanation.order
        flags = [name for name in ("locked", "short") if getattr(found, name)]
        state = "inactive" if not found.active else "approved" if found.approved else "not approved"
        click.echo(
            f"  SO {found.number} of {found.customer}, {found.season}: {', '.join([state, *flags])}; "
            f"{found.units:,} units, {found.total:,} {found.currency}"
        )
    elif explanation.revisions:
        click.echo("  It is not in the books.")
    for says, others in (("after", explanation.before), ("as", explanation.after)):
        if others:
            click.echo(f"  It was submitted again {says} {' and '.join(others)}.")
    for awaited in explanation.linked:
        click.echo(
            f"  It is order {awaited.remote_id} of {awaited.connection}, as was said by hand; a run recognises it."
        )
    if explanation.runs:
        runs = ", ".join(map(str, explanation.runs))
        click.echo(f"  Runs: {runs}; {explanation.exchanges} calls were made for it.")
    for way in explanation.ways:
        _show_way(way)


def _show_revision(revision: "Revision", connection: str) -> None:
    told = ""
    if revision.tells and revision.acknowledged_at:
        told = f", told {connection} {when(revision.acknowledged_at)}"
    elif revision.tells and revision.state == "stored":
        told = f", {connection} not told yet"
    click.echo(f"  Revision {revision.revision}: {revision.state}, received {when(revision.received_at)}{told}")
    if revision.state in ("kept", "held"):
        for each in revision.today:
            _show_finding(each)
        if not revision.today:
            click.echo("  Nothing is missing any more: the next run takes it in.")
    elif revision.kept:
        _show_finding(revision.kept)
    for note in revision.notes:
        _show_finding(note)
