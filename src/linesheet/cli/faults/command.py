"""`linesheet faults`: seeds of drawn scenarios, each played and checked."""

import atexit
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from linesheet.cli.common import examples, json_option
from linesheet.cli.faults.scenario import Scenario, draw


@dataclass(slots=True)
class Tally:
    """What a campaign has to show for itself. `drawn` and `struck` count faults: ordered, and hit."""

    passed: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)
    drawn: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as --json prints it."""
        return {
            "seeds": self.passed + len(self.failed),
            "passed": self.passed,
            "failed": self.failed,
            "seconds": round(self.seconds(), 1),
            "faults": dict(sorted(self.drawn.items())),
            "struck": dict(sorted(self.struck.items())),
        }


@click.command(epilog=examples("linesheet faults --seeds 1000 --minutes 180", "linesheet faults --seeds 1 --start 105"))
@click.option("--seeds", default=30, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--start", "first", default=1, show_default=True, help="The first of them.")
@click.option("--minutes", type=float, help="Begin no further seed after so long.")
@click.option(
    "--logs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that gets the workers' logs of seeds that fail.",
)
@json_option
def faults(seeds: int, first: int, minutes: float | None, logs: Path | None, as_json: bool) -> None:
    """Break everything on purpose, and see whether the books still agree with the platform.

    Each seed plays a scenario of its own on a fresh database and a fresh sandbox, with real workers. The scenario is
    the same every time, its timing is the machine's. Exits with 1 when anything does not hold, and says how to play
    the seed again. Your own installation is not touched.
    """
    own_installation()
    from linesheet.cli.faults.world import Campaign

    tally = Tally()
    with contextlib.closing(Campaign(logs)) as campaign:
        for seed in range(first, first + seeds):
            if minutes is not None and tally.seconds() > minutes * 60:
                break
            _play(campaign, draw(seed), tally, quietly=as_json)
    if as_json:
        click.echo(json.dumps(tally.as_dict()))
    else:
        click.echo(f"{tally.passed} seeds passed, {len(tally.failed)} failed, in {tally.seconds():.0f} s.")
    if tally.failed:
        sys.exit(1)


def own_installation() -> None:
    """Start on a data folder and a server of the campaign's own, gone when it ends, however it ends."""
    folder = tempfile.mkdtemp(prefix="linesheet-faults-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ.pop("DATABASE_URL", None)
    os.environ["LINESHEET_DATA"] = folder
    os.environ["LINESHEET_PUBLIC_URL"] = "https://hub.example.com"
    os.environ["LINESHEET_LOG_LEVEL"] = "ERROR"
    from linesheet.site import boot

    boot.start(migrate=True)


def _play(campaign: Any, scenario: Scenario, tally: Tally, *, quietly: bool) -> None:
    from linesheet.cli.faults.play import play

    began = time.monotonic()
    tally.drawn += scenario.faults
    try:
        wrong, struck = play(campaign, scenario)
        tally.struck += struck
    except Exception:
        wrong = ["The campaign itself stopped on an error:", *traceback.format_exc(limit=-8, chain=False).splitlines()]
    seconds = time.monotonic() - began
    if wrong:
        tally.failed.append({"seed": scenario.seed, "wrong": wrong})
        _tell(scenario, wrong)
    else:
        tally.passed += 1
    click.echo(f"seed {scenario.seed}: {'FAILED' if wrong else 'passed'} in {seconds:.1f} s", err=quietly)


def _tell(scenario: Scenario, wrong: list[str]) -> None:
    click.echo(f"\n{scenario}\n  does not hold:", err=True)
    for says in wrong:
        click.echo(f"    {says}", err=True)
    click.echo(f"  play it again: linesheet faults --seeds 1 --start {scenario.seed}\n", err=True)
