"""The sandboxes that `up` and `demo` start beside the app, so that a connection can be tried out without an account.

Who does what: the supervisor starts `python -m linesheet_sandbox NAME` for every sandbox that is installed, each on a
port of this machine that it keeps over restarts. The sandbox writes its announcement into the data folder, once it
answers, and keeps its state beside it. The web reads the announcements (`sync.sandboxes`) and knows no sandbox else.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import entry_points

from linesheet.cli.common import Failure
from linesheet.cli.supervise import Child, free_port
from linesheet.sync.sandboxes import announcement_file, last_announced

_HOST = "127.0.0.1"


def sandbox_children() -> Iterator[Child]:
    """A process for each installed sandbox."""
    for name in sorted(entry_points(group="linesheet.sandboxes").names):
        file = announcement_file(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "linesheet_sandbox", name, "--port", str(_port(name))]
        command += ["--state", str(file.with_suffix(".state")), "--announce", str(file), "--furnished"]
        yield Child(f"{name} sandbox", command)


def _port(name: str) -> int:
    """The port it had last, so that connections made then still lead to it; a free one when that is taken."""
    last = last_announced(name)
    try:
        return free_port(_HOST, last.port if last else 0)
    except Failure:
        return free_port(_HOST, 0)
