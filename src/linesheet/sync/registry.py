"""Which platforms are installed."""

from functools import cache
from importlib.metadata import entry_points

from linesheet.books.reasons import Reason, Refused
from linesheet.sync.platform import Platform

UNKNOWN_PLATFORM = Reason("unknown_platform", "No platform {key} is installed.", "Installed are: {known}.")

REASONS = (UNKNOWN_PLATFORM,)


class UnknownPlatform(Refused):
    """No installed package has this platform; `fix` names those there are."""


@cache
def platforms() -> dict[str, Platform]:
    """Installed platforms by key, from the entry point group `linesheet.platforms`."""
    return {point.name: point.load() for point in sorted(entry_points(group="linesheet.platforms"))}


def platform(key: str) -> Platform:
    """The platform of that key. Raises UnknownPlatform naming the installed ones."""
    if key not in platforms():
        raise UnknownPlatform(UNKNOWN_PLATFORM, key=key, known=", ".join(platforms()) or "none")
    return platforms()[key]
