"""What happens in a seed, drawn: the brand, what people and buyers do, and what breaks. One seed, one scenario."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from linesheet.cli.sides.listed import traffic_of
from linesheet.cli.sides.traffic import Traffic

EDITS = (
    "price",
    "price",
    "name",
    "withdraw",
    "offer again",
    "add size",
    "unblock",
    "stock",
    "stock",
    "coming stock",
    "picture",
    "terms",
    "rename customer",
    "give currency",
    "new product",
    "new customer",
)
ANSWERS = (
    "timeout_before", "timeout_after", "disconnect_before", "disconnect_after", "rate_limit", "rate_limit", "status",
    "truncate", "malformed", "blank", "duplicate", "reorder", "empty", "slow", "unauthorized", "forbidden",
)  # fmt: skip
DEEDS = (
    "kill", "kill", "kill", "stop", "stop", "cut database", "cut database", "cancel", "cancel", "edit",
    "restart database",
)  # fmt: skip
# What is made by any task, so that faults may also wait for a later one.
WIDE = ("any write", "anything")
# So slow a platform that a run goes on for seconds, as runs of real brands do.
SLOW_MS = 700
# Seconds that clocks are set off by. Calls are refused when the two are too far apart, so most are not.
PLATFORM_STEPS = (-900, -120, -120, -120, 120, 120, 120, 900)
WORKER_STEPS = (-3600, -120, -120, -120, 120, 120, 120, 3600)
# An aimed request is held: either it is never applied, or it is and its answer waits.
MOMENTS = {"timeout_before": "before", "slow": "after"}


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """Something to do at a moment of the storm, in seconds; `about` says with what."""

    at: float
    verb: str
    about: dict[str, Any]

    @property
    def fault(self) -> str:
        """What breaks, in the name it is counted by; "" for what people and buyers do."""
        about = self.about
        match self.verb:
            case "aim":
                return f"{about['deed']} {MOMENTS[about['kind']]} {about['at_request']}"
            case "answer":
                return _answer_name(about)
            case "run" | "preview" if about.get("again"):
                return "double click"
            case "kill" | "stop" | "cut database" | "restart database" | "full disk" | "cancel":
                return self.verb
            case "clock":
                return f"clock of the {about['whose']}"
        return ""

    def __str__(self) -> str:
        what = ", ".join(f"{name} {value}" for name, value in self.about.items() if value is not None)
        return f"{self.at:5.2f} s  {self.verb}{': ' if what else ''}{what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A drawn seed on a platform. `blocked` says why a product, by its number, cannot go out."""

    platform: str
    seed: int
    workers: int
    products: int
    customers: int
    blocked: dict[int, str]
    without_currency: int
    settings: dict[str, Any]
    latency_ms: int
    sandbox: dict[str, Any]
    steps: tuple[Step, ...]

    @property
    def faults(self) -> Counter[str]:
        """How often each fault was drawn, by name."""
        found = Counter(step.fault for step in self.steps if step.fault)
        if self.workers > 1:
            found["two workers"] = 1
        return found

    def __str__(self) -> str:
        blocked = ", ".join(f"{number} {why}" for number, why in sorted(self.blocked.items()))
        return "\n".join(
            [
                f"seed {self.seed} on {self.platform}: {self.workers} workers, {self.products} products ({blocked}), "
                f"{self.customers} customers ({self.without_currency} without currency), latency {self.latency_ms} ms, "
                f"settings {self.settings}, of the sandbox {self.sandbox}",
                *(f"  {step}" for step in self.steps),
            ]
        )


def _answer_name(about: dict[str, Any]) -> str:
    match about["kind"]:
        case "rate_limit":
            return f"429 {'without' if about['retry_after'] is None else 'with'} Retry-After"
        case "status":
            return f"{about['status']}{' although applied' if about['applied'] else ''}"
        case kind:
            return str(kind)


