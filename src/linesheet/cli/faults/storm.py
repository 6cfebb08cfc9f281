"""Plays a scenario: what people, buyers and faults do, each at its moment; then leaves the system alone until quiet."""

import heapq
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from linesheet.books.reasons import Refused
from linesheet.cli.faults.brand import Brand, as_lines, as_order
from linesheet.cli.faults.scenario import Scenario, Step
from linesheet.cli.faults.world import World
from linesheet.cli.sides.listed import traffic_of
from linesheet.sync import runs
from linesheet.sync.models import Run

TICK_SECONDS = 0.05
LAST_SECONDS = 15.0
AGAIN_SECONDS = 0.2
FAULT_OPTIONS = ("kind", "after", "times", "seed", "seconds", "status", "applied", "retry_after", "close_early")
QUIET_SECONDS = 45.0
MOST_ROUNDS = 6


class NotQuiet(Exception):
    """The system did not come to rest."""


class Storm:
    """One play of a scenario."""

    def __init__(self, scenario: Scenario, world: World, brand: Brand) -> None:
        self._scenario = scenario
        self._world = world
        self._brand = brand
        self._remote = world.remote
        self._traffic = traffic_of(scenario.platform)
        self._began = time.monotonic()
        self._last_step = scenario.steps[-1].at
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._tie = count()
        self._orders: dict[int, str] = {}
        self._aims: dict[int, Step] = {}
        self._answers: dict[int, Step] = {}
        self._second_chances: list[tuple[int, Step]] = []
        self.struck: Counter[str] = Counter()

    def rage(self) -> None:
        """Do every step at its moment, and what the aims of faults hit on the way."""
        self._remote.control("POST", "/settings", {"latency_ms": self._scenario.latency_ms, **self._scenario.sandbox})
        for _ in range(self._scenario.workers):
            self._world.start_worker()
        for step in self._scenario.steps:
            self._later(step.at, partial(self._take, step))
        while self._due or self._still_at_work() or self._second_chance():
            if self._due and self._due[0][0] <= self._elapsed():
                heapq.heappop(self._due)[2]()
                continue
            if self._aims:
                self._look_at_aims()
            time.sleep(TICK_SECONDS)

    def calm(self) -> None:
        """End the faults, and run every task until a round changes nothing. Raises NotQuiet."""
        for fault in self._remote.control("GET", "/faults"):
            if fault["hits"] and (answer := self._answers.get(fault["id"])):
                self.struck[answer.fault] += 1
        at_work = set(Run.objects.exclude(worker="").values_list("worker", flat=True))
        if self._scenario.workers > 1 and len(at_work) > 1:
            self.struck["two workers"] += 1
        self._remote.control("DELETE", "/faults")
        self._remote.control("POST", "/settings", {"latency_ms": 0, **self._traffic.quiet})
        self._remote.control("POST", "/clock", {"offset_seconds": 0})
        self._world.step_clock(0)
        for worker in self._world.living():
            worker.resume()
        if not self._world.living():
            self._world.start_worker()
        self._await_rest()
        for run in Run.objects.filter(state=Run.State.PLANNED):
            runs.cancel(run)
        for _ in range(MOST_ROUNDS):
            before = self._remote.writes(), self._records_moved()
            for task in self._traffic.tasks:
                runs.start(self._brand.connection, task)
                self._await_rest()
            if before == (self._remote.writes(), self._records_moved()):
                return
        raise NotQuiet(f"{MOST_ROUNDS} rounds of all tasks, and each still changed something")

    def _await_rest(self) -> None:
        deadline = time.monotonic() + QUIET_SECONDS
        while unfinished := self._world.patiently(lambda: list(Run.objects.filter(state__in=Run.UNFINISHED))):
            if time.monotonic() > deadline:
                stuck = ", ".join(f"{run} is {run.state}, epoch {run.epoch}" for run in unfinished)
                raise NotQuiet(f"after {QUIET_SECONDS:.0f} s: {stuck}")
            time.sleep(TICK_SECONDS)

    def _still_at_work(self) -> bool:
        """Whether faults may yet strike: runs are under way, for a while after the last step."""
        return (
            self._elapsed() < self._last_step + LAST_SECONDS
            and bool(self._world.living())
            and self._patiently(Run.objects.filter(state__in=Run.UNFINISHED).exists)
        )

    def _second_chance(self) -> bool:
        """Give what is aimed at and was not asked for another occasion, once; whether there was any."""
        waiting, self._second_chances = self._second_chances, []
        hits = {fault["id"]: fault["hits"] for fault in self._remote.control("GET", "/faults")} if waiting else {}
        missed = [step for fault_id, step in waiting if not hits[fault_id]]
        for step in missed:
            self._give_occasion(step.about["occasion"])
        return bool(missed) and bool(self._world.living())

    def _records_moved(self) -> int:
        return sum(sum(pair) for pair in Run.objects.values_list("created", "updated"))

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _later(self, at: float, do: Callable[[], object]) -> None:
        heapq.heappush(self._due, (at, next(self._tie), do))

    def _take(self, step: Step) -> None:
        about = step.about
        match step.verb:
            case "run" | "preview":
                self._patiently(lambda: self._start(step))
            case "approve":
                self._patiently(lambda: self._approve(about["task"]))
            case "order":
                self._orders[about["number"]] = self._place_order(about)
            case "approve order":
                self._remote.approve_order(self._orders[about["number"]])
            case "cancel order":
                self._remote.cancel_order(self._orders[about["number"]])
            case "edit order":
                self._edit_order(about)
            case "answer":
                self._answers[self._order_fault(step, about["to"])] = step
            case "aim":
                self._aims[self._order_fault(step, about["at_request"])] = step
            case deed:
                self._do(deed, about, step.fault)

    def _patiently(self, do: Callable[[], Any]) -> Any:
        return self._world.patiently(do)

    def _start(self, step: Step) -> None:
        try:
            _, new = runs.start(self._brand.connection, step.about["task"], preview=step.verb == "preview")
        except Refused:
            self.struck["start refused"] += 1
        else:
            if step.fault and not new:
                self.struck[step.fault] += 1

    def _start_anew(self, task: str) -> None:
        """Start a run that sees what was done just now; again and again while another is under way."""
        try:
            _, new = self._patiently(lambda: runs.start(self._brand.connection, task))
        except Refused:
            new = False
        if not new and self._elapsed() < self._last_step + LAST_SECONDS:
            self._later(self._elapsed() + AGAIN_SECONDS, partial(self._start_anew, task))

    def _approve(self, task: str) -> None:
        waiting = Run.objects.filter(task=task, state=Run.State.PLANNED).first()
        if waiting:
            try:
                runs.approve(waiting)
            except Refused:
                self.struck["approval refused"] += 1

    def _cancel(self, which: int) -> bool:
        running = list(Run.objects.filter(state__in=[*Run.UNFINISHED, Run.State.PLANNED]).order_by("pk"))
        if not running:
            return False
        try:
            runs.cancel(running[which % len(running)])
        except Refused:
            self.struck["cancellation refused"] += 1
            return False
        return True

    def _edit_order(self, about: dict[str, Any]) -> None:
        lines = self._patiently(lambda: as_lines(self._brand, about["lines"], prebook=False))
        self._remote.change_order(self._orders[about["number"]], lines)

    def _order_fault(self, step: Step, to: str) -> int:
        """Have the sandbox do to its answers what a step says; the fault's id."""
        request = self._traffic.requests[to]
        options = {name: value for name, value in step.about.items() if name in FAULT_OPTIONS}
        match = {"method": request.method, "path": request.path}
        fault = self._remote.control("POST", "/faults", {"match": match, **options})
        if occasion := step.about["occasion"]:
            self._give_occasion(occasion)
            self._second_chances.append((fault["id"], step))
        return int(fault["id"])

    def _give_occasion(self, occasion: dict[str, Any]) -> None:
        """Give the hub a reason to make the request that a fault waits for."""
        if order := occasion.get("order"):
            self._place_order({"number": f"for {self._elapsed():.2f}", **order})
        else:
            self._patiently(lambda: self._brand.edit(**occasion["edit"]))
        self._start_anew(occasion["task"])

    def _place_order(self, about: dict[str, Any]) -> str:
        return self._remote.place_order(self._patiently(lambda: as_order(self._brand, about)))

    def _look_at_aims(self) -> None:
        for fault in self._remote.control("GET", "/faults"):
            if fault["hits"] and (step := self._aims.pop(fault["id"], None)):
                deed = step.about["deed"]
                mark = f"{deed}_"
                about = {name.removeprefix(mark): step.about[name] for name in step.about if name.startswith(mark)}
                self._do(deed, about, step.fault)

    def _do(self, deed: str, about: dict[str, Any], fault: str) -> None:
        """Do something that people do not do; when it could be done it counts as a fault that struck."""
        done: Any = True
        match deed:
            case "kill":
                done = self._kill(about)
            case "stop":
                done = self._stop(about)
            case "cut database":
                self._world.cut_database(about["which"])
            case "restart database":
                self._world.restart_database()
            case "clock" if about["whose"] == "platform":
                self._remote.control("POST", "/clock", {"offset_seconds": about["seconds"]})
            case "clock":
                self._world.step_clock(about["seconds"])
            case "full disk":
                done = self._patiently(lambda: self._brand.picture_on_a_full_disk(about["which"], about["figure"]))
            case "cancel":
                done = self._patiently(lambda: self._cancel(about["which"]))
            case "edit":
                self._patiently(lambda: self._brand.edit(about["what"], about["which"], about["figure"]))
        if fault and done:
            self.struck[fault] += 1

    def _kill(self, about: dict[str, Any]) -> bool:
        worker = self._one_at_work(about["which"])
        if worker is None:
            return False
        self._world.kill(worker)
        if about["another_after"] is not None:
            self._later(self._elapsed() + about["another_after"], self._world.start_worker)
        return True

    def _stop(self, about: dict[str, Any]) -> bool:
        worker = self._one_at_work(about["which"])
        if worker is None:
            return False
        self._world.freeze(worker, about["seconds"])
        return True

    def _one_at_work(self, which: int) -> Any:
        """The worker that holds a run, else any."""
        living = self._world.living()
        holders = self._patiently(
            lambda: set(
                Run.objects.filter(state__in=Run.UNFINISHED, lease_until__isnull=False).values_list("worker", flat=True)
            )
        )
        pids = {int(holder.split(":")[-2]) for holder in holders if holder}
        at_work = [worker for worker in living if worker.pid in pids]
        return at_work[0] if at_work else living[which % len(living)] if living else None
