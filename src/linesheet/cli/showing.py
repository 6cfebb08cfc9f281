"""How records look on a terminal and in JSON."""

import datetime
import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from linesheet.sync.connection_checks import Check
    from linesheet.sync.models import Item, Run

NOTHING = "-"


def show_json(data: Any) -> None:
    """One JSON document on standard output; times in ISO 8601, decimals as text."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=_plain))


def show_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Rows in columns, or what to do when there are none."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        click.echo(empty)
        return
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    for row in [list(headers), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def show_said(says: str, fix: str = "", indent: str = "  ") -> None:
    """What is the matter, and below it what helps."""
    click.echo(f"{indent}{says}")
    if fix:
        click.echo(f"{indent}  {fix}")


def when(moment: datetime.datetime | None) -> str:
    """A moment in the company's time zone."""
    from linesheet.books.tenancy import company_in_hand

    if moment is None:
        return NOTHING
    return f"{moment.astimezone(_zone(company_in_hand())):%Y-%m-%d %H:%M:%S}"


def counted(run: "Run") -> str:
    """The run's account: what was selected, and what became of it."""
    from linesheet.sync.activity import compares, in_words

    if not run.selected:
        return "0 selected"
    counts = dict(list(_counters(run).items())[1:])
    if run.state not in run.FINAL:
        counts["planned"] = run.selected - sum(counts.values())
    compared = compares(run.connection, run.task)
    parts = [f"{count} {in_words(name, compares=compared)}" for name, count in counts.items() if count]
    return f"{run.selected} selected = {' + '.join(parts)}"


def run_data(run: "Run") -> dict[str, Any]:
    """A run as plain data."""
    return {
        "run": run.pk,
        "connection": run.connection.name,
        "task": run.task,
        "preview": run.preview,
        "state": run.state,
        "reason": run.reason_code,
        "says": run.says,
        "fix": run.fix,
        "counts": _counters(run),
        "calls": run.calls,
        "planned_calls": run.planned_calls,
        "planned_seconds": run.planned_seconds,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "file": place_of(run.file) if run.file else "",
        "items_tidied_at": run.items_tidied_at,
    }


def item_data(item: "Item") -> dict[str, Any]:
    """An item as plain data."""
    return {
        "item": item.pk,
        "kind": item.kind,
        "record_id": item.record_id,
        "label": item.label,
        "action": item.action,
        "state": item.state,
        "reason": item.reason_code,
        "says": item.says,
        "fix": item.fix,
        "notes": item.notes,
        "changes": item.changes,
        "remote_id": item.remote_id,
        "inbox_record": item.inbox_id,
        "settled_at": item.settled_at,
    }


def place_of(file: str) -> str:
    """Where a stored file can be opened: its path, or its address in the bucket that keeps files."""
    from django.conf import settings
    from django.core.files.storage import default_storage

    try:
        return default_storage.path(file)
    except NotImplementedError:
        return f"s3://{settings.S3_BUCKET}/{file}"


def check_data(check: "Check") -> dict[str, str]:
    """What the doctor looked at as plain data."""
    of = {"company": check.company, "connection": check.connection} if check.connection else {}
    return {
        "check": check.code,
        **of,
        "name": check.name,
        "health": check.health,
        "says": check.says,
        "fix": check.fix_or_command,
    }


def _counters(run: "Run") -> dict[str, int]:
    names = ("selected", "created", "updated", "unchanged", "blocked", "failed", "not_attempted")
    return {name: getattr(run, name) for name in names}


@cache
def _zone(company_id: int) -> ZoneInfo:
    from linesheet.books.models import Company

    return Company.objects.get(pk=company_id).zone


def _cell(value: object) -> str:
    match value:
        case None | "":
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case datetime.datetime():
            return when(value)
    return " ".join(str(value).split())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)
