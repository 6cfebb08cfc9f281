"""What the figures for Prometheus tell of what was done and of what waits."""

import math
import re
from pathlib import Path

import pytest
from aiohttp import web
from django.db import connection as database
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from linesheet.sync import budget, retention, runs
from linesheet.sync.metrics import Figures
from linesheet.sync.models import Connection, Exchange, Run

SHOP = {"company": "atelier-nord", "platform": "toy", "connection": "Toy shop"}


@pytest.fixture
def figure(connection):
    """The value of a figure, by its name and some of its labels; None when there is none."""

    def read(name: str, **labels: str) -> float | None:
        collected = CollectorRegistry(auto_describe=False)
        collected.register(Figures())
        text = generate_latest(collected).decode()
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        found = [one.value for one in samples if one.name == name and labels.items() <= one.labels.items()]
        assert len(found) <= 1, f"{name} of {labels} is ambiguous"
        return found[0] if found else None

    return read


def test_runs_and_their_records_are_counted_by_state(figure, products, work, toy):
    toy.refuse.add("P03")
    work("one-by-one")

    of_task = {"platform": "toy", "task": "one-by-one"}
    assert figure("linesheet_runs", **of_task, state="problems") == 1
    assert figure("linesheet_items_total", **of_task, state="created") == 9
    assert figure("linesheet_items_total", **of_task, state="failed") == 1
    assert figure("linesheet_problems_open", **SHOP) == 1


def test_records_count_once_their_run_is_finished(figure, products, work):
    work("one-by-one", preview=True)

    assert figure("linesheet_runs", task="one-by-one", state="planned") == 1
    assert figure("linesheet_items_total", task="one-by-one", state="created") is None


def test_calls_are_counted_by_status_and_outlive_their_exchanges(figure, products, work, toy):
    answers = [web.json_response({}, status=503)]
    toy.before.append(lambda request: answers.pop() if answers else None)
    work("products")
    calls = Exchange.objects.count()
    Exchange.objects.update(started_at="2020-01-01T00:00Z")
    retention.tidy()

    assert figure("linesheet_calls_total", **SHOP, status="503") == 1
    assert figure("linesheet_calls_total", **SHOP, status="200") == calls - 1 > 0
    assert Exchange.objects.count() == 0


def test_a_call_without_an_answer_counts_as_none(figure, products, work):
    Connection.objects.update(base_url="http://127.0.0.1:9")
    work("orders")

    assert figure("linesheet_calls_total", **SHOP, status="none") == 5


def test_what_waits_in_the_queue_is_told_with_its_age(figure, connection):
    assert figure("linesheet_queue_jobs", status="todo") == figure("linesheet_queue_oldest_seconds") == 0
    runs.start(connection, "orders")
    with database.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '90 seconds'")

    assert figure("linesheet_queue_jobs", status="todo") == 1
    assert 90 <= figure("linesheet_queue_oldest_seconds") < 180
    assert figure("linesheet_workers_alive") == 0


def test_a_worker_that_lives_is_counted(figure, connection):
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        alive = figure("linesheet_workers_alive")
        cursor.execute("DELETE FROM procrastinate_workers")

    assert alive == 1


def test_the_budget_left_is_what_may_be_called_within_a_minute(figure, connection):
    assert figure("linesheet_budget_calls_left", **SHOP) == math.inf
    Connection.objects.update(settings={**connection.settings, "calls_per_second": 2})
    assert figure("linesheet_budget_calls_left", **SHOP) == 120

    budget.pause_connection(connection.pk, 30)
    assert 60 <= figure("linesheet_budget_calls_left", **SHOP) < 62
    budget.pause_connection(connection.pk, 300)
    assert figure("linesheet_budget_calls_left", **SHOP) == 0


def test_a_connection_that_is_off_or_of_no_platform_has_no_budget(figure):
    Connection.objects.update(active=False)
    assert figure("linesheet_budget_calls_left", **SHOP) == 0
    Connection.objects.update(active=True, platform="gone")
    assert figure("linesheet_budget_calls_left", connection="Toy shop") == 0


def test_a_held_record_is_counted(figure, toy, work):
    toy.order("7", "Nobody we know", ("4000000000000", 1))
    work("orders")

    assert figure("linesheet_inbox_held", **SHOP) == 1


def test_the_queries_are_as_many_however_much_was_done(
    connection, products, work, django_assert_num_queries, company_of_runs
):
    with django_assert_num_queries(9):
        list(Figures().collect())
    company_of_runs(50)
    with django_assert_num_queries(9):
        list(Figures().collect())


@pytest.fixture
def company_of_runs(connection):
    """Makes so many more connections, each with a finished run."""

    def make(count: int) -> None:
        for number in range(count):
            other = Connection.objects.create(platform="toy", name=f"Shop {number}", base_url="https://toy.example")
            Run.objects.create(connection=other, task="products", state="done", selected=1, created=1)

    return make


def test_the_docs_name_every_figure(connection):
    docs = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    told = {name.removesuffix("_total") for name in re.findall(r"`(linesheet_\w+)`", docs)}

    assert {family.name for family in Figures().collect()} == told
