"""Anything may be asked for, and what is answered is what the OpenAPI documents say."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from linesheet.sync import api_keys
from tests.api.filled import documents, fill
from tests.api.fuzzing import fuzz

EXAMPLES = int(os.environ.get("LINESHEET_CASES", "4"))
SEED = int(os.environ.get("LINESHEET_SEED", "1"))


@pytest.fixture(autouse=True)
def calling_platform(settings: Any) -> None:
    """All platforms as they are installed, not the one of the other tests here."""
    settings.ROOT_URLCONF = "linesheet.site.urls"


@pytest.mark.parametrize("api", documents())
def test_all_that_is_answered_is_documented(api: str, transactional_db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(api_keys, "CALLS_A_MINUTE", 10**9)
    filled = fill("Atelier Nord", "Nordlicht", 4_000_000_000_000)

    found = fuzz(documents()[api], filled.keys[api], parameters=filled.named, examples=EXAMPLES, seed=SEED)

    if where := os.environ.get("LINESHEET_FIGURES"):
        Path(where, f"{api or 'hub'}-{SEED}.json").write_text(json.dumps(asdict(found), default=list))
    print(found.cases, found.seconds, found.statuses, *found.failures.values(), *found.errors, sep="\n")
    assert list(found.failures.values()) == []
    assert found.errors == []
