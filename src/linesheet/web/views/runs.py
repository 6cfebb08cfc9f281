"""A run: what it does, what it did, and the records behind every number."""

from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from linesheet.sync import activity, runs
from linesheet.sync.models import Run
from linesheet.sync.platform import Direction
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.accounting import progress_of, terms_of
from linesheet.web.activity.items import items_of, says_nothing
from linesheet.web.declared import platform_of, run_or_404, task_name


def show(request: MemberRequest, run_id: int) -> HttpResponseBase:
    """The run, its sum, its reasons and the list of its items."""
    run = run_or_404(request, run_id)
    groups = [] if run.state in Run.UNFINISHED else activity.groups_of(run)
    remarks = [] if run.state in Run.UNFINISHED else activity.remarks_of(run)
    context = {
        **_live(run),
        "task": task_name(run.connection, run.task),
        "where": _where(run),
        "compared": activity.mismatches_of(run.connection, run.task),
        "waits": run.state == Run.State.PLANNED,
        "to_do": run.planned_create + run.planned_update,
        "moved": [group for group in groups if group.moved],
        "groups": [group for group in groups if not group.moved],
        "remarks": remarks,
        "nothing": says_nothing(run, request.GET),
    }
    return lists.show(request, items_of(run, groups, remarks), context)


@require_safe
def progress(request: MemberRequest, run_id: int) -> HttpResponse:
    """The part of the page that changes while a run is unfinished; `was` is the state the page knows.

    When the state has moved on, the page is told to load itself anew. `told` is how many quarters of the way were said
    aloud: what is read to those who do not see the page comes once a quarter and when the state moves on, and not every
    second.
    """
    run = run_or_404(request, run_id)
    live = _live(run)
    moved = request.GET.get("was") != run.state
    aloud = moved or str(live["quarters"]) != request.GET.get("told", "0")
    response = render(request, "web/_progress.html", {**live, "aloud": aloud})
    if moved:
        trigger_client_event(response, "run-changed")
    return response


@require_POST
def approve(request: MemberRequest, run_id: int) -> HttpResponseBase:
    """Have the plan sent as it is."""
    run = run_or_404(request, run_id)
    request.may.run_or_refuse(run.connection, "approve runs")
    try:
        runs.approve(run, by=request.user)
    except runs.RunRefused as refused:
        messages.error(request, str(refused))
    return redirect("run", run.pk)


@require_POST
def cancel(request: MemberRequest, run_id: int) -> HttpResponseBase:
    """Ask the run to stop."""
    run = run_or_404(request, run_id)
    request.may.run_or_refuse(run.connection, "cancel runs")
    try:
        runs.cancel(run)
    except runs.RunRefused as refused:
        messages.error(request, str(refused))
    return redirect("run", run.pk)


@require_safe
def file(request: MemberRequest, run_id: int) -> FileResponse:
    """The file that the run has written."""
    run = run_or_404(request, run_id)
    if not run.file:
        raise Http404
    try:
        content = default_storage.open(run.file)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, as_attachment=True, filename=PurePosixPath(run.file).name)


def _live(run: Run) -> dict[str, Any]:
    compares = activity.compares(run.connection, run.task)
    progress = None if compares else progress_of(run)
    return {
        "run": run,
        "connection": run.connection,
        "unfinished": run.state in Run.UNFINISHED,
        "final": run.state in Run.FINAL,
        "compares": compares,
        "terms": terms_of(run, compares=compares),
        "progress": progress,
        "quarters": 4 * progress.done // progress.total if progress else 0,
        "ahead": _ahead(run) if run.state == Run.State.QUEUED else None,
    }


def _ahead(run: Run) -> Run | None:
    """A run of the same connection that goes first: a connection does one thing at a time."""
    ahead: Run | None = (
        Run.objects.filter(connection=run.connection, state__in=Run.UNFINISHED, pk__lt=run.pk).order_by("pk").first()
    )
    return ahead


def _where(run: Run) -> str:
    """Where a run would write, as it ends a sentence."""
    platform = platform_of(run.connection)
    if platform is None:
        return ""
    directions = {task.key: task.direction for task in platform.tasks}
    match directions.get(run.task):
        case Direction.IN:
            return "in the books"
        case Direction.FILE:
            return "in a file"
    return f"on {platform.name}"
