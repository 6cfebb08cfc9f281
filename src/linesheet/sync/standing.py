"""How connections stand: the last and next run of each, what waits for a person, and what that makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from linesheet.sync import registry
from linesheet.sync.connections import missing_answers
from linesheet.sync.models import Connection, InboxRecord, Problem, Run, Schedule
from linesheet.sync.secrets import SecretUnreadable


class Health(StrEnum):
    """What a connection is like at a glance, the worst first."""

    NOT_INSTALLED = "not_installed"
    INCOMPLETE = "incomplete"
    FAILING = "failing"
    OFF = "off"
    PAUSED = "paused"
    PROBLEMS = "problems"
    NEW = "new"
    WELL = "well"

    @property
    def says(self) -> str:
        """The word for a person."""
        return _WORDS[self]


_WORDS: Mapping[Health, str] = {
    Health.NOT_INSTALLED: "Platform not installed",
    Health.INCOMPLETE: "Not set up",
    Health.FAILING: "Failing",
    Health.OFF: "Switched off",
    Health.PAUSED: "Paused",
    Health.PROBLEMS: "Open problems",
    Health.NEW: "Not run yet",
    Health.WELL: "Well",
}


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


def standings(connections: Sequence[Connection]) -> list[Standing]:
    """How these connections of the company in hand stand. Six queries, and a few for each: there are not many."""
    ids = [connection.pk for connection in connections]
    latest = Run.objects.filter(connection=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    last_ids = dict(Connection.objects.filter(pk__in=ids).values_list("pk", Subquery(latest)))
    last = {run.connection_id: run for run in Run.objects.filter(pk__in=[pk for pk in last_ids.values() if pk])}
    due: dict[int, Schedule] = {}
    for schedule in Schedule.objects.filter(connection__in=ids, enabled=True).order_by("due_at"):
        due.setdefault(schedule.connection_id, schedule)
    problems = _counts(Problem.objects.filter(connection__in=ids, cleared_at=None))
    held = _counts(InboxRecord.objects.filter(connection__in=ids, state=InboxRecord.State.HELD))
    incomplete = _incomplete(ids)
    return [
        Standing(
            connection=each,
            platform=_platform_name(each),
            health=_health(each, last.get(each.pk), problems.get(each.pk, 0), each.pk in incomplete),
            last=last.get(each.pk),
            next=due.get(each.pk) if each.active else None,
            problems=problems.get(each.pk, 0),
            held=held.get(each.pk, 0),
        )
        for each in connections
    ]


def _health(connection: Connection, last: Run | None, problems: int, incomplete: bool) -> Health:
    if connection.platform not in registry.platforms():
        return Health.NOT_INSTALLED
    if not connection.active:
        return Health.OFF
    if incomplete:
        return Health.INCOMPLETE
    if last is not None and last.state == Run.State.FAILED:
        return Health.FAILING
    if connection.paused_until and connection.paused_until > timezone.now():
        return Health.PAUSED
    if problems:
        return Health.PROBLEMS
    return Health.WELL if last else Health.NEW


def _incomplete(ids: Sequence[int]) -> set[int]:
    """The connections that lack an answer they need. Whoever shows them needs no credentials, so they stay here."""
    found = set()
    for connection in Connection.objects.filter(pk__in=ids, platform__in=registry.platforms()).only(
        "company_id", "platform", "settings", "name"
    ):
        try:
            if missing_answers(connection):
                found.add(connection.pk)
        except SecretUnreadable:
            found.add(connection.pk)
    return found


def _counts(rows: "QuerySet[Problem] | QuerySet[InboxRecord]") -> dict[int, int]:
    return dict(rows.order_by().values_list("connection").annotate(Count("pk")))


def _platform_name(connection: Connection) -> str:
    platform = registry.platforms().get(connection.platform)
    return platform.name if platform else f"{connection.platform}, which is not installed"
