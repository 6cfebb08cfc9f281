"""Readiness: what would be held back, found without sending or asking anything."""

import asyncio
import datetime
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from linesheet.books.models import Product
from linesheet.books.reasons import WARNING, Reason
from linesheet.books.tenancy import acting_for
from linesheet.sync import looking_again, readiness, registry
from linesheet.sync.models import Connection, Finding, Item, Look, Problem, Run
from linesheet.sync.platform import Direction, Task
from tests.processes import until
from tests.sync.toy import TOY, ToyProducts

NOT_THERE_YET = Reason("not_there_yet", "{record} is not there yet.", "Run Products first.")
NO_COLOUR = Reason("no_colour", "{record} has no colour.", "Give it one.", WARNING, mended_by="products")


class Pictures(ToyProducts):
    kind = "picture"
    of = "product"

    def check(self, record):
        found = [NOT_THERE_YET.about(record=record.code)]
        return found if record.colour else [*found, NO_COLOUR.about(record=record.code)]


class Odd(ToyProducts):
    def check(self, record):
        raise KeyError(record.code)


PICTURES = Task(
    key="pictures", name="Pictures", direction=Direction.OUT, help="", legs=(Pictures,), after=("products",)
)


@pytest.fixture
def pictures(monkeypatch, toy):
    """The toy platform with a task that only makes sense after another."""
    extended = replace(TOY, tasks=(TOY.task("products"), PICTURES), reasons=(*TOY.reasons, NOT_THERE_YET, NO_COLOUR))
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": extended})


def look_at(connection: Connection) -> Look:
    look = readiness.ask(connection)
    asyncio.run(readiness.look_through(look.pk, look.company_id))
    look.refresh_from_db()
    return look


def test_every_cause_is_one_line_with_its_count_and_nothing_is_asked_of_the_platform(connection, products, toy):
    Product.objects.filter(pk__in=[product.pk for product in products[:4]]).update(name="")

    look = look_at(connection)

    (cause,) = readiness.causes_of(look)
    assert (cause.code, cause.of, cause.count, cause.stops, cause.task) == ("nameless", "product", 4, True, "products")
    assert cause.says == "P00 has no name."
    assert look.looked == {"product": [10, 4]}
    assert toy.requests == []


def test_the_records_behind_a_cause_can_be_listed(connection, products):
    Product.objects.filter(pk__in=[product.pk for product in products[:4]]).update(name="")

    found = readiness.findings_of(look_at(connection), "nameless", "product")

    assert sorted(found.values_list("label", flat=True)) == ["P00", "P01", "P02", "P03"]


def test_a_reason_that_several_tasks_meet_counts_once(connection, products):
    Product.objects.filter(pk=products[0].pk).update(name="")

    look_at(connection)

    assert TOY.task("one-by-one").legs != TOY.task("products").legs
    assert Finding.objects.count() == 1


def test_what_follows_from_a_task_before_is_not_counted_again(connection, products, pictures):
    Product.objects.filter(pk__in=[product.pk for product in products[:4]]).update(name="", colour="")
    Product.objects.filter(pk=products[9].pk).update(colour="")

    causes = {cause.code: cause.count for cause in readiness.causes_of(look_at(connection))}

    assert causes == {"nameless": 4, "not_there_yet": 6, "no_colour": 1}


def test_what_stops_records_comes_first_and_says_which_file_mends_it(connection, products, pictures):
    Product.objects.update(colour="")

    causes = readiness.causes_of(look_at(connection))

    assert [(cause.code, cause.stops, cause.mended_by) for cause in causes] == [
        ("not_there_yet", True, ""),
        ("no_colour", False, "products"),
    ]


def test_a_record_that_a_rule_stumbles_over_is_a_finding_like_another(connection, products, monkeypatch, toy):
    odd = Task(key="odd", name="Odd", direction=Direction.OUT, help="", legs=(Odd,))
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": replace(TOY, tasks=(odd,))})

    look = look_at(connection)

    assert look.state == Look.State.DONE
    assert readiness.causes_of(look)[0].count == 10


def blocked(connection: Connection, product: Product, reason: str = "nameless", **of: object) -> Problem:
    """A problem as a run leaves it, with the item behind it."""
    run = Run.objects.create(connection=connection, task="one-by-one", state=Run.State.PROBLEMS)
    what = {"kind": "product", "record_id": str(product.pk), "label": product.code, "reason_code": reason, "says": "x"}
    Item.objects.create(run=run, **{"state": "blocked", **what, **of})
    return Problem.objects.create(
        connection=connection, task=run.task, last_run=run, **what,
        first_seen_at=timezone.now(), last_seen_at=timezone.now(),
    )  # fmt: skip


def is_open(problem: Problem) -> bool:
    problem.refresh_from_db()
    return problem.cleared_at is None


def test_a_look_clears_the_problems_whose_cause_is_gone_and_leaves_those_that_last(connection, products):
    Product.objects.filter(pk=products[0].pk).update(name="")
    lasts, mended = blocked(connection, products[0]), blocked(connection, products[1])

    look_at(connection)

    assert is_open(lasts)
    assert not is_open(mended)


def test_what_a_real_run_blocked_is_cleared_once_it_is_mended(connection, products, work):
    Product.objects.filter(pk=products[0].pk).update(name="")
    work("one-by-one")
    problem = Problem.objects.get()
    look_at(connection)
    assert is_open(problem)

    Product.objects.filter(pk=products[0].pk).update(name="Coat")
    look_at(connection)

    assert not is_open(problem)


def test_what_a_platform_refused_is_not_cleared_by_a_look(connection, products):
    refused = blocked(connection, products[0], "refused", state="failed", payload={"code": "x"})
    moved = blocked(connection, products[1], "changed_since_sent", payload={"code": "x"})

    look_at(connection)

    assert is_open(refused)
    assert is_open(moved)


def test_what_a_rule_stumbles_over_clears_nothing(connection, products, monkeypatch):
    problem = blocked(connection, products[0])
    odd = replace(TOY.task("products"), legs=(Odd,))
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": replace(TOY, tasks=(odd, TOY.task("one-by-one")))})

    look_at(connection)

    assert is_open(problem)


def test_a_connection_nobody_looked_at_is_looked_at_when_it_has_problems(connection, products):
    assert looking_again.look_where_due() == 0

    blocked(connection, products[0])

    assert looking_again.look_where_due() == 1


def test_who_asks_twice_gets_the_look_that_is_at_work(connection):
    first = readiness.ask(connection)

    assert readiness.ask(connection) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Look.objects.create(connection=connection)


def test_a_look_whose_worker_died_gives_way_to_a_new_one(connection, products):
    lost = readiness.ask(connection)
    long_ago = timezone.now() - datetime.timedelta(minutes=5)
    Look.objects.filter(pk=lost.pk).update(state=Look.State.LOOKING, beat_at=long_ago)

    fresh = look_at(connection)

    assert fresh.pk != lost.pk
    assert fresh.state == Look.State.DONE


def test_the_looks_before_are_forgotten_when_a_new_one_is_done(connection, products):
    Product.objects.update(name="")
    look_at(connection)
    Product.objects.update(name="Coat")

    last = look_at(connection)

    assert list(Look.objects.all()) == [last]
    assert not Finding.objects.exists()
    assert readiness.last_done(connection) == last


def test_a_worker_does_what_was_asked(connection, products, workers):
    Product.objects.update(name="")
    look = readiness.ask(connection)
    workers.start()

    def done() -> bool:
        with acting_for(look.company_id):
            look.refresh_from_db()
        return look.state == Look.State.DONE

    until(done)
    assert readiness.causes_of(look)[0].count == 10
