"""Companies, and the people who work in them."""

import click

from linesheet.cli.common import Door, Failure, examples, in_books, json_option, start
from linesheet.cli.showing import show_json, show_table

_password = click.option("--password", help="For a person who is new here. Others on this machine can see it.")
_ask = click.option("--ask-password", is_flag=True, help="Ask for the password instead; nobody else sees it.")


@click.group(cls=Door)
def company() -> None:
    """Whose books these are, and who may work in them."""


@company.command(
    epilog=examples(
        'linesheet company create "Atelier Nord" --owner ada@example.com',
        'linesheet company create "Atelier Nord" --owner ada@example.com --currency SEK --timezone Europe/Stockholm',
    )
)
@click.argument("name")
@click.option("--owner", metavar="EMAIL", required=True, help="Who owns the books, and logs in with this address.")
@_password
@_ask
@click.option("--currency", default="EUR", show_default=True, help="Currency of orders that name none.")
@click.option("--timezone", default="UTC", show_default=True, help="Where daily schedules are meant.")
@click.option("--barcode-type", type=click.Choice(["ean13", "upca"]), default="ean13", show_default=True)
def create(
    name: str, owner: str, password: str | None, ask_password: bool, currency: str, timezone: str, barcode_type: str
) -> None:
    """Open the books of a company.

    It begins with a season called Standard, the price lists Wholesale and Retail, and one location. Without a
    password, one is made and printed once.
    """
    start(anew=True)
    from linesheet.books import companies
    from linesheet.books.models import Company

    secret, made = _secret_for(owner, password, ask_password)
    created = companies.create_company(
        name,
        owner_email=owner,
        password=secret,
        currency=currency,
        timezone=timezone,
        barcode_type=Company.BarcodeType(barcode_type),
    )
    click.echo(f"{created} is open. Commands know it as {created.slug}.")
    _tell(owner, made)


@company.command("list")
@json_option
def list_(as_json: bool) -> None:
    """The companies of this installation."""
    start()
    from linesheet.books.models import Company

    rows = Company.objects.order_by("slug").values("slug", "name", "currency", "timezone", "barcode_type")
    if as_json:
        show_json(list(rows))
    else:
        headers = ("Slug", "Name", "Currency", "Time zone", "Barcodes")
        empty = 'None yet. Create one: linesheet company create "Atelier Nord" --owner you@example.com'
        show_table(headers, [list(row.values()) for row in rows], empty=empty)


@company.command("add-member", epilog=examples("linesheet company add-member bo@example.com --role editor"))
@click.argument("email")
@click.option("--role", type=click.Choice(["owner", "operator", "editor", "viewer"]), required=True)
@_password
@_ask
@in_books
def add_member(email: str, role: str, password: str | None, ask_password: bool) -> None:
    """Let a person into the company, or give a member another role."""
    from linesheet.books import companies
    from linesheet.books.models import Company, Member
    from linesheet.books.tenancy import company_in_hand

    secret, made = _secret_for(email, password, ask_password)
    of_company = Company.objects.get(pk=company_in_hand())
    member = companies.add_member(of_company, email, Member.Role(role), password=secret)
    click.echo(f"{member.user.email} is {role} of {of_company}.")
    _tell(email, made)


def _secret_for(email: str, given: str | None, ask: bool) -> tuple[str | None, str]:
    """The password to set (None for a person who is known here), and the one to print, "" for none."""
    import secrets

    from django.contrib.auth.password_validation import validate_password

    from linesheet.books.models import User

    if given is not None and ask:
        raise click.UsageError("Use either --password or --ask-password.")
    if User.objects.filter(email=email.strip().lower()).exists():
        if given is not None or ask:
            raise Failure(f"{email} is known here and keeps the password there is.", "Leave the password out.")
        return None, ""
    if ask:
        given = click.prompt(f"Password for {email}", hide_input=True, confirmation_prompt=True, err=True)
    if given is not None:
        validate_password(given)
        return given, ""
    made = secrets.token_urlsafe(12)
    return made, made


def _tell(email: str, made: str) -> None:
    if made:
        click.echo(f"Password of {email}: {made}\nIt is not shown again.")
