"""The `linesheet` command: its groups and commands, by what they are about."""

import click

from linesheet.cli import (
    api_keys,
    books,
    catalogue,
    companies,
    connections,
    explain,
    files,
    history,
    installation,
    orders,
    pictures,
    runs,
    schedules,
    serve,
    webhooks,
)
from linesheet.cli.bench.command import bench
from linesheet.cli.common import Door, examples
from linesheet.cli.demo.command import demo
from linesheet.cli.faults.command import faults

_EPILOG = examples(
    'linesheet company create "Atelier Nord" --owner you@example.com',
    "linesheet import products range-plan.xlsx",
    "linesheet connection add nuorder NuORDER --credentials-file keys.json",
    "linesheet preview NuORDER data-export",
    "linesheet explain product COAT-WOOL-BLACK",
)


@click.group(
    cls=Door,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="linesheet")
def main() -> None:
    """Linesheet: your products, stock and orders, kept in step with wholesale platforms.

    Everything is kept in PostgreSQL: the server that DATABASE_URL names, or else one of Linesheet's own in the
    folder LINESHEET_DATA (`var` below the current folder). Commands bring the schema up to date themselves; a new
    installation begins with `company create`, `restore`, `up`, `web` or `worker`, and with no other command.

    Exit codes: 0 done, 1 it did not work, 2 wrong usage, 3 done, but some rows or records were not taken.
    """


_SECTIONS = {
    "Books": [
        companies.company,
        books.season,
        files.import_,
        files.imports,
        files.undo_import,
        files.export,
        files.columns,
        files.template,
        books.barcodes,
        pictures.pictures,
        orders.orders,
    ],
    "Connections": [
        connections.platforms,
        connections.connection,
        catalogue.catalogue,
        schedules.schedule,
        api_keys.api_key,
        webhooks.webhook,
    ],
    "Runs": [runs.run, runs.preview, runs.approve, runs.cancel],
    "What happened, and why": [
        history.runs,
        history.items,
        history.exchanges,
        history.problems,
        orders.inbox,
        explain.explain,
    ],
    "Installation": [
        demo,
        faults,
        bench,
        serve.up,
        serve.web,
        serve.worker,
        serve.sandbox,
        installation.doctor,
        installation.backup,
        installation.restore,
        installation.tidy,
        installation.secrets,
    ],
}
for _title, _commands in _SECTIONS.items():
    main.add_section(_title, _commands)

if __name__ == "__main__":
    main()
