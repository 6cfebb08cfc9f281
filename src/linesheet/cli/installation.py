"""Looking after an installation: what is wrong with it, its backups, and its keys."""

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linesheet.cli.common import (
    NOT_ALL_TAKEN,
    Door,
    Failure,
    company_called,
    company_option,
    examples,
    json_option,
    no_installation,
    start,
)
from linesheet.cli.showing import check_data, show_json, show_said

if TYPE_CHECKING:
    from linesheet.sync.archive import Manifest

_MOST_NAMED = 20


@click.command()
@company_option
@json_option
def doctor(company: str | None, as_json: bool) -> None:
    """Look for what keeps Linesheet from working, and say what helps.

    Looks at the database, the data folder, workers, runs, schedules, and every connection that is on: platforms
    are asked, with calls that change nothing. Exits with 1 when there is a problem.

    With --json: `health` is the worst of all, `check` names what was looked at, each by a word of its own that
    stays the same over versions; checks of a connection name it and its company too.
    """
    import os

    from linesheet.site import boot
    from linesheet.site.folder import is_installed
    from linesheet.site.postgres import PostgresUnavailable

    os.environ.setdefault("LINESHEET_LOG_LEVEL", "ERROR")
    try:
        if not is_installed():
            raise no_installation()
        # The schema is looked at as it is, so it is not brought up to date first.
        boot.start()
    except (Failure, PostgresUnavailable) as error:
        fix = error.fix if isinstance(error, Failure) else ""
        found = [{"check": "database", "name": "Database", "health": "problem", "says": str(error), "fix": fix}]
    else:
        found = _examined(company)
    healths = {each["health"] for each in found}
    if as_json:
        worst = next((health for health in ("problem", "warning") if health in healths), "ok")
        show_json({"linesheet": version("linesheet"), "health": worst, "checks": found})
    else:
        for each in found:
            show_said(f"{each['health']:<8} {each['name']}: {each['says']}", each["fix"], indent="")
    if "problem" in healths:
        raise click.exceptions.Exit(1)


def _examined(company: str | None) -> list[dict[str, str]]:
    from linesheet.sync.doctor import examine

    checks = examine(company_called(company) if company else None)
    return [check_data(each) for each in checks]


@click.command(epilog=examples("linesheet backup /backups/linesheet-$(date +%F).zip"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-keys", is_flag=True, help="Leave the keys out; without them its credentials are of no use.")
def backup(file: Path, without_keys: bool) -> None:
    """Save the books, all that was sent and received, pictures and keys in one file.

    It is of one moment, and the work may go on meanwhile. Whoever has the file and the keys in it can use the
    credentials of every connection, so only you may read it: keep it as safe as a password. Exits with 3 when
    pictures were missing.
    """
    start()
    from linesheet.sync.backup import back_up

    manifest = back_up(file, with_keys=not without_keys)
    click.echo(f"{file} holds {_held(manifest)}.")
    if manifest.missing:
        click.echo(f"{len(manifest.missing)} files are not in the storage, although the books speak of them:", err=True)
        for name in manifest.missing[:_MOST_NAMED]:
            click.echo(f"  {name}", err=True)
        raise click.exceptions.Exit(NOT_ALL_TAKEN)


@click.command(epilog=examples("LINESHEET_DATA=/srv/linesheet linesheet restore /backups/linesheet-2026-11-02.zip"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Bring a backup back into an empty installation of the same version: all of it, or nothing.

    Stop workers and web processes first. Runs that were not finished go on once a worker starts, and calls to
    platforms with them.
    """
    start(anew=True)
    from linesheet.sync.restore import restore as bring_back

    manifest = bring_back(file)
    click.echo(f"Back as of {manifest.made_at}: {_held(manifest)}.")


def _held(manifest: "Manifest") -> str:
    rows = sum(manifest.tables.values())
    keys = "its keys" if manifest.with_keys else "no keys"
    return f"{rows:,} rows of {len(manifest.tables)} tables, {manifest.files:,} pictures and files, and {keys}"


@click.command()
@json_option
def tidy(as_json: bool) -> None:
    """Delete what was kept long enough, as workers do every hour: see LINESHEET_KEEP_... in the README."""
    from dataclasses import asdict

    start()
    from linesheet.sync import retention

    gone = retention.tidy()
    if as_json:
        show_json(asdict(gone))
        return
    click.echo(
        f"Gone: {gone.exchanges:,} HTTP calls, the bodies of {gone.bodies:,} others, {gone.items:,} items of "
        f"{gone.runs:,} runs, and {gone.sessions:,} sessions that were over."
    )


@click.group(cls=Door)
def secrets() -> None:
    """The keys that credentials are encrypted with."""


@secrets.command()
def rotate() -> None:
    """Encrypt all credentials anew with the newest key.

    Put the new key first, in LINESHEET_ENCRYPTION_KEYS or the file encryption.keys of the data folder, and run
    this; then the old key can go.
    """
    start()
    from linesheet.sync.secrets import encrypt_anew

    click.echo(f"{encrypt_anew()} sets of credentials are encrypted with the newest key.")
