"""What commands share: starting up, the company in hand, finding records by name, and saying what went wrong."""

import functools
import os
from collections.abc import Callable, Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from linesheet.books.models import Company, Product, Season
    from linesheet.sync.models import Connection, Run

F = TypeVar("F", bound=Callable[..., Any])

NOT_ALL_TAKEN = 3
"""Exit code of work that was done, but not for every row or record."""


class Failure(click.ClickException):
    """Something a person can put right: what is wrong, and what to do."""

    def __init__(self, says: str, fix: str = "") -> None:
        super().__init__(says)
        self.fix = fix

    def show(self, file: "IO[Any] | None" = None) -> None:
        """Two plain lines on standard error."""
        click.echo(self.message, err=True, file=file)
        if self.fix:
            click.echo(self.fix, err=True, file=file)


def environment_apart(folder: str) -> dict[str, str]:
    """The environment of an installation of its own in a folder: nothing that is set for the user's reaches it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith("LINESHEET_")
    }
    return {**kept, "LINESHEET_DATA": folder, "LINESHEET_LOG_LEVEL": "ERROR"}


class Door(click.Group):
    """A group of commands that tells errors a person can put right in plain words.

    Its help shows the commands by section, in the order they were added.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sections: dict[str, list[str]] = {}

    def add_section(self, title: str, commands: Sequence[click.Command]) -> None:
        """Add commands under a title."""
        for command in commands:
            self.add_command(command)
            self._sections.setdefault(title, []).append(command.name or "")

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in (self._sections or {"Commands": list(self.commands)}).items():
            with formatter.section(title):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(80)) for name in names])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            failure = as_failure(error)
            if failure is None:
                raise
            raise failure from error


def as_failure(error: Exception) -> Failure | None:
    """The error in plain words, or None when it is a defect of Linesheet."""
    from django.core.exceptions import ValidationError
    from django.db import OperationalError

    from linesheet.books.reasons import Refused
    from linesheet.site.postgres import PostgresUnavailable

    match error:
        case Refused():
            return Failure(error.says, error.fix)
        case PostgresUnavailable():
            return Failure(str(error))
        case OperationalError():
            said = " ".join(str(error).split())
            return Failure(f"The database does not answer: {said}", "Check that it runs, or see `linesheet doctor`.")
        case ValidationError():
            return Failure(" ".join(error.messages), "Enter another value.")
        case OSError(filename=str() as name):
            return Failure(f"{name}: {error.strerror}.", "Choose a file or folder that can be read and written.")
    return None


def start(*, log_level: str = "WARNING", anew: bool = False) -> None:
    """Have Django, the database and the schema ready; logs go to standard error from this level on.

    With `anew` a new installation may begin, which is told. Raises Failure where there is none otherwise, so that a
    command given in another folder does not leave an empty installation there.
    """
    from django.apps import apps

    from linesheet.site import boot
    from linesheet.site.folder import data_folder, data_folder_named, is_installed

    if not apps.ready:
        if not (anew or is_installed()):
            raise no_installation()
        if not (is_installed() and data_folder_named().is_dir()):
            click.echo(f"New data folder: {data_folder()}. To use another, set LINESHEET_DATA.", err=True)
        os.environ.setdefault("LINESHEET_LOG_LEVEL", log_level)
        boot.start(migrate=True)


def start_apart() -> None:
    """Have what books and platforms declare at hand, without an installation."""
    from linesheet.site import boot

    boot.start_apart()


def no_installation() -> Failure:
    """There is nothing to work on in the data folder."""
    from linesheet.site.folder import data_folder_named

    return Failure(
        f"There is no installation in {data_folder_named()}.",
        "Go to the folder it was started from, or set LINESHEET_DATA to its data folder. A new one begins with "
        "`linesheet company create` or `linesheet up`.",
    )


company_option = click.option(
    "--company",
    envvar="LINESHEET_COMPANY",
    metavar="SLUG",
    help="Whose books; not needed while there is one company. [env: LINESHEET_COMPANY]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")


def in_books(command: F) -> F:
    """Let a command work in the books of the company that is meant."""

    @company_option
    @functools.wraps(command)
    def in_hand(*args: Any, company: str | None, **kwargs: Any) -> Any:
        start()
        from linesheet.books.tenancy import acting_for

        with acting_for(company_called(company)):
            return command(*args, **kwargs)

    return in_hand  # type: ignore[return-value]  # wraps keeps what click reads


def company_called(slug: str | None) -> "Company":
    """The company of that slug, or the only one there is."""
    from linesheet.books.models import Company

    slugs = list(Company.objects.order_by("slug").values_list("slug", flat=True))
    if not slugs:
        raise Failure(
            "There is no company yet.",
            'Create one: linesheet company create "Atelier Nord" --owner you@example.com',
        )
    if slug is None and len(slugs) > 1:
        raise Failure(
            f"There are several companies: {', '.join(slugs)}.",
            "Say which one with --company SLUG or LINESHEET_COMPANY.",
        )
    company = Company.objects.filter(slug=slug or slugs[0]).first()
    if company is None:
        raise Failure(f"There is no company {slug}.", f"There are: {', '.join(slugs)}.")
    return company


def connection_called(name: str) -> "Connection":
    """The connection of that name. Its credentials stay in the database until they are asked for."""
    from linesheet.sync.models import Connection

    found: Connection | None = Connection.objects.defer("credentials").filter(name__iexact=name.strip()).first()
    if found is None:
        names = ", ".join(Connection.objects.values_list("name", flat=True))
        raise Failure(
            f"There is no connection {name}.",
            f"There are: {names}." if names else "Add one: linesheet connection add PLATFORM NAME",
        )
    return found


def run_numbered(number: int) -> "Run":
    """The run of that number."""
    from linesheet.sync.models import Run

    found: Run | None = Run.objects.select_related("connection").filter(pk=number).first()
    if found is None:
        raise Failure(f"There is no run {number}.", "See `linesheet runs`.")
    return found


def season_called(name: str) -> "Season":
    """The season of that name."""
    from linesheet.books.models import Season

    found = Season.objects.named(name)
    if found is None:
        names = ", ".join(Season.objects.values_list("name", flat=True))
        raise Failure(f"There is no season {name}.", f"There are: {names or 'none yet'}.")
    return found


def products_called(keys: Iterable[str]) -> "list[Product]":
    """The products with these codes, styles, SKU codes or barcodes; a style stands for all of its products."""
    from linesheet.books.products import find_products

    found: dict[int, Product] = {}
    unknown: list[str] = []
    for key in keys:
        products = list(find_products(key))
        found.update((product.pk, product) for product in products)
        if not products:
            unknown.append(key)
    if unknown:
        raise Failure(
            f"No product goes by {', '.join(unknown)}.",
            "Give product codes, styles, SKU codes or barcodes that are in the books.",
        )
    return list(found.values())


def examples(*lines: str) -> str:
    """Examples, to stand at the end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
