"""Signs of life: what works on runs now, what waits for it, and what time it is there."""

import datetime

from django.db import connection as database
from django.db.models import F
from django.db.models.functions import Now
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from linesheet.sync.models import Run

HEARTBEAT_SECONDS = 30


def workers_alive() -> int:
    """How many worker processes gave a sign of life lately."""
    since = Now() - datetime.timedelta(seconds=HEARTBEAT_SECONDS)
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=since).count()


def oldest_waiting() -> datetime.timedelta | None:
    """How long the oldest run has waited in the queue that nobody has begun."""
    jobs = Run.everywhere.filter(state__in=Run.UNFINISHED).values("job_id")
    waiting = ProcrastinateJob.objects.filter(pk__in=jobs, status="todo", procrastinateevent__type="deferred")
    waited = waiting.annotate(waited=Now() - F("procrastinateevent__at")).order_by("-waited")
    longest: datetime.timedelta | None = waited.values_list("waited", flat=True).first()
    return max(longest, datetime.timedelta()) if longest is not None else None


def database_now() -> datetime.datetime:
    """The database's clock, by which leases, heartbeats and due times are kept."""
    with database.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime.datetime = cursor.fetchone()[0]
    return now
