"""The sandboxes this package offers, by platform name."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from linesheet_sandbox.common.sandbox import Sandbox

_ROOMS = {
    "nuorder": "linesheet_sandbox.nuorder.sandbox",
}


def sandbox_names() -> list[str]:
    """Platform names that can be started."""
    return sorted(_ROOMS)


def open_sandbox(name: str, state: Path | None) -> Sandbox:
    """Open the sandbox of one platform, with its state in the file `state` or in memory."""
    room = import_module(_ROOMS[name])
    factory = cast(Callable[[Path | None], Sandbox], room.open_sandbox)
    return factory(state)
