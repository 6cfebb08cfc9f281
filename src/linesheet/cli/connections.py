"""What platforms are installed, and the company's connections to accounts on them."""

import json
from typing import IO, TYPE_CHECKING, Any

import click

from linesheet.cli.common import Door, Failure, connection_called, examples, in_books, json_option, start_apart
from linesheet.cli.showing import NOTHING, check_data, show_json, show_said, show_table

if TYPE_CHECKING:
    from linesheet.sync.models import Connection
    from linesheet.sync.platform import Platform, Setting

_credential_option = click.option(
    "--credential",
    "given",
    multiple=True,
    metavar="KEY=VALUE",
    help="One credential; may be repeated. Others on this machine can see it in the process list.",
)
_credentials_file_option = click.option(
    "--credentials-file",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="A JSON object of credentials by key; - reads it from standard input. Better for secrets.",
)


@click.command()
@json_option
def platforms(as_json: bool) -> None:
    """The platforms that are installed, and what each can do."""
    start_apart()
    from linesheet.sync import registry

    found = registry.platforms()
    if as_json:
        show_json([_platform_data(each) for each in found.values()])
        return
    for each in found.values():
        click.echo(f"{each.name} ({each.key})")
        for task in each.tasks:
            click.echo(f"  {task.key:<16} {task.help or task.name}")
        click.echo(f"  credentials: {', '.join(setting.key for setting in each.credentials) or 'none'}")
    if not found:
        click.echo("None is installed.")


@click.group(cls=Door)
def connection() -> None:
    """The company's accounts on platforms."""


@connection.command(
    epilog=examples(
        "linesheet connection add nuorder NuORDER --credentials-file keys.json",
        "linesheet connection add nuorder Trial --url http://127.0.0.1:8101 --credentials-file - < keys.json",
    )
)
@click.argument("platform")
@click.argument("name")
@click.option("--url", help="Base URL of the account; else the platform's own.")
@_credential_option
@_credentials_file_option
@in_books
def add(platform: str, name: str, url: str | None, given: tuple[str, ...], credentials_file: IO[str] | None) -> None:
    """Add a connection to an account on PLATFORM.

    NAME is what the company calls it. Prefer --credentials-file for secrets: what is on a command line can be
    seen in the process list and stays in the shell's history.
    """
    from linesheet.sync.connections import add_connection

    new = add_connection(platform, name, base_url=url, credentials=_credentials(given, credentials_file))
    click.echo(f"{new} is connected to {_platform_of(new)}.")
    _say_what_is_missing(new)


