"""The sandboxes that the supervisor starts, and how the web learns of them."""

import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linesheet.cli.sandboxes import sandbox_children
from linesheet.cli.supervise import Child
from linesheet.sync.sandboxes import announcement_file, running_sandbox
from tests.processes import until


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LINESHEET_DATA", str(tmp_path))
    return tmp_path


@contextmanager
def running(child: Child) -> Iterator[None]:
    process = subprocess.Popen(child.command)
    try:
        until(lambda: running_sandbox("nuorder"))
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def child() -> Child:
    return next(each for each in sandbox_children() if each.name == "nuorder sandbox")


def test_every_installed_sandbox_is_started_and_announces_itself() -> None:
    assert running_sandbox("nuorder") is None

    with running(child()):
        found = running_sandbox("nuorder")
        assert found
        assert sorted(found.credentials) == ["consumer_key", "consumer_secret", "token", "token_secret"]


def test_its_keys_are_for_nobody_else_to_read() -> None:
    with running(child()):
        assert stat.S_IMODE(announcement_file("nuorder").stat().st_mode) == 0o600


def test_a_sandbox_that_was_started_again_is_where_it_was_with_the_same_keys() -> None:
    with running(child()):
        first = running_sandbox("nuorder")
    assert running_sandbox("nuorder") is None

    with running(child()):
        assert running_sandbox("nuorder") == first


def test_an_announcement_that_makes_no_sense_counts_for_nothing() -> None:
    file = announcement_file("nuorder")
    file.parent.mkdir(parents=True)
    for content in ("", "[]", '{"url": 7}', "null"):
        file.write_text(content)
        assert running_sandbox("nuorder") is None
