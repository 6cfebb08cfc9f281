"""Which function answers which method and path.

Matching is on the undecoded path, and each part is decoded afterwards: external ids may hold a slash. A known
path under another verb is simply not found, so a table is indexed by verb and number of parts.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote

Handler = TypeVar("Handler", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Route(Generic[Handler]):
    """A verb, or several separated by spaces, and a path template with `{name}` parts."""

    verbs: str
    template: str
    handler: Handler


class RouteTable(Generic[Handler]):
    """Finds the first route that fits, in the order given."""

    def __init__(self, routes: Iterable[Route[Handler]]) -> None:
        self._shelves: dict[tuple[str, int], list[tuple[re.Pattern[str], Route[Handler]]]] = defaultdict(list)
        for route in routes:
            pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(route.template)))
            for verb in route.verbs.split():
                self._shelves[verb, route.template.count("/")].append((pattern, route))

    def find(self, verb: str, raw_path: str) -> tuple[Route[Handler], dict[str, str]] | None:
        """The fitting route and its decoded path parts."""
        path = raw_path.rstrip("/") or "/"
        for pattern, route in self._shelves.get((verb, path.count("/")), ()):
            if match := pattern.fullmatch(path):
                return route, {name: unquote(part) for name, part in match.groupdict().items()}
        return None
