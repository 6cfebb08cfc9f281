"""What was answered survives the death of the sandbox (sheet joor.md 11)."""

import signal
from pathlib import Path

from tests.sandbox.joor_client import Process
from tests.sandbox.joor_trade import BLACK_S, RUE_DOUZE, fill_account


def test_stock_customers_jobs_and_orders_survive_a_killed_process(tmp_path: Path):
    with Process(state=tmp_path / "joor.db") as process:
        trade = fill_account(process.client(), process.control)
        trade.control.set(job_seconds=None)
        trade.v2("POST", "/bulk-inventory", [{"upc": BLACK_S, "inventory": 9}])
        order = trade.place_id((BLACK_S, 2))
        job = trade.send_customers({**RUE_DOUZE, "customer_code": "C0050"})
        process.stop(signal.SIGKILL)

    with Process(state=tmp_path / "joor.db") as process:
        trade.joor, trade.control = process.client(), process.control
        assert trade.ids() == [order]
        assert trade.held() == {(BLACK_S, "Default", ""): 7}
        trade.control.post(f"/orders/{order}/cancel")
        assert trade.held() == {(BLACK_S, "Default", ""): 9}
        trade.control.set(job_seconds=0)
        assert trade.job(job)["status"] == "finished"
        assert [row["state"] for row in trade.control.get("/connections")] == ["live", "pending"]
        assert int(trade.place_id((BLACK_S, 1))) == int(order) + 1
