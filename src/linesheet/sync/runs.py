"""Starting, approving and cancelling runs: what every door calls. Nothing here talks to a platform."""

import contextlib
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from linesheet.books.models import User
from linesheet.books.reasons import Reason, Refused
from linesheet.sync import ending, reasons, registry
from linesheet.sync.connections import missing_answers
from linesheet.sync.contexts import context_of, frugal_context_of
from linesheet.sync.legs import Leg
from linesheet.sync.models import Connection, Run
from linesheet.sync.platform import Direction, Task
from linesheet.sync.registry import platform

UNKNOWN_TASK = Reason("unknown_task", "{connection} has no task {task}.", "It has these: {known}.")
INACTIVE = Reason("connection_inactive", "{connection} is switched off.", "Switch the connection on first.")
SETTING_MISSING = Reason(
    "setting_missing", "{connection} cannot run: {labels} not set.", "Fill in its settings: {keys}."
)
UNKNOWN_KIND = Reason("unknown_kind", "{task} has no records of the kind {kind}.", "It takes these along: {known}.")
NOT_WAITING = Reason("not_waiting", "Run {run} is {state}, so there is no plan to approve.", "Make a new preview.")
STILL_RUNNING = Reason("still_running", "{run} of this task is not finished.", "Wait for it, or cancel it first.")
ALREADY_OVER = Reason("already_over", "Run {run} is {state} already.", "There is nothing left to cancel.")

REASONS = (UNKNOWN_TASK, INACTIVE, SETTING_MISSING, UNKNOWN_KIND, NOT_WAITING, STILL_RUNNING, ALREADY_OVER)


# The run that stood in the way may end before it is looked at; then the way is free.
TRIES = 5


class RunRefused(Refused):
    """The run cannot be started, approved or cancelled; `fix` says what helps."""


def task_of(connection: Connection, key: str) -> Task:
    """The task of that key. Raises RunRefused naming those the connection has."""
    tasks = {task.key: task for task in platform(connection.platform).tasks}
    if key not in tasks:
        raise RunRefused(UNKNOWN_TASK, connection=connection, task=key, known=", ".join(tasks))
    return tasks[key]


def legs_of(connection: Connection, task: Task) -> list[Leg]:
    """The legs of a task, without a client. Raises UnknownPlatform."""
    context = context_of(connection)
    return [make(context) for make in task.legs]


def kind_in_books(connection: Connection, task: str, kind: str) -> str:
    """What the books call the records that a task's items of this kind are about; "" where that is not declared."""
    declared = registry.platforms().get(connection.platform)
    makers = next((each.legs for each in declared.tasks if each.key == task), ()) if declared else ()
    if not makers:
        return ""
    context = frugal_context_of(connection)
    return next((kinds[kind] for make in makers if kind in (kinds := make(context).kinds())), "")


def start(
    connection: Connection,
    task: str,
    *,
    preview: bool = False,
    by: User | None = None,
    scheduled: bool = False,
    only: tuple[str, str] | None = None,
    replay_of: Run | None = None,
    as_sent: str = "",
) -> tuple[Run, bool]:
    """Queue a run of a task; with `preview` it stops at the plan. Returns the run and whether it is new.

    `only` limits it to one record: its kind and id as items have them, so ("product", "12") or ("order", remote id).
    Such a run plans that record afresh and leaves all others alone; inbound, it takes the record up as it is kept in
    the inbox, and does not ask the platform what there is. `replay_of` is the run that this one repeats; with
    `as_sent`, the fingerprint of what it sent, that is sent once more, unless the books have moved on.

    A task that only compares has no preview: it changes nothing anyway.

    While such a run of the same task is unfinished that one is returned, so a double click queues once.
    Raises RunRefused when the connection cannot run it, and UnknownPlatform or SecretUnreadable.
    """
    kind, record = only or ("", "")
    declared = task_of(connection, task)
    preview = preview and declared.direction is not Direction.CHECK
    if not connection.active:
        raise RunRefused(INACTIVE, connection=connection)
    if unset := missing_answers(connection):
        raise RunRefused(
            SETTING_MISSING,
            connection=connection,
            labels=", ".join(setting.label for setting in unset),
            keys=", ".join(setting.key for setting in unset),
        )
    if kind and kind not in (known := [kind for leg in legs_of(connection, declared) for kind in leg.kinds()]):
        raise RunRefused(UNKNOWN_KIND, task=declared.name, kind=kind, known=", ".join(known) or "none")
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                run = Run.objects.create(
                    company_id=connection.company_id,
                    connection=connection,
                    task=task,
                    preview=preview,
                    requested_by=by,
                    scheduled=scheduled,
                    only_kind=kind,
                    only_record=record,
                    replay_of=replay_of,
                    as_sent=as_sent,
                )
                enqueue(run)
        except IntegrityError:
            unfinished = _unfinished(connection, task)
            if unfinished is None:
                continue
            asked = (unfinished.preview, unfinished.only_kind, unfinished.only_record, unfinished.as_sent)
            if asked != (preview, kind, record, as_sent):
                raise RunRefused(STILL_RUNNING, run=f"Run {unfinished.pk}") from None
            return unfinished, False
        return run, True
    raise RunRefused(STILL_RUNNING, run="A run")


def approve(run: Run, by: User | None = None) -> Run:
    """Have exactly this plan sent. Raises RunRefused when it does not wait for approval."""
    try:
        with transaction.atomic():
            held: Run = Run.objects.select_for_update().get(pk=run.pk)
            if held.state != Run.State.PLANNED:
                raise RunRefused(NOT_WAITING, run=held.pk, state=held.get_state_display().lower())
            held.state, held.approved_at, held.approved_by = Run.State.QUEUED, timezone.now(), by
            held.save(update_fields=["state", "approved_at", "approved_by"])
            enqueue(held)
    except IntegrityError:
        unfinished = _unfinished(run.connection, run.task)
        raise RunRefused(STILL_RUNNING, run=f"Run {unfinished.pk}" if unfinished else "A run") from None
    return held


def cancel(run: Run) -> Run:
    """Ask a run to stop: one that waits ends at once, one that sends stops within two seconds.

    Raises RunRefused when it is over already.
    """
    with transaction.atomic():
        held: Run = Run.objects.select_for_update().get(pk=run.pk)
        if held.state in Run.FINAL:
            raise RunRefused(ALREADY_OVER, run=held.pk, state=held.get_state_display().lower())
        held.cancel_requested_at = timezone.now()
        held.save(update_fields=["cancel_requested_at"])
        if held.state == Run.State.PLANNED or held.lease_until is None:
            ending.close(held.pk, reasons.CANCELLED.about())
            held.refresh_from_db()
    return held


def enqueue(run: Run) -> None:
    """Have a job for the run in the queue, inside the caller's transaction."""
    from linesheet.sync.jobs import work_on_run

    job = work_on_run.configure(lock=f"connection:{run.connection_id}", queueing_lock=f"run:{run.pk}")
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        job_id = job.defer(run_id=run.pk, company_id=run.company_id)
        Run.objects.filter(pk=run.pk).update(job_id=job_id)


def _unfinished(connection: Connection, task: str) -> Any:
    return Run.objects.filter(connection=connection, task=task, state__in=Run.UNFINISHED).first()
