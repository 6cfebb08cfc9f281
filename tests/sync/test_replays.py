"""A run limited to one record, and doing again what was done."""

import pytest

from linesheet.books.models import Customer, Order, Product
from linesheet.sync import explain, replays, runs
from linesheet.sync.models import InboxRecord, Item, Link, Problem, Run
from tests.sync.test_outbound import counts, resumed

pytestmark = pytest.mark.usefixtures("products", "buyer")

KNOWN = "4000000000000"


def test_a_run_limited_to_one_record_sends_that_one_alone(toy, work, products):
    run = work("products", only=("product", str(products[3].pk)))

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 1, "created": 1})
    assert list(toy.products) == ["P03"]
    assert [item.label for item in run.items.all()] == ["P03"]


def test_it_clears_the_problems_of_its_record_and_no_others(toy, work, products):
    Product.objects.filter(code__in=["P03", "P04"]).update(name="")
    work("products")
    Product.objects.filter(code__in=["P03", "P04"]).update(name="Coat")

    work("products", only=("product", str(products[3].pk)))

    assert [problem.label for problem in Problem.objects.filter(cleared_at=None)] == ["P04"]


def test_it_stops_at_the_plan_as_a_preview_and_sends_just_that_when_approved(toy, work, products):
    preview = work("products", preview=True, only=("product", str(products[3].pk)))
    assert (preview.state, counts(preview)) == (Run.State.PLANNED, {"selected": 1})

    runs.approve(preview)
    run = resumed(preview)

    assert counts(run) == {"selected": 1, "created": 1}
    assert list(toy.products) == ["P03"]


@pytest.mark.parametrize("record", ["999999", "no number at all"])
def test_a_record_that_is_not_selected_fails_the_run_with_the_reason(toy, work, record):
    run = work("products", only=("product", record))

    assert (run.state, run.reason_code) == (Run.State.FAILED, "not_in_selection")
    assert toy.writes == []


def test_a_kind_the_task_does_not_know_is_refused(connection):
    with pytest.raises(runs.RunRefused, match="no records of the kind order"):
        runs.start(connection, "products", only=("order", "7"))


def test_a_second_click_finds_the_same_run_and_another_record_has_to_wait(connection, products):
    one, other = (("product", str(product.pk)) for product in products[:2])
    first, new = runs.start(connection, "products", only=one)

    assert new
    assert runs.start(connection, "products", only=one) == (first, False)
    with pytest.raises(runs.RunRefused):
        runs.start(connection, "products", only=other)
    with pytest.raises(runs.RunRefused):
        runs.start(connection, "products")


def test_the_last_run_of_a_task_is_the_last_of_the_whole_task(work, connection, products):
    whole = work("products")
    work("products", only=("product", str(products[3].pk)))

    [way] = [way for way in explain.explain_product("P03", connection).ways if way.task == "products"]

    assert way.last_run.run == whole.pk


def test_what_an_item_sent_is_sent_once_more_though_the_platform_may_have_it(toy, work, connection):
    first = work("products")
    item = first.items.get(label="P03")
    toy.products["P03"]["name"] = "Spoilt by somebody"

    run = resumed(replays.send_again(item)[0])

    assert counts(run) == {"selected": 1, "updated": 1}
    assert toy.products["P03"]["name"] == "Coat 3"
    assert (run.replay_of, run.items.get().payload) == (first, item.payload)


def test_what_was_sent_is_not_sent_once_more_over_newer_books(toy, work):
    item = work("products").items.get(label="P03")
    Product.objects.filter(code="P03").update(name="Newer")
    writes = len(toy.writes)

    run = resumed(replays.send_again(item)[0])

    assert (run.state, counts(run)) == (Run.State.PROBLEMS, {"selected": 1, "blocked": 1})
    assert run.items.get().reason_code == "changed_since_sent"
    assert (len(toy.writes), toy.products["P03"]["name"]) == (writes, "Coat 3")

    tried = resumed(replays.try_again(run.items.get())[0])
    assert counts(tried) == {"selected": 1, "updated": 1}
    assert toy.products["P03"]["name"] == "Newer"
    assert not Problem.objects.filter(cleared_at=None).exists()


def test_an_item_that_had_nothing_to_send_is_tried_again_but_not_sent_again(toy, work):
    Product.objects.filter(code="P03").update(name="")
    item = work("products").items.get(label="P03")

    with pytest.raises(runs.RunRefused, match="had nothing to send of P03"):
        replays.send_again(item)
    Product.objects.filter(code="P03").update(name="Coat 3")
    run = resumed(replays.try_again(item)[0])

    assert counts(run) == {"selected": 1, "created": 1}


def test_a_run_is_repeated_as_it_was_asked_for(toy, work):
    first = work("products", only=("product", str(Product.objects.get(code="P03").pk)))

    second = resumed(replays.again(first)[0])

    assert counts(second) == {"selected": 1, "unchanged": 1}
    assert (second.replay_of, second.only_record) == (first, first.only_record)


def test_one_held_order_is_taken_in_from_the_inbox_without_asking_the_platform(toy, work):
    toy.order("7", "Nobody & Sons", (KNOWN, 3))
    toy.order("8", "Nobody else", (KNOWN, 1))
    work("orders")
    Customer.objects.create(name="Nobody & Sons")
    Customer.objects.create(name="Nobody else")
    toy.requests.clear()

    run = resumed(replays.resolve(InboxRecord.objects.get(remote_id="7"))[0])

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 1, "created": 1})
    assert [order.reference for order in Order.objects.all()] == ["N7"]
    assert toy.requests == ["POST /orders/7/seen"]
    assert InboxRecord.objects.get(remote_id="8").state == InboxRecord.State.HELD


def test_one_that_is_still_held_says_why_and_keeps_its_problem(toy, work):
    toy.order("7", "Nobody & Sons", (KNOWN, 3))
    work("orders")

    run = resumed(replays.resolve(InboxRecord.objects.get())[0])

    assert (run.state, counts(run)) == (Run.State.PROBLEMS, {"selected": 1, "blocked": 1})
    assert Problem.objects.get(cleared_at=None).times == 2


def test_an_order_that_is_stored_already_is_only_counted_and_told_of_if_that_was_left(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3))
    work("orders")
    InboxRecord.objects.update(acknowledged_at=None)
    toy.requests.clear()

    run = resumed(replays.resolve(InboxRecord.objects.get())[0])

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 1, "unchanged": 1})
    assert (Order.objects.count(), toy.requests) == (1, ["POST /orders/7/seen"])


def test_an_order_that_never_came_fails_the_run_with_the_reason(work):
    run = work("orders", only=("order", "nowhere"))

    assert (run.state, run.reason_code) == (Run.State.FAILED, "not_in_inbox")


def test_what_another_record_left_unknown_is_not_asked_about(toy, work, products, connection):
    first = work("products")
    item = first.items.get(label="P05")
    Item.objects.filter(pk=item.pk).update(state="failed", reason_code="outcome_unknown")
    Problem.objects.create(
        connection=connection,
        task="products",
        kind="product",
        record_id=item.record_id,
        label="P05",
        reason_code="outcome_unknown",
        says="?",
        last_run=first,
        first_seen_at=first.queued_at,
        last_seen_at=first.queued_at,
    )
    Link.objects.filter(record_id=item.record_id).delete()
    toy.requests.clear()

    work("products", only=("product", str(products[3].pk)))

    assert "GET /products/P05" not in toy.requests
