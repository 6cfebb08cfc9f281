"""Readiness: what keeps the records of the books from a platform, without sending or asking anything.

Every outbound leg selects and checks as it would in a run. For 40,000 products that takes far longer than a page may,
so a worker does it and keeps what it found: a `Look` with one line a cause, and its `Finding` rows behind them. Who
asks again gets a new look, and so does a connection after something changed (`looking_again`); the last one is shown,
with its age, until the new one is done.
"""

import datetime
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from linesheet.books import touching
from linesheet.books.models import User
from linesheet.books.reasons import BLOCKER, Reason, Refused, Said
from linesheet.site.hiding import hiding
from linesheet.sync import reasons
from linesheet.sync.contexts import context_of
from linesheet.sync.database import DatabaseThread
from linesheet.sync.legs import Download, Leg, Outbound, in_pages
from linesheet.sync.mended import clear_what_is_mended
from linesheet.sync.models import Connection, Finding, Look
from linesheet.sync.platform import Task
from linesheet.sync.registry import platform

log = logging.getLogger(__name__)

QUEUE = "looks"
"""A queue of its own: who tidies that of runs closes every job there that belongs to no run."""
LOST_AFTER = datetime.timedelta(seconds=60)
"""Without a sign of life for so long, the worker of a look is gone. A page of records takes a second or two."""
WAITS_AT_MOST = datetime.timedelta(minutes=30)

LOOK_LOST = Reason("look_lost", "The worker that looked through the books stopped before the end.", "Look again.")
REASONS = (LOOK_LOST,)