@connection.command(
    "set",
    epilog=examples(
        "linesheet connection set NuORDER import_season=SS26 stock_seasons=AW25,SS26",
        "linesheet connection set NuORDER default_customer=",
        "linesheet connection set NuORDER --credentials-file keys.json",
    ),
)
@click.argument("name")
@click.argument("answers", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--url", help="Another base URL; an empty one stands for the platform's own.")
@_credential_option
@_credentials_file_option
@in_books
def set_(
    name: str, answers: tuple[str, ...], url: str | None, given: tuple[str, ...], credentials_file: IO[str] | None
) -> None:
    """Change settings; nothing after = clears one. `linesheet connection show NAME` lists them.

    Seasons and customers are given by name, members by e-mail, several values with commas between them. What belongs to
    price lists or locations is given as 'Wholesale=22+23, US wholesale=24'; `linesheet connection offers NAME` lists
    what there is. Another --url needs the secrets along with it; at another host is another account, and all links are
    forgotten.
    """
    from linesheet.sync.connections import change_connection

    row = connection_called(name)
    if not (answers or given or credentials_file) and url is None:
        raise click.UsageError("Say what to set, such as import_season=SS26.")
    credentials = _credentials(given, credentials_file)
    moved = change_connection(row, settings=_pairs(answers), credentials=credentials, base_url=url)
    click.echo(f"{row} is changed.")
    if moved:
        click.echo(moved.says)
    _say_what_is_missing(row)


@connection.command()
@click.argument("name")
@json_option
@in_books
def show(name: str, as_json: bool) -> None:
    """One connection with its settings. Secrets are never printed, only whether they are set."""
    from linesheet.sync.registry import platform as platform_of

    row = connection_called(name)
    declared = platform_of(row.platform)
    if as_json:
        show_json(
            {
                "name": row.name,
                "platform": row.platform,
                "base_url": row.base_url,
                "active": row.active,
                "settings": {each.key: _shown(each, row.settings) for each in declared.all_settings},
                "credentials": {each.key: _shown(each, row.credentials) for each in declared.credentials},
            }
        )
        return
    click.echo(f"{row}: {_platform_of(row)}, {'on' if row.active else 'off'}\n")
    rows = [
        (each.key, _shown(each, stored), "required" if each.required else "", each.label)
        for settings, stored in ((declared.credentials, row.credentials), (declared.all_settings, row.settings))
        for each in settings
    ]
    show_table(("Key", "Value", "", "Label"), [[cell or " " for cell in each] for each in rows], empty="")


@connection.command("list")
@json_option
@in_books
def list_(as_json: bool) -> None:
    """The company's connections."""
    from linesheet.sync.models import Connection

    rows = [
        {"name": row.name, "platform": row.platform, "base_url": row.base_url, "active": row.active}
        for row in Connection.objects.defer("credentials")
    ]
    if as_json:
        show_json(rows)
    else:
        empty = "None yet. See `linesheet platforms`, then `linesheet connection add -h`."
        show_table(("Name", "Platform", "Base URL", "On"), [list(row.values()) for row in rows], empty=empty)


@connection.command()
@click.argument("name")
@json_option
@in_books
def check(name: str, as_json: bool) -> None:
    """Try a connection with calls that change nothing, and name what is missing. Exits with 1 if something is."""
    from linesheet.sync.connection_checks import Health, check_entries, try_connection

    row = connection_called(name)
    checks = list(check_entries(row))
    if all(each.health is not Health.PROBLEM for each in checks):
        checks += try_connection(row)
    if as_json:
        show_json([check_data(each) for each in checks])
    else:
        for each in checks:
            show_said(f"{each.health:<8} {each.name}: {each.says}", each.fix_or_command, indent="")
    if any(each.health is Health.PROBLEM for each in checks):
        raise click.exceptions.Exit(1)


@connection.command(epilog=examples("linesheet connection offers NuORDER --ask"))
@click.argument("name")
@click.option("--ask", is_flag=True, help="Ask the account now, instead of showing what it said last.")
@json_option
@in_books
def offers(name: str, ask: bool, as_json: bool) -> None:
    """What the account has to choose from in the settings. Every test of the connection asks for it too."""
    from linesheet.sync import offers as rules
    from linesheet.sync import registry

    row = connection_called(name)
    declared = registry.platforms().get(row.platform)
    never = rules.not_asked(declared) if declared else None
    found = rules.ask(row) if ask else rules.offers_of(row)
    if as_json:
        show_json(
            {kind: [{"value": each.value, "label": each.label} for each in choices] for kind, choices in found.items()}
        )
        return
    show_table(
        ("What", "Value", "Label"),
        [(kind, each.value, each.label) for kind, choices in found.items() for each in choices],
        empty=str(never) if never else f"Nothing is known. Ask for it: linesheet connection offers '{row}' --ask",
    )


@connection.command("forget-links")
@click.argument("name")
@click.option("--kind", default="", help="Only links of this kind, such as product; all unless given.")
@in_books
def forget_links(name: str, kind: str) -> None:
    """Forget which records of the platform belong to ours, so that the next run sends them all.

    For an account that was emptied, or replaced by another.
    """
    from linesheet.sync.links import forget_links as forget

    row = connection_called(name)
    click.echo(f"{row}: {forget(row, kind)} links are forgotten.")


@connection.command()
@click.argument("name")
@in_books
def on(name: str) -> None:
    """Switch a connection on."""
    _switch(name, on=True)


@connection.command()
@click.argument("name")
@in_books
def off(name: str) -> None:
    """Switch a connection off: nothing runs on it, and its schedules rest."""
    _switch(name, on=False)


def _switch(name: str, *, on: bool) -> None:
    from linesheet.sync.connections import switch

    row = connection_called(name)
    switch(row, on)
    click.echo(f"{row} is {'on' if row.active else 'off'}.")


def _credentials(given: tuple[str, ...], file: IO[str] | None) -> dict[str, str]:
    read: Any = {}
    if file:
        try:
            read = json.load(file)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise Failure(f"The credentials are not JSON: {error}.", _FORM) from None
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise Failure("The credentials are not an object of texts.", _FORM)
    return {**read, **_pairs(given)}


_FORM = 'Write them as {"token": "...", "token_secret": "..."}.'


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for each in given:
        key, equals, value = each.partition("=")
        if not equals:
            raise click.UsageError(f"{key} has no value; write {key}=VALUE.")
        pairs[key.strip()] = value
    return pairs


def _say_what_is_missing(row: "Connection") -> None:
    from linesheet.sync.connections import missing_answers

    if unset := missing_answers(row):
        click.echo(f"Before its tasks can run, set: {', '.join(setting.key for setting in unset)}.")
    else:
        click.echo(f"Try it: linesheet connection check '{row}'")


def _shown(setting: "Setting", stored: dict[str, Any]) -> str:
    """A setting's value as a person enters it; of secrets only whether they are set."""
    from linesheet.sync.pairs import as_text
    from linesheet.sync.platform import SettingKind
    from linesheet.sync.settings import read

    if setting.kind is SettingKind.SECRET:
        return "set" if stored.get(setting.key) else "not set"
    if setting.kind is SettingKind.PAIRS:
        return as_text(setting, stored.get(setting.key)) or NOTHING
    value = read([setting], stored)[setting.key]
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ",".join(map(str, value)) or NOTHING
        case None | "":
            return NOTHING
    return value.email if setting.kind is SettingKind.MEMBER else str(value)


def _platform_data(each: "Platform") -> dict[str, Any]:
    return {
        "key": each.key,
        "name": each.name,
        "base_urls": [choice.value for choice in each.base_urls],
        "credentials": [setting.key for setting in each.credentials],
        "settings": [setting.key for setting in each.all_settings],
        "tasks": [
            {
                "key": task.key,
                "name": task.name,
                "direction": task.direction,
                "help": task.help,
                "schedulable": task.schedulable,
            }
            for task in each.tasks
        ],
    }


def _platform_of(row: "Connection") -> str:
    """Its platform's name, and where that is called."""
    from linesheet.sync.registry import platform

    declared = platform(row.platform)
    return f"{declared.name} at {row.base_url}" if declared.is_called else f"{declared.name}, which calls Linesheet"
