"""An account as a brand has it when it begins (sheet joor.md 3.3)."""

import signal
from pathlib import Path

from tests.sandbox.joor_client import Process


def test_a_furnished_account_has_its_price_types_once_however_often_it_starts(tmp_path: Path):
    for _ in range(2):
        with Process(state=tmp_path / "joor.db", furnished=True) as process:
            pairs = [(each["name"], each["currency_code"]) for each in process.control.get("/price-types")]
            process.stop(signal.SIGTERM)

    assert pairs == [("Wholesale", "EUR"), ("Wholesale", "GBP"), ("Wholesale", "USD")]


def test_an_account_that_is_not_furnished_has_none():
    with Process() as process:
        assert process.control.get("/price-types") == []
