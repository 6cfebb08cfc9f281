"""What keeps an installation from working: looked at from the database outwards to the platforms."""

import asyncio
import datetime
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from cryptography.fernet import Fernet
from django.conf import settings as site
from django.db import Error, NotSupportedError
from django.db import connection as database
from django.db.models import F
from django.db.models.functions import Now
from django.http.request import validate_host
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from linesheet.books.models import Company, Season
from linesheet.books.tenancy import acting_for
from linesheet.site import schema
from linesheet.site.addresses import guarded_connector
from linesheet.site.folder import data_folder, encryption_keys
from linesheet.site.hiding import hide, hiding
from linesheet.site.logs import about
from linesheet.sync import registry, settings
from linesheet.sync.connections import missing_answers
from linesheet.sync.errors import TravelError
from linesheet.sync.models import Connection, Run, Schedule
from linesheet.sync.platform import CheckResult, Platform, Setting, SettingKind
from linesheet.sync.secrets import SecretUnreadable
from linesheet.sync.transport import Transport

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 30
WAITING_TOO_LONG = datetime.timedelta(minutes=5)
OVERDUE_AFTER = datetime.timedelta(minutes=2)
STUCK_AFTER = datetime.timedelta(minutes=1)
TRY_SECONDS = 15.0
PAUSE_AT_MOST_SECONDS = 5.0

OF_CONNECTION = "Connection "
GIB = 1024**3
SPACE_WANTED = 5 * GIB
SPACE_NEEDED = 1 * GIB

_START_A_WORKER = "Start one with `linesheet worker`, or start everything with `linesheet up`."


