"""`linesheet bench`: speed and memory of the core, each bench in a process and a database of its own."""

import json
import sys
import tempfile

import click

from linesheet.cli.bench.apart import apart
from linesheet.cli.bench.targets import BENCHES, Bench, Figures
from linesheet.cli.common import environment_apart, examples, json_option

SMALLER = 10
# Ten times the work may take eleven times the CPU time, and hardly more memory.
MOST_TIME, MOST_MEMORY, MOST_MB = 11, 1.2, 300


@click.command(epilog=examples("linesheet bench", "linesheet bench push --size 5000 --json"))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--size", type=click.IntRange(1), help="Another size than the one the target is for.")
@click.option("--growth", is_flag=True, help="Say, too, how time and memory grow to ten times the size.")
@json_option
def bench(names: tuple[str, ...], size: int | None, growth: bool, as_json: bool) -> None:
    """Measure the core against its targets: all benches, or those named.

    Your own installation is not touched. Exits with 3 when a target that was measured at its size is not met.
    """
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        raise click.BadParameter(f"There is no bench {unknown[0]}; there are {', '.join(BENCHES)}.")
    results = {}
    for name in names or BENCHES:
        chosen = BENCHES[name]
        at = size or chosen.size
        measured = _figures(chosen, at)
        figures = {"target": chosen.target, chosen.unit: at, **measured, "met": chosen.met(measured)}
        if growth and chosen.grown:
            grown = size or chosen.grown
            apart_too = chosen.measure_grown or grown != at
            large = _figures(chosen, grown, growing=True) if apart_too else figures
            figures["growth"] = _growth(large, _figures(chosen, max(1, grown // SMALLER), growing=True))
        results[name] = figures
        if not as_json:
            click.echo(f"{name}: {', '.join(f'{key} {value}' for key, value in figures.items())}")
    if as_json:
        click.echo(json.dumps(results, indent=2))
    at_size = [figures for name, figures in results.items() if size in (None, BENCHES[name].size)]
    if not all(figures["met"] and figures.get("growth", figures)["met"] for figures in at_size):
        sys.exit(3)


def _growth(large: Figures, small: Figures) -> Figures:
    """How many times what the small size takes the large one takes; and the memory of the large one."""
    times = {name: round(large[name] / max(small[name], 0.01), 2) for name in ("seconds", "cpu_seconds", "peak_mb")}
    met = times["cpu_seconds"] < MOST_TIME and times["peak_mb"] < MOST_MEMORY and large["peak_mb"] < MOST_MB
    return {**times, "mb": large["peak_mb"], "met": met}


def _figures(chosen: Bench, size: int, *, growing: bool = False) -> Figures:
    """The bench's figures at a size, or those it grows by, from a process and a database of its own."""
    measure = chosen.measure_grown if growing and chosen.measure_grown else chosen.measure
    with tempfile.TemporaryDirectory(prefix="linesheet-bench-") as folder:
        figures: Figures = apart(measure, size, environment=environment_apart(folder))
    return figures
