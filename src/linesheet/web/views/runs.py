"""A run: what it does, what it did, and the records behind every number."""

from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.http.request import QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from linesheet.sync import activity, runs
from linesheet.sync.models import Item, Run
from linesheet.sync.platform import Direction
from linesheet.web.access import MemberRequest
from linesheet.web.accounting import SHOWN, Term, progress_of, terms_of
from linesheet.web.declared import platform_of, run_or_404, task_name
from linesheet.web.paging import page_of

NOT_SHOWN = ("payload", "fingerprint")


@require_safe
def show(request: MemberRequest, run_id: int) -> HttpResponse:
    """The run, its sum, its reasons and its items; the query string narrows the items (see `_asked`)."""
    run = run_or_404(request, run_id)
    items, narrowed = _asked(Item.objects.filter(run=run).defer(*NOT_SHOWN), request.GET)
    groups = [] if run.state in Run.UNFINISHED else activity.groups_of(run)
    return render(
        request,
        "web/run.html",
        {
            **_live(run),
            "task": task_name(run.connection, run.task),
            "where": _where(run),
            "waits": run.state == Run.State.PLANNED,
            "to_do": run.planned_create + run.planned_update,
            "moved": [group for group in groups if group.moved],
            "groups": [group for group in groups if not group.moved],
            **narrowed,
            "page": page_of(items, request.GET)
            if any(narrowed.values())
            else page_of(activity.items_of(run).defer(*NOT_SHOWN), request.GET, within="run_id"),
        },
    )


def _asked(items: "QuerySet[Item]", query: QueryDict) -> tuple["QuerySet[Item]", dict[str, Any]]:
    """The items asked for, and how the page tells of it.

    `show` names a number of the sum, `action` what is planned, `reason` the code of a reason, and `q` is what the
    record's name begins with.
    """
    shown, action, reason, text = (query.get(key, "").strip() for key in ("show", "action", "reason", "q"))
    if shown in SHOWN:
        items = items.filter(SHOWN[shown])
    if action in (Item.Action.CREATE, Item.Action.UPDATE):
        items = items.filter(SHOWN["planned"], action=action)
    if reason:
        items = items.filter(reason_code=reason)
    if text:
        items = activity.items_called(items, text)
    label = Term(shown, 0).label if shown in SHOWN else f"to {action}" if action else ""
    return items, {"shown": label, "show": shown, "action": action, "reason": reason, "text": text}


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
    progress = progress_of(run)
    return {
        "run": run,
        "connection": run.connection,
        "unfinished": run.state in Run.UNFINISHED,
        "final": run.state in Run.FINAL,
        "terms": terms_of(run),
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
