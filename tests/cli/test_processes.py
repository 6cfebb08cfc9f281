"""The command as a process of its own: quick to help, plain in trouble, and tidy about its children."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linesheet.sync.models import Connection

LINESHEET = [sys.executable, "-m", "linesheet.cli.main"]
NOWHERE = {**os.environ, "DATABASE_URL": "postgresql://127.0.0.1:9/nowhere"}
PATIENCE = 120.0


def call(*arguments: str, env: dict[str, str], **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LINESHEET, *arguments], env=env, capture_output=True, text=True, timeout=PATIENCE, **options
    )


@contextmanager
def process(*arguments: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen([*LINESHEET, *arguments], env=env, stdout=subprocess.PIPE, text=True)
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate(timeout=PATIENCE)


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def descendants(pid: int) -> dict[int, str]:
    """Processes below this one and their command lines."""
    parents, commands = {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            commands[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if state != "Z":
            parents[int(folder.name)] = int(parent)
    found: dict[int, str] = {}
    below = [pid]
    while below:
        children = [child for child, parent in parents.items() if parent in below]
        found |= {child: commands[child] for child in children}
        below = children
    return found


def child_called(pid: int, name: str) -> int | None:
    return next((child for child, command in descendants(pid).items() if f"linesheet.cli.main {name}" in command), None)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("arguments", [["--help"], ["connection", "add", "-h"], ["--version"]])
def test_help_needs_no_django_and_no_database(arguments):
    code = (
        "import sys; from linesheet.cli.main import main; main(sys.argv[1:], standalone_mode=False); "
        "sys.exit(any(name in sys.modules for name in ('django', 'aiohttp', 'granian')))"
    )

    asked = subprocess.run([sys.executable, "-c", code, *arguments], env=NOWHERE, capture_output=True, text=True)

    assert (asked.returncode, asked.stderr) == (0, "")


def test_a_database_that_is_not_there_is_told_plainly():
    result = call("company", "list", env=NOWHERE)

    assert (result.returncode, result.stdout) == (1, "")
    assert "The database cannot be reached" in result.stderr
    assert "Traceback" not in result.stderr


def test_in_another_folder_nothing_begins_unasked(tmp_path):
    elsewhere = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "LINESHEET_DATA")}

    runs = call("runs", env=elsewhere, cwd=tmp_path)
    doctor = call("doctor", "--json", env=elsewhere, cwd=tmp_path)

    assert (runs.returncode, doctor.returncode) == (1, 1)
    assert runs.stderr.startswith(f"There is no installation in {tmp_path / 'var'}.\n")
    assert str(tmp_path / "var") in json.loads(doctor.stdout)["checks"][0]["says"]
    assert list(tmp_path.iterdir()) == []


def test_a_new_installation_tells_its_folder_once(tmp_path):
    apart = {**os.environ, "LINESHEET_DATA": str(tmp_path / "books")}
    apart.pop("DATABASE_URL", None)

    first, second = (call("company", "create", name, "--owner", "ada@example.com", env=apart) for name in "AB")

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stderr == f"New data folder: {tmp_path / 'books'}. To use another, set LINESHEET_DATA.\n"
    assert second.stderr == ""


def test_what_platforms_declare_is_told_without_an_installation(tmp_path):
    told = call("platforms", env={**os.environ, "LINESHEET_DATA": str(tmp_path / "none")}, cwd=tmp_path)

    assert "NuORDER (nuorder)\n" in told.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_reports_a_database_that_is_not_there():
    result = call("doctor", "--json", env=NOWHERE)

    assert result.returncode == 1
    found = json.loads(result.stdout)
    assert found["health"] == "problem"
    assert [check["health"] for check in found["checks"] if check["check"] == "database"] == ["problem"]


def test_a_sandbox_needs_no_database_and_ends_at_a_signal():
    with process("sandbox", "nuorder", env=NOWHERE) as sandbox:
        announced = json.loads(sandbox.stdout.readline())
        sandbox.terminate()

        assert announced["platform"] == "nuorder"
        assert sandbox.wait(PATIENCE) == 0


def test_a_run_works_by_itself_where_no_worker_is_alive(brand, season, environment):
    with process("sandbox", "nuorder", env=environment) as sandbox:
        remote = json.loads(sandbox.stdout.readline())
        Connection.objects.create(
            platform="nuorder",
            name="NuORDER",
            base_url=remote["url"],
            settings={"import_season": season.pk},
            credentials=remote["credentials"],
        )

        result = call("run", "NuORDER", "orders-import", "--json", env=environment)

    assert result.returncode == 0, result.stderr
    account = json.loads(result.stdout)
    assert (account["state"], account["counts"]["selected"]) == ("done", 0)
    assert account["calls"] > 0


def test_up_starts_everything_restarts_what_dies_and_leaves_nothing_behind(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installation")
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o755)  # the database server runs as a user of its own when the tests run as root
    own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    own |= {
        "LINESHEET_DATA": str(folder),
        "LINESHEET_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "linesheet.site.settings",
    }

    with process("up", "--port", "0", env=own) as up:
        line = up.stdout.readline()
        assert line.startswith("Linesheet is at http://127.0.0.1:"), line
        first = child_called(up.pid, "worker")
        os.kill(first, signal.SIGKILL)
        until(lambda: child_called(up.pid, "worker") not in (None, first), "the worker was not started again")
        children = descendants(up.pid)
        server = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        up.terminate()

        assert up.wait(PATIENCE) == 0
    until(lambda: not any(alive(pid) for pid in [*children, server]), "a child is left")


def test_children_end_with_a_parent_that_is_killed(transactional_db, environment):
    with process("up", "--port", "0", env={**environment, "LINESHEET_LOG_LEVEL": "ERROR"}) as up:
        assert up.stdout.readline().startswith("Linesheet is at")
        children = descendants(up.pid)
        up.kill()

        until(lambda: not any(map(alive, children)), f"left behind: {children}")


def test_a_port_that_is_taken_is_told_before_anything_starts():

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = call("up", "--port", str(taken.getsockname()[1]), env=NOWHERE)

    assert result.returncode == 1
    assert "Nothing can listen on 127.0.0.1" in result.stderr
