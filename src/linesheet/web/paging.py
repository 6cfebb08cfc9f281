"""Pages by key: what comes after a row, whatever was added before it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)
N = TypeVar("N")

SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[N]):
    """Rows, and the query strings of the next and the first page; "" where this is the last or the first."""

    rows: list[N]
    next: str
    first: str

    def map(self, change: Callable[[list[N]], Iterable[Any]]) -> "Page[Any]":
        """The same page of what the rows become."""
        return Page(list(change(self.rows)), self.next, self.first)


def page_of(rows: QuerySet[M], query: QueryDict, *, newest_first: bool = False, size: int = SIZE) -> Page[M]:
    """The page that `after` in the query string asks for; the first one where it is missing or no number."""
    after = query.get("after", "")
    if after.isdecimal():
        rows = rows.filter(pk__lt=after) if newest_first else rows.filter(pk__gt=after)
    found = list(rows.order_by("-pk" if newest_first else "pk")[: size + 1])
    shown = found[:size]
    return Page(
        shown,
        _with_after(query, shown[-1].pk) if len(found) > size else "",
        _with_after(query, None) if after else "",
    )


def _with_after(query: QueryDict, after: int | None) -> str:
    changed = query.copy()
    changed.pop("after", None)
    if after is not None:
        changed["after"] = str(after)
    return f"?{changed.urlencode()}"
