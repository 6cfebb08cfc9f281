"""Lists of which a platform takes a part, weighed batches, and what may be sent again without harm."""

import asyncio

import pytest
from aiohttp import web

from linesheet.books.models import Product
from linesheet.sync import engine, registry, runs, sending
from linesheet.sync.models import Item, Link, Run
from tests.processes import until
from tests.sync.test_outbound import counts
from tests.sync.test_workers import Hold, finished
from tests.sync.toy_lists import LISTS, Lists, named


@pytest.fixture
def lists(toy, monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": LISTS})
    there = Lists(toy)
    toy.before.append(there)
    return there


def sent(toy):
    return sorted(id for batch in toy.writes for id in batch)


@pytest.mark.usefixtures("products")
def test_what_a_platform_left_out_of_a_list_fails_alone_and_the_rest_is_taken(toy, lists, work):
    lists.refuse = {"P03", "P06"}

    run = work("lists")

    assert (run.state, counts(run)) == (Run.State.PROBLEMS, {"selected": 10, "created": 8, "failed": 2})
    left_out = run.items.filter(state=Item.State.FAILED).order_by("label")
    assert [(item.label, item.reason_code) for item in left_out] == [("P03", "refused"), ("P06", "refused")]
    assert "P03 is not wanted" in left_out[0].says
    assert Link.objects.filter(kind="product").count() == 8
    assert toy.requests.count("POST /lists") == 5


@pytest.mark.usefixtures("products")
def test_what_was_left_out_goes_alone_the_next_time(toy, lists, work):
    lists.refuse = {"P03"}
    work("lists")
    lists.refuse.clear()
    toy.writes.clear()

    run = work("lists")

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 10, "created": 1, "unchanged": 9})
    assert toy.writes == [["P03"]]


@pytest.mark.usefixtures("products", "toy")
def test_what_is_there_of_a_record_that_was_left_out_is_linked_and_sent_again(lists, work):
    lists.refuse = lists.in_part = {"P03"}
    assert counts(work("lists")) == {"selected": 10, "created": 9, "failed": 1}
    lists.refuse = set()

    run = work("lists")

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 10, "updated": 1, "unchanged": 9})


@pytest.mark.usefixtures("products")
def test_a_list_of_which_all_is_refused_is_still_halved(toy, lists, work):
    lists.poison = {"P05"}

    run = work("lists")

    assert counts(run) == {"selected": 10, "created": 9, "failed": 1}
    assert "P05 spoils all" in run.items.get(state=Item.State.FAILED).says


@pytest.mark.usefixtures("products", "toy")
def test_what_a_platform_remarks_on_a_record_it_took_is_kept_with_the_item(lists, work):
    lists.remarks = {"P03": "the name is short"}

    run = work("lists")

    assert run.state == Run.State.DONE
    noted = run.items.exclude(notes=[]).get()
    assert (noted.label, [note["says"] for note in noted.notes]) == ("P03", ["The toy says of P03: the name is short."])


WEIGHTS = [1, 1, 2, 3, 1, 4, 2, 2, 5, 1]
BATCHES = [["P00", "P01", "P02"], ["P03", "P04"], ["P05"], ["P06", "P07"], ["P08"], ["P09"]]
"""Of at most 4, and P08 is heavier than that."""


@pytest.mark.usefixtures("products", "lists")
@pytest.mark.parametrize("at_once", [1, 3, 500])
def test_batches_are_filled_by_weight_however_few_records_are_taken_in_hand_at_once(toy, work, monkeypatch, at_once):
    monkeypatch.setattr(sending, "MOST_AHEAD", at_once)
    named(WEIGHTS)

    run = work("lists")

    assert counts(run) == {"selected": 10, "created": 10}
    assert sorted(toy.writes) == BATCHES


@pytest.mark.usefixtures("products", "lists", "toy")
def test_the_plan_knows_the_batches_that_weights_make(work):
    named(WEIGHTS)

    assert work("lists", preview=True).planned_calls == len(BATCHES)


