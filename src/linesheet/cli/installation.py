"""Looking after an installation: what is wrong with it, and its keys."""

import click

from linesheet.cli.common import Door, company_called, company_option, json_option, start
from linesheet.cli.showing import show_json, show_said


@click.command()
@company_option
@json_option
def doctor(company: str | None, as_json: bool) -> None:
    """Look for what keeps Linesheet from working, and say what helps.

    Looks at the database, the data folder, workers, runs, schedules, and every connection that is on: platforms
    are asked, with calls that change nothing. Exits with 1 when there is a problem.
    """
    import os

    from linesheet.site import boot
    from linesheet.site.postgres import PostgresUnavailable

    os.environ.setdefault("LINESHEET_LOG_LEVEL", "ERROR")
    try:
        # The schema is looked at as it is, so it is not brought up to date first.
        boot.start()
    except PostgresUnavailable as error:
        found = [{"name": "Database", "health": "problem", "says": str(error), "fix": ""}]
    else:
        found = _examined(company)
    if as_json:
        show_json(found)
    else:
        for each in found:
            show_said(f"{each['health']:<8} {each['name']}: {each['says']}", each["fix"], indent="")
    if any(each["health"] == "problem" for each in found):
        raise click.exceptions.Exit(1)


def _examined(company: str | None) -> list[dict[str, str]]:
    from linesheet.sync.doctor import examine

    checks = examine(company_called(company) if company else None)
    return [{"name": each.name, "health": str(each.health), "says": each.says, "fix": each.fix} for each in checks]


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
