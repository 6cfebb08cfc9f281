"""Faults a test or a trainer orders, and what they do to an answer."""

import random
import re
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from linesheet_sandbox.common.http import Answer, json_answer

Kind = Literal[
    "timeout_before",
    "timeout_after",
    "disconnect_before",
    "disconnect_after",
    "status",
    "rate_limit",
    "unauthorized",
    "forbidden",
    "slow",
    "truncate",
    "malformed",
    "blank",
    "half",
    "empty",
    "duplicate",
    "reorder",
]

LIST_KINDS = frozenset({"empty", "duplicate", "reorder"})
"""Faults that act on an answer with a list of records, and pass any other by."""

REFUSAL_STATUS = {"rate_limit": 429, "unauthorized": 401, "forbidden": 403}


class Match(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which requests a fault concerns: the verb, and a pattern found anywhere in the path."""

    method: str = ""
    path: str = ""


class Fault(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A fault as ordered, with how often it was due and how often it struck."""

    kind: Kind
    match: Match = msgspec.field(default_factory=Match)
    times: int | None = 1
    after: int = 0
    probability: float = 1.0
    seed: int = 0
    status: int = 500
    message: str = ""
    retry_after: float | None = None
    seconds: float = 30
    applied: bool = False
    close_early: bool = False
    id: int = 0
    matched: int = 0
    hits: int = 0


class Faults:
    """The faults in force, in the order they were added; the first that strikes wins."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._dice: dict[int, random.Random] = {}
        self._next_id = 1

    def add(self, order: dict[str, Any]) -> Fault:
        """Put a fault in force. Raises msgspec.ValidationError or re.error when the order makes no sense."""
        fault = msgspec.convert(order, Fault)
        re.compile(fault.match.path)
        fault.id, fault.matched, fault.hits = self._next_id, 0, 0
        self._next_id += 1
        self._faults[fault.id] = fault
        self._dice[fault.id] = random.Random(fault.seed)
        return fault

    def all(self) -> list[Fault]:
        """The faults in force and spent, with their hit counts."""
        return list(self._faults.values())

    def remove(self, fault_id: int) -> bool:
        """Lift one fault; false when there is none of this id."""
        return self._faults.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Lift all faults."""
        self._faults.clear()

    def strike_request(self, method: str, path: str) -> Fault | None:
        """The fault that befalls this request, if any."""
        return self._strike((f for f in self._faults.values() if f.kind not in LIST_KINDS), method, path)

    def strike_list(self, method: str, path: str) -> Fault | None:
        """The fault that befalls this request's answer, which is a list."""
        return self._strike((f for f in self._faults.values() if f.kind in LIST_KINDS), method, path)

    def _strike(self, faults: Iterable[Fault], method: str, path: str) -> Fault | None:
        for fault in faults:
            if fault.match.method and fault.match.method.upper() != method:
                continue
            if not re.search(fault.match.path, path) or fault.times == fault.hits:
                continue
            fault.matched += 1
            if fault.matched > fault.after and self._dice[fault.id].random() < fault.probability:
                fault.hits += 1
                return fault
        return None


def damaged(answer: Answer, fault: Fault) -> Answer:
    """The answer with its body spoiled by a `truncate`, `malformed` or `blank` fault."""
    spoiled = {
        "truncate": answer.body[: len(answer.body) // 2],
        "malformed": b"<html><body>Bad gateway</body></html>",
        "blank": b"",
    }
    # A 304 has no body to spoil; what a proxy puts in its place comes as an ordinary answer.
    status = 200 if answer.status == 304 else answer.status
    return Answer(status, spoiled[fault.kind], answer.headers)


def disturbed(answer: Answer, payload: Any, items: list[Any], fault: Fault) -> Answer:
    """The answer with `items`, the list in its `payload`, emptied, with every item twice, or shuffled."""
    if fault.kind == "empty":
        items.clear()
    elif fault.kind == "duplicate":
        items[:] = [item for item in items for _ in range(2)]
    else:
        random.Random(fault.seed).shuffle(items)
    return Answer(answer.status, json_answer(payload).body, answer.headers)
