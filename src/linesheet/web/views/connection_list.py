"""All connections, one tile each."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linesheet.sync.platform import Direction
from linesheet.sync.standing import Standing, standings
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections, platform_of, task_name


@dataclass(frozen=True, slots=True)
class Tile:
    """A connection as the page of all shows it."""

    standing: Standing
    last_task: str
    next_task: str
    takes_orders: bool


@require_safe
def show(request: MemberRequest) -> HttpResponse:
    """Every connection with its health, its last and next run, and what waits for a person."""
    tiles = [_tile(standing) for standing in standings(list(connections(request)))]
    return render(request, "web/connections/list.html", {"tiles": tiles, "may_add": request.may.add_connections})


def _tile(standing: Standing) -> Tile:
    connection = standing.connection
    platform = platform_of(connection)
    return Tile(
        standing,
        task_name(connection, standing.last.task) if standing.last else "",
        task_name(connection, standing.next.task) if standing.next else "",
        platform is not None and any(task.direction is Direction.IN for task in platform.tasks),
    )
