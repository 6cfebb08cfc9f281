"""What keeps an installation from working: looked at from the database outwards to the platforms."""

import datetime
import os
import shutil
import tempfile
from collections.abc import Iterator
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings as site
from django.db import Error, NotSupportedError
from django.db import connection as database
from django.http.request import validate_host

from linesheet.books.models import Company
from linesheet.books.words import counted
from linesheet.site import schema
from linesheet.site.folder import data_folder, encryption_keys
from linesheet.sync.connection_checks import Check, Health, check_connections
from linesheet.sync.models import Run, Schedule
from linesheet.sync.vitals import database_now, oldest_waiting, workers_alive

WAITING_TOO_LONG = datetime.timedelta(minutes=5)
OVERDUE_AFTER = datetime.timedelta(minutes=2)
STUCK_AFTER = datetime.timedelta(minutes=1)

GIB = 1024**3
SPACE_WANTED = 5 * GIB
SPACE_NEEDED = 1 * GIB

_KEY_FILES = (
    ("Signing key file", "signing.key", "LINESHEET_SIGNING_KEY"),
    ("Encryption key file", "encryption.keys", "LINESHEET_ENCRYPTION_KEYS"),
)
_START_A_WORKER = "Start one with `linesheet worker`, or start everything with `linesheet up`."


def examine(company: Company | None = None) -> list[Check]:
    """Look at the installation and at every connection that is switched on, of one company or of all.

    Platforms are called, with calls that change nothing. Without a database it ends there.
    """
    checks = list(check_database())
    checks += [*check_data_folder(), check_space(), check_encryption_keys(), check_public_url()]
    if any(check.health is Health.PROBLEM for check in checks if check.code == "database"):
        return checks
    return [*checks, *check_worker(), check_runs(), check_schedules(), *check_connections(company)]


def check_database() -> Iterator[Check]:
    """Is it there, which version is it, and is its schema up to date?"""
    try:
        with database.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
    except NotSupportedError as error:
        yield _check("Database", Health.PROBLEM, f"{error}.", "Let a newer PostgreSQL serve the database.")
        return
    except Error as error:
        yield no_database(str(error))
        return
    if unknown := schema.unknown_changes():
        yield _check(
            "Database",
            Health.PROBLEM,
            f"PostgreSQL {version} answers, but another version of Linesheet has changed its schema: "
            f"{', '.join(unknown)}.",
            "Run that version here too, or restore a backup that this version made.",
        )
    elif pending := schema.missing_changes():
        yield _check(
            "Database",
            Health.PROBLEM,
            f"PostgreSQL {version} answers, but its schema lacks {len(pending)} changes of this version.",
            "Any other command brings it up to date, for instance `linesheet company list`.",
        )
    else:
        yield _check("Database", Health.OK, f"PostgreSQL {version} answers, and its schema is up to date.")


