"""How a run ends: in one final state, with every record accounted for."""

import logging

from django.db.models import F
from django.db.models.functions import Now

from linesheet.books.reasons import Said
from linesheet.sync import journal, notifications, reasons, registry, telling
from linesheet.sync.models import Run

log = logging.getLogger(__name__)


def close(run_id: int, ended: Said | None, left_over: Said | None = None) -> Run.State:
    """Bring a run to its final state, inside the caller's transaction that holds its row.

    `ended` is why it could not finish; None when it did. `left_over` is what it leaves to the next run although it
    finished. A run that does not add up is failed, whatever else happened.
    """
    cancelled = ended is not None and ended.reason is reasons.CANCELLED
    run = Run.objects.select_related("connection").get(pk=run_id)
    if ended:
        platform = registry.platforms().get(run.connection.platform)
        name = platform.name if platform else run.connection.platform
        journal.give_up(run, name, ended if cancelled else reasons.NOT_ATTEMPTED.about())
        run = Run.objects.get(pk=run_id)
    wrong = journal.miscounted(run)
    if wrong or not run.adds_up:
        accounted = sum(getattr(run, counter) for counter in journal.COUNTED.values())
        log.error("run %s does not add up: %s", run_id, wrong)
        ended = reasons.NOT_ADDING_UP.about(selected=run.selected, accounted=accounted)
        cancelled = False
    if cancelled:
        state = Run.State.CANCELLED
    elif ended:
        state = Run.State.FAILED
    elif run.blocked or run.failed or left_over:
        state = Run.State.PROBLEMS
    else:
        state = Run.State.DONE
    said = ended or left_over
    Run.objects.filter(pk=run_id).update(
        state=state,
        reason_code=said.reason.code if said else "",
        says=said.says if said else "",
        fix=said.fix if said else "",
        lease_until=None,
        epoch=F("epoch") + 1,
        finished_at=Now(),
    )
    journal.keep_problems(run, whole=ended is None)
    notifications.run_ended(run, state, said)
    telling.run_ended(run, state, said)
    return state
