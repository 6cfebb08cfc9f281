"""Running tasks: at once, or by way of a plan that is looked at first."""

from typing import TYPE_CHECKING, Any

import click

from linesheet.books import words
from linesheet.cli.common import NOT_ALL_TAKEN, connection_called, examples, in_books, json_option, run_numbered
from linesheet.cli.following import follow
from linesheet.cli.showing import counted, item_data, place_of, run_data, show_json, show_said

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from linesheet.sync.models import Item, Run

SHOWN_ITEMS = 20

_only_option = click.option(
    "--only",
    nargs=2,
    metavar="KIND KEY",
    help="This one record alone: a product by its code, a customer by account code or name, an order by the "
    "platform's number. An order is taken in again as it is kept in the inbox.",
)


@click.command(
    epilog=examples("linesheet run NuORDER data-export", "linesheet run NuORDER orders-import --only order 100231")
)
@click.argument("connection")
@click.argument("task")
@_only_option
@json_option
@in_books
def run(connection: str, task: str, only: tuple[str, str] | None, as_json: bool) -> None:
    """Run a task and follow it to its end.

    A worker process does the work; while none is alive, this command does. Ctrl-C asks the run to stop.
    Exits with 0 when all went well, 3 when records have problems, 1 when the run failed or was cancelled.
    """
    _end(_started(connection, task, only, preview=False), as_json=as_json)


@click.command(epilog=examples("linesheet preview NuORDER data-export", "linesheet approve 12"))
@click.argument("connection")
@click.argument("task")
@click.option("--all", "everything", is_flag=True, help="Show every record, not only the first of each state.")
@_only_option
@json_option
@in_books
def preview(connection: str, task: str, everything: bool, only: tuple[str, str] | None, as_json: bool) -> None:
    """Show what a task would do, without doing it.

    Exits with 0 when nothing stands in the way, 3 when some records would not go, 1 when no plan could be made.
    """
    from linesheet.sync.models import Run

    made = _started(connection, task, only, preview=True)
    if made.state != Run.State.PLANNED:
        _end(made, as_json=as_json)
    _show_plan(made, everything=everything, as_json=as_json)
    if made.blocked or made.failed:
        raise click.exceptions.Exit(NOT_ALL_TAKEN)


@click.command(epilog=examples("linesheet approve 12"))
@click.argument("run", type=int)
@json_option
@in_books
def approve(run: int, as_json: bool) -> None:
    """Have exactly the plan of a preview carried out, and follow it to its end.

    A record that changed since is left out, and says so. Exit codes are those of `linesheet run`.
    """
    from linesheet.sync import runs as rules

    _end(follow(rules.approve(run_numbered(run)).pk), as_json=as_json)


@click.command()
@click.argument("run", type=int)
@in_books
def cancel(run: int) -> None:
    """Ask a run to stop. What was sent stays sent, and the run accounts for the rest."""
    from linesheet.sync import runs as rules

    held = rules.cancel(run_numbered(run))
    over = held.state in held.FINAL
    click.echo(f"Run {held.pk} is {'cancelled' if over else 'asked to stop'}.")


def _started(connection: str, task: str, only: tuple[str, str] | None, *, preview: bool) -> "Run":
    from linesheet.sync import replays
    from linesheet.sync import runs as rules

    of = connection_called(connection)
    one = (only[0], replays.record_called(of, task, *only)) if only else None
    begun, new = rules.start(of, task, preview=preview, only=one)
    if not new:
        click.echo(f"Run {begun.pk} of this task is under way already; this follows it.", err=True)
    return follow(begun.pk)


def _end(run: "Run", *, as_json: bool) -> None:
    """Say how the run ended, and exit with its code."""
    code = {run.State.DONE: 0, run.State.PROBLEMS: NOT_ALL_TAKEN}.get(run.State(run.state), 1)
    with_problems = _with_problems(run)
    if as_json:
        show_json({**run_data(run), "items": [item_data(item) for item in with_problems]})
        raise click.exceptions.Exit(code)
    click.echo(f"Run {run.pk} of {run.task} on {run.connection}: {run.get_state_display().lower()}")
    click.echo(f"{counted(run)}; {words.counted(run.calls, 'call', 'calls')}")
    if run.file:
        click.echo(f"File: {place_of(run.file)}")
    if run.says:
        show_said(run.says, run.fix, indent="")
    if run.state == run.State.PLANNED:
        click.echo(f"It was begun as a preview. Carry it out with: linesheet approve {run.pk}")
    for item in with_problems[:SHOWN_ITEMS]:
        _show_reasons(item)
    if (more := with_problems.count() - SHOWN_ITEMS) > 0:
        click.echo(f"  ... and {more} more: linesheet items {run.pk}")
    raise click.exceptions.Exit(code)


def _with_problems(run: "Run") -> "QuerySet[Item]":
    from django.db.models import Q

    from linesheet.sync.models import Item

    lost = Q(state__in=[Item.State.BLOCKED, Item.State.FAILED])
    return run.items.filter(lost | Q(notes__contains=[{"severity": "warning"}])).order_by("-reason_code", "pk")


def _show_reasons(item: "Item") -> None:
    if item.says:
        show_said(item.says, item.fix)
    for note in item.notes:
        show_said(f"{note['severity'].capitalize()}: {note['says']}", note["fix"])


def _show_plan(run: "Run", *, everything: bool, as_json: bool) -> None:
    from linesheet.sync.models import Item

    if as_json:
        items = run.items.all() if everything else run.items.all()[:SHOWN_ITEMS]
        show_json({**run_data(run), "plan": _plan_counts(run), "items": [item_data(item) for item in items]})
        return
    plan = _plan_counts(run)
    click.echo(f"Preview {run.pk} of {run.task} on {run.connection}")
    click.echo(f"{run.selected} selected = " + " + ".join(f"{count} {state}" for state, count in plan.items()))
    click.echo(f"About {words.counted(run.planned_calls, 'call', 'calls')}, {run.planned_seconds:.0f} s")
    planned = run.items.filter(state=Item.State.PLANNED)
    groups = [
        ("To create", planned.filter(action=Item.Action.CREATE)),
        ("To update", planned.filter(action=Item.Action.UPDATE)),
        ("Would not go", run.items.filter(state__in=[Item.State.BLOCKED, Item.State.FAILED])),
    ]
    for title, items in groups:
        count = items.count()
        if not count:
            continue
        click.echo(f"\n{title} ({count})")
        shown = items if everything else items[:SHOWN_ITEMS]
        for item in shown:
            click.echo(f"  {item.label}")
            for change in item.changes:
                click.echo(f"    {change['field']}: {_value(change['old'])} -> {_value(change['new'])}")
            if item.says:
                show_said(item.says, item.fix, indent="    ")
            for note in item.notes:
                show_said(f"{note['severity'].capitalize()}: {note['says']}", note["fix"], indent="    ")
        if not everything and count > SHOWN_ITEMS:
            click.echo(f"  ... and {count - SHOWN_ITEMS} more, which --all shows")
    click.echo(f"\nNothing was sent. Send exactly this: linesheet approve {run.pk}")


def _plan_counts(run: "Run") -> dict[str, int]:
    from linesheet.sync.models import Item

    planned = run.items.filter(state=Item.State.PLANNED)
    return {
        "to create": planned.filter(action=Item.Action.CREATE).count(),
        "to update": planned.filter(action=Item.Action.UPDATE).count(),
        "unchanged": run.unchanged,
        "blocked": run.blocked,
        "failed": run.failed,
    }


def _value(value: Any) -> str:
    return "nothing" if value in (None, "", []) else str(value)
