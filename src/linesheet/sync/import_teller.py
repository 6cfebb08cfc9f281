"""How far the work on an uploaded file is, and what became of its rows, told while the work goes on."""

import contextlib
import logging
import queue
import threading
import time
from types import TracebackType
from typing import Any, Self

from django.db import Error, connection

from linesheet.books.bulk import insert
from linesheet.books.files import State
from linesheet.books.files.rows import Row, RowRefused
from linesheet.books.models import Import, ImportRow
from linesheet.books.tenancy import acting_for
from linesheet.sync import lease

log = logging.getLogger(__name__)

LABEL_CELLS = 3
ROW_FIELDS = ("of", "number", "state", "label", "column", "value", "reason", "says", "fix")
_AT_WORK = [str(state) for state in Import.AT_WORK]


class LeftOff(Exception):
    """This worker shall stop, or has lost the import to another."""


class Cancelled(Exception):
    """Somebody wants the work given up."""


class Teller:
    """Writes down what became of the rows, and how far the work is, on a connection of its own.

    The work itself is one transaction, of which nobody sees anything before it ends. `told` raises LeftOff once the
    import is another's, or the worker is to stop, and Cancelled when somebody wants it given up.
    """

    def __init__(self, imported: Import, job_id: int, stop: threading.Event) -> None:
        self._import = imported
        self._job_id = job_id
        self._stop = stop
        self._batches: queue.Queue[list[tuple[Any, ...]] | None] = queue.Queue(maxsize=4)
        self._seen = imported.seen
        self._failed: Exception | None = None
        self._lost = self._cancelled = False
        self._thread = threading.Thread(target=self._run, name=f"import-{imported.pk}", daemon=True)

    def told(self, rows: list[Row], outcomes: list[tuple[int, State | RowRefused]]) -> None:
        """Take down what became of some rows. Raises LeftOff, or Cancelled."""
        labels = {row.number: _label(row) for row in rows}
        self._batches.put([_written(self._import.pk, each, labels) for each in outcomes])
        if self._failed:
            raise self._failed
        if self._lost or self._stop.is_set():
            raise LeftOff
        if self._cancelled:
            raise Cancelled

    def flush(self) -> None:
        """Wait until all is written down. Raises what went wrong with it."""
        self._batches.join()
        if self._failed:
            raise self._failed

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._batches.put(None)
        self._thread.join()

    def _run(self) -> None:
        pulsed = time.monotonic()
        with acting_for(self._import.company_id):
            while True:
                with contextlib.suppress(queue.Empty):
                    batch = self._batches.get(timeout=lease.PULSE_SECONDS)
                    try:
                        if batch is None:
                            break
                        self._write(batch)
                    finally:
                        self._batches.task_done()
                if time.monotonic() - pulsed >= lease.PULSE_SECONDS:
                    pulsed = time.monotonic()
                    self._pulse()
        connection.close()

    def _write(self, batch: list[tuple[Any, ...]]) -> None:
        if self._failed:
            return
        try:
            insert(ImportRow, ROW_FIELDS, batch)
            self._seen += len(batch)
        except Exception as error:  # told to the thread that works
            self._failed = error

    def _pulse(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE books_import SET seen = %s, lease_until = clock_timestamp() + %s * interval '1 second' "
                    "WHERE id = %s AND job_id = %s AND state = ANY(%s) RETURNING cancelled_at",
                    [self._seen, lease.LEASE_SECONDS, self._import.pk, self._job_id, _AT_WORK],
                )
                found = cursor.fetchone()
                self._lost = self._lost or found is None
                self._cancelled = self._cancelled or bool(found and found[0])
        except Error as error:
            log.warning("the progress of import %s could not be told: %s", self._import.pk, error)
            connection.close()


def _label(row: Row) -> str:
    """The first cells of a row, for people to know it by."""
    filled = [cell for cell in row.cells.values() if cell][:LABEL_CELLS]
    return " · ".join(filled)[:200]


def _written(import_id: int, outcome: tuple[int, State | RowRefused], labels: dict[int, str]) -> tuple[Any, ...]:
    number, fate = outcome
    label = labels.get(number, "")
    if isinstance(fate, State):
        return (import_id, number, str(fate), label, "", "", "", "", "")
    said = fate.said
    return (
        import_id,
        number,
        str(State.REFUSED),
        label,
        fate.column or "",
        fate.value,
        said.reason.code,
        said.says,
        said.fix,
    )
