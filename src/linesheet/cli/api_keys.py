"""Keys by which programs are let in."""

from typing import TYPE_CHECKING

import click

from linesheet.cli.common import Door, Failure, connection_called, examples, in_books, json_option
from linesheet.cli.showing import show_json, show_table, when

if TYPE_CHECKING:
    from linesheet.books.models import Member
    from linesheet.sync.models import ApiKey, Connection

_connection_option = click.option("--connection", metavar="NAME", help="The connection whose platform calls us.")
_member_option = click.option("--member", metavar="E-MAIL", help="The member whose program calls.")


@click.group("api-key", cls=Door)
def api_key() -> None:
    """Keys by which programs call the API."""


@api_key.command(
    epilog=examples(
        "linesheet api-key add ERP --member you@example.com --scope orders:read --scope products:read",
        "linesheet api-key add Live --connection Shop --ip 192.0.2.0/24",
    )
)
@click.argument("name")
@_connection_option
@_member_option
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="What it may; may be repeated. Default: all.")
@click.option("--ip", "addresses", multiple=True, metavar="ADDRESS", help="Only from this address or network.")
@json_option
@in_books
def add(
    name: str,
    connection: str | None,
    member: str | None,
    scopes: tuple[str, ...],
    addresses: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a key of a connection or a member, and show it this once."""
    from linesheet.sync import api_keys
    from linesheet.sync.scopes import scopes_for

    owner = _owner(connection, member)
    if owner is None:
        raise click.UsageError("Say whose key it is, with --connection or --member.")
    made = api_keys.make(owner, name, scopes or [scope.key for scope in scopes_for(owner)], addresses)
    if as_json:
        show_json({**_data(made.key), "key": made.secret})
        return
    click.echo(made.secret)
    click.echo(f"It may: {', '.join(made.key.scopes)}. It is shown this once, and kept nowhere.", err=True)


@api_key.command("list")
@_connection_option
@_member_option
@json_option
@in_books
def list_(connection: str | None, member: str | None, as_json: bool) -> None:
    """The company's keys, revoked ones too."""
    from linesheet.sync import api_keys
    from linesheet.sync.models import ApiKey

    owner = _owner(connection, member)
    keys = api_keys.keys_of(owner) if owner else ApiKey.objects.all()
    found = list(keys.select_related("connection", "member__user").defer("connection__credentials"))
    if as_json:
        show_json([_data(key) for key in found])
        return
    show_table(
        ("Key", "Name", "Of", "Scopes", "Last used", "From", "Revoked"),
        [
            (
                key.prefix,
                key.name,
                key.owner,
                ", ".join(key.scopes),
                when(key.last_used_at),
                key.last_address,
                when(key.revoked_at),
            )
            for key in found
        ],
        empty="None yet. See `linesheet api-key add -h`.",
    )


@api_key.command()
@click.argument("key")
@in_books
def revoke(key: str) -> None:
    """Have a key, named by its beginning as `list` shows it, open nothing any more."""
    from linesheet.sync import api_keys
    from linesheet.sync.models import ApiKey

    # Whoever pastes the whole key has it in their history, and still wants it gone.
    found = ApiKey.objects.filter(prefix=key[:11]).select_related("connection", "member__user").first()
    if found is None:
        raise Failure(f"There is no key {key[:11]}.", "See `linesheet api-key list`.")
    api_keys.revoke(found)
    click.echo(f"{found} is revoked.")


def _owner(connection: str | None, member: str | None) -> "Connection | Member | None":
    from linesheet.books.models import Member

    if connection and member:
        raise click.UsageError("A key is of a connection or of a member, not of both.")
    if connection:
        return connection_called(connection)
    if not member:
        return None
    found: Member | None = Member.objects.select_related("user").filter(user__email__iexact=member.strip()).first()
    if found is None:
        raise Failure(f"Nobody with the e-mail {member} is a member.", "See `linesheet company -h`.")
    return found


def _data(key: "ApiKey") -> dict[str, object]:
    return {
        "prefix": key.prefix,
        "name": key.name,
        "connection": key.connection.name if key.connection else None,
        "member": key.member.user.email if key.member else None,
        "scopes": key.scopes,
        "addresses": key.addresses,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "last_address": key.last_address,
        "revoked_at": key.revoked_at,
    }