class Health(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, how it is, and what to do if it is not well."""

    name: str
    health: Health
    says: str
    fix: str = ""

    @property
    def code(self) -> str:
        """What was looked at, for programs: one word that stays the same."""
        return "connection" if self.name.startswith(OF_CONNECTION) else self.name.lower().replace(" ", "_")


def examine(company: Company | None = None) -> list[Check]:
    """Look at the installation and at every connection that is switched on, of one company or of all.

    Platforms are called, with calls that change nothing. Without a database it ends there.
    """
    checks = list(check_database())
    checks += [*check_data_folder(), check_space(), check_encryption_keys(), check_public_url()]
    if any(check.health is Health.PROBLEM for check in checks if check.name == "Database"):
        return checks
    return [*checks, *check_worker(), check_runs(), check_schedules(), *check_connections(company)]


def check_database() -> Iterator[Check]:
    """Is it there, which version is it, and is its schema up to date?"""
    try:
        with database.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
    except NotSupportedError as error:
        yield Check("Database", Health.PROBLEM, f"{error}.", "Let a newer PostgreSQL serve the database.")
        return
    except Error as error:
        yield no_database(str(error))
        return
    if pending := schema.missing_changes():
        yield Check(
            "Database",
            Health.PROBLEM,
            f"PostgreSQL {version} answers, but its schema lacks {len(pending)} changes of this version.",
            "Any other command brings it up to date, for instance `linesheet company list`.",
        )
    elif unknown := schema.unknown_changes():
        yield Check(
            "Database",
            Health.PROBLEM,
            f"PostgreSQL {version} answers, but a newer version of Linesheet has changed its schema: "
            f"{', '.join(unknown)}.",
            "Run that version here too, or restore a backup that this version made.",
        )
    else:
        yield Check("Database", Health.OK, f"PostgreSQL {version} answers, and its schema is up to date.")


def no_database(said: str) -> Check:
    """There is no database to work with."""
    return Check(
        "Database",
        Health.PROBLEM,
        f"The database cannot be reached: {' '.join(said.split())}",
        "Check DATABASE_URL and whether that server runs; without DATABASE_URL Linesheet runs its own.",
    )


def check_data_folder() -> Iterator[Check]:
    """Can the data folder be written, and are its keys for nobody else to read?"""
    folder = data_folder()
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
        yield Check("Data folder", Health.OK, f"{folder} can be written.")
    except OSError as error:
        fix = "Give the folder to the user Linesheet runs as, or choose another with LINESHEET_DATA."
        yield Check("Data folder", Health.PROBLEM, f"{folder} cannot be written: {error.strerror}.", fix)
    for name, variable in (("signing.key", "LINESHEET_SIGNING_KEY"), ("encryption.keys", "LINESHEET_ENCRYPTION_KEYS")):
        if os.environ.get(variable):
            yield Check("Keys", Health.OK, f"{name}: given by {variable}.")
            continue
        path = folder / name
        if path.exists() and path.stat().st_mode & 0o077:
            says = f"Others on this machine can read {path}."
            yield Check("Keys", Health.PROBLEM, says, f"Run `chmod 600 {path}`.")
        else:
            yield Check("Keys", Health.OK, f"{name}: for nobody else to read.")


def check_space() -> Check:
    """Is there room on the disk of the data folder?"""
    free = shutil.disk_usage(data_folder()).free
    says = f"{free / GIB:.1f} GiB are free on the disk of the data folder."
    if free >= SPACE_WANTED:
        return Check("Disk space", Health.OK, says)
    health = Health.WARNING if free >= SPACE_NEEDED else Health.PROBLEM
    fix = "Make room, or keep less: shorten LINESHEET_KEEP_BODIES_DAYS and its like, and run `linesheet tidy`."
    return Check("Disk space", health, says, fix)


def check_encryption_keys() -> Check:
    """Can credentials be encrypted with the keys there are?"""
    for number, key in enumerate(encryption_keys(), start=1):
        try:
            Fernet(key)
        except ValueError:
            says = f"Encryption key {number} is none: a key is 32 random bytes in URL-safe base64."
            fix = "Put back the key that credentials were encrypted with, from a backup or where you keep it."
            return Check("Encryption keys", Health.PROBLEM, says, fix)
    return Check("Encryption keys", Health.OK, "They can be used.")


def check_public_url() -> Check:
    """Can platforms fetch pictures from us?"""
    host = urlsplit(site.PUBLIC_URL).hostname or ""
    if site.PUBLIC_URL and not validate_host(host, site.ALLOWED_HOSTS):
        says = f"Platforms are sent to {site.PUBLIC_URL}, and the app does not answer to that name."
        return Check("Public address", Health.PROBLEM, says, f"Add {host or 'its host name'} to LINESHEET_HOSTS.")
    if site.PUBLIC_URL:
        return Check("Public address", Health.OK, f"Platforms reach Linesheet at {site.PUBLIC_URL}.")
    return Check(
        "Public address",
        Health.WARNING,
        "Platforms that fetch pictures cannot reach Linesheet, because it has no public address.",
        "Set LINESHEET_PUBLIC_URL to the address under which the internet reaches Linesheet, if you send pictures.",
    )


def workers_alive() -> int:
    """How many worker processes gave a sign of life lately."""
    since = Now() - datetime.timedelta(seconds=HEARTBEAT_SECONDS)
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=since).count()


def check_worker() -> Iterator[Check]:
    """Does anything work on runs, and does it keep up?"""
    alive = workers_alive()
    oldest = oldest_waiting()
    if alive:
        yield Check("Worker", Health.OK, f"{alive} {'is' if alive == 1 else 'are'} alive.")
    elif oldest or Schedule.everywhere.filter(enabled=True).exists():
        says = "None is alive, so runs wait and no schedule fires."
        yield Check("Worker", Health.PROBLEM, says, _START_A_WORKER)
    else:
        says = "None is alive. `linesheet run` works by itself, but schedules and the pages need one."
        yield Check("Worker", Health.WARNING, says, _START_A_WORKER)
    if oldest and oldest > WAITING_TOO_LONG:
        says = f"The oldest waiting run has waited for {_spoken(oldest)}."
        fix = "Look at what runs now with `linesheet runs`, or start another worker."
        yield Check("Queue", Health.WARNING, says, fix)
    else:
        says = f"The oldest waiting run has waited for {_spoken(oldest)}." if oldest else "No run waits."
        yield Check("Queue", Health.OK, says)


def check_runs() -> Check:
    """Has a run lost its worker without another taking it over?"""
    lapsed = database_now() - STUCK_AFTER
    stuck = list(Run.everywhere.filter(state__in=Run.UNFINISHED, lease_until__lt=lapsed).values_list("pk", flat=True))
    if not stuck:
        return Check("Runs", Health.OK, "None is stuck.")
    says = f"Nobody has taken over from a worker that is gone: run {', '.join(map(str, stuck))}."
    return Check("Runs", Health.PROBLEM, says, _START_A_WORKER)


def check_schedules() -> Check:
    """Does every schedule fire when it is due?"""
    due = database_now() - OVERDUE_AFTER
    overdue = [
        str(row)
        for row in Schedule.everywhere.filter(enabled=True, connection__active=True, due_at__lt=due).select_related(
            "connection"
        )
    ]
    if overdue:
        return Check("Schedules", Health.PROBLEM, f"Overdue: {', '.join(overdue)}.", _START_A_WORKER)
    count = Schedule.everywhere.filter(enabled=True).count()
    return Check("Schedules", Health.OK, f"{count} on, none overdue." if count else "None is set.")


def check_connections(company: Company | None = None) -> list[Check]:
    """Every connection that is switched on: is it filled in, and does the platform answer to it?"""
    rows = Connection.everywhere.filter(active=True).defer("credentials").select_related("company")
    rows = rows.filter(company=company) if company else rows
    checks: list[Check] = []
    to_try: list[Connection] = []
    for row in rows.order_by("company__name", "name"):
        with acting_for(row.company_id):
            found = list(check_entries(row))
        checks += found
        if all(check.health is not Health.PROBLEM for check in found):
            to_try.append(row)
    return checks + asyncio.run(_try_all([(row, _answers(row)) for row in to_try]))


def check_entries(row: Connection) -> Iterator[Check]:
    """Are the settings and credentials of a connection there, and what they name too?"""
    name = f"{OF_CONNECTION}{row}"
    if row.platform not in registry.platforms():
        says = f"Its platform {row.platform} is not installed."
        yield Check(name, Health.PROBLEM, says, "Install the package that has it, or switch the connection off.")
        return
    declared = registry.platforms()[row.platform]
    try:
        unset = missing_answers(row)
    except SecretUnreadable as error:
        fix = f"{error.fix} All machines on one database need the same LINESHEET_ENCRYPTION_KEYS."
        yield Check(name, Health.PROBLEM, error.says, f"{fix} Then try `linesheet connection check '{row}'`.")
        return
    if unset:
        says = f"Not set: {', '.join(setting.label for setting in unset)}."
        keys = " ".join(f"{setting.key}=..." for setting in unset)
        yield Check(name, Health.PROBLEM, says, f"Set {keys} with `linesheet connection set '{row}'`.")
    else:
        yield Check(name, Health.OK, "Its settings and credentials are filled in.")
    for setting in declared.settings:
        yield from _check_seasons(name, row, setting)


def _check_seasons(name: str, row: Connection, setting: Setting) -> Iterator[Check]:
    stored = row.settings.get(setting.key)
    if setting.kind not in (SettingKind.SEASON, SettingKind.SEASONS) or not stored:
        return
    ids = stored if isinstance(stored, list) else [stored]
    seasons = Season.objects.filter(pk__in=ids)
    fix = f"Choose again: `linesheet connection set '{row}' {setting.key}=...`."
    if gone := len(set(ids)) - len(seasons):
        says = f"{setting.label}: {gone} of the chosen seasons {'is' if gone == 1 else 'are'} no longer in the books."
        yield Check(name, Health.PROBLEM, says, fix)
    if archived := [season.name for season in seasons if season.archived]:
        yield Check(name, Health.WARNING, f"{setting.label}: {', '.join(archived)} is archived.", fix)


def try_connection(row: Connection) -> list[CheckResult]:
    """Try a connection over HTTP with the platform's own check, which changes nothing there."""
    return asyncio.run(_tried(registry.platform(row.platform), row, _answers(row)))


def _answers(row: Connection) -> dict[str, Any]:
    with acting_for(row.company_id):
        return settings.read(registry.platform(row.platform).all_settings, row.settings)


async def _try_all(rows: Sequence[tuple[Connection, dict[str, Any]]]) -> list[Check]:
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(_tried(registry.platform(row.platform), row, values)) for row, values in rows]
    return [
        Check(f"{OF_CONNECTION}{row}", health_of(result), f"{result.name}: {result.says}", result.fix)
        for (row, _), tried in zip(rows, tries, strict=True)
        for result in tried.result()
    ]


