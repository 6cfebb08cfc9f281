"""Undo: what is done to the books inside `recorded` is written down row by row, and `undo` takes it back."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.db import Error, connection, transaction
from django.utils import timezone

from linesheet.books import images
from linesheet.books.models import Change, ChangeSet, Image, User
from linesheet.books.reasons import Reason, Refused
from linesheet.books.recording import SETTING
from linesheet.books.undoing import Undoing, Undone

ALREADY_UNDONE = Reason(
    "already_undone", "This was undone already: {says}", "Do it again if you want it back; undoing works once."
)
STILL_RECORDED = Reason("still_recorded", "This is still going on: {says}", "Wait until it is done, then undo it.")

REASONS = (ALREADY_UNDONE, STILL_RECORDED)

_LOCKS = 0x0C4A96E5
"""First half of the keys by which a session shows that it is recording a change set."""
PAGE = 5000


class UndoRefused(Refused):
    """The change set cannot be undone; nothing was changed."""


class AlreadyRecording(RuntimeError):
    """`recorded` was used inside `recorded`."""


@contextmanager
def recorded(kind: str, says: str, *, by: User | None = None, subject: str = "") -> Iterator[ChangeSet]:
    """Record what this thread does to the rows of the company in hand, also over several transactions.

    `kind` tells what sort of work it is, `says` what was done, in a sentence that may still be changed on the change
    set inside; `subject` names the screen, such as "connection:7". A change set to which nothing happened is deleted
    at the end: it has no `pk` then, and there is nothing to undo. Raises AlreadyRecording when used within itself.
    """
    _refuse_nesting()
    change_set = ChangeSet.objects.create(kind=kind, says=_fitting(says), by=by, subject=subject)
    # Set for the session, as there may be many transactions. A rollback of one that encloses all takes it back too.
    _set(str(change_set.pk))
    locked = not connection.in_atomic_block
    if locked:
        _execute("SELECT pg_advisory_lock(%s, %s)", change_set)
    try:
        yield change_set
    except BaseException:
        with suppress(Error):
            _end(change_set, says, locked=locked)
        raise
    _end(change_set, says, locked=locked)


def undo(change_set: ChangeSet, *, by: User | None = None) -> Undone:
    """Take back all changes of a set, newest first, in one transaction.

    Rows that were changed since, that others point to now, whose place is taken, or that a rule (`books/vetoes.py`) has
    stay, stay as they are with all that is part of them, and are told of.
    Raises UndoRefused when it was undone before, or is still being made; AlreadyRecording inside `recorded`.
    """
    _refuse_nesting()
    with transaction.atomic():
        held: ChangeSet = ChangeSet.objects.select_for_update(of=("self",)).get(pk=change_set.pk)
        if held.undone_at:
            raise UndoRefused(ALREADY_UNDONE, says=held.says)
        if not _is_over(held):
            raise UndoRefused(STILL_RECORDED, says=held.says)
        undoing = Undoing(held)
        with _links_checked_at_once():
            undoing.run()
        held.undone_at, held.undone_by = timezone.now(), by
        held.save(update_fields=["undone_at", "undone_by"])
        transaction.on_commit(partial(_sweep, undoing.pictures))
    change_set.undone_at, change_set.undone_by = held.undone_at, held.undone_by
    return undoing.undone()


def forget(before: datetime.datetime) -> int:
    """Delete change sets made before a moment, in all companies; how many. They cannot be undone any more.

    The files of pictures that they could have brought back go with them.
    """
    forgotten = 0
    old = ChangeSet.everywhere.filter(made_at__lt=before).order_by("pk")
    while (change_set := old.first()) is not None:
        pictures = list(
            change_set.changes.filter(table=Image._meta.db_table, operation=Change.Operation.DELETE).values_list(
                "before", flat=True
            )
        )
        while ids := list(change_set.changes.values_list("pk", flat=True)[:PAGE]):
            Change.objects.filter(pk__in=ids).delete()
        change_set.delete()
        _sweep(pictures)
        forgotten += 1
    return forgotten


def _sweep(pictures: Iterable[Mapping[str, Any]]) -> None:
    """Delete the files of pictures, given as rows, that nobody shows any more."""
    for picture in pictures:
        images.sweep(Image(**{name: picture[name] for name in ("company_id", "content_hash", "format")}))


def _refuse_nesting() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [SETTING])
        if cursor.fetchone()[0]:
            raise AlreadyRecording("Changes are being recorded already.")


def _end(change_set: ChangeSet, says: str, *, locked: bool) -> None:
    _set("")
    if locked:
        _execute("SELECT pg_advisory_unlock(%s, %s)", change_set)
    if not change_set.changes.exists():
        change_set.delete()
    elif change_set.says != says:
        change_set.says = _fitting(change_set.says)
        change_set.save(update_fields=["says"])


def _fitting(says: str) -> str:
    """A sentence as long as can be kept; the names in it may be of any length."""
    most = ChangeSet._meta.get_field("says").max_length or 0
    return says if len(says) <= most else f"{says[: most - 1]}…"


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, value])


def _is_over(change_set: ChangeSet) -> bool:
    """Whether nobody records this change set any more; a session that is gone does not."""
    return bool(_execute("SELECT pg_try_advisory_xact_lock(%s, %s)", change_set))


def _execute(sql: str, change_set: ChangeSet) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, [_LOCKS, change_set.pk % 2**31])
        return cursor.fetchone()[0]


@contextmanager
def _links_checked_at_once() -> Iterator[None]:
    """Have the database look at foreign keys with each statement, so that the row at fault is known."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