def draw(platform: str, seed: int) -> Scenario:
    """The scenario of a seed on a platform, the same every time."""
    chance = random.Random(seed)
    traffic = traffic_of(platform)
    products, customers = chance.randint(10, 20), chance.randint(3, 6)
    numbers = chance.sample(range(products), chance.randint(2, 5))
    length = chance.uniform(1.5, 3.5)
    latency_ms = chance.choice((0, 0, 10, 10, 40, 40, 100, SLOW_MS))
    runs = list(_runs(chance, traffic, length))
    if latency_ms == SLOW_MS:
        # Late enough for the first run to be sending, and early enough for it to have a while to go.
        runs.append(_step(chance, "cancel", 1.4, 2.4, which=0))
    started = [step.at for step in runs if step.verb in ("run", "preview")]
    return Scenario(
        platform=platform,
        seed=seed,
        workers=chance.choice((1, 2, 2, 2, 3)),
        products=products,
        customers=customers,
        blocked={number: chance.choice(traffic.blocks) for number in numbers},
        without_currency=chance.choice((0, 1, 1, 2)),
        settings={
            "revisions": chance.choice(("hold", "apply")),
            "unknown_lines": chance.choice(("hold", "hold", "short")),
            "unknown_customer": chance.choice(("hold", "hold", "default")),
            "calls_per_second": chance.choice((None, None, None, 40)),
        },
        latency_ms=latency_ms,
        # Drawn last, so that a seed is the same on platforms without such switches.
        sandbox={name: chance.choice(values) for name, values in traffic.switches.items()},
        steps=tuple(
            sorted(
                [
                    *runs,
                    *_orders(chance, length),
                    *_edits(chance, traffic, length),
                    *_faults(chance, traffic, started, length),
                ],
                key=lambda step: step.at,
            )
        ),
    )


def _runs(chance: random.Random, traffic: Traffic, length: float) -> Iterator[Step]:
    export, *_, inward = traffic.tasks
    first = 0.0 if chance.random() < 0.85 else chance.uniform(0, 1)
    yield from _run(chance, first, export, length)
    for _ in range(chance.randint(2, 5)):
        task = chance.choice((*traffic.tasks, export, inward))
        yield from _run(chance, chance.uniform(0.2, length), task, length)
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        yield _step(chance, "cancel", 0.1, length, which=chance.randrange(4))


def _run(chance: random.Random, at: float, task: str, length: float) -> Iterator[Step]:
    preview = chance.random() < 0.25
    for click in range(2 if chance.random() < 0.25 else 1):
        again = {"again": True} if click else {}
        yield Step(_rounded(at + click * 0.05), "preview" if preview else "run", {"task": task, **again})
    if preview and chance.random() < 0.8:
        yield _step(chance, "approve", at + 0.3, length + 1, task=task)


def _orders(chance: random.Random, length: float) -> Iterator[Step]:
    for number in range(chance.randint(2, 8)):
        status = chance.choice(("approved", "approved", "pending"))
        at = chance.uniform(0, length * 0.8)
        yield Step(
            _rounded(at),
            "order",
            {
                "number": number,
                "status": status,
                "customer": None if chance.random() < 0.08 else chance.randrange(100),
                "lines": _lines(chance),
                "prebook": chance.random() < 0.5,
            },
        )
        if status == "pending" and chance.random() < 0.7:
            at += chance.uniform(0, 2)
            yield Step(_rounded(at), "approve order", {"number": number})
        if chance.random() < 0.35:
            at += chance.uniform(0.05, 2)
            yield Step(_rounded(at), "edit order", {"number": number, "lines": _lines(chance)})
        if chance.random() < 0.2:
            at += chance.uniform(0.05, 2)
            yield Step(_rounded(at), "cancel order", {"number": number})


def _lines(chance: random.Random) -> list[tuple[int | None, int, str]]:
    """Size by number (None: a barcode nobody knows), units and price."""
    return [
        (None if chance.random() < 0.04 else chance.randrange(1000), chance.randint(1, 9), f"{chance.randint(5, 99)}.5")
        for _ in range(chance.randint(1, 4))
    ]


def _edits(chance: random.Random, traffic: Traffic, length: float) -> Iterator[Step]:
    for _ in range(chance.randint(0, 10)):
        yield _step(chance, "edit", 0, length, **_edit(chance, traffic))


def _edit(chance: random.Random, traffic: Traffic) -> dict[str, Any]:
    return {
        "what": chance.choice((*EDITS, *traffic.edits)),
        "which": chance.randrange(1000),
        "figure": chance.randint(1, 90),
    }