def losing(times):
    """Something that loses the answers to the first so many lists that were taken."""
    left = list(range(times))

    async def lose(request):
        if left:
            left.pop()
            request.transport.close()

    return lose


@pytest.mark.usefixtures("products")
def test_a_list_whose_answer_was_lost_is_sent_again_and_nothing_is_read_back(toy, lists, work):
    lists.applied = losing(1)

    run = work("lists")

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 10, "created": 10})
    assert toy.requests.count("POST /lists") == 6
    assert [request for request in toy.requests if request.startswith("GET")] == ["GET /products"]


@pytest.mark.usefixtures("products")
def test_a_record_of_unknown_outcome_is_sent_again_though_the_books_went_back(toy, lists, work):
    work("lists")
    Product.objects.filter(code="P03").update(name="Cape")
    lists.applied = losing(99)
    unknown = work("lists")
    assert unknown.items.get().reason_code == "outcome_unknown"
    assert toy.products["P03"]["name"] == "Cape"
    lists.applied = None
    Product.objects.filter(code="P03").update(name="Coat 3")

    run = work("lists")

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 10, "updated": 1, "unchanged": 9})
    assert toy.products["P03"]["name"] == "Coat 3"


@pytest.mark.usefixtures("products")
def test_a_record_that_was_refused_after_a_part_of_it_arrived_is_sent_again_though_the_books_went_back(
    toy, lists, work
):
    work("lists")
    Product.objects.filter(code="P03").update(name="Cape")
    lists.refuse = {"P03"}
    assert work("lists").items.get().reason_code == "refused"
    toy.products["P03"]["name"] = "Cape"
    lists.refuse.clear()
    Product.objects.filter(code="P03").update(name="Coat 3")

    run = work("lists")

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 10, "updated": 1, "unchanged": 9})
    assert toy.products["P03"]["name"] == "Coat 3"


@pytest.mark.usefixtures("products")
def test_a_new_record_of_unknown_outcome_is_created_by_the_next_run(toy, lists, work):
    Product.objects.exclude(code="P03").delete()
    lists.applied = losing(99)
    assert work("lists").items.get().reason_code == "outcome_unknown"
    lists.applied = None

    run = work("lists")

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 1, "created": 1})


@pytest.mark.usefixtures("products")
def test_an_approved_update_whose_answer_was_lost_is_sent_again(toy, lists, work):
    work("lists")
    Product.objects.filter(code="P03").update(name="Cape")
    preview = work("lists", preview=True)
    lists.applied = losing(1)

    runs.approve(preview)
    asyncio.run(engine.execute(preview.pk, preview.company_id))

    preview.refresh_from_db()
    assert (preview.state, counts(preview)) == (Run.State.DONE, {"selected": 10, "updated": 1, "unchanged": 9})


@pytest.mark.parametrize("taken", [False, True])
def test_a_list_whose_worker_was_killed_is_sent_again_by_the_next(toy, products, lists, connection, workers, taken):
    hold = Hold("POST", "/lists")
    if taken:
        lists.applied = hold
    else:
        toy.before.insert(0, hold)
    run, _ = runs.start(connection, "lists")
    victim = workers.start(TOY_PLATFORM="tests.sync.toy_lists:LISTS")
    until(lambda: hold.held == 3)
    victim.kill()
    victim.wait()
    hold.released.set()

    workers.start(TOY_PLATFORM="tests.sync.toy_lists:LISTS")
    until(lambda: finished(run))

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 10, "created": 10})
    assert sorted(set(sent(toy))) == [product.code for product in products]
    assert [request for request in toy.requests if request.startswith("GET")] == ["GET /products"]


def test_a_platform_that_answers_for_fewer_than_were_sent_does_not_pass_for_success(toy, products, lists, work):
    async def cut(request):
        return web.json_response([])

    lists.applied = cut

    run = work("lists")

    assert (run.state, run.created) == (Run.State.FAILED, 0)
    assert run.adds_up
