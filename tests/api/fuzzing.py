"""schemathesis over an OpenAPI document, in process, with what the books have in every other place for it."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from schemathesis.engine import events, from_schema

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
)
"""Whether what is valid by the document is accepted is not asked: what the books refuse, no document can tell."""

OFTEN = 0.6
"""How often a parameter is one of those that `named` knows."""


@dataclass
class Found:
    """What came of it: cases by operation and by status, and the failures, each kind once."""

    cases: int = 0
    seconds: float = 0
    operations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    answered: set[tuple[str, int]] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def fuzz(
    document: str,
    key: str,
    *,
    parameters: Mapping[str, list[Any]],
    examples: int,
    phases: tuple[str, ...] = ("examples", "coverage", "fuzzing", "stateful"),
    seed: int = 1,
) -> Found:
    """Ask what the document declares: `examples` drawn cases an operation, and those that its limits give."""
    found = Found()
    began = time.monotonic()
    schema = schemathesis.openapi.from_wsgi(
        document, get_wsgi_application(), config=_config(key, parameters, examples, phases, seed)
    )
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _take(found, event)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.errors.append(str(getattr(event, "info", None) or getattr(event, "exception", event)))
    found.seconds = time.monotonic() - began
    return found


def _config(key: str, parameters: Mapping[str, list[Any]], examples: int, phases: Any, seed: int) -> Any:
    every = ("examples", "coverage", "fuzzing", "stateful")
    return schemathesis.Config.from_dict(
        {
            "seed": seed,
            "headers": {"Authorization": f"Bearer {key}"},
            "continue-on-failure": True,
            "dictionaries": {name: {"values": values} for name, values in parameters.items()},
            "parameters": {name: {"dictionary": name, "probability": OFTEN} for name in parameters},
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
            "phases": {name: {"enabled": name in phases} for name in every},
        }
    )


def _take(found: Found, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for id_, made in recorder.interactions.items():
        found.cases += 1
        label = recorder.cases[id_].value.operation.label
        found.operations[label] += 1
        if made.response is not None:
            found.statuses[made.response.status_code] += 1
            found.answered.add((label, made.response.status_code))
    for id_, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                label = recorder.cases[id_].value.operation.label
                told = f"{label}: {check.name}: {check.failure_info.failure}"
                found.failures.setdefault(told[:200], f"{told}\n{check.failure_info.code_sample}")
