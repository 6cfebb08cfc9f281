"""The benches, at a small size and in processes of their own."""

import inspect
import json
import os
import subprocess
import sys
from pkgutil import resolve_name

import pytest

from linesheet.cli.bench.targets import BENCHES


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "linesheet.cli.main", "bench", *arguments],
        env={name: value for name, value in os.environ.items() if not name.startswith(("LINESHEET_", "DJANGO_"))},
        capture_output=True,
        text=True,
        timeout=110,
    )


@pytest.mark.parametrize("name", BENCHES)
def test_every_bench_says_what_it_measures(name):
    measure = resolve_name(BENCHES[name].measure)

    assert inspect.getdoc(measure)
    assert next(iter(inspect.signature(measure).parameters.values())).annotation is int


def test_a_bench_prints_its_figures_and_how_they_grow():
    finished = bench("import", "--size", "300", "--growth", "--json")

    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout)["import"]
    assert (figures["SKUs"], figures["created"], figures["unchanged"]) == (300, 300, 300)
    assert figures["target"] == BENCHES["import"].target
    assert figures["peak_mb"] > 0
    assert figures["growth"].keys() == {"seconds", "cpu_seconds", "peak_mb", "mb", "met"}


def test_an_unknown_bench_is_named_with_those_there_are():
    finished = bench("no-such")

    assert finished.returncode == 2
    assert "There is no bench no-such; there are import, plan-unchanged" in finished.stderr
