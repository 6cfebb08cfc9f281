import pytest
from aiohttp import web

from linesheet.books.models import Product
from linesheet.sync import registry, runs
from linesheet.sync.links import forget_links
from linesheet.sync.models import Exchange, Item, Link, Problem, Run
from tests.sync.toy import ToyProducts


def counts(run):
    return {
        name: getattr(run, name)
        for name in ("selected", "created", "updated", "unchanged", "blocked", "failed", "not_attempted")
        if getattr(run, name)
    }


def test_new_records_are_created_and_linked(toy, products, work):
    run = work("products")

    assert run.state == Run.State.DONE, run.says
    assert counts(run) == {"selected": 10, "created": 10}
    assert sorted(toy.products) == [product.code for product in products]
    assert Link.objects.filter(kind="product").count() == 10


def test_a_second_run_sends_nothing(toy, products, work):
    work("products")
    toy.writes.clear()

    run = work("products")

    assert counts(run) == {"selected": 10, "unchanged": 10}
    assert toy.writes == []
    assert not run.items.exists()


def test_a_changed_record_is_sent_with_the_fields_that_differ(toy, products, work):
    work("products")
    Product.objects.filter(code="P03").update(name="Cape")

    run = work("products")

    assert counts(run) == {"selected": 10, "updated": 1, "unchanged": 9}
    assert run.items.get().changes == [{"field": "name", "old": "Coat 3", "new": "Cape"}]
    assert toy.products["P03"]["name"] == "Cape"


def test_a_blocked_record_says_why_and_the_rest_go_out(toy, products, work):
    Product.objects.filter(code="P03").update(name="")

    run = work("products")

    assert run.state == Run.State.PROBLEMS
    assert counts(run) == {"selected": 10, "created": 9, "blocked": 1}
    item = run.items.get(state=Item.State.BLOCKED)
    assert (item.reason_code, item.says, item.fix) == ("nameless", "P03 has no name.", "Name it.")


def test_one_poison_record_in_a_batch_is_found_by_halving(toy, products, work):
    toy.refuse = {"P05"}

    run = work("products")

    assert counts(run) == {"selected": 10, "created": 9, "failed": 1}
    assert run.items.get(state=Item.State.FAILED).label == "P05"
    assert "P05 is poison" in run.items.get(state=Item.State.FAILED).says


def test_a_write_whose_answer_was_lost_is_read_back_and_not_repeated(toy, products, work):
    lost = []

    def lose_answer(request):
        if request.method == "PUT" and not lost:
            lost.append(request)
            request.transport.close()

    toy.after.append(lose_answer)

    run = work("products")

    assert counts(run) == {"selected": 10, "created": 10}
    assert sorted(id for batch in toy.writes for id in batch) == [product.code for product in products]


def test_a_write_that_never_arrived_is_sent_again(toy, products, work):
    lost = []

    def drop(request):
        if request.method == "PUT" and not lost:
            lost.append(request)
            request.transport.close()

    toy.before.append(drop)

    run = work("products")

    assert counts(run) == {"selected": 10, "created": 10}
    assert len(toy.products) == 10


def test_too_many_requests_are_waited_out(toy, products, work):
    answers = [web.json_response({"message": "slow"}, status=429, headers={"Retry-After": "0"}) for _ in range(3)]
    toy.before.append(lambda request: answers.pop() if request.method == "PUT" and answers else None)

    run = work("products")

    assert counts(run) == {"selected": 10, "created": 10}
    assert Exchange.objects.filter(run=run, status=429).count() == 3


def test_lost_credentials_fail_the_run_loudly(toy, products, work):
    toy.before.append(
        lambda request: web.json_response({"message": "who?"}, status=401) if len(toy.writes) >= 1 else None
    )

    run = work("products")

    assert run.state == Run.State.FAILED
    assert run.reason_code == "unauthorised"
    assert run.created > 0
    assert run.not_attempted > 0
    assert run.adds_up


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_refused_at_the_start_fail_the_run(toy, products, work, status):
    toy.before.append(lambda request: web.json_response({}, status=status))

    run = work("products")

    assert (run.state, run.reason_code) == (Run.State.FAILED, "unauthorised")
    assert toy.writes == []


def test_an_empty_listing_where_links_exist_fails_the_run(toy, products, work):
    work("products")
    toy.products.clear()

    run = work("products")

    assert (run.state, run.reason_code) == (Run.State.FAILED, "listing_short")


def test_a_record_that_is_gone_there_is_created_again(toy, products, work):
    work("products")
    del toy.products["P03"]

    run = work("products")

    assert counts(run) == {"selected": 10, "created": 1, "unchanged": 9}
    assert "P03" in toy.products


def test_a_preview_writes_nothing_and_its_approval_runs_exactly_the_plan(toy, products, work, connection):
    preview = work("one-by-one", preview=True)
    assert preview.state == Run.State.PLANNED
    assert (preview.selected, preview.planned_calls, toy.writes) == (10, 10, [])
    Product.objects.filter(code="P03").update(name="Cape")

    runs.approve(preview)
    run = resumed(preview)

    assert counts(run) == {"selected": 10, "created": 9, "blocked": 1}
    assert run.items.get(state=Item.State.BLOCKED).reason_code == "moved_in_books"