def no_database(said: str) -> Check:
    """There is no database to work with."""
    return _check(
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
        yield _check("Data folder", Health.OK, f"{folder} can be written.")
    except OSError as error:
        fix = "Give the folder to the user Linesheet runs as, or choose another with LINESHEET_DATA."
        yield _check("Data folder", Health.PROBLEM, f"{folder} cannot be written: {error.strerror}.", fix)
    for name, file, variable in _KEY_FILES:
        if os.environ.get(variable):
            yield _check(name, Health.OK, f"{file}: given by {variable}.")
            continue
        path = folder / file
        if path.exists() and path.stat().st_mode & 0o077:
            says = f"Others on this machine can read {path}."
            yield _check(name, Health.PROBLEM, says, f"Run `chmod 600 {path}`.")
        else:
            yield _check(name, Health.OK, f"{file}: for nobody else to read.")


def check_space() -> Check:
    """Is there room on the disk of the data folder?"""
    free = shutil.disk_usage(data_folder()).free
    says = f"{free / GIB:.1f} GiB are free on the disk of the data folder."
    if free >= SPACE_WANTED:
        return _check("Disk space", Health.OK, says)
    health = Health.WARNING if free >= SPACE_NEEDED else Health.PROBLEM
    fix = "Make room, or keep less: shorten LINESHEET_KEEP_BODIES_DAYS and its like, and run `linesheet tidy`."
    return _check("Disk space", health, says, fix)


def check_encryption_keys() -> Check:
    """Can credentials be encrypted with the keys there are?"""
    for number, key in enumerate(encryption_keys(), start=1):
        try:
            Fernet(key)
        except ValueError:
            says = f"Encryption key {number} is none: a key is 32 random bytes in URL-safe base64."
            fix = "Put back the key that credentials were encrypted with, from a backup or where you keep it."
            return _check("Encryption keys", Health.PROBLEM, says, fix)
    return _check("Encryption keys", Health.OK, "They can be used.")


def check_public_url() -> Check:
    """Can platforms fetch pictures from us?"""
    host = urlsplit(site.PUBLIC_URL).hostname or ""
    if site.PUBLIC_URL and not validate_host(host, site.ALLOWED_HOSTS):
        says = f"Platforms are sent to {site.PUBLIC_URL}, and the app does not answer to that name."
        return _check("Public address", Health.PROBLEM, says, f"Add {host or 'its host name'} to LINESHEET_HOSTS.")
    if site.PUBLIC_URL:
        return _check("Public address", Health.OK, f"Platforms reach Linesheet at {site.PUBLIC_URL}.")
    return _check(
        "Public address",
        Health.WARNING,
        "Platforms that fetch pictures cannot reach Linesheet, because it has no public address.",
        "Set LINESHEET_PUBLIC_URL to the address under which the internet reaches Linesheet, if you send pictures.",
    )


def check_worker() -> Iterator[Check]:
    """Does anything work on runs, and does it keep up?"""
    alive = workers_alive()
    oldest = oldest_waiting()
    if alive:
        yield _check("Worker", Health.OK, f"{counted(alive, 'is', 'are')} alive.")
    elif oldest or Schedule.everywhere.filter(enabled=True).exists():
        says = "None is alive, so runs wait and no schedule fires."
        yield _check("Worker", Health.PROBLEM, says, _START_A_WORKER)
    else:
        says = "None is alive. `linesheet run` works by itself, but schedules and the pages need one."
        yield _check("Worker", Health.WARNING, says, _START_A_WORKER)
    if oldest and oldest > WAITING_TOO_LONG:
        says = f"The oldest waiting run has waited for {_spoken(oldest)}."
        fix = "Look at what runs now with `linesheet runs`, or start another worker."
        yield _check("Queue", Health.WARNING, says, fix)
    else:
        says = f"The oldest waiting run has waited for {_spoken(oldest)}." if oldest else "No run waits."
        yield _check("Queue", Health.OK, says)


def check_runs() -> Check:
    """Has a run lost its worker without another taking it over?"""
    lapsed = database_now() - STUCK_AFTER
    stuck = list(Run.everywhere.filter(state__in=Run.UNFINISHED, lease_until__lt=lapsed).values_list("pk", flat=True))
    if not stuck:
        return _check("Runs", Health.OK, "None is stuck.")
    says = f"Nobody has taken over from a worker that is gone: run {', '.join(map(str, stuck))}."
    return _check("Runs", Health.PROBLEM, says, _START_A_WORKER)


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
        return _check("Schedules", Health.PROBLEM, f"Overdue: {', '.join(overdue)}.", _START_A_WORKER)
    count = Schedule.everywhere.filter(enabled=True).count()
    return _check("Schedules", Health.OK, f"{count} on, none overdue." if count else "None is set.")


def _check(name: str, health: Health, says: str, fix: str = "") -> Check:
    return Check(code=name.lower().replace(" ", "_"), name=name, health=health, says=says, fix=fix)


def _spoken(time: datetime.timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