Rules = Outbound[Any, Any] | Download[Any]


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason, how many records meet it, and one of them; `mended_by` is the kind of file that mends many."""

    code: str
    of: str
    severity: str
    count: int
    says: str
    fix: str
    task: str
    mended_by: str = ""

    @property
    def stops(self) -> bool:
        """Whether it keeps records from going out."""
        return self.severity == BLOCKER


def ask(connection: Connection, by: User | None = None) -> Look:
    """Have a worker look through the books; the look that is at work already, if there is one."""
    from linesheet.sync.jobs import look_at_readiness

    with transaction.atomic():
        Connection.objects.select_for_update(no_key=True).only("pk").get(pk=connection.pk)
        working: Look | None = Look.objects.filter(connection=connection, state__in=Look.AT_WORK).first()
        if working and not is_lost(working):
            return working
        if working:
            working.state, working.says = Look.State.FAILED, str(LOOK_LOST.about())
            working.save(update_fields=["state", "says"])
        look: Look = Look.objects.create(connection=connection, asked_by=by)
        look_at_readiness.defer(look_id=look.pk, company_id=look.company_id)
    return look


def is_lost(look: Look) -> bool:
    """Whether a look that is not done will never be."""
    if look.state not in Look.AT_WORK:
        return False
    if look.beat_at is None:
        return timezone.now() - look.asked_at > WAITS_AT_MOST
    return timezone.now() - look.beat_at > LOST_AFTER


def last_done(connection: Connection) -> Look | None:
    """The last look that came to its end."""
    found: Look | None = Look.objects.filter(connection=connection, state=Look.State.DONE).first()
    return found


def at_work(connection: Connection) -> Look | None:
    """The latest look, if it is not done: it waits, looks, failed or is lost."""
    latest: Look | None = Look.objects.filter(connection=connection).first()
    return latest if latest and latest.state != Look.State.DONE else None


def causes_of(look: Look) -> list[Cause]:
    """What was found, one line a reason: what stops most first."""
    return [Cause(**cause) for cause in look.causes]


async def look_through(look_id: int, company_id: int) -> None:
    """Look through the books for a look that was asked for; returns at once when it is not to be done any more."""
    async with DatabaseThread(company_id) as db:
        look = await db(_begin, look_id)
        if look is None:
            return
        with hiding():
            try:
                pages = await db(_pages, look)
                while await db(next, pages, None) is not None:
                    pass
                await db(_finish, look)
            except Refused as refused:
                await db(_fail, look, str(refused))
            except Exception as error:
                log.exception("look %s stopped on an error of our own", look_id)
                await db(_fail, look, str(reasons.stumbled(f"The look at {look.connection}", error)))


def _begin(look_id: int) -> Look | None:
    taken = Look.objects.filter(pk=look_id, state=Look.State.ASKED).update(
        state=Look.State.LOOKING, beat_at=timezone.now(), snapshot=touching.snapshot()
    )
    if not taken:
        return None
    look: Look = Look.objects.select_related("connection").get(pk=look_id)
    return look


def _pages(look: Look) -> Iterator[int]:
    """Look at one page of records after the other; how many there were in each."""
    looked: dict[str, int] = {}
    for task, leg in _rules(look.connection):
        count = 0
        _keep([_finding(look, task, leg, "", str(look.connection), said) for said in leg.ready()])
        for ids in in_pages(leg.select()):
            _look_at(look, task, leg, ids)
            count += len(ids)
            if not Look.objects.filter(pk=look.pk, state=Look.State.LOOKING).update(beat_at=timezone.now()):
                return
            yield count
        looked[leg.of] = max(looked.get(leg.of, 0), count)
    look.looked = {of: [count, 0] for of, count in looked.items()}


def _rules(connection: Connection) -> Iterator[tuple[Task, Rules]]:
    """Every leg with rules for what goes out, in the order of the tasks."""
    context = context_of(connection)
    for task in platform(connection.platform).tasks:
        for make in task.legs:
            leg: Leg = make(context)
            if isinstance(leg, Outbound | Download):
                yield task, leg


def _look_at(look: Look, task: Task, leg: Rules, ids: Sequence[str]) -> None:
    waiting = _held_back_before(look, task, leg, ids)
    found = []
    for record in leg.load([pk for pk in ids if pk not in waiting]):
        record_id = leg.record_id(record)
        label = leg.label(record)
        try:
            said = list(leg.check(record))
        except Exception as error:
            log.exception("%s could not be checked", label)
            said = [reasons.stumbled(label, error)]
        found += [_finding(look, task, leg, record_id, label, each) for each in said]
    _keep(found)


def _held_back_before(look: Look, task: Task, leg: Rules, ids: Sequence[str]) -> set[str]:
    """Records that a task before this one holds back: that they are not there yet follows from it."""
    if not task.after:
        return set()
    before = Finding.objects.filter(look=look, of=leg.of, record_id__in=list(ids), task__in=task.after)
    return set(before.filter(severity=BLOCKER).values_list("record_id", flat=True))


def _finding(look: Look, task: Task, leg: Rules, record_id: str, label: str, said: Said) -> Finding:
    return Finding(
        company_id=look.company_id,
        look=look,
        task=task.key,
        kind=leg.kind,
        of=leg.of if record_id else "connection",
        record_id=record_id,
        label=label[:250],
        reason_code=said.reason.code,
        severity=str(said.reason.severity),
        says=said.says,
        fix=said.fix,
    )


def _keep(found: Sequence[Finding]) -> None:
    """A reason that an earlier task met already counts once."""
    if found:
        Finding.objects.bulk_create(found, batch_size=2000, ignore_conflicts=True)


def _finish(look: Look) -> None:
    """Count what was found, and forget the looks before."""
    held = dict(
        Finding.objects.filter(look=look, severity=BLOCKER)
        .order_by()
        .values_list("of")
        .annotate(Count("record_id", distinct=True))
    )
    with transaction.atomic():
        held_look = Look.objects.select_for_update().filter(pk=look.pk, state=Look.State.LOOKING).first()
        if held_look is None:
            return
        held_look.causes = _causes(look)
        held_look.looked = {of: [count, held.get(of, 0)] for of, (count, _) in look.looked.items()}
        held_look.state, held_look.done_at = Look.State.DONE, timezone.now()
        held_look.save(update_fields=["causes", "looked", "state", "done_at"])
        clear_what_is_mended(look)
        _forget(Look.objects.filter(connection=look.connection, pk__lt=look.pk))


def _causes(look: Look) -> list[dict[str, Any]]:
    """The causes as a look keeps them; `of`, since orders of one reason may be about products and customers."""
    rows = list(
        Finding.objects.filter(look=look)
        .order_by()
        .values("reason_code", "of", "severity")
        .annotate(count=Count("pk"), first=Min("pk"))
    )
    firsts = Finding.objects.in_bulk([row["first"] for row in rows])
    declared = platform(look.connection.platform)
    causes = []
    for row in rows:
        first, reason = firsts[row["first"]], declared.reason(row["reason_code"])
        causes.append(
            {
                "code": row["reason_code"],
                "of": row["of"],
                "severity": row["severity"],
                "count": row["count"],
                "says": first.says,
                "fix": first.fix,
                "task": first.task,
                "mended_by": reason.mended_by if reason else "",
            }
        )
    return sorted(causes, key=lambda cause: (cause["severity"] != BLOCKER, -cause["count"], cause["code"]))


def _forget(looks: Any) -> None:
    """Delete looks with what they found, by two statements: there may be a hundred thousand rows."""
    ids = list(looks.values_list("pk", flat=True))
    if ids:
        with database.cursor() as cursor:
            cursor.execute("DELETE FROM sync_finding WHERE look_id = ANY(%s)", [ids])
            cursor.execute("DELETE FROM sync_look WHERE id = ANY(%s)", [ids])


def _fail(look: Look, says: str) -> None:
    Look.objects.filter(pk=look.pk, state__in=Look.AT_WORK).update(state=Look.State.FAILED, says=says)


def findings_of(look: Look, code: str = "", of: str = "") -> Any:
    """What was found, of one cause or of all."""
    found = Finding.objects.filter(look=look)
    wanted = Q()
    if code:
        wanted &= Q(reason_code=code)
    if of:
        wanted &= Q(of=of)
    return found.filter(wanted)
