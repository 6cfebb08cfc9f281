import asyncio
import datetime
import time

import pytest
from aiohttp import web
from django.utils import timezone

from linesheet.sync import budget
from linesheet.sync.database import DatabaseThread
from linesheet.sync.lease import Pulse
from linesheet.sync.models import Connection, Exchange, Run


def test_turns_are_handed_out_one_after_the_other_over_all_who_ask(connection):
    waits = [budget.reserve_turns(connection.pk, 5, per_second=10) for _ in range(3)]

    assert waits[0] == 0
    assert waits == sorted(waits)
    assert 0.8 < waits[2] <= 1.0


def test_a_pause_is_never_shortened(connection):
    budget.pause_connection(connection.pk, 60)
    budget.pause_connection(connection.pk, 1)

    paused = Connection.objects.get().paused_until
    assert paused > timezone.now() + datetime.timedelta(seconds=50)


def test_a_run_keeps_to_the_calls_per_second_of_its_connection(toy, products, connection, work):
    connection.settings["calls_per_second"] = 20
    connection.save()

    run = work("one-by-one")

    began = list(Exchange.objects.filter(run=run).order_by("started_at").values_list("started_at", flat=True))
    assert run.created == 10
    for first, eleventh in zip(began, began[10:], strict=False):
        assert (eleventh - first).total_seconds() >= 0.45


def test_turns_that_nobody_took_in_time_are_not_made_up_for(connection):
    async def starts() -> list[float]:
        begun = []
        async with DatabaseThread(connection.company_id) as db:
            gate = budget.Budget(connection.pk, 20, Pulse(0, 0), db)
            await gate.enter("GET")
            await asyncio.sleep(budget.TURNS_AHEAD)
            for _ in range(5):
                await gate.enter("GET")
                begun.append(time.monotonic())
        return begun

    begun = asyncio.run(starts())

    assert begun[4] - begun[0] >= 3 / 20


def test_retry_after_pauses_the_whole_connection(toy, products, connection, work):
    answers = [web.json_response({}, status=429, headers={"Retry-After": "1"})]
    toy.before.append(lambda request: answers.pop() if request.method == "PUT" and answers else None)

    run = work("one-by-one")

    refused = Exchange.objects.get(run=run, status=429)
    later = Exchange.objects.filter(run=run, started_at__gt=refused.started_at).order_by("started_at")
    in_flight = 2
    assert (later[in_flight].started_at - refused.started_at).total_seconds() >= 1
    assert run.state == Run.State.DONE


@pytest.mark.usefixtures("products")
def test_the_plan_says_how_many_calls_it_takes_and_how_long(toy, connection, work):
    connection.settings["calls_per_second"] = 2
    connection.save()

    run = work("one-by-one", preview=True)

    assert (run.planned_calls, run.planned_seconds) == (10, 5)
