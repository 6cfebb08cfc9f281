"""Runs of tasks, and what became of each record in them."""

import datetime
from typing import Annotated, Any

from ninja import Query, Router
from pydantic import Field, WithJsonSchema

from linesheet.api.hub.listed import LARGEST_ID, Listed, Listing, newest_first
from linesheet.api.hub.visible import may_run_or_refuse, run_or_404
from linesheet.api.hub.visible import runs as visible_runs
from linesheet.sync import runs
from linesheet.sync.models import Item, Run
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.problems import REFUSED
from linesheet.sync.serving.values import Shape

router = Router(tags=["Runs"], auth=scoped("connections:read"))

# Both classes are called State, of which a document can have one only: so their values stand where they are used.
RunState = Annotated[Run.State, WithJsonSchema({"type": "string", "enum": Run.State.values})]
ItemState = Annotated[Item.State, WithJsonSchema({"type": "string", "enum": Item.State.values})]


class Counts(Shape):
    """The records of a run: selected is the sum of all others."""

    selected: int
    created: int
    updated: int
    unchanged: int
    blocked: int
    failed: int
    not_attempted: int


class RunOut(Shape):
    """One execution of a task. In the state `planned` it waits to be approved; `final` ones change no more.

    `says` and `fix` tell why it ended, where it did not end well.
    """

    id: int
    connection_id: int
    connection: str
    task: str
    preview: bool
    state: RunState
    final: bool
    reason: str
    says: str
    fix: str
    counts: Counts
    planned_create: int
    planned_update: int
    planned_calls: int
    calls: int
    queued_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None


class NoteOut(Shape):
    """Something to know of a record, beside what became of it."""

    severity: str = ""
    code: str = ""
    says: str = ""
    fix: str = ""


class ChangeOut(Shape):
    """A field that differs from what was accepted before."""

    field: str
    old: Any
    new: Any


class ItemOut(Shape):
    """What became of a record in a run, or is planned to; records that are unchanged have none."""

    id: int
    kind: str
    record_id: str
    label: str
    action: str
    state: ItemState
    reason: str
    says: str
    fix: str
    notes: list[NoteOut]
    changes: list[ChangeOut]
    remote_id: str
    settled_at: datetime.datetime | None


class RunsAsked(Listing):
    """Which runs."""

    connection_id: int | None = Field(None, ge=1, le=LARGEST_ID)
    task: str | None = Field(None, max_length=40)
    state: RunState | None = None


class ItemsAsked(Listing):
    """Which items."""

    state: ItemState | None = None


@router.get("/runs", response=Listed[RunOut], summary="Runs, newest first")
def list_runs(request: ApiRequest, asked: Query[RunsAsked]) -> Any:
    """Of connections that the key's member may see."""
    rows = visible_runs(request)
    if asked.connection_id is not None:
        rows = rows.filter(connection=asked.connection_id)
    if asked.task is not None:
        rows = rows.filter(task=asked.task)
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    page, cursor = newest_first(rows, asked)
    return Listed[RunOut](data=[run_shape(run) for run in page], next_cursor=cursor)


@router.get("/runs/{int:run_id}", response=RunOut, summary="One run")
def get_run(request: ApiRequest, run_id: int) -> Any:
    """By its id; ask again until it is `final`, or `planned`."""
    return run_shape(run_or_404(request, run_id))


@router.get("/runs/{int:run_id}/items", response=Listed[ItemOut], summary="The items of a run, newest first")
def list_items(request: ApiRequest, run_id: int, asked: Query[ItemsAsked]) -> Any:
    """Every record that was or is to be changed, or could not be; of old runs items are tidied away."""
    rows = run_or_404(request, run_id).items.all()
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    page, cursor = newest_first(rows.defer("payload"), asked)
    return Listed[ItemOut](data=[_item(item) for item in page], next_cursor=cursor)


@router.post(
    "/runs/{int:run_id}/approve",
    response=RunOut,
    auth=scoped("runs:write"),
    openapi_extra=described(REFUSED),
    summary="Approve a plan",
)
def approve_run(request: ApiRequest, run_id: int) -> Any:
    """Have exactly the plan of a preview sent. Records that changed since are left out, and say so."""
    run = run_or_404(request, run_id)
    may_run_or_refuse(request, run.connection)
    return run_shape(runs.approve(run, by=request.auth.member.user))


@router.post(
    "/runs/{int:run_id}/cancel",
    response=RunOut,
    auth=scoped("runs:write"),
    openapi_extra=described(REFUSED),
    summary="Cancel a run",
)
def cancel_run(request: ApiRequest, run_id: int) -> Any:
    """Ask it to stop; what was sent stays sent, and the run accounts for the rest."""
    run = run_or_404(request, run_id)
    may_run_or_refuse(request, run.connection)
    return run_shape(runs.cancel(run))


def run_shape(run: Run) -> RunOut:
    """A run as it is answered."""
    return RunOut(
        id=run.pk,
        connection_id=run.connection_id,
        connection=run.connection.name,
        task=run.task,
        preview=run.preview,
        state=Run.State(run.state),
        final=run.state in Run.FINAL,
        reason=run.reason_code,
        says=run.says,
        fix=run.fix,
        counts=Counts.model_validate(run),
        planned_create=run.planned_create,
        planned_update=run.planned_update,
        planned_calls=run.planned_calls,
        calls=run.calls,
        queued_at=run.queued_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def _item(item: Item) -> ItemOut:
    return ItemOut(
        id=item.pk,
        kind=item.kind,
        record_id=item.record_id,
        label=item.label,
        action=item.action,
        state=Item.State(item.state),
        reason=item.reason_code,
        says=item.says,
        fix=item.fix,
        notes=[NoteOut.model_validate(note) for note in item.notes],
        changes=[ChangeOut.model_validate(change) for change in item.changes],
        remote_id=item.remote_id,
        settled_at=item.settled_at,
    )
