"""What the demo has to show for itself, and what every round trip does: run tasks, and say what does not hold."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from linesheet.sync import runs
from linesheet.sync.models import Connection, Item, Run

Say = Callable[[str], None]

POLL_SECONDS = 0.1


@dataclass(slots=True)
class Account:
    """What the demo has to show for itself, as its last line prints it."""

    tasks: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain data; `ok` when nothing is wrong."""
        return {"ok": not self.wrong, "tasks": self.tasks, "orders": self.orders, "wrong": self.wrong}


class Trip:
    """A connection whose tasks are run by its workers, with an account of them."""

    def __init__(self, connection: Connection, account: Account, say: Say) -> None:
        self.connection = connection
        self.account = account
        self.say = say
        # Reasons that were told with as many records of a task.
        self._told: set[tuple[str, str, int]] = set()

    def run(self, task: str) -> Run:
        """Run one task to its end."""
        run, _ = runs.start(self.connection, task)
        return self.finish(run)

    def finish(self, run: Run) -> Run:
        self.wait(run, until=Run.FINAL)
        seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0
        row: dict[str, Any] = {"connection": self.connection.name, "task": run.task, "run": run.pk, "state": run.state}
        counters = ("selected", "created", "updated", "unchanged", "blocked", "failed", "not_attempted", "calls")
        row |= {name: getattr(run, name) for name in counters}
        self.account.tasks.append(row | {"seconds": round(seconds, 2)})
        parts = ", ".join(f"{row[name]} {name.replace('_', ' ')}" for name in counters[1:-1] if row[name])
        self.say(
            f"  {run.task}: {run.get_state_display().lower()}: {run.selected} selected = {parts or 'nothing'} "
            f"({run.calls} calls, {seconds:.1f} s)"
        )
        reasons = (
            run.items.filter(state__in=(Item.State.BLOCKED, Item.State.FAILED))
            .values_list("reason_code")
            .annotate(times=Count("pk"))
            .order_by("-times")
        )
        for code, times in reasons:
            if (run.task, code, times) in self._told:
                continue
            self._told.add((run.task, code, times))
            example = run.items.filter(reason_code=code).order_by("pk")[0]
            self.say(f"    {times} x {code}: {example.says} {example.fix}")
        self.expect(run.state in (Run.State.DONE, Run.State.PROBLEMS), f"{run.task} {run.state}: {run.says}")
        self.expect(run.adds_up, f"{run.task} does not add up")
        self.expect(run.failed == 0, f"{run.task} failed on {run.failed} records")
        return run

    def wait(self, run: Run, until: Sequence[str]) -> None:
        while run.state not in until:
            time.sleep(POLL_SECONDS)
            run.refresh_from_db()

    def expect(self, holds: bool, wrong: str) -> None:
        if not holds:
            self.account.wrong.append(f"{self.connection.name}: {wrong}")
            self.say(f"  WRONG: {wrong}")
