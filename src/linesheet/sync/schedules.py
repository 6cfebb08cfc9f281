"""Tasks that run by themselves. Every worker looks for due schedules; each firing is one worker's."""

import datetime
import logging

from django.db import connection as database
from django.db import transaction

from linesheet.books.models import Company
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import acting_for
from linesheet.sync import runs
from linesheet.sync.daily import next_at
from linesheet.sync.models import Connection, Schedule

log = logging.getLogger(__name__)

AGAIN_AFTER = datetime.timedelta(minutes=5)

NOT_SCHEDULABLE = Reason("not_schedulable", "{task} cannot run by itself.", "Run it by hand.")
NO_TIME = Reason("no_time", "A schedule needs either minutes or a time of day.", "Give one of the two, not both.")
NO_SCHEDULE = Reason("no_schedule", "{task} on {connection} has no schedule.", "There is nothing to switch off.")

REASONS = (NOT_SCHEDULABLE, NO_TIME, NO_SCHEDULE)


def set_schedule(
    connection: Connection,
    task: str,
    *,
    every_minutes: int | None = None,
    daily_at: datetime.time | None = None,
    enabled: bool = True,
) -> Schedule:
    """Have a task run every so many minutes from now, or daily at a time in the company's zone.

    Raises runs.RunRefused when the task is unknown or does not go by itself.
    """
    if not runs.task_of(connection, task).schedulable:
        raise runs.RunRefused(NOT_SCHEDULABLE, task=task)
    if (every_minutes is None) == (daily_at is None) or (every_minutes is not None and every_minutes < 1):
        raise runs.RunRefused(NO_TIME)
    company = Company.objects.get(pk=connection.company_id)
    schedule = Schedule(every_minutes=every_minutes, daily_at=daily_at)
    row: Schedule
    row, _ = Schedule.objects.update_or_create(
        connection=connection,
        task=task,
        defaults={
            "company": company,
            "every_minutes": every_minutes,
            "daily_at": daily_at,
            "enabled": enabled,
            "due_at": next_due(schedule, company, _now()),
        },
    )
    return row


def switch_off(connection: Connection, task: str) -> Schedule:
    """Stop a task from running by itself; its times are kept. Raises runs.RunRefused when it has none."""
    row: Schedule | None = Schedule.objects.filter(connection=connection, task=task).first()
    if row is None:
        raise runs.RunRefused(NO_SCHEDULE, task=task, connection=connection)
    row.enabled = False
    row.save(update_fields=["enabled"])
    return row


@transaction.atomic
def move_to_zone_of(company: Company) -> None:
    """Have the daily schedules of a company fire at their time in the zone it has now."""
    now = _now()
    with acting_for(company):
        for row in Schedule.objects.select_for_update().exclude(daily_at=None):
            row.due_at = next_due(row, company, now)
            row.save(update_fields=["due_at"])


def next_due(schedule: Schedule, company: Company, after: datetime.datetime) -> datetime.datetime:
    """The first firing after a moment.

    A daily time that the clocks skip fires when they have moved on; one that they repeat fires once.
    """
    if schedule.every_minutes:
        return after + datetime.timedelta(minutes=schedule.every_minutes)
    assert schedule.daily_at is not None
    return next_at(schedule.daily_at, company.zone, after)


def fire_due(limit: int = 100) -> int:
    """Queue a run for every schedule that is due, whatever its company; how many were fired.

    A schedule another worker is firing is passed over. The run and the next due time are one transaction, so a
    firing is neither lost nor doubled; firings missed while no worker was up are made good once. One that is
    refused, or whatever else is wrong with it, leaves the others alone.
    """
    fired = 0
    with transaction.atomic():
        now = _now()
        due = (
            Schedule.everywhere.select_for_update(skip_locked=True, of=("self",))
            .filter(enabled=True, due_at__lte=now)
            .select_related("connection", "company")
            .defer("connection__credentials")
            .order_by("due_at")[:limit]
        )
        for schedule in due:
            try:
                with acting_for(schedule.company_id), transaction.atomic():
                    schedule.due_at = next_due(schedule, schedule.company, now)
                    fired += _started(schedule)
            except Exception:
                log.exception("%s stumbled, and will be tried again", schedule)
                schedule.due_at = now + AGAIN_AFTER
            schedule.save(update_fields=["due_at"])
    return fired


def _started(schedule: Schedule) -> bool:
    try:
        with transaction.atomic():
            runs.start(schedule.connection, schedule.task, scheduled=True)
    except Refused as refused:
        log.warning("%s did not run: %s", schedule, refused)
        return False
    return True


def _now() -> datetime.datetime:
    """The database's clock, which all workers share."""
    with database.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime.datetime = cursor.fetchone()[0]
    return now
