import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

USE = "from linesheet.site.postgres import database_url; print(database_url(), flush=True)"
HOLD = USE + "; import sys; sys.stdin.read()"


def process(folder: Path, code: str, **environment: str) -> "subprocess.Popen[str]":
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "LINESHEET_DATA")}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**clean, "LINESHEET_DATA": str(folder), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def first_line(running: "subprocess.Popen[str]") -> str:
    assert running.stdout
    return running.stdout.readline().strip()


def test_the_last_process_out_stops_the_server(tmp_path):
    first, second = process(tmp_path, HOLD), process(tmp_path, HOLD)
    url = first_line(first)
    assert first_line(second) == url

    first.communicate()
    assert answers(url)
    second.communicate()
    assert not answers(url)


def test_a_killed_owner_does_not_confuse_the_next_start(tmp_path):
    killed = process(tmp_path, HOLD)
    url = first_line(killed)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    after = process(tmp_path, HOLD)
    assert first_line(after) == url
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    after.communicate()
    assert not answers(url)


def test_a_killed_server_is_started_again_with_its_data(tmp_path):
    owner = process(tmp_path, HOLD)
    url = first_line(owner)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    os.kill(int((tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()

    after = process(tmp_path, HOLD)
    with psycopg.connect(first_line(after)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    after.communicate()


def test_a_server_of_ones_own_is_used_as_it_is(tmp_path):
    running = process(tmp_path, USE, DATABASE_URL="postgresql://somebody@db.example/books")

    assert running.communicate()[0].strip() == "postgresql://somebody@db.example/books"
    assert not (tmp_path / "postgres").exists()


def test_a_database_url_that_is_none_is_refused_in_plain_words():
    from linesheet.site.postgres import PostgresUnavailable, django_database

    for url in ("mysql://nobody:hunter2@db", "postgresql://nobody:hunter2%x@db/books"):
        with pytest.raises(PostgresUnavailable, match="DATABASE_URL is not a PostgreSQL URL") as refused:
            django_database(url)
        assert "hunter2" not in str(refused.value)


def test_a_folder_that_cannot_hold_a_server_is_named(tmp_path):
    (tmp_path / "postgres").write_text("in the way")
    running = process(tmp_path, USE)

    assert "PostgreSQL could not be started" in running.communicate()[1]


def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path, monkeypatch):
    from linesheet.site import folder

    monkeypatch.setenv("LINESHEET_DATA", str(tmp_path))
    monkeypatch.delenv("LINESHEET_SIGNING_KEY", raising=False)

    assert folder.signing_key() == folder.signing_key()
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600
    assert folder.encryption_keys() == folder.encryption_keys()
