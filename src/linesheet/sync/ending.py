"""How a run ends: in one final state, with every record accounted for."""

import logging

from django.db.models import F
from django.db.models.functions import Now

from linesheet.books.reasons import Said
from linesheet.sync import journal, reasons
from linesheet.sync.models import Run

log = logging.getLogger(__name__)


def close(run_id: int, ended: Said | None) -> Run.State:
    """Bring a run to its final state, inside the caller's transaction that holds its row.

    `ended` is why it could not finish; None when it did. A run that does not add up is failed, whatever else
    happened.
    """
    cancelled = ended is not None and ended.reason is reasons.CANCELLED
    if ended:
        journal.give_up(run_id, ended if cancelled else reasons.NOT_ATTEMPTED.about())
    run = Run.objects.get(pk=run_id)
    wrong = journal.miscounted(run)
    if wrong or not run.adds_up:
        accounted = sum(getattr(run, counter) for counter in journal.COUNTED.values())
        log.error("run %s does not add up: %s", run_id, wrong)
        ended = reasons.NOT_ADDING_UP.about(selected=run.selected, accounted=accounted)
        cancelled = False
    warned = run.items.filter(notes__contains=[{"code": reasons.NOT_ACKNOWLEDGED.code}]).exists()
    if cancelled:
        state = Run.State.CANCELLED
    elif ended:
        state = Run.State.FAILED
    elif run.blocked or run.failed or warned:
        state = Run.State.PROBLEMS
    else:
        state = Run.State.DONE
    Run.objects.filter(pk=run_id).update(
        state=state,
        reason_code=ended.reason.code if ended else "",
        says=ended.says if ended else "",
        fix=ended.fix if ended else "",
        lease_until=None,
        epoch=F("epoch") + 1,
        finished_at=Now(),
    )
    journal.keep_problems(run, whole=ended is None)
    return state
