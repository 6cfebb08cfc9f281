"""The probes of a real web process, while its database comes and goes."""

import subprocess
import sys
from collections.abc import Iterator
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psycopg
import pytest
from psycopg import sql

from tests.processes import until


@pytest.fixture
def own_database(db: None, environment: dict[str, str]) -> Iterator[psycopg.Connection]:
    """An empty database for one web process; what is given works beside it, on the same server."""
    beside = environment["DATABASE_URL"]
    with psycopg.connect(beside, autocommit=True) as server:
        name = sql.Identifier("probed")
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        environment["DATABASE_URL"] = beside.replace(f"/{server.info.dbname}?", "/probed?")
        yield server
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def answer(url: str) -> tuple[int, str]:
    """Status and text; (0, "") while nothing listens."""
    try:
        with urlopen(Request(url, headers={"Authorization": "Bearer m3trics"}), timeout=10) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except URLError:
        return 0, ""


def test_a_web_process_lives_without_its_database_and_is_ready_again_with_it(own_database, environment, free_port):
    at = f"http://127.0.0.1:{free_port}"
    command = [sys.executable, "-m", "linesheet.cli.main", "web", "--port", str(free_port)]
    web = subprocess.Popen(command, env=environment | {"LINESHEET_METRICS_TOKEN": "m3trics"})
    try:
        until(lambda: answer(f"{at}/readyz") == (200, "ready\n"))

        own_database.execute("ALTER DATABASE probed ALLOW_CONNECTIONS false")
        own_database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'probed'")
        assert answer(f"{at}/readyz") == (503, "The database does not answer.\n")
        assert answer(f"{at}/metrics") == (503, "The database does not answer.\n")
        assert answer(f"{at}/healthz") == (200, "ok\n")

        own_database.execute("ALTER DATABASE probed ALLOW_CONNECTIONS true")
        assert answer(f"{at}/readyz") == (200, "ready\n")
        assert "linesheet_workers_alive 0.0" in answer(f"{at}/metrics")[1]
    finally:
        web.terminate()
        web.wait(30)