def _faults(chance: random.Random, traffic: Traffic, runs: list[float], length: float) -> Iterator[Step]:
    """What breaks: some at the calls it is aimed at, with an occasion to make them, some about the time of a run."""
    for make in [_answer] * chance.randint(1, 4) + [_aim] * chance.choice((1, 1, 1, 2, 2, 3)):
        yield make(chance, traffic, length)
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        at = chance.choice(runs)
        deed = chance.choice(("kill", "kill", "stop", "stop", "cut database"))
        yield _step(chance, deed, at + 0.05, at + 0.8, **_deed(chance, traffic, deed))
    if chance.random() < 0.06:
        yield _step(chance, "restart database", 0.1, length)
    if chance.random() < 0.06:
        yield _step(chance, "clock", 0, length, whose="platform", seconds=chance.choice(PLATFORM_STEPS))
    if chance.random() < 0.06:
        yield _step(chance, "clock", 0, length, whose="workers", seconds=chance.choice(WORKER_STEPS))
    if chance.random() < 0.1:
        yield _step(chance, "full disk", 0.5, length, which=chance.randrange(1000), figure=chance.randint(100, 200))


def _occasion(chance: random.Random, traffic: Traffic, name: str) -> dict[str, Any] | None:
    """What gives the hub a reason to make a request: an edit of the books or an order, and a run."""
    request = traffic.requests[name]
    if not request.task:
        return None
    what = chance.choice(request.after)
    if what != "order":
        return {"task": request.task, "edit": {**_edit(chance, traffic), "what": what}}
    lines = [(chance.randrange(1000), chance.randint(1, 9), "20.5")]
    order = {"status": "approved", "customer": chance.randrange(100), "lines": lines, "prebook": chance.random() < 0.5}
    return {"task": request.task, "order": order}


def _deed(chance: random.Random, traffic: Traffic, deed: str) -> dict[str, Any]:
    match deed:
        case "kill":
            return {"which": chance.randrange(100), "another_after": chance.choice((None, 0.0, 0.5, 1.5))}
        case "stop":
            return {"which": chance.randrange(100), "seconds": chance.choice((0.3, 1.2, 4.0, 4.0))}
        case "cut database":
            return {"which": chance.choice((None, None, chance.randrange(100)))}
        case "edit":
            return _edit(chance, traffic)
        case "cancel":
            return {"which": chance.randrange(4)}
    return {}


def _aim(chance: random.Random, traffic: Traffic, length: float) -> Step:
    """Something that happens at the moment a chosen request is under way, before or after it is applied."""
    deed = chance.choice(DEEDS)
    request = chance.choice((*traffic.writes, *traffic.writes, *traffic.reads))
    return _step(
        chance,
        "aim",
        1.0 if traffic.requests[request].late else 0.0,
        length,
        kind=chance.choice(tuple(MOMENTS)),
        at_request=request,
        after=chance.choice((0, 0, 0, 2)) if request == traffic.writes[0] else 0,
        seconds=chance.choice((0.5, 1.0, 2.5)),
        occasion=_occasion(chance, traffic, request),
        deed=deed,
        **{f"{deed}_{name}": value for name, value in _deed(chance, traffic, deed).items()},
    )


def _answer(chance: random.Random, traffic: Traffic, length: float) -> Step:
    kind = chance.choice((*ANSWERS, *traffic.answers))
    to = chance.choice((*traffic.writes, *traffic.reads, *traffic.others))
    about: dict[str, Any] = {"kind": kind, "to": to, "seed": chance.randrange(1000)}
    about["after"] = chance.choice((0, 0, 0, 1)) if to in WIDE else 0
    about["times"] = chance.choice((1, 1, 2, 3, 5))
    match kind:
        case "timeout_before" | "timeout_after" | "slow":
            about["seconds"] = chance.choice((0.3, 1.0, 2.5))
            about["times"] = chance.choice((1, 1, 2))
        case "rate_limit":
            about["times"] = chance.choice((3, 6, 12))
            about["retry_after"] = chance.choice((None, None, 0, 0.3, 1))
        case "status":
            about["status"] = chance.choice((500, 502, 503, 504, 408))
            about["applied"] = chance.random() < 0.4
            about["retry_after"] = chance.choice((None, None, 0.5))
            about["times"] = chance.choice((1, 2, 4, 8))
        case "truncate":
            about["close_early"] = chance.random() < 0.5
        case "duplicate" | "reorder" | "empty":
            about["to"] = chance.choice(traffic.lists)
        case "half":
            about["to"] = chance.choice(traffic.halves)
        case "unauthorized" | "forbidden":
            about["times"] = 1
    about["occasion"] = _occasion(chance, traffic, about["to"])
    return _step(chance, "answer", 1.0 if traffic.requests[about["to"]].late else 0.0, length, **about)


def _step(chance: random.Random, verb: str, first: float, last: float, /, **about: Any) -> Step:
    return Step(max(0.0, _rounded(chance.uniform(first, max(first, last)))), verb, about)


def _rounded(seconds: float) -> float:
    return round(seconds, 2)
