"""Anything may be asked for, and what is answered is what the OpenAPI documents say.

LINESHEET_CASES=25000 asks so often of each document, LINESHEET_SEED draws other cases, and LINESHEET_FIGURES names a
folder for the figures.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from linesheet.sync import api_keys
from tests.api.filled import documents, fill
from tests.api.fuzzing import fuzz

CASES = int(os.environ.get("LINESHEET_CASES", "0"))
SEED = int(os.environ.get("LINESHEET_SEED", "1"))
FIGURES = os.environ.get("LINESHEET_FIGURES")


@pytest.fixture(autouse=True)
def calling_platform(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All platforms as they are installed, not the one of the other tests here; and as many calls as it takes."""
    settings.ROOT_URLCONF = "linesheet.site.urls"
    monkeypatch.setattr(api_keys, "CALLS_A_MINUTE", 10**9)


@pytest.mark.parametrize("api", documents(), ids=lambda api: api or "hub")
def test_all_that_is_answered_is_documented(api: str, transactional_db: None):
    filled = fill("Atelier Nord", "Nordlicht", 400_000_000_000)

    found = fuzz(
        documents()[api],
        filled.keys[api],
        named=filled.named,
        seed=SEED,
        examples=20 if CASES else 5,
        cases=CASES,
        figures=Path(FIGURES, f"{api or 'hub'}-{SEED}.json") if FIGURES else None,
    )

    assert list(found.failures.values()) == []
    assert found.errors == []
    assert found.cases >= CASES
