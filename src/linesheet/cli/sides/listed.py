"""The platforms whose sandbox we know how to drive."""

from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points

from linesheet.cli.sides.caller import Caller
from linesheet.cli.sides.side import Side
from linesheet.cli.sides.traffic import Traffic

PLATFORMS = ("nuorder", "joor")
"""Keys of the platforms, each with a folder beside this file."""


CALLERS = ("ordre",)
"""Keys of the platforms that call us, likewise; they are in no storm."""


def left_out() -> Sequence[str]:
    """Platforms that are installed and have no side here."""
    return sorted(entry_points(group="linesheet.platforms").names - {*PLATFORMS, *CALLERS})


def traffic_of(platform: str) -> Traffic:
    """The calls that the platform is asked."""
    traffic: Traffic = import_module(f"linesheet.cli.sides.{platform}.traffic").TRAFFIC
    return traffic


def side_of(platform: str) -> Side:
    """A sandbox of the platform, with an account as a brand has it to begin with. Django has to be set up."""
    side: Side = import_module(f"linesheet.cli.sides.{platform}.side").SIDE()
    return side


def caller_of(platform: str) -> Caller:
    """A sandbox of a platform that calls us. Django has to be set up."""
    caller: Caller = import_module(f"linesheet.cli.sides.{platform}.side").SIDE()
    return caller
