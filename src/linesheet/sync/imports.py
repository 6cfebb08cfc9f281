"""Working on uploaded files in a worker: the check, and the real thing, with progress told as it goes."""

import contextlib
import logging
import threading
from typing import Any

from django.db import Error, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from procrastinate.exceptions import AlreadyEnqueued

from linesheet.books import changes, imports
from linesheet.books.files import ImportReport, import_file
from linesheet.books.files.read import open_table
from linesheet.books.models import Import, User
from linesheet.books.reasons import NOTE, Reason, Refused, Said
from linesheet.books.tenancy import acting_for, company_in_hand
from linesheet.sync import lease
from linesheet.sync.import_teller import Cancelled, LeftOff, Teller

log = logging.getLogger(__name__)

QUEUE = "imports"
_IN_TURN = 0x1A9E0F17
"""First half of the key by which a company's imports wait for each other."""
MOMENT_SECONDS = 3
MOST_WARNINGS = 100
MAY_CANCEL = (Import.State.CHECKING, Import.State.IMPORTING)
GIVEN_UP = (Import.State.FAILED, Import.State.CANCELLED)
"""After these all can be started again."""

NOT_CHECKED = Reason(
    "import_not_checked", "{file} is {state}, so it cannot be brought in.", "Have it checked first, then import it."
)
LOST_WORKER = Reason(
    "import_lost_worker",
    "The worker stopped before {file} was through. Nothing of it was written to the books.",
    "Start it again; what a worker leaves halfway is never kept.",
)
STUMBLED = Reason(
    "import_stumbled",
    "{file} met an error of our own: {said}. Nothing of it was written to the books.",
    "Look into the worker's log, and try again or with a smaller file.",
)
CANCELLED = Reason(
    "import_cancelled",
    "{file} was cancelled. Nothing of it is in the books.",
    "Start it again whenever you like.",
    NOTE,
)
NOTHING_TO_CANCEL = Reason(
    "import_nothing_to_cancel",
    "{file} is {state}, so there is nothing to cancel.",
    "If it was brought in, undo it.",
)
NOTHING_TO_UNDO = Reason(
    "import_nothing_to_undo", "There is nothing of {file} to undo.", "Look at its page for what became of it."
)
NOT_TAKEN_BACK = Reason(
    "import_not_taken_back",
    "{file} could not be taken back: {said}. What it brought in is still in the books.",
    "Try again; the worker's log tells more.",
)

REASONS = (NOT_CHECKED, LOST_WORKER, STUMBLED, CANCELLED, NOTHING_TO_CANCEL, NOTHING_TO_UNDO, NOT_TAKEN_BACK)


def start(imported: Import, *, really: bool, by: User | None = None) -> None:
    """Have a worker check a file, or, `really`, bring it into the books.

    Raises ImportRefused when it is worked on already, or was not checked before it is brought in.
    """
    with transaction.atomic():
        held: Import = Import.objects.select_for_update(of=("self",)).get(pk=imported.pk)
        if held.state in Import.AT_WORK:
            raise imports.ImportRefused(imports.AT_WORK, file=held.file_name)
        may = (Import.State.CHECKED, *GIVEN_UP) if really else (Import.State.UPLOADED, Import.State.CHECKED, *GIVEN_UP)
        if held.state not in may or (really and not held.report):
            raise imports.ImportRefused(NOT_CHECKED, file=held.file_name, state=held.get_state_display().lower())
        held.state = Import.State.IMPORTING if really else Import.State.CHECKING
        held.seen, held.says, held.fix = 0, "", ""
        held.report = held.report if really else {}
        held.started_at = held.finished_at = held.lease_until = held.cancelled_at = None
        held.by = by or held.by
        held.job_id = _enqueue(held)
        held.save()


def cancel(imported: Import) -> bool:
    """Give up the check or the bringing in; whether that is done already, or follows as soon as its worker sees it.

    Either way nothing of the file is in the books: all of it goes in at once, at the end. Raises ImportRefused when it
    is not being checked or brought in, or has come to its end just before.
    """
    with transaction.atomic():
        # Waits for a worker that is writing the end down, and then finds it.
        held: Import = Import.objects.select_for_update(of=("self",)).get(pk=imported.pk)
        if held.state not in MAY_CANCEL:
            raise imports.ImportRefused(NOTHING_TO_CANCEL, file=held.file_name, state=held.get_state_display().lower())
        held.cancelled_at = Now()
        held.save(update_fields=["cancelled_at"])
        # Nobody works on it, or somebody has for too long not said so: they find that it is theirs no more.
        unattended: bool = Import.objects.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), pk=held.pk).exists()
        if unattended:
            _settle_cancelled(held)
        return unattended


