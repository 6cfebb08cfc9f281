"""`linesheet demo`: everything at once, on sandboxes of this machine."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import click

from linesheet.site.folder import data_folder

USUAL_PORT = 8000
START_SECONDS = 60


@click.command()
@click.option("--once", is_flag=True, help="End when the round trips are done, instead of leaving the app up.")
@click.option("--json", "as_json", is_flag=True, help="Print the account as one JSON object on the last line.")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A product file as a Shopify shop exports it, to take along. May be repeated.",
)
@click.option("--port", default=0, help="Port of the app; the usual one, or a free one, unless given.")
def demo(once: bool, as_json: bool, files: tuple[Path, ...], port: int) -> None:
    """Load a demo brand, run every connector's round trip on sandboxes, and leave the app up.

    The data folder is emptied first. Exits with 1 when anything does not add up.
    """
    _empty(data_folder())
    port = port or _free_port()
    address = f"http://127.0.0.1:{port}"
    os.environ["LINESHEET_PUBLIC_URL"] = address
    os.environ.setdefault("LINESHEET_LOG_LEVEL", "WARNING")
    from linesheet.site import boot
    from linesheet.site.postgres import database_url

    boot.start(migrate=True)
    from linesheet.cli.demo.account import Account
    from linesheet.cli.demo.story import OWNER, brand_story, file_story
    from linesheet.cli.sides.listed import CALLERS, PLATFORMS, caller_of, left_out, side_of

    account = Account()
    password = secrets.token_urlsafe(9)
    with contextlib.ExitStack() as stack:
        environment = {**os.environ, "DATABASE_URL": database_url()}
        stack.enter_context(_child(environment, "worker"))
        stack.enter_context(_child(environment, "web", "--port", str(port)))
        remotes = []
        for platform in (*PLATFORMS, *(PLATFORMS[0] for _ in files)):
            remotes.append(side_of(platform))
            stack.callback(remotes[-1].stop)
        callers = []
        for platform in CALLERS:
            callers.append(caller_of(platform))
            stack.callback(callers[-1].stop)
        for remote in (*remotes[: len(PLATFORMS)], *callers):
            remote.offer()
        for platform in left_out():
            click.echo(f"{platform} is left out: nothing here drives its sandbox.")
        _await_answer(f"{address}/healthz")
        brand_story([*remotes[: len(PLATFORMS)], *callers], address, account, password, click.echo)
        for path, remote in zip(files, remotes[len(PLATFORMS) :], strict=True):
            file_story(path, remote, account, click.echo)
        result = account.as_dict()
        click.echo("Everything adds up." if result["ok"] else f"Not everything adds up: {'; '.join(account.wrong)}")
        if not once:
            click.echo(f"\nLinesheet is at {address}\n  log in as  {OWNER}\n  password   {password}")
            for caller in callers:
                click.echo(f"{caller.platform} goes on collecting, and is at {caller.url}")
            click.echo("Ctrl-C ends it.")
        if as_json:
            click.echo(json.dumps(result))
        if not once:
            _until_interrupted()
    if not result["ok"]:
        sys.exit(1)


def _empty(folder: Path) -> None:
    """Forget an earlier demo. Refuses a folder that holds anything but a demo's data."""
    mark = folder / "demo"
    if any(folder.iterdir()) and not mark.exists():
        raise click.ClickException(
            f"{folder} holds an installation that is not a demo's. Choose another folder with LINESHEET_DATA."
        )
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    mark.touch()


@contextlib.contextmanager
def _child(environment: dict[str, str], *command: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "linesheet.cli.main", *command], env=environment)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as usual, contextlib.suppress(OSError):
        usual.bind(("127.0.0.1", USUAL_PORT))
        return USUAL_PORT
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _await_answer(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise click.ClickException(f"The app did not answer at {url}; its log is above.") from None
            time.sleep(0.1)


def _until_interrupted() -> None:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    over.wait()
