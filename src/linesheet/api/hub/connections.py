"""Connections and their tasks, which are previewed and run."""

import datetime
from typing import Any

from ninja import Router

from linesheet.api.hub.runs import RunOut, run_shape
from linesheet.api.hub.visible import connection_or_404, connections, may_run_or_refuse
from linesheet.sync import runs
from linesheet.sync.idempotency import Answer
from linesheet.sync.models import Connection
from linesheet.sync.registry import platform
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.problems import REFUSED
from linesheet.sync.serving.repeats import as_json, done_once
from linesheet.sync.serving.values import Shape

router = Router(tags=["Connections"], auth=scoped("connections:read"))


class TaskOut(Shape):
    """Something a connection can do, by the key it is started with; `direction` is out, in, file or check."""

    key: str
    name: str
    direction: str
    help: str


class ConnectionOut(Shape):
    """A link to an account on a platform."""

    id: int
    name: str
    platform: str
    active: bool
    paused_until: datetime.datetime | None
    tasks: list[TaskOut]


class Connections(Shape):
    """All connections that the member may see, by name."""

    data: list[ConnectionOut]


@router.get("/connections", response=Connections, summary="All connections")
def list_connections(request: ApiRequest) -> Any:
    """Those that the key's member may see, with their tasks."""
    return Connections(data=[_shape(one) for one in connections(request)])


@router.get("/connections/{int:connection_id}", response=ConnectionOut, summary="One connection")
def get_connection(request: ApiRequest, connection_id: int) -> Any:
    """By its id, with its tasks."""
    return _shape(connection_or_404(request, connection_id))


@router.post(
    "/connections/{int:connection_id}/tasks/{task}/preview",
    response={202: RunOut, 200: RunOut},
    auth=scoped("runs:write"),
    openapi_extra=described(REFUSED, repeats=True),
    summary="Preview a task",
)
def preview_task(request: ApiRequest, connection_id: int, task: str) -> Any:
    """A run that stops at its plan and waits to be approved; look at its items, then approve or cancel it.

    While such a run of the task is unfinished, that one is answered. A task that only compares runs at once.
    """
    return _started(request, connection_id, task, preview=True)


@router.post(
    "/connections/{int:connection_id}/tasks/{task}/run",
    response={202: RunOut, 200: RunOut},
    auth=scoped("runs:write"),
    openapi_extra=described(REFUSED, repeats=True),
    summary="Run a task",
)
def run_task(request: ApiRequest, connection_id: int, task: str) -> Any:
    """A run that a worker takes up; while such a run of the task is unfinished, that one is answered."""
    return _started(request, connection_id, task, preview=False)


def _started(request: ApiRequest, connection_id: int, task: str, *, preview: bool) -> Any:
    connection = connection_or_404(request, connection_id)
    may_run_or_refuse(request, connection)

    def work() -> Answer:
        run, _ = runs.start(connection, task, preview=preview, by=request.auth.member.user)
        return Answer(202, as_json(run_shape(run)))

    return done_once(request, work)


def _shape(connection: Connection) -> ConnectionOut:
    return ConnectionOut(
        id=connection.pk,
        name=connection.name,
        platform=connection.platform,
        active=connection.active,
        paused_until=connection.paused_until,
        tasks=[
            TaskOut(key=task.key, name=task.name, direction=str(task.direction), help=task.help)
            for task in platform(connection.platform).tasks
        ],
    )
