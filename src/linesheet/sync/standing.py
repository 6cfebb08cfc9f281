"""How connections stand: the last and next run of each, what waits for a person, and what that makes of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection as database
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from linesheet.sync import reasons, registry
from linesheet.sync.models import Connection, InboxRecord, Problem, Run, Schedule
from linesheet.sync.order_remains import Remains, remains_of
from linesheet.sync.problems import things
from linesheet.sync.secrets import SecretUnreadable
from linesheet.sync.settings import which_lack


class Health(StrEnum):
    """How a connection is, by how its tasks last ended and what is open; the worst of what is so."""

    OFF = "off"
    NOT_INSTALLED = "not_installed"
    INCOMPLETE = "incomplete"
    FAILS = "fails"
    PAUSED = "paused"
    PROBLEMS = "problems"
    NEW = "new"
    WELL = "well"

    @property
    def says(self) -> str:
        """The word for a person."""
        return _WORDS[self]


_WORDS: Mapping[Health, str] = {
    Health.OFF: "Switched off",
    Health.NOT_INSTALLED: "Platform not installed",
    Health.INCOMPLETE: "Not set up",
    Health.FAILS: "Failing",
    Health.PAUSED: "Paused by the platform",
    Health.PROBLEMS: "Has problems",
    Health.NEW: "Not run yet",
    Health.WELL: "Well",
}
_TELLING = [Run.State.DONE.value, Run.State.PROBLEMS.value, Run.State.FAILED.value]
"""States that tell how a task does; that somebody cancelled it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A connection with its platform's name, its last run and next firing, and what waits for a person."""

    connection: Connection
    platform: str
    health: Health
    last: Run | None
    next: Schedule | None
    problems: int
    held: int
    remains: Remains


def standings(connections: Sequence[Connection]) -> list[Standing]:
    """How these connections of the company in hand stand. Twelve queries at most, however many there are."""
    ids = [connection.pk for connection in connections]
    latest = Run.objects.filter(connection=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    last_ids = dict(Connection.objects.filter(pk__in=ids).values_list("pk", Subquery(latest)))
    last = {run.connection_id: run for run in Run.objects.filter(pk__in=[pk for pk in last_ids.values() if pk])}
    due: dict[int, Schedule] = {}
    for schedule in Schedule.objects.filter(connection__in=ids, enabled=True).order_by("due_at"):
        due.setdefault(schedule.connection_id, schedule)
    open_now = Problem.objects.filter(connection__in=ids, cleared_at=None).order_by().values_list("connection")
    problems = dict(open_now.annotate(number=things(each_reason=True)))
    held = _counts(InboxRecord.objects.filter(connection__in=ids, state=InboxRecord.State.HELD))
    incomplete, ended = _incomplete(ids), last_ends(connections)
    remains = remains_of(ids)
    troubles = {pk: problems.get(pk, 0) + (remains[pk].short if pk in remains else 0) for pk in ids}
    return [
        Standing(
            connection=each,
            platform=_platform_name(each),
            health=_health(each, ended.get(each.pk, ()), troubles[each.pk], each.pk in incomplete),
            last=last.get(each.pk),
            next=due.get(each.pk) if each.active else None,
            problems=problems.get(each.pk, 0),
            held=held.get(each.pk, 0),
            remains=remains.get(each.pk, Remains()),
        )
        for each in connections
    ]


def last_ends(connections: Iterable[Connection]) -> dict[int, list[str]]:
    """The states in which the last telling run of each declared task ended, by id of the connection. One query.

    One that only left lines out of an order did its work: such orders are told by themselves, longer than until the
    next order comes (`order_remains`).
    """
    platforms = registry.platforms()
    asked = [
        (one.pk, task.key) for one in connections if one.platform in platforms for task in platforms[one.platform].tasks
    ]
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.connection_id, array_agg(ended.state)
              FROM unnest(%s::bigint[], %s::text[]) AS asked (connection_id, task)
             CROSS JOIN LATERAL (
                    SELECT CASE WHEN reason_code = %s THEN %s ELSE state END AS state FROM sync_run
                     WHERE connection_id = asked.connection_id AND task = asked.task AND state = ANY(%s)
                     ORDER BY id DESC LIMIT 1) AS ended
             GROUP BY asked.connection_id
            """,
            [
                [pk for pk, _ in asked],
                [task for _, task in asked],
                reasons.LINES_LEFT_OUT.code,
                Run.State.DONE.value,
                _TELLING,
            ],
        )
        return dict(cursor.fetchall())


def _health(connection: Connection, ended: Collection[str], troubles: int, incomplete: bool) -> Health:
    if not connection.active:
        return Health.OFF
    if connection.platform not in registry.platforms():
        return Health.NOT_INSTALLED
    if incomplete:
        return Health.INCOMPLETE
    if Run.State.FAILED in ended:
        return Health.FAILS
    if connection.paused_until and connection.paused_until > timezone.now():
        return Health.PAUSED
    if troubles or Run.State.PROBLEMS in ended:
        return Health.PROBLEMS
    return Health.WELL if ended else Health.NEW


def _incomplete(ids: Sequence[int]) -> set[int]:
    """The connections that lack an answer they need. Whoever shows them needs no credentials, so they stay here."""
    rows = Connection.objects.filter(pk__in=ids, platform__in=registry.platforms())
    unreadable: set[int] = set()
    try:
        found = list(rows.only("platform", "settings", "credentials"))
    except SecretUnreadable:  # of one or more: only then is each asked by itself
        found = []
        for pk in ids:
            try:
                found += rows.filter(pk=pk).only("platform", "settings", "credentials")
            except SecretUnreadable:
                unreadable.add(pk)
    platforms = registry.platforms()
    settings = [(one.pk, platforms[one.platform].settings, one.settings) for one in found]
    credentials = [(one.pk, platforms[one.platform].credentials, one.credentials) for one in found]
    return unreadable | which_lack([*settings, *credentials])


def _counts(rows: "QuerySet[InboxRecord]") -> dict[int, int]:
    return dict(rows.order_by().values_list("connection").annotate(Count("pk")))


def _platform_name(connection: Connection) -> str:
    platform = registry.platforms().get(connection.platform)
    return platform.name if platform else f"{connection.platform}, which is not installed"