def health_of(result: CheckResult) -> Health:
    """The health that a line of a platform's own check stands for."""
    return Health.OK if result.ok else Health.PROBLEM


async def _tried(platform: Platform, row: Connection, values: dict[str, Any]) -> list[CheckResult]:
    hidden = hiding(settings.secret_values(platform.credentials, row.credentials))
    with hidden, about(connection=row.pk, connection_name=row.name):
        return await _asked(platform, row, values)


async def _asked(platform: Platform, row: Connection, values: dict[str, Any]) -> list[CheckResult]:
    async with aiohttp.ClientSession(connector=guarded_connector(this_machine=True)) as session:
        transport = Transport(row.base_url, session, timeout=TRY_SECONDS, attempts=2, most_wait=PAUSE_AT_MOST_SECONDS)
        try:
            return list(await platform.check(platform.client(transport, row.credentials, values), values))
        except TravelError as error:
            fix = "Check the address and the credentials of the connection, then try again."
            return [CheckResult("Answer", False, error.says, fix)]
        except Exception as error:
            log.exception("the check of %s stumbled", row)
            fix = "Report this as a defect of Linesheet; the other connections are not affected."
            return [CheckResult("Answer", False, hide(f"The check stumbled: {type(error).__name__}: {error}"), fix)]


def database_now() -> datetime.datetime:
    """The database's clock, by which leases, heartbeats and due times are kept."""
    with database.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime.datetime = cursor.fetchone()[0]
    return now


def oldest_waiting() -> datetime.timedelta | None:
    """How long the oldest run has waited in the queue that nobody has begun."""
    jobs = Run.everywhere.filter(state__in=Run.UNFINISHED).values("job_id")
    waiting = ProcrastinateJob.objects.filter(pk__in=jobs, status="todo", procrastinateevent__type="deferred")
    waited = waiting.annotate(waited=Now() - F("procrastinateevent__at")).order_by("-waited")
    longest: datetime.timedelta | None = waited.values_list("waited", flat=True).first()
    return max(longest, datetime.timedelta()) if longest is not None else None


def _spoken(time: datetime.timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
