"""Tasks that run by themselves."""

import datetime

import click

from linesheet.cli.common import Door, connection_called, examples, in_books, json_option
from linesheet.cli.showing import show_json, show_table, when


@click.group(cls=Door)
def schedule() -> None:
    """Tasks that run by themselves while a worker is up."""


@schedule.command(
    "set",
    epilog=examples(
        "linesheet schedule set NuORDER orders-import --every 15",
        "linesheet schedule set NuORDER stock-export --daily 06:30",
    ),
)
@click.argument("connection")
@click.argument("task")
@click.option("--every", type=click.IntRange(1), metavar="MINUTES", help="Every so many minutes from now.")
@click.option("--daily", type=click.DateTime(["%H:%M"]), metavar="HH:MM", help="Every day, in the company's time zone.")
@in_books
def set_(connection: str, task: str, every: int | None, daily: datetime.datetime | None) -> None:
    """Have a task run by itself; replaces the schedule it has."""
    from linesheet.sync.schedules import set_schedule

    row = set_schedule(
        connection_called(connection), task, every_minutes=every, daily_at=daily.time() if daily else None
    )
    click.echo(f"{row}, next at {when(row.due_at)}.")


@schedule.command()
@click.argument("connection")
@click.argument("task")
@in_books
def off(connection: str, task: str) -> None:
    """Stop a task from running by itself."""
    from linesheet.sync.schedules import switch_off

    row = switch_off(connection_called(connection), task)
    click.echo(f"{row.task} on {row.connection} no longer runs by itself.")


@schedule.command("list")
@json_option
@in_books
def list_(as_json: bool) -> None:
    """The company's schedules."""
    from linesheet.sync.models import Schedule

    rows = [
        {
            "connection": row.connection.name,
            "task": row.task,
            "every_minutes": row.every_minutes,
            "daily_at": row.daily_at,
            "on": row.enabled and row.connection.active,
            "due_at": row.due_at if row.enabled else None,
        }
        for row in Schedule.objects.select_related("connection").order_by("connection__name", "task")
    ]
    if as_json:
        show_json(rows)
    else:
        headers = ("Connection", "Task", "Every (min)", "Daily at", "On", "Next")
        show_table(headers, [list(row.values()) for row in rows], empty="None yet. See `linesheet schedule set -h`.")
