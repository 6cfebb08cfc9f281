"""What happened: runs, their items, and the calls that were made."""

from typing import TYPE_CHECKING, Any

import click

from linesheet.cli.common import connection_called, examples, in_books, json_option, run_numbered
from linesheet.cli.showing import counted, item_data, run_data, show_json, show_said, show_table, when

if TYPE_CHECKING:
    from linesheet.sync.models import Problem

_limit = click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Show at most so many.")


@click.command()
@click.option("--connection", metavar="NAME", help="Of this connection only.")
@_limit
@json_option
@in_books
def runs(connection: str | None, limit: int, as_json: bool) -> None:
    """The latest runs."""
    from linesheet.sync.models import Run

    found = Run.objects.select_related("connection")
    if connection:
        found = found.filter(connection=connection_called(connection))
    found = found[:limit]
    if as_json:
        show_json([run_data(run) for run in found])
        return
    show_table(
        ("Run", "Connection", "Task", "State", "Queued", "Finished", "Account"),
        [
            (
                run.pk,
                run.connection,
                run.task,
                run.get_state_display(),
                run.queued_at,
                run.finished_at,
                counted(run) if run.selected else "",
            )
            for run in found
        ],
        empty="None yet. Start one: linesheet run CONNECTION TASK",
    )


@click.command(epilog=examples("linesheet items 12 --state blocked"))
@click.argument("run", type=int)
@click.option(
    "--state",
    type=click.Choice(["planned", "created", "updated", "unchanged", "blocked", "failed", "cancelled"]),
    help="In this state only.",
)
@_limit
@json_option
@in_books
def items(run: int, state: str | None, limit: int, as_json: bool) -> None:
    """What became of each record in a run; unchanged ones are only counted."""
    of = run_numbered(run)
    found = of.items.order_by("pk")
    found = found.filter(state=state) if state else found
    if as_json:
        show_json([item_data(item) for item in found[:limit]])
        return
    for item in found[:limit]:
        remote = f" = {item.remote_id}" if item.remote_id else ""
        click.echo(f"{item.pk}  {item.state:<9} {item.kind} {item.label}{remote}")
        if item.says:
            show_said(item.says, item.fix, indent="    ")
        for note in item.notes:
            show_said(f"{note['severity'].capitalize()}: {note['says']}", note["fix"], indent="    ")
    none = f"They were kept until {when(of.items_tidied_at)}." if of.items_tidied_at else "None."
    _tell_of_more(found.count(), limit, none)


@click.command(epilog=examples("linesheet problems", "linesheet problems --connection NuORDER --reason no_barcode"))
@click.option("--connection", metavar="NAME", help="Of this connection only.")
@click.option("--reason", metavar="CODE", help="With this reason only; --json has the codes.")
@_limit
@json_option
@in_books
def problems(connection: str | None, reason: str | None, limit: int, as_json: bool) -> None:
    """What keeps records from going through, as of the latest run of each task; a problem that is mended clears."""
    from linesheet.sync.models import Problem

    found = Problem.objects.filter(cleared_at=None).select_related("connection").defer("connection__credentials")
    if connection:
        found = found.filter(connection=connection_called(connection))
    if reason:
        found = found.filter(reason_code=reason)
    if as_json:
        show_json([_problem_data(each) for each in found[:limit]])
        return
    for each in found[:limit]:
        since = f"since {when(each.first_seen_at)}"
        click.echo(f"{each.connection} {each.task}  {each.kind} {each.label}  {since}")
        show_said(each.says, each.fix, indent="    ")
    _tell_of_more(found.count(), limit)


def _problem_data(problem: "Problem") -> dict[str, Any]:
    return {
        "connection": problem.connection.name,
        "task": problem.task,
        "kind": problem.kind,
        "record_id": problem.record_id,
        "label": problem.label,
        "reason": problem.reason_code,
        "says": problem.says,
        "fix": problem.fix,
        "times": problem.times,
        "last_run": problem.last_run_id,
        "first_seen_at": problem.first_seen_at,
        "last_seen_at": problem.last_seen_at,
    }


@click.command(epilog=examples("linesheet exchanges 12", "linesheet exchanges --item 345 --json"))
@click.argument("run", type=int, required=False)
@click.option("--item", type=int, help="Made for this item; `linesheet items RUN` has their numbers.")
@_limit
@json_option
@in_books
def exchanges(run: int | None, item: int | None, limit: int, as_json: bool) -> None:
    """The HTTP calls of a run, or those made for one item. Secrets in them are masked; --json has the bodies."""
    from linesheet.sync.models import Exchange

    if (run is None) == (item is None):
        raise click.UsageError("Give the number of a run, or --item.")
    if run is not None:
        found = Exchange.objects.filter(run=run_numbered(run))
    else:
        found = Exchange.objects.filter(item_ids__contains=[item])
    if as_json:
        show_json(
            [
                {
                    "id": each.pk,
                    "run": each.run_id,
                    "items": each.item_ids,
                    "method": each.method,
                    "url": each.url,
                    "status": each.status,
                    "error": each.error,
                    "started_at": each.started_at,
                    "milliseconds": each.milliseconds,
                    "request_headers": each.request_headers,
                    "request_body": each.request_body,
                    "response_headers": each.response_headers,
                    "response_body": each.response_body,
                }
                for each in found[:limit]
            ]
        )
        return
    show_table(
        ("ID", "Time", "ms", "Status", "Call"),
        [
            (each.pk, each.started_at, each.milliseconds, each.status, f"{each.method} {each.url} {each.error}")
            for each in found[:limit]
        ],
        empty="None was made.",
    )


def _tell_of_more(count: int, limit: int, none: str = "None.") -> None:
    if count > limit:
        click.echo(f"... and {count - limit} more; raise --limit to see them.")
    elif not count:
        click.echo(none)
