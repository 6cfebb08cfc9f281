"""Orders of which a platform is told many at once, and what a task knows of when it last looked."""

import asyncio

import pytest
from aiohttp import web

from linesheet.sync import engine, registry, runs
from linesheet.sync.models import InboxRecord, Run
from tests.sync.test_inbound import KNOWN
from tests.sync.toy_lists import LISTS, Lists

pytestmark = pytest.mark.usefixtures("products", "buyer")


@pytest.fixture
def lists(toy, monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": LISTS})
    there = Lists(toy)
    toy.before.append(there)
    for number in range(7):
        toy.order(f"A{number}", "Maison Rive", (KNOWN, 1))
    return there


def untold():
    return list(InboxRecord.objects.filter(acknowledged_at=None).values_list("remote_id", flat=True))


def test_a_platform_is_told_of_many_orders_in_one_call(lists, work):
    run = work("together")

    assert (run.state, run.created, untold()) == (Run.State.DONE, 7, [])
    assert sorted(lists.told) == [["A0", "A1", "A2"], ["A3", "A4", "A5"], ["A6"]]


def test_one_order_of_many_that_a_platform_will_not_hear_of_is_told_again(lists, work):
    lists.refuse = {"A4"}

    first = work("together")

    assert (first.created, first.reason_code, untold()) == (7, "unacknowledged", ["A4"])
    noted = first.items.exclude(notes=[]).get()
    assert (noted.record_id, noted.notes[0]["code"]) == ("A4", "not_acknowledged")
    assert "A4 is not wanted" in noted.notes[0]["says"]
    lists.refuse.clear()
    lists.told.clear()

    second = work("together")

    assert (second.state, lists.told, untold()) == (Run.State.DONE, [["A4"]], [])


def test_a_call_that_one_order_spoils_is_halved(lists, work):
    lists.poison = {"A4"}

    run = work("together")

    assert (run.reason_code, untold()) == ("unacknowledged", ["A4"])
    assert sorted(id for told in lists.told for id in told) == ["A0", "A1", "A2", "A3", "A5", "A6"]


def test_orders_told_of_in_a_call_without_an_answer_are_told_of_again(toy, lists, work):
    lists.applied = lambda request: _unavailable()

    assert work("together").reason_code == "unacknowledged"
    lists.applied = None

    assert (work("together").state, untold()) == (Run.State.DONE, [])


async def _unavailable():
    return web.json_response({}, status=503, headers={"Retry-After": "0"})


def test_the_plan_counts_the_calls_that_tell_of_orders(lists, work):
    assert work("together", preview=True).planned_calls == 3


def test_a_task_knows_when_its_latest_whole_run_began(toy, lists, work):
    first = work("together")
    second = work("together")
    work("together", only=("order", "A3"))
    work("together")

    began = [each.started_at.isoformat() for each in (first, second)]
    assert lists.asked_since == ["", *began]


def test_a_run_that_did_not_come_to_its_end_does_not_count_as_having_looked(toy, lists, work):
    toy.before.insert(0, lambda request: web.json_response({}, status=401) if request.path == "/seen" else None)
    assert work("together").state == Run.State.FAILED

    work("orders")
    work("together")

    assert lists.asked_since == ["", "", ""]


def test_a_preview_counts_as_having_looked_once_it_is_approved(lists, work):
    preview = work("together", preview=True)
    toy_began = preview.started_at.isoformat()
    assert work("together", preview=True).pk != preview.pk

    runs.approve(preview)
    asyncio.run(engine.execute(preview.pk, preview.company_id))
    work("together")

    assert lists.asked_since == ["", "", toy_began]
