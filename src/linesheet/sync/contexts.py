"""What the legs of a connection are given to know while nothing is called, and those that read what was given to us."""

import datetime

from django.conf import settings as site
from django.db.models import F, Q, QuerySet

from linesheet.sync import registry, settings
from linesheet.sync.legs import Comparison, Context, Inbound
from linesheet.sync.models import Connection, Run
from linesheet.sync.offers import OffersWhenAsked, offers_of


def context_of(connection: Connection) -> Context:
    """What the connection's legs may know when nothing is called. Raises UnknownPlatform."""
    values = settings.read(registry.platform(connection.platform).all_settings, connection.settings)
    return Context(connection.pk, connection.company_id, values, None, site.PUBLIC_URL, offers=offers_of(connection))


def frugal_context_of(connection: Connection) -> Context:
    """The same for what hangs on few settings or none: they are read when asked for. Raises UnknownPlatform."""
    values = settings.ReadWhenAsked(registry.platform(connection.platform).all_settings, connection.settings)
    return Context(
        connection.pk, connection.company_id, values, None, site.PUBLIC_URL, offers=OffersWhenAsked(connection)
    )


def whole_runs(connection_id: int, task: str) -> "QuerySet[Run]":
    """Runs of a task that looked at all there was, and came to their end: no mere previews, and none of one record.

    Those of an account that the connection leads to no more do not count.
    """
    runs: QuerySet[Run] = Run.objects.filter(
        Q(preview=False) | Q(approved_at__isnull=False),
        Q(connection__moved_at=None) | Q(started_at__gt=F("connection__moved_at")),
        connection=connection_id,
        task=task,
        only_record="",
        state__in=(Run.State.DONE, Run.State.PROBLEMS),
    )
    return runs


def since(run: Run) -> datetime.datetime | None:
    """When the latest whole run of the same task had begun."""
    latest = whole_runs(run.connection_id, run.task).order_by("-pk")
    began: datetime.datetime | None = latest.values_list("started_at", flat=True).first()
    return began


def comparisons_of(connection: Connection, task: str) -> frozenset[int]:
    """Which legs of a task compare, by their numbers as items have them; none of a task that is not declared."""
    declared = registry.platforms().get(connection.platform)
    makers = next((each.legs for each in declared.tasks if each.key == task), ()) if declared else ()
    if not makers:
        return frozenset()
    context = frugal_context_of(connection)
    return frozenset(number for number, make in enumerate(makers) if isinstance(make(context), Comparison))


def tells(connection: Connection, kind: str) -> bool:
    """Whether the connection's platform is told of orders that are stored; one that hands them to us is not."""
    leg = readers_of(connection).get(kind)
    return leg is None or leg.tells


def readers_of(connection: Connection) -> dict[str, Inbound]:
    """The legs that can read what this connection's platform gave us, by kind; {} when nothing installed can."""
    declared = registry.platforms().get(connection.platform)
    if declared is None:
        return {}
    # A page may want them of many connections.
    context = frugal_context_of(connection)
    legs = (make(context) for task in declared.tasks for make in task.legs)
    return {leg.kind: leg for leg in legs if isinstance(leg, Inbound)}
