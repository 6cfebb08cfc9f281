"""What happens in a seed, drawn: the brand, what people and buyers do, and what breaks. One seed, one scenario."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TASKS = ("data-export", "images-export", "stock-export", "orders-import")
BLOCKS = ("no barcode", "no price", "not visible", "withdrawn", "same as another")
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
REQUESTS = {
    "product write": ("PUT", "/api/product/new"),
    "customer write": ("PUT", "/api/company/new"),
    "customer update": ("POST", "/api/company/"),
    "picture write": ("POST", "/api/product/external_id/"),
    "stock write": ("POST", "/api/inventory/"),
    "acknowledgement": ("POST", "/processed"),
    "order read": ("GET", "/api/order/"),
    "order list": ("GET", "/api/orders/"),
    "listing": ("GET", "/list$"),
    "read back": ("GET", "/external_id/|/company/"),
    "any write": ("", "/api/product/new|/api/company/|/api/inventory/|/processed"),
    "anything": ("", "/api/"),
}
_OF_TASK = {
    "data-export": ("product write", "product write", "customer write", "customer update", "listing", "read back"),
    "images-export": ("picture write",),
    "stock-export": ("stock write",),
    "orders-import": ("acknowledgement", "acknowledgement", "order read", "order list"),
}
ANSWERS = (
    "timeout_before", "timeout_after", "disconnect_before", "disconnect_after", "rate_limit", "status", "truncate",
    "malformed", "blank", "duplicate", "reorder", "empty", "slow", "unauthorized", "forbidden",
)  # fmt: skip
DEEDS = ("kill", "kill", "kill", "stop", "stop", "cut database", "cut database", "cancel", "edit", "restart database")


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """Something to do at a moment of the storm, in seconds; `about` says with what."""

    at: float
    verb: str
    about: dict[str, Any]

    def __str__(self) -> str:
        what = ", ".join(f"{name} {value}" for name, value in self.about.items() if value is not None)
        return f"{self.at:5.2f} s  {self.verb}{': ' if what else ''}{what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A drawn seed. `blocked` says why a product, by its number, cannot go out."""

    seed: int
    workers: int
    products: int
    customers: int
    blocked: dict[int, str]
    without_currency: int
    settings: dict[str, Any]
    latency_ms: int
    steps: tuple[Step, ...]

    @property
    def faults(self) -> Counter[str]:
        """How often each fault was drawn, by kind."""
        named = {"kill", "stop", "cut database", "restart database", "clock"}
        found = Counter(step.verb for step in self.steps if step.verb in named)
        for step in self.steps:
            if step.verb == "answer":
                found[step.about["kind"]] += 1
            elif step.verb == "aim":
                found[f"{step.about['deed']} {_MOMENT[step.about['kind']]} a request is applied"] += 1
        return found

    def __str__(self) -> str:
        blocked = ", ".join(f"{number} {why}" for number, why in sorted(self.blocked.items()))
        return "\n".join(
            [
                f"seed {self.seed}: {self.workers} workers, {self.products} products ({blocked}), "
                f"{self.customers} customers ({self.without_currency} without currency), latency {self.latency_ms} ms, "
                f"settings {self.settings}",
                *(f"  {step}" for step in self.steps),
            ]
        )


_MOMENT = {"timeout_before": "before", "slow": "after"}


def draw(seed: int) -> Scenario:
    """The scenario of a seed, the same every time."""
    chance = random.Random(seed)
    products, customers = chance.randint(10, 20), chance.randint(3, 6)
    numbers = chance.sample(range(products), chance.randint(2, 5))
    length = chance.uniform(1.5, 3.5)
    runs = list(_runs(chance, length))
    started = [step for step in runs if "task" in step.about and step.verb != "approve"]
    return Scenario(
        seed=seed,
        workers=chance.choice((1, 2, 2, 2, 3)),
        products=products,
        customers=customers,
        blocked={number: chance.choice(BLOCKS) for number in numbers},
        without_currency=chance.choice((0, 1, 1, 2)),
        settings={
            "revisions": chance.choice(("hold", "apply")),
            "unknown_lines": chance.choice(("hold", "hold", "short")),
            "unknown_customer": chance.choice(("hold", "hold", "default")),
            "calls_per_second": chance.choice((None, None, None, 40)),
        },
        latency_ms=chance.choice((0, 10, 40, 100)),
        steps=tuple(
            sorted(
                [*runs, *_orders(chance, length), *_edits(chance, length), *_faults(chance, started)],
                key=lambda step: step.at,
            )
        ),
    )


def _runs(chance: random.Random, length: float) -> Iterator[Step]:
    first = 0.0 if chance.random() < 0.85 else chance.uniform(0, 1)
    yield from _run(chance, first, "data-export", length)
    for _ in range(chance.randint(4, 8)):
        task = chance.choice((*TASKS, "data-export", "orders-import"))
        yield from _run(chance, chance.uniform(0.2, length), task, length)
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        yield _step(chance, "cancel", 0.1, length, which=chance.randrange(4))


