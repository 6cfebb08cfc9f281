"""Keeping child processes alive, and ending them all with their parent."""

import asyncio
import contextlib
import ctypes
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import click

from linesheet.cli.common import Failure

STOP_SECONDS = 12.0
# A child that dies sooner than this is given a pause, so that one that cannot start does not eat the machine.
TOO_SOON_SECONDS = 3.0
PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive."""

    name: str
    command: Sequence[str]


def free_port(host: str, port: int) -> int:
    """The port, or a free one for 0. Raises Failure when something listens there already."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as bound:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            taken: int = bound.getsockname()[1]
            return taken
    except OSError as error:
        raise Failure(
            f"Nothing can listen on {host}, port {port}: {error.strerror}.", "Choose others with --host and --port."
        ) from None


def supervise(children: Sequence[Child], address: tuple[str, int]) -> None:
    """Keep the children alive until SIGINT or SIGTERM, then end them. Says so when the address answers."""
    asyncio.run(_supervise(children, address))


async def _supervise(children: Sequence[Child], address: tuple[str, int]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        for child in children:
            group.create_task(_keep_alive(child, stop))
        group.create_task(_announce(address, stop))


async def _keep_alive(child: Child, stop: asyncio.Event) -> None:
    while not stop.is_set():
        began = time.monotonic()
        # A session of its own, so that Ctrl-C reaches the parent only, which ends its children in order.
        # Standard output stays the parent's: what children have to say is log.
        process = await asyncio.create_subprocess_exec(
            *child.command, stdout=sys.stderr, start_new_session=True, preexec_fn=_die_with_parent
        )
        ended = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not ended.done():
            await _end(process, ended)
        elif not stop.is_set():
            click.echo(f"The {child.name} ended ({process.returncode}) and is started again.", err=True)
            if time.monotonic() - began < TOO_SOON_SECONDS:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


async def _end(process: asyncio.subprocess.Process, ended: "asyncio.Task[int]") -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await asyncio.wait({ended}, timeout=STOP_SECONDS)
    if not ended.done():
        process.kill()
        await ended


async def _announce(address: tuple[str, int], stop: asyncio.Event) -> None:
    """Say where Linesheet is, once it answers there."""
    host, port = address
    while not stop.is_set():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.1)
            continue
        writer.close()
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"Linesheet is at http://{shown}:{port}/ - Ctrl-C stops it.")
        return


def _die_with_parent() -> None:
    """In the child, before it becomes another program: SIGTERM when the parent is killed (Linux only)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
