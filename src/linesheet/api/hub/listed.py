"""Lists of what only ever grows, newest first: connections' runs, and the items of one."""

from typing import Any, Generic, TypeVar

from ninja import Schema
from pydantic import Field

from linesheet.sync.serving.values import Shape

T = TypeVar("T")
MOST = 500
LARGEST_ID = 2**63 - 1


class Listed(Shape, Generic[T]):
    """A page of a list; ask for the next with `cursor=next_cursor` until that is null."""

    data: list[T]
    next_cursor: int | None


class Listing(Schema):
    """How a page is asked for."""

    limit: int = Field(100, ge=1, le=MOST, description="Records a page.")
    cursor: int | None = Field(None, ge=1, le=LARGEST_ID, description="`next_cursor` of the page before.")


def newest_first(rows: Any, asked: Listing) -> tuple[list[Any], int | None]:
    """The rows of a page by falling id, and the cursor of the next."""
    if asked.cursor is not None:
        rows = rows.filter(pk__lt=asked.cursor)
    found = list(rows.order_by("-pk")[: asked.limit + 1])
    page = found[: asked.limit]
    return page, page[-1].pk if len(found) > asked.limit else None