def _run(chance: random.Random, at: float, task: str, length: float) -> Iterator[Step]:
    preview = chance.random() < 0.25
    for click in range(2 if chance.random() < 0.25 else 1):
        yield Step(_rounded(at + click * 0.05), "preview" if preview else "run", {"task": task})
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


def _edits(chance: random.Random, length: float) -> Iterator[Step]:
    for _ in range(chance.randint(0, 10)):
        yield _step(chance, "edit", 0, length, **_edit(chance))


def _edit(chance: random.Random) -> dict[str, Any]:
    return {"what": chance.choice(EDITS), "which": chance.randrange(1000), "figure": chance.randint(1, 90)}


def _faults(chance: random.Random, runs: list[Step]) -> Iterator[Step]:
    """Faults about the time of a run, most of them at the calls it makes."""
    for _ in range(chance.randint(1, 4)):
        yield _answer(chance, chance.choice(runs))
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3))):
        yield _aim(chance, chance.choice(runs))
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        at = chance.choice(runs).at
        deed = chance.choice(("kill", "kill", "stop", "stop", "cut database"))
        yield _step(chance, deed, at + 0.05, at + 0.8, **_deed(chance, deed))
    if chance.random() < 0.04:
        at = chance.choice(runs).at
        yield _step(chance, "restart database", at, at + 0.8)
    if chance.random() < 0.04:
        at = chance.choice(runs).at
        yield _step(chance, "clock", at, at + 0.3, seconds=chance.choice((-900, -120, 120, 900)))


def _deed(chance: random.Random, deed: str) -> dict[str, Any]:
    match deed:
        case "kill":
            return {"which": chance.randrange(100), "another_after": chance.choice((None, 0.0, 0.5, 1.5))}
        case "stop":
            return {"which": chance.randrange(100), "seconds": chance.choice((0.3, 1.2, 4.0, 4.0))}
        case "cut database":
            return {"which": chance.choice((None, None, chance.randrange(100)))}
        case "edit":
            return _edit(chance)
        case "cancel":
            return {"which": chance.randrange(4)}
    return {}


def _aim(chance: random.Random, run: Step) -> Step:
    """Something that happens at the moment a chosen request is under way, before or after it is applied."""
    deed = chance.choice(DEEDS)
    if deed == "restart database" and chance.random() < 0.6:
        deed = "cut database"
    return _step(
        chance,
        "aim",
        run.at - 0.3,
        run.at,
        kind=chance.choice(("timeout_before", "slow")),
        at_request=chance.choice(_OF_TASK[run.about["task"]]),
        after=chance.choice((0, 0, 0, 1, 2, 5)),
        seconds=chance.choice((0.5, 1.0, 2.5)),
        deed=deed,
        **{f"{deed}_{name}": value for name, value in _deed(chance, deed).items()},
    )


def _answer(chance: random.Random, run: Step) -> Step:
    kind = chance.choice(ANSWERS)
    of_run = (*_OF_TASK[run.about["task"]], "any write", "anything")
    about: dict[str, Any] = {"kind": kind, "to": chance.choice(of_run), "seed": chance.randrange(1000)}
    about["after"] = chance.choice((0, 0, 0, 1, 3))
    about["times"] = chance.choice((1, 1, 2, 3, 5))
    match kind:
        case "timeout_before" | "timeout_after" | "slow":
            about["seconds"] = chance.choice((0.3, 1.0, 2.5))
            about["times"] = chance.choice((1, 1, 2))
        case "rate_limit":
            about["times"] = chance.choice((3, 6, 12))
            about["retry_after"] = chance.choice((None, 0, 0.3, 1))
        case "status":
            about["status"] = chance.choice((500, 502, 503, 504, 408))
            about["applied"] = chance.random() < 0.4
            about["retry_after"] = chance.choice((None, None, 0.5))
            about["times"] = chance.choice((1, 2, 4, 8))
        case "truncate":
            about["close_early"] = chance.random() < 0.5
        case "duplicate" | "reorder" | "empty":
            about["to"] = "order list" if run.about["task"] == "orders-import" else "listing"
            about["after"] = chance.choice((0, 0, 1))
        case "unauthorized" | "forbidden":
            about["times"] = 1
    return _step(chance, "answer", run.at - 0.3, run.at + 0.2, **about)


def _step(chance: random.Random, verb: str, first: float, last: float, /, **about: Any) -> Step:
    return Step(max(0.0, _rounded(chance.uniform(first, max(first, last)))), verb, about)


def _rounded(seconds: float) -> float:
    return round(seconds, 2)
