"""Which platforms are installed."""

from functools import cache
from importlib.metadata import entry_points

from linesheet.sync.platform import Platform


@cache
def platforms() -> dict[str, Platform]:
    """Installed platforms by key, from the entry point group `linesheet.platforms`."""
    return {point.name: point.load() for point in sorted(entry_points(group="linesheet.platforms"))}


def platform(key: str) -> Platform:
    """The platform of that key. Raises KeyError naming the installed ones."""
    if key not in platforms():
        raise KeyError(f"No platform {key} is installed; there are {', '.join(platforms()) or 'none'}.")
    return platforms()[key]