def test_what_another_run_sent_after_a_plan_was_made_is_not_sent_once_more(toy, products, work):
    first, second = work("one-by-one", preview=True), work("one-by-one", preview=True)
    runs.approve(first)
    resumed(first)
    toy.writes.clear()

    runs.approve(second)
    run = resumed(second)

    assert (counts(run), toy.writes) == ({"selected": 10, "blocked": 10}, [])
    assert set(run.items.values_list("reason_code", flat=True)) == {"sent_since"}


def test_what_vanished_there_is_created_again_by_an_approved_plan(toy, products, work):
    work("one-by-one")
    del toy.products["P03"]
    preview = work("one-by-one", preview=True)

    runs.approve(preview)

    assert counts(resumed(preview)) == {"selected": 10, "created": 1, "unchanged": 9}
    assert "P03" in toy.products


def test_an_approved_update_is_not_sent_over_a_change_made_there(toy, products, work):
    work("one-by-one")
    Product.objects.filter(code__in=["P03", "P04"]).update(name="Cape")
    preview = work("one-by-one", preview=True)
    toy.products["P03"]["name"] = "Changed there"

    runs.approve(preview)
    run = resumed(preview)

    assert counts(run) == {"selected": 10, "updated": 1, "unchanged": 8, "blocked": 1}
    assert run.items.get(state=Item.State.BLOCKED).reason_code == "moved_on_platform"
    assert toy.products["P03"]["name"] == "Changed there"


def test_a_problem_is_kept_until_a_run_no_longer_meets_it(toy, products, work):
    Product.objects.filter(code="P03").update(name="")
    work("products")
    work("products")
    problem = Problem.objects.get()
    assert (problem.label, problem.times, problem.cleared_at) == ("P03", 2, None)

    Product.objects.filter(code="P03").update(name="Coat")
    work("products")

    problem.refresh_from_db()
    assert problem.cleared_at is not None


def test_a_platform_that_is_down_stops_the_run_instead_of_trying_every_record(toy, products, work):
    toy.before.append(
        lambda request: (
            web.json_response({}, status=503, headers={"Retry-After": "0"})
            if request.method == "PUT" or "/products/" in request.path
            else None
        )
    )

    run = work("one-by-one")

    assert (run.state, run.reason_code) == (Run.State.FAILED, "unavailable")
    assert run.adds_up
    assert run.failed >= 6


def test_every_call_is_in_the_exchange_log_of_the_item_it_served(toy, products, work):
    run = work("products")

    for item in run.items.all():
        exchange = Exchange.objects.get(run=run, item_ids__contains=[item.pk])
        assert (exchange.method, exchange.status) == ("PUT", 200)
        assert item.label in exchange.request_body
    assert run.calls == Exchange.objects.filter(run=run).count() == len(toy.requests)


def resumed(run):
    import asyncio

    from linesheet.sync import engine

    asyncio.run(engine.execute(run.pk, run.company_id))
    run.refresh_from_db()
    return run


def test_a_preview_with_nothing_to_send_is_done_at_once(toy, products, work):
    work("products")

    preview = work("products", preview=True)

    assert (preview.state, counts(preview)) == (Run.State.DONE, {"selected": 10, "unchanged": 10})


def test_a_run_whose_platform_is_gone_is_failed_with_the_reason(toy, products, work, connection, monkeypatch):
    run, _ = runs.start(connection, "products")
    monkeypatch.setattr(registry, "platforms", dict)

    resumed(run)

    assert (run.state, run.reason_code) == (Run.State.FAILED, "not_ready")
    assert "toy" in run.says


def test_a_record_that_we_stumble_over_fails_alone(toy, products, work, monkeypatch):
    mapped = ToyProducts.map
    monkeypatch.setattr(ToyProducts, "map", lambda leg, record: mapped(leg, record) if record.code != "P03" else 1 / 0)

    run = work("products")

    assert counts(run) == {"selected": 10, "created": 9, "failed": 1}
    assert "ZeroDivisionError" in run.items.get(state=Item.State.FAILED).says


def losing_one_answer(toy):
    """Apply the next PUT and lose its answer; the list fills when that has happened."""
    lost = []

    def lose(request):
        if request.method == "PUT" and not lost:
            lost.append(request)
            request.transport.close()

    toy.after.append(lose)
    return lost


def reading_one(request):
    return request.method == "GET" and "/products/" in request.path


def test_a_redirect_is_no_success(toy, products, work):
    toy.before.append(
        lambda request: web.Response(status=302, headers={"Location": "/login"}) if request.method == "PUT" else None
    )

    run = work("one-by-one")

    assert (run.state, run.reason_code, run.created) == (Run.State.FAILED, "misdirected", 0)


def test_a_failed_read_back_leaves_the_outcome_unknown(toy, products, work):
    lost = losing_one_answer(toy)
    toy.before.append(
        lambda request: (
            web.json_response({}, status=503, headers={"Retry-After": "0"}) if lost and reading_one(request) else None
        )
    )

    run = work("one-by-one")

    assert run.items.get(state=Item.State.FAILED).reason_code == "outcome_unknown"


