"""The sandboxes that are installed, by platform name."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import cast

from linesheet_sandbox.common.sandbox import Sandbox


def sandbox_names() -> list[str]:
    """Platform names that can be started, from the entry point group `linesheet.sandboxes`."""
    return sorted(_rooms())


def open_sandbox(name: str, state: Path | None) -> Sandbox:
    """Open the sandbox of one platform, with its state in the file `state` or in memory."""
    factory = cast(Callable[[Path | None], Sandbox], _rooms()[name].load())
    return factory(state)


@cache
def _rooms() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group="linesheet.sandboxes")}
