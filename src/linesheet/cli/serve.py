"""The processes of an installation: worker, web, both under one roof, and sandboxes."""

import os
import sys
from pathlib import Path

import click

from linesheet.cli.common import Failure, examples, start

THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
"""Requests a web process answers at once; each has a connection to the database."""
BACKLOG = 64
"""Requests that may wait in a web process."""

_host = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
_port = click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)


@click.command()
@click.option("--concurrency", type=click.IntRange(1), default=4, show_default=True, help="Runs worked on at once.")
def worker(concurrency: int) -> None:
    """Work on runs and fire schedules until stopped. Several workers may run, on several machines."""
    start(log_level="INFO", anew=True)
    import asyncio

    from linesheet.sync.worker import serve

    asyncio.run(serve(concurrency=concurrency))


@click.command()
@_host
@_port
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that answer.")
def web(host: str, port: int, workers: int) -> None:
    """Serve the pages until stopped. Names other than localhost go into LINESHEET_HOSTS."""
    from linesheet.cli.supervise import free_port

    port = free_port(host, port)
    start(log_level="INFO", anew=True)
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    _share_database()
    Server(
        "linesheet.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=BACKLOG,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_access=False,
    ).serve()


@click.command(epilog=examples("linesheet up", "LINESHEET_DATA=/srv/linesheet linesheet up --port 80 --host 0.0.0.0"))
@_host
@_port
@click.option("--concurrency", type=click.IntRange(1), default=4, show_default=True, help="Runs worked on at once.")
@click.option("--sandboxes/--no-sandboxes", default=True, help="Start our stand-ins for the platforms too, to try out.")
def up(host: str, port: int, concurrency: int, sandboxes: bool) -> None:
    """Everything in one: database, worker, web and sandboxes, until Ctrl-C.

    A process that dies is started again at once.
    """
    from linesheet.cli.sandboxes import sandbox_children
    from linesheet.cli.supervise import Child, free_port, supervise

    port = free_port(host, port)
    start(log_level="INFO", anew=True)
    _share_database()
    this = [sys.executable, "-m", "linesheet.cli.main"]
    supervise(
        [
            Child("worker", [*this, "worker", "--concurrency", str(concurrency)]),
            Child("web", [*this, "web", "--host", host, "--port", str(port)]),
            *(sandbox_children() if sandboxes else ()),
        ],
        address=(host, port),
    )


@click.command(
    epilog=examples(
        "linesheet sandbox nuorder --port 8101 --state nuorder.state",
        "LINESHEET_SANDBOX_KEY=ls_... linesheet sandbox ordre --hub http://127.0.0.1:8000",
    )
)
@click.argument("name")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0, the default, takes a free port.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="File that keeps what is in it.")
@click.option(
    "--hub",
    metavar="URL",
    envvar="LINESHEET_SANDBOX_HUB",
    help="Of a platform that calls us: where Linesheet is. Or LINESHEET_SANDBOX_HUB.",
)
@click.option(
    "--key",
    envvar="LINESHEET_SANDBOX_KEY",
    help="The key it calls with, of the connection's page API keys. Or LINESHEET_SANDBOX_KEY.",
)
def sandbox(name: str, port: int, state: Path | None, hub: str | None, key: str | None) -> None:
    """Start our local stand-in for a platform. Its first line is JSON: address and credentials to connect with.

    One that calls us can be told where and with which key at the start, or on its own page.
    """
    # By way of the environment, since others can see a process's command line.
    os.environ.update({"LINESHEET_SANDBOX_HUB": hub or "", "LINESHEET_SANDBOX_KEY": key or ""})
    command = [sys.executable, "-m", "linesheet_sandbox", name, "--port", str(port), "--furnished"]
    if state:
        command += ["--state", str(state)]
    sys.stdout.flush()
    try:
        os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, no shell
    except OSError as error:
        raise Failure(f"Python could not be started: {error}.", f"Try: {' '.join(command)}") from None


def _share_database() -> None:
    """Let child processes use the database of this one, which stays its owner."""
    from linesheet.site.postgres import database_url

    os.environ["DATABASE_URL"] = database_url()
