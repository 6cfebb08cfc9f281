"""ORDRE's sandbox as a process: how it begins, ends, and what survives (sheet ordre.md 6.5)."""

import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from tests.processes import until
from tests.sandbox.ordre_client import KEY, MadeUpHub, Process, kept_waiting
from tests.sandbox.running import Control


def connected(process: Process, hub: MadeUpHub) -> Control:
    control = process.control
    control.post("/hub", {"url": hub.url, "key": KEY})
    return control


def test_what_it_holds_survives_a_killed_process(tmp_path: Path, hub: MadeUpHub):
    with Process(state=tmp_path / "ordre.db") as process:
        control = connected(process, hub)
        control.post("/collect")
        number = control.post("/orders", {"customer": "Shop", "looks": [{"look_id": "A"}]})["number"]
        told = control.post(f"/orders/{number}/submit")
        process.stop(signal.SIGKILL)

    with Process(state=tmp_path / "ordre.db") as process:
        control = process.control
        assert [each["id"] for each in control.get("/products")] == ["p1", "p2", "p3"]
        assert control.get(f"/orders/{number}")["submissions"] == [told]
        assert control.post("/collect")["products"]["updated_since"] == hub.stamp()
        assert control.post("/orders", {"customer": "Shop", "looks": [{"look_id": "A"}]})["number"] > number


def test_a_submission_cut_off_by_its_death_is_sent_again_under_the_same_key(tmp_path: Path, hub: MadeUpHub):
    go_on = Event()
    with Process(state=tmp_path / "ordre.db") as process:
        control = connected(process, hub)
        control.post("/collect")
        number = control.post("/orders", {"customer": "Shop", "looks": [{"look_id": "A"}]})["number"]
        hub.before = kept_waiting("/orders", go_on)
        control.set(patience_seconds=0.1, tries=1)
        assert control.post(f"/orders/{number}/submit")["outcome"] == "unanswered"
        process.stop(signal.SIGKILL)
    go_on.set()

    with Process(state=tmp_path / "ordre.db") as process:
        process.control.set(patience_seconds=20)
        assert process.control.post(f"/orders/{number}/submit")["outcome"] == "accepted"
    assert len({each.headers["idempotency-key"] for each in hub.calls("POST", "/orders")}) == 1


def test_it_ends_at_once_in_the_middle_of_a_collect(hub: MadeUpHub):
    go_on = Event()
    hub.before = kept_waiting("/collections", go_on)
    with Process() as process:
        connected(process, hub).set(collect_seconds=0.05)
        until(lambda: hub.calls("GET", "/collections"))
        assert process.stop(signal.SIGTERM) == (0, "")
    go_on.set()


def test_a_furnished_one_collects_every_minute_until_told_otherwise(tmp_path: Path):
    with Process(state=tmp_path / "ordre.db", furnished=True) as process:
        assert process.announcement["credentials"] == {}
        assert process.control.get("/settings")["collect_seconds"] == 60
        process.control.set(collect_seconds=None)
        process.stop(signal.SIGTERM)

    with Process(state=tmp_path / "ordre.db", furnished=True) as process:
        assert process.control.get("/settings")["collect_seconds"] is None


def test_told_of_the_hub_at_its_start_it_collects_at_once(hub: MadeUpHub):
    with Process(furnished=True, more=("--hub", hub.url, "--key", KEY)) as process:
        until(lambda: [each["outcome"] for each in process.control.get("/collects")] == ["done"])
        assert len(process.control.get("/products")) == 3


@pytest.mark.parametrize(
    ("platform", "options", "says"),
    [
        ("ordre", ["--hub", "http://127.0.0.1:9"], "--hub and --key go together"),
        ("ordre", ["--hub", "http://hub.example", "--key", "k"], "the sandbox calls this machine alone"),
        ("joor", ["--hub", "http://127.0.0.1:9", "--key", "k"], "joor calls nobody"),
    ],
)
def test_a_hub_it_cannot_call_ends_it_with_a_sentence(platform: str, options: list[str], says: str):
    command = [sys.executable, "-m", "linesheet_sandbox", platform, *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert ended.returncode == 2
    assert says in ended.stderr