def start_undo(imported: Import, *, by: User | None = None) -> None:
    """Have a worker take back what an import did. Raises ImportRefused when nothing is to undo, or it is worked on."""
    with transaction.atomic():
        held: Import = Import.objects.select_for_update(of=("self",)).select_related("change_set").get(pk=imported.pk)
        if held.state in Import.AT_WORK:
            raise imports.ImportRefused(imports.AT_WORK, file=held.file_name)
        if not held.change_set or held.undone:
            raise imports.ImportRefused(NOTHING_TO_UNDO, file=held.file_name)
        held.state, held.says, held.fix, held.lease_until = Import.State.UNDOING, "", "", None
        held.job_id = _enqueue(held, by)
        held.save()


def in_turn() -> None:
    """Wait, to the end of the transaction, for other imports of the company in hand, wherever they are worked on.

    Jobs wait in the queue for each other; this is for the command line, which has none.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_IN_TURN, company_in_hand() % 2**31])


def subject_of(imported: Import) -> str:
    """The subject of the change set of an import, by which its undo is known to take long (`web/undoing.py`)."""
    return f"import:{imported.pk}"


def _enqueue(imported: Import, by: User | None = None) -> int | None:
    from linesheet.sync.jobs import work_on_import

    # One at a time in a company: two that write the same records would wait for each other's locks, or for ever.
    job = work_on_import.configure(lock=f"imports:{imported.company_id}", queueing_lock=f"import:{imported.pk}")
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        return job.defer(import_id=imported.pk, company_id=imported.company_id, by=by.pk if by else None)
    return imported.job_id


def work(import_id: int, job_id: int, stop: threading.Event, by: int | None = None) -> None:
    """Work on an import until it is through; at once over when it belongs to another job. `by`: who undoes it."""
    if not _take(import_id, job_id):
        return
    imported: Import = Import.objects.get(pk=import_id)
    log.info("import %s taken, which is %s", import_id, imported.state)
    try:
        if imported.state == Import.State.UNDOING:
            with Teller(imported, job_id, stop):
                _take_back(imported, job_id, by)
            return
        imports.clear_rows(imported)
        with imports.local_file(imported) as path, Teller(imported, job_id, stop) as teller:
            if imported.total is None:
                total = sum(1 for _ in open_table(path, imported.sheet or None).records)
                _mine(import_id, job_id).update(total=total)
            _bring_in(imported, path, job_id, teller, really=imported.state == Import.State.IMPORTING)
    except Cancelled:
        _settle_cancelled(imported)
    except LeftOff:
        _settle(imported, LOST_WORKER.about(file=imported.file_name))
    except Refused as refused:
        _settle(imported, refused.said)
    except Exception as error:
        log.exception("import %s stopped on an error", import_id)
        if isinstance(error, Error):
            connection.close()
        said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        _settle(imported, STUMBLED.about(file=imported.file_name, said=said))


def _take_back(imported: Import, job_id: int, by: int | None) -> None:
    """Undo an import and settle it, in one transaction."""
    if imported.change_set is None:
        raise imports.ImportRefused(NOTHING_TO_UNDO, file=imported.file_name)
    with transaction.atomic():
        in_turn()
        undone = changes.undo(imported.change_set, by=User.objects.filter(pk=by or 0).first())
        report = {**imported.report, "kept": undone.kept, "kept_rows": undone.kept_rows}
        if not _mine(imported.pk, job_id).update(
            state=Import.State.DONE, report=report, finished_at=Now(), lease_until=None
        ):
            raise LeftOff


def _bring_in(imported: Import, path: Any, job_id: int, teller: "Teller", *, really: bool) -> None:
    """Bring the file in and settle the import, all in one transaction."""
    options = dict(imported.options)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # To open a large workbook takes longer than a session may otherwise stay idle in a transaction.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
        in_turn()
        takes: dict[str, Any] = {
            "dry_run": not really,
            "sheet": imported.sheet or None,
            "mapping": imported.columns or None,
            "told": teller.told,
            **options,
        }
        if not really:
            report = import_file(imported.kind, path, **takes)
            change_set = None
        else:
            says = f"Brought in {imported.file_name}."
            with changes.recorded("import", says, by=imported.by, subject=subject_of(imported)) as change_set:
                report = import_file(imported.kind, path, **takes)
                change_set.says = what_came_of(report, imported.file_name)
        teller.flush()
        settled = (
            _mine(imported.pk, job_id)
            .filter(cancelled_at=None)
            .update(
                state=Import.State.DONE if really else Import.State.CHECKED,
                seen=report.total,
                total=report.total,
                report=told_of(report),
                change_set=change_set if change_set and change_set.pk else None,
                finished_at=Now(),
                lease_until=None,
            )
        )
        if not settled:
            raise Cancelled if _mine(imported.pk, job_id).exists() else LeftOff


def end_lost() -> int:
    """Have imports whose worker is gone say so; how many there were. Each can be started again."""
    workers = Import.everywhere.filter(state__in=Import.AT_WORK, lease_until__isnull=False).order_by()
    dead = [worker for (worker,) in workers.values_list("worker").distinct() if lease.surely_dead(worker)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT import.id
              FROM books_import import
              LEFT JOIN procrastinate_jobs job ON job.id = import.job_id
             WHERE import.state = ANY(%(at_work)s)
               AND (import.lease_until IS NULL OR import.lease_until < clock_timestamp() OR worker = ANY(%(dead)s))
               AND job.status IS DISTINCT FROM 'todo'
               AND NOT EXISTS (SELECT 1 FROM procrastinate_events event
                                WHERE event.job_id = job.id AND job.status = 'doing' AND event.type = 'started'
                                  AND import.lease_until IS NULL
                                  AND event.at > clock_timestamp() - %(moment)s * interval '1 second')
               FOR UPDATE OF import SKIP LOCKED
            """,
            {"at_work": _at_work(), "dead": dead, "moment": MOMENT_SECONDS},
        )
        lost = [import_id for (import_id,) in cursor.fetchall()]
        for imported in Import.everywhere.filter(pk__in=lost):
            # Should its worker wake up, it finds that the import is no longer its own.
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s AND status = 'doing'", [imported.job_id])
            with acting_for(imported.company_id):
                if imported.cancelled_at and imported.state != Import.State.UNDOING:
                    _settle_cancelled(imported)
                else:
                    _settle(imported, LOST_WORKER.about(file=imported.file_name))
            log.warning("import %s had lost its worker", imported.pk)
        # A lock that a dead worker's job still holds would keep the company's next import waiting.
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs job
             WHERE job.queue_name = %s AND job.status = 'doing'
               AND NOT EXISTS (SELECT 1 FROM books_import import WHERE import.job_id = job.id
                                  AND (import.state = ANY(%s) OR import.finished_at > clock_timestamp() - %s::interval))
               AND NOT EXISTS (SELECT 1 FROM procrastinate_events event
                                WHERE event.job_id = job.id AND event.type = 'started'
                                  AND event.at > clock_timestamp() - %s::interval)
            """,
            [QUEUE, _at_work(), *[f"{MOMENT_SECONDS} seconds"] * 2],
        )
    return len(lost)


def _take(import_id: int, job_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE books_import SET worker = %s, lease_until = clock_timestamp() + %s * interval '1 second', "
            "started_at = clock_timestamp() WHERE id = %s AND job_id = %s AND state = ANY(%s) "
            "AND (lease_until IS NULL OR lease_until < clock_timestamp())",
            [lease.this_worker(), lease.LEASE_SECONDS, import_id, job_id, _at_work()],
        )
        return bool(cursor.rowcount)


def _mine(import_id: int, job_id: int | None) -> Any:
    return Import.objects.filter(pk=import_id, job_id=job_id, state__in=Import.AT_WORK)


def _settle(imported: Import, said: Said) -> None:
    """The work came to nothing, and why. An import that was not taken back is as done as before."""
    state = Import.State.FAILED
    if imported.state == Import.State.UNDOING:
        state, said = Import.State.DONE, NOT_TAKEN_BACK.about(file=imported.file_name, said=said.says.rstrip("."))
    _mine(imported.pk, imported.job_id).update(
        state=state, says=said.says, fix=said.fix, finished_at=Now(), lease_until=None
    )


def _settle_cancelled(imported: Import) -> None:
    """The work was given up; what was written down of rows says nothing about the books."""
    said = CANCELLED.about(file=imported.file_name)
    settled = _mine(imported.pk, imported.job_id).update(
        state=Import.State.CANCELLED, says=said.says, fix=said.fix, finished_at=Now(), lease_until=None
    )
    if settled:
        imports.clear_rows(imported)


def _at_work() -> list[str]:
    return [str(state) for state in Import.AT_WORK]


def told_of(report: ImportReport) -> dict[str, Any]:
    """What is kept of a report; the rows are kept as rows."""
    told = report.to_dict()
    warnings = told.pop("warnings")
    del told["rows"], told["file"], told["kind"]
    return {**told, "warnings": warnings[:MOST_WARNINGS], "more_warnings": max(len(warnings) - MOST_WARNINGS, 0)}


def what_came_of(report: ImportReport, file: str = "") -> str:
    """What an import did, in a sentence."""
    parts = [f"{count:,} {state}" for state, count in report.counts.items() if count]
    return f"Brought in {file or report.file}: {', '.join(parts)}."
