"""The benches, at a small size and in processes of their own."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from linesheet.cli.bench import command
from linesheet.cli.bench.apart import apart
from linesheet.cli.bench.targets import BENCHES
from linesheet.cli.common import environment_apart


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "linesheet.cli.main", "bench", *arguments],
        env={name: value for name, value in os.environ.items() if not name.startswith(("LINESHEET_", "DJANGO_"))},
        capture_output=True,
        text=True,
        timeout=280,
    )


@pytest.mark.parametrize(
    ("name", "size", "holds"),
    [
        ("plan-changed", 20, {"products": 4, "unchanged": 1, "items": 4, "with_differences": 4}),
        ("push-credits", 50, {"products": 10, "credits": 5, "least_credits": 5, "credits_unchanged": 0, "refused": 0}),
        ("orders", 20, {"created": 20}),
        ("queue", 20, {"workers": 2, "runs": 1}),
    ],
)
def test_a_bench_does_all_that_it_measures(name, size, holds):
    finished = bench(name, "--size", str(size), "--json")

    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout)[name]
    assert {key: figures[key] for key in holds} == holds
    assert figures["seconds"] > 0


def test_a_bench_prints_its_figures_and_how_they_grow():
    finished = bench("import", "--size", "300", "--growth", "--json")

    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout)["import"]
    assert (figures["SKUs"], figures["created"], figures["unchanged"]) == (300, 300, 300)
    assert figures["target"] == BENCHES["import"].target
    assert figures["peak_mb"] > 0
    assert figures["growth"].keys() == {"seconds", "cpu_seconds", "peak_mb", "mb", "met"}


def test_how_a_push_grows_is_measured_without_waiting_for_the_remote(monkeypatch):
    asked = []

    def apart(function, size, *, environment):
        asked.append((function.rpartition(":")[2], size))
        return {"seconds": 1.0, "cpu_seconds": size / 100, "peak_mb": 100, "ratio": 1.1}

    monkeypatch.setattr(command, "apart", apart)
    finished = CliRunner().invoke(command.bench, ["push", "--size", "50", "--growth", "--json"])

    assert asked == [("push", 50), ("push_at_once", 50), ("push_at_once", 5)]
    assert json.loads(finished.stdout)["push"]["growth"]["cpu_seconds"] == 10


def test_a_push_that_does_not_wait_sends_everything(tmp_path):
    tmp_path.parent.chmod(0o755)  # the database server runs as a user of its own when the tests run as root
    tmp_path.parent.parent.chmod(0o755)
    tmp_path.chmod(0o755)

    figures = apart(BENCHES["push"].measure_grown, 50, environment=environment_apart(str(tmp_path)))

    assert figures["products"] == 11
    assert figures["peak_mb"] > 0


def test_an_unknown_bench_is_named_with_those_there_are():
    finished = bench("no-such")

    assert finished.returncode == 2
    assert "There is no bench no-such; there are import, plan-unchanged" in finished.stderr
