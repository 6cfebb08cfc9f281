"""What every test of the hub may ask for."""

import json
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from linesheet.books.models import Company
from linesheet.books.tenancy import acting_for
from linesheet.site.logs import JsonLines

# The same commit is judged the same everywhere; `make fuzz` draws anew.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("anew", max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("LINESHEET_EXAMPLES", "repeatable"))


LONG_SECONDS = 600
"""Tests that are given so long go first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests before the others, dealt out to the shares of the test run's processes.

    Last, one of them would be left running alone.
    """
    long = [item for item in items if _seconds(item) >= LONG_SECONDS]
    others = [item for item in items if _seconds(item) < LONG_SECONDS]
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    size = -(-len(others) // shares)
    items[:] = [
        item for share in range(shares) for item in (*long[share::shares], *others[share * size : (share + 1) * size])
    ]


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0


@pytest.fixture
def company(db: None) -> Iterator[Company]:
    """A company, in hand for the length of the test."""
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        yield company


@pytest.fixture
def log_lines() -> Iterator[list[dict[str, Any]]]:
    """What this process logs, as it would stand on standard error."""
    lines: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(self.format(record)))

    handler = Kept()
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)
