"""Bulk jobs of API v2, which take customers (sheet joor.md 2, 4 and 6)."""

from tests.sandbox.joor_trade import RUE_DOUZE

OTHER = {**RUE_DOUZE, "customer_code": "C0050", "customer_name": "Casa Otto"}


def test_a_job_is_queued_then_started_then_finished(trade):
    trade.control.set(job_seconds=100)
    number = trade.send_customers(*[{**OTHER, "customer_code": f"N{n}"} for n in range(4)])

    assert (trade.job(number)["status"], trade.job(number)["connection_record_progress"]) == ("queued", 0)
    trade.control.post("/clock", {"offset_seconds": 60})
    under_way = trade.job(number)
    assert (under_way["status"], under_way["connection_record_count"]) == ("started", 4)
    assert under_way["connection_record_progress"] == 2
    assert "errors" not in under_way
    assert len(trade.control.get("/connections")) == 1
    trade.control.post("/clock", {"offset_seconds": 101})
    done = trade.job(number)
    assert (done["status"], done["connection_record_progress"], done["errors"]) == ("finished", 4, [])
    assert len(trade.control.get("/connections")) == 5


def test_jobs_run_one_after_the_other(trade):
    trade.control.set(job_seconds=100)
    first, second = trade.send_customers(OTHER), trade.send_customers({**OTHER, "customer_name": "Casa Otto 2"})

    trade.control.post("/clock", {"offset_seconds": 150})
    assert [trade.job(number)["status"] for number in (first, second)] == ["finished", "started"]
    trade.control.post("/clock", {"offset_seconds": 250})
    assert trade.job(second)["status"] == "finished"
    [waiting] = [row for row in trade.control.get("/connections") if row["state"] == "pending"]
    assert waiting["customer_name"] == "Casa Otto 2"


def test_jobs_do_not_wait_for_a_clock_that_was_set_back(trade):
    trade.control.post("/clock", {"offset_seconds": 3600})
    number = trade.send_customers(OTHER)
    trade.control.post("/clock", {"offset_seconds": 0})
    assert trade.job(number)["status"] != "finished"

    trade.control.post("/clock", {"offset_seconds": 10})

    assert trade.job(number)["status"] == "finished"


def test_a_job_that_ended_before_the_clock_was_set_back_keeps_no_other_waiting(trade):
    trade.control.set(job_seconds=1)
    trade.control.post("/clock", {"offset_seconds": 3600})
    ended = trade.send_customers(OTHER)
    trade.control.post("/clock", {"offset_seconds": 3610})
    assert trade.job(ended)["status"] == "finished"
    trade.control.post("/clock", {"offset_seconds": 0})
    number = trade.send_customers(OTHER)
    assert trade.job(number)["status"] != "finished"

    trade.control.post("/clock", {"offset_seconds": 5})

    assert trade.job(number)["status"] == "finished"


def test_a_stuck_job_stays_until_it_is_let_go(trade):
    trade.control.set(job_seconds=None)
    number = trade.send_customers(OTHER)
    trade.control.post("/clock", {"offset_seconds": 100_000})
    assert trade.job(number)["status"] == "started"

    trade.control.set(job_seconds=1)
    assert trade.job(number)["status"] == "finished"


def test_a_finished_job_is_told_of_by_mail(trade):
    trade.customers_sent(OTHER, {**OTHER, "customer_code": "C0051", "customer_name": ""})

    [mail] = trade.control.get("/outbox")
    assert "1 of 2 connections were taken" in mail["text"]
    assert "Record 2 (C0051): customer_name is required" in mail["text"]


def test_a_fault_can_fail_half_of_a_job(trade):
    trade.control.fault("half", match={"path": "bulk-connection"})
    assert trade.customers_sent(OTHER, {**OTHER, "customer_code": "C0051"}) == ["the record could not be saved"]
