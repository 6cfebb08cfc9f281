"""`linesheet faults`: seeds of drawn scenarios, each played and checked."""

import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from linesheet.cli.common import examples, json_option
from linesheet.cli.faults import lanes
from linesheet.cli.faults.lane import Verdict
from linesheet.cli.faults.scenario import Scenario, draw
from linesheet.cli.sides.listed import PLATFORMS, left_out


@dataclass(slots=True)
class Tally:
    """What a campaign has to show for itself. `drawn` and `struck` count faults: ordered, and hit at least once.

    `passed_on` counts the seeds that passed by platform.
    """

    asked: int
    platforms: tuple[str, ...]
    passed_on: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, Any]] = field(default_factory=list)
    drawn: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    began: float = field(default_factory=time.monotonic)

    @property
    def passed(self) -> int:
        """Seeds that passed, on all platforms."""
        return self.passed_on.total()

    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    def add(self, scenario: Scenario, verdict: Verdict) -> None:
        """Count one more seed."""
        self.drawn += scenario.faults
        self.struck.update(verdict.struck)
        self.longest = max(self.longest, verdict.seconds)
        if verdict.wrong:
            self.failed.append({"platform": verdict.platform, "seed": verdict.seed, "wrong": verdict.wrong})
        else:
            self.passed_on[verdict.platform] += 1

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as --json prints it."""
        return {
            "asked": self.asked,
            "seeds": self.passed + len(self.failed),
            "passed": self.passed,
            "failed": self.failed,
            "passed_on": {platform: self.passed_on[platform] for platform in self.platforms},
            "seconds": round(self.seconds(), 1),
            "longest_seed_seconds": self.longest,
            "faults": {name: {"drawn": self.drawn[name], "struck": self.struck[name]} for name in sorted(self.drawn)},
            "refused": {name: times for name, times in sorted(self.struck.items()) if name not in self.drawn},
        }


@click.command(
    epilog=examples(
        "linesheet faults --seeds 1000 --minutes 60", "linesheet faults --seeds 1 --start 105 --platform nuorder"
    )
)
@click.option("--seeds", default=30, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--start", "first", default=1, show_default=True, help="The first of them.")
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    type=click.Choice(PLATFORMS),
    help="Play them on this platform; may be repeated.  [default: all, in turn]",
)
@click.option("--minutes", type=float, help="Begin no seed that may not end within so long.")
@click.option(
    "--at-once",
    default=lanes.sensible,
    show_default="four a core",
    type=click.IntRange(1),
    help="How many are played side by side, each with a server of its own.",
)
@click.option("--stop", is_flag=True, help="Stop at the first that fails.")
@click.option(
    "--logs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that gets the workers' logs of seeds that fail.",
)
@json_option
def faults(
    seeds: int,
    first: int,
    platforms: tuple[str, ...],
    minutes: float | None,
    at_once: int,
    *,
    stop: bool,
    logs: Path | None,
    as_json: bool,
) -> None:
    """Break everything on purpose, and see whether the books still agree with the platforms.

    Each seed plays a scenario of its own on a fresh database and a fresh sandbox of one platform, with real workers.
    Seeds go to the platforms in turn, by their number. The scenario of a seed on a platform is the same every time, its
    timing is the machine's. Exits with 1 when anything does not hold, and says how to play the seed again. Your own
    installation is not touched.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    platforms = platforms or PLATFORMS
    tally = Tally(seeds, platforms)
    for platform in left_out():
        click.echo(f"{platform} is left out: nothing here drives its sandbox.", err=True)

    def in_time() -> Iterator[tuple[str, int]]:
        for seed in range(first, first + seeds):
            if minutes and tally.seconds() + tally.longest > minutes * 60:
                return
            yield platforms[seed % len(platforms)], seed

    with closing(lanes.verdicts(in_time(), at_once, logs)) as verdicts:
        for verdict in verdicts:
            scenario = draw(verdict.platform, verdict.seed)
            tally.add(scenario, verdict)
            if verdict.wrong:
                _tell(scenario, verdict.wrong)
            outcome = "FAILED" if verdict.wrong else "passed"
            click.echo(f"seed {verdict.seed} on {verdict.platform}: {outcome} in {verdict.seconds:.1f} s", err=as_json)
            if stop and verdict.wrong:
                break
    if as_json:
        click.echo(json.dumps(tally.as_dict()))
    else:
        click.echo(
            f"{tally.passed} seeds of {seeds} asked for passed, {len(tally.failed)} failed, in {tally.seconds():.0f} s."
        )
    if tally.failed:
        sys.exit(1)


def _tell(scenario: Scenario, wrong: list[str]) -> None:
    click.echo(f"\n{scenario}\n  does not hold:", err=True)
    for says in wrong:
        click.echo(f"    {says}", err=True)
    click.echo(
        f"  play it again: linesheet faults --seeds 1 --start {scenario.seed} --platform {scenario.platform}\n",
        err=True,
    )