def test_an_unknown_outcome_is_settled_though_the_books_went_back(toy, products, work):
    work("one-by-one")
    Product.objects.filter(code="P03").update(name="Cape")
    lost = losing_one_answer(toy)
    toy.before.append(lambda request: web.Response(text="<html>") if lost and reading_one(request) else None)
    work("one-by-one")
    assert toy.products["P03"]["name"] == "Cape"
    toy.before.clear()
    Product.objects.filter(code="P03").update(name="Coat 3")

    run = work("one-by-one")

    assert toy.products["P03"]["name"] == "Coat 3"
    assert run.state == Run.State.DONE


def leave_one_unknown(toy, work):
    """The code of a product that the toy took in a run that never learned of it."""
    lost = losing_one_answer(toy)
    toy.before.append(lambda request: web.Response(text="<html>") if lost and reading_one(request) else None)
    run = work("one-by-one")
    toy.before.clear()
    toy.after.clear()
    return run.items.get(reason_code="outcome_unknown").label


def test_a_record_of_unknown_outcome_that_is_blocked_now_gets_its_link_all_the_same(toy, products, work):
    code = leave_one_unknown(toy, work)
    name = Product.objects.get(code=code).name
    Product.objects.filter(code=code).update(name="")

    run = work("one-by-one")

    assert (counts(run), run.items.get().reason_code) == ({"selected": 10, "blocked": 1, "unchanged": 9}, "nameless")
    assert Link.objects.get(remote_id=code).payload["name"] == toy.products[code]["name"] == name


def test_a_record_of_unknown_outcome_that_is_not_selected_any_more_gets_its_link(toy, products, work):
    code = leave_one_unknown(toy, work)
    Product.objects.get(code=code).delete()

    run = work("one-by-one")

    assert (run.state, counts(run)) == (Run.State.DONE, {"selected": 9, "unchanged": 9})
    assert Link.objects.filter(remote_id=code).exists()


def test_a_record_of_unknown_outcome_that_is_not_there_is_sent(toy, products, work):
    code = leave_one_unknown(toy, work)
    del toy.products[code]

    run = work("one-by-one")

    assert counts(run) == {"selected": 10, "created": 1, "unchanged": 9}
    assert code in toy.products


def test_a_record_of_unknown_outcome_waits_while_the_platform_does_not_tell(toy, products, work):
    code = leave_one_unknown(toy, work)
    Product.objects.filter(code=code).update(name="Cape")
    toy.before.append(lambda request: web.Response(text="<html>") if reading_one(request) else None)
    waiting = work("one-by-one")
    assert counts(waiting) == {"selected": 10, "failed": 1, "unchanged": 9}
    assert waiting.items.get().reason_code == "outcome_unknown"
    toy.before.clear()

    run = work("one-by-one")

    assert counts(run) == {"selected": 10, "updated": 1, "unchanged": 9}
    assert toy.products[code]["name"] == "Cape"


def test_a_refused_read_back_repeats_nothing_that_was_accepted(toy, products, work):
    lost = losing_one_answer(toy)
    reads = []

    def refuse_the_second(request):
        if lost and reading_one(request):
            reads.append(request)
            if len(reads) == 2:
                return web.json_response({"message": "no"}, status=400)
        return None

    toy.before.append(refuse_the_second)

    run = work("products")

    sent = [id for batch in toy.writes for id in batch]
    assert run.state == Run.State.PROBLEMS
    assert len(sent) == len(set(sent))


def test_a_nul_in_an_error_does_not_stop_the_run(toy, products, work):
    toy.before.append(
        lambda request: web.json_response({"message": "bad \x00"}, status=400) if request.method == "PUT" else None
    )

    run = work("one-by-one")

    assert (run.state, run.failed) == (Run.State.PROBLEMS, 10)


def test_a_platform_whose_writes_never_get_an_answer_is_taken_for_down(toy, products, work):
    toy.before.append(lambda request: web.json_response({}, status=500) if request.method == "PUT" else None)

    run = work("one-by-one")

    assert (run.state, run.reason_code) == (Run.State.FAILED, "unavailable")
    assert run.adds_up


def test_a_plan_that_waits_holds_no_lease_and_can_be_cancelled(toy, products, work):
    preview = work("one-by-one", preview=True)
    assert preview.lease_until is None

    cancelled = runs.cancel(preview)

    assert (cancelled.state, counts(cancelled)) == (Run.State.CANCELLED, {"selected": 10, "not_attempted": 10})


def test_a_preview_is_not_taken_for_the_run_that_is_queued(toy, products, connection):
    runs.start(connection, "products")

    with pytest.raises(runs.RunRefused, match="not finished"):
        runs.start(connection, "products", preview=True)


def test_an_account_that_was_emptied_is_filled_again_once_its_links_are_forgotten(toy, products, work, connection):
    work("products")
    toy.products.clear()
    assert work("products").reason_code == "listing_short"

    assert forget_links(connection) == 10
    run = work("products")

    assert (run.state, run.created, len(toy.products)) == (Run.State.DONE, 10, 10)
