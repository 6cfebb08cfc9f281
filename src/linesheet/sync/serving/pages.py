"""Endpoints that answer with records page by page (`sync.collects`)."""

import datetime
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import Field

from linesheet.sync import collects
from linesheet.sync.collects import CursorExpired, CursorUnknown, Filters, Resource
from linesheet.sync.serving.callers import ApiRequest
from linesheet.sync.serving.problems import CURSOR_EXPIRED, INVALID_PARAMETER, ApiProblem, Issue, not_found
from linesheet.sync.serving.values import Moment, Shape

MOST = 500
T = TypeVar("T")


class Tombstone(Shape):
    """A record that is not there any more for whoever collects."""

    id: int
    removed_at: datetime.datetime
    reason: str


class PageOf(Shape, Generic[T]):
    """A page of records. Store `as_of`, and send it as `updated_since` the next time."""

    data: list[T]
    removed: list[Tombstone]
    next_cursor: str | None
    as_of: datetime.datetime


class Paging(Schema):
    """How pages are asked for."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="Records a page.")] = 100
    cursor: Annotated[
        str | None,
        Field(
            max_length=200,
            description="`next_cursor` of the page before; what else was asked for stays as it was for the first.",
        ),
    ] = None
    updated_since: Annotated[
        Moment | None, Field(description="Only what changed then or later; `as_of` of the collect before.")
    ] = None
    include_removed: Annotated[
        bool, Field(description="Have what changed and is not offered (any more) told in `removed`.")
    ] = False


def page_of(request: ApiRequest, resource: Resource[Any], paging: Paging, filters: Filters) -> dict[str, Any]:
    """The page that is asked for, as `PageOf` has it. Raises ApiProblem when the cursor is of no use."""
    owner = request.auth.owner
    if paging.cursor is None:
        page = collects.begin(
            resource,
            owner,
            filters,
            paging.limit,
            since=paging.updated_since,
            with_removed=paging.include_removed,
        )
    else:
        try:
            page = collects.go_on(resource, owner, paging.cursor, paging.limit)
        except CursorExpired:
            says = f"Cursors are valid for 24 hours, of the latest {collects.MOST_OPEN} lists. Begin anew without one."
            raise ApiProblem(CURSOR_EXPIRED, says) from None
        except CursorUnknown:
            issue = Issue(code=INVALID_PARAMETER.code, message="This is no cursor of this list.", pointer="?cursor")
            raise ApiProblem(INVALID_PARAMETER, issue.message, [issue]) from None
    request.call.collected = len(page.data) + len(page.removed)
    return {
        "data": page.data,
        "removed": page.removed,
        "next_cursor": page.next_cursor,
        "as_of": page.as_of,
    }


def one_of(resource: Resource[T], record: int, filters: Filters, what: str) -> T:
    """The record of that id as lists show it. Raises ApiProblem: there is no such `what`."""
    shown = resource.show(resource.offered(filters).filter(pk=record), collects.changed_at(resource, filters, [record]))
    if record not in shown:
        raise not_found(what)
    return shown[record]
