"""schemathesis over an OpenAPI document, in process, with what the books have in every other place for it."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections
from schemathesis.engine import events, from_schema

from tests.api.bodies import BODIES
from tests.api.filled import Named

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

EVERY_PHASE = ("examples", "coverage", "fuzzing", "stateful")

OFTEN = 0.6
"""How often a value is one that the books have."""

IN_BODIES = {
    "records.[*].barcode": "barcode",
    "records.[*].sku_code": "sku_code",
    "records.[*].style": "style",
    "records.[*].code": "style",
    "records.[*].product_code": "style",
    "records.[*].season": "season",
    "records.[*].seasons.[*]": "season",
    "records.[*].previous": "season",
    "records.[*].price_list": "price_list",
    "records.[*].location": "location",
    "records.[*].account_code": "account_code",
    "records.[*].hold_status": "hold_status",
    "records.[*].skus.[*].barcode": "barcode",
    "records.[*].prices.[*].season": "season",
    "records.[*].prices.[*].price_list": "price_list",
    "ids.[*]": "image_id",
    "order_number": "order_number",
    "customer.name": "customer",
    "customer.account_code": "account_code",
    "lines.[*].barcode": "barcode",
}
"""Where bodies name what the books have, with the names that `named` has for it."""


@dataclass
class Found:
    """What came of it: cases by operation and status, and the failures, each kind once."""

    cases: int = 0
    seconds: float = 0
    answered: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def write(self, file: Path) -> None:
        """Leave the figures in a file, so that a run that is broken off has told what it did."""
        file.write_text(json.dumps(vars(self), indent=1))


def fuzz(
    document: str,
    key: str,
    *,
    named: Named,
    seed: int,
    examples: int,
    cases: int = 0,
    figures: Path | None = None,
) -> Found:
    """Ask what the document declares, `examples` drawn cases an operation, in as many rounds as make so many cases.

    Where there is more than one round, the first has the cases that the limits of the document give as well, and those
    that follow from answers.
    """
    found = Found()
    began = time.monotonic()
    served = _Served()
    while not found.cases or found.cases < cases:
        phases = EVERY_PHASE if cases and not found.cases else ("fuzzing",)
        config = _config(key, named, examples, phases, seed)
        seed += 1
        schema = schemathesis.openapi.from_wsgi(document, served, config=config)
        schema.hook("map_body")(_nearly_right(named))
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                _take(found, event)
            elif isinstance(event, events.NonFatalError | events.FatalError):
                found.errors.append(str(getattr(event, "info", None) or getattr(event, "exception", event)))
            if figures and isinstance(event, events.ScenarioFinished):
                found.seconds = round(time.monotonic() - began)
                found.write(figures)
    found.seconds = round(time.monotonic() - began)
    served.close()
    return found


class _Served:
    """The site, asked from the threads of schemathesis, whose connections to the database are closed in the end."""

    def __init__(self) -> None:
        self._application = get_wsgi_application()
        self._opened: dict[int, Any] = {}

    def __call__(self, environ: Any, start_response: Any) -> Any:
        opened = connections["default"]
        self._opened[id(opened)] = opened
        return self._application(environ, start_response)

    def close(self) -> None:
        ours = connections["default"]
        for opened in (one for one in self._opened.values() if one is not ours):
            opened.inc_thread_sharing()
            opened.close()


def _config(key: str, named: Named, examples: int, phases: Any, seed: int) -> Any:
    places = {**dict(zip(named, named, strict=True)), **{f"body.{place}": name for place, name in IN_BODIES.items()}}
    return schemathesis.Config.from_dict(
        {
            "seed": seed,
            # A busy machine is no reason to stop.
            "suppress-health-check": ["all"],
            "headers": {"Authorization": f"Bearer {key}"},
            "continue-on-failure": True,
            "dictionaries": {name: {"values": values} for name, values in named.items()},
            "parameters": {place: {"dictionary": name, "probability": OFTEN} for place, name in places.items()},
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
            "phases": {name: {"enabled": name in phases} for name in EVERY_PHASE},
        }
    )


def _nearly_right(named: Named) -> Callable[[Any, Any], Any]:
    """Every other body is one that is taken, with some fields of the drawn one: or nothing would get past the first."""

    def mapped(context: Any, body: Any) -> Any:
        chance = Random(repr(body))
        make = BODIES.get(context.operation.definition.raw["operationId"])
        if make is None or not isinstance(body, dict) or chance.random() < 0.5:
            return body
        return _mixed(make(named), body, chance)

    return mapped


def _mixed(right: Any, drawn: Any, chance: Random) -> Any:
    if isinstance(right, dict) and isinstance(drawn, dict):
        some = {name: value for name, value in drawn.items() if chance.random() < 0.3}
        return {**right, **{name: _mixed(right.get(name), value, chance) for name, value in some.items()}}
    if isinstance(right, list) and isinstance(drawn, list) and drawn:
        return [_mixed(right[0], one, chance) for one in drawn] if right else drawn
    return drawn


def _take(found: Found, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for id_, made in recorder.interactions.items():
        found.cases += 1
        label = recorder.cases[id_].value.operation.label
        found.answered[f"{label} {made.response.status_code if made.response else 'nothing'}"] += 1
    for id_, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                label = recorder.cases[id_].value.operation.label
                told = f"{label}: {check.name}: {check.failure_info.failure}"
                found.failures.setdefault(told[:200], f"{told}\n{check.failure_info.code_sample}")
