"""Requests that come again are done once."""

import datetime
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection as database
from django.utils import timezone

from linesheet.books.models import Customer
from linesheet.sync import idempotency
from linesheet.sync.models import ApiCall, Connection, KeptAnswer
from tests.api import caller
from tests.api.conftest import Http

NOTES = "/api/caller/v1/notes"


@pytest.fixture(autouse=True)
def nobody_waits() -> None:
    caller.entered.clear()
    caller.may_go_on.clear()


def test_the_same_request_is_answered_as_before(call: Http):
    first = call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1")
    again = call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1")

    assert first.status == 201
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json == first.json
    assert Customer.objects.count() == 1


def test_the_same_key_with_another_request_is_a_conflict(call: Http):
    call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1")

    answer = call.post(NOTES, {"name": "B"}, Idempotency_Key="k-1")

    assert (answer.status, answer.json["code"]) == (409, "idempotency_conflict")
    assert Customer.objects.count() == 1


def test_parallel_posts_of_one_key_are_done_once(call: Http):
    ready = threading.Barrier(8)

    def post(_: int) -> int:
        ready.wait()
        return call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1").status

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(post, range(8)))

    assert Customer.objects.count() == 1
    assert statuses.count(201) == 1
    assert set(statuses) <= {200, 201, 409}
    assert call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1").status == 200


def test_while_it_is_being_worked_on_the_next_one_waits(call: Http):
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(call.post, NOTES, {"name": "A", "wait": True}, Idempotency_Key="k-1")
        assert caller.entered.wait(20)
        second = call.post(NOTES, {"name": "A", "wait": True}, Idempotency_Key="k-1")
        caller.may_go_on.set()

    assert first.result().status == 201
    assert (second.status, second.json["code"]) == (409, "in_progress")
    assert second.headers["Retry-After"] == "5"


def test_long_work_is_not_taken_over_while_it_lives(call: Http, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(idempotency, "LEASE", datetime.timedelta(0))
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(call.post, NOTES, {"name": "A", "wait": True}, Idempotency_Key="k-1")
        assert caller.entered.wait(20)
        second = call.post(NOTES, {"name": "A", "wait": True}, Idempotency_Key="k-1")
        caller.may_go_on.set()

    assert (first.result().status, second.status) == (201, 409)
    assert Customer.objects.count() == 1


def test_what_a_dead_process_left_undone_is_taken_over(call: Http, connection: Connection):
    first = call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1")
    Customer.objects.all().delete()
    KeptAnswer.objects.update(status=None, body=None, turn=uuid.uuid4(), lease_until=timezone.now())

    again = call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1")

    assert (first.status, again.status) == (201, 201)
    assert Customer.objects.count() == 1


def test_of_a_process_that_hangs_and_dies_the_work_is_taken_over_when_it_is_dead(call: Http):
    call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1")
    Customer.objects.all().delete()
    KeptAnswer.objects.update(status=None, body=None, turn=uuid.uuid4(), lease_until=timezone.now())
    with connect_apart() as hanging:
        hanging.execute("SELECT id FROM sync_keptanswer FOR UPDATE")
        assert call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1").json["code"] == "in_progress"
        # Whoever hangs is still alive, as the database sees it, until its session ends.
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [hanging.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            hanging.execute("SELECT 1")

    assert call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1").status == 201
    assert Customer.objects.count() == 1


def connect_apart() -> "psycopg.Connection[Any]":
    """A session of its own, as another process has it."""
    names = {"dbname", "user", "password", "host", "port"}
    return psycopg.connect(**{key: value for key, value in database.get_connection_params().items() if key in names})


@pytest.mark.parametrize("name", ["refused", "broken"])
def test_what_was_refused_may_be_asked_for_again(call: Http, name: str):
    statuses = [call.post(NOTES, {"name": name}, Idempotency_Key="k-1").status for _ in range(2)]

    assert statuses in ([422, 422], [500, 500])
    assert not Customer.objects.exists()
    assert call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1").status == 201


def test_a_refusal_may_leave_something_behind(call: Http):
    first = call.post(NOTES, {"name": "held"}, Idempotency_Key="k-1")

    assert (first.status, first.headers["Content-Type"]) == (422, "application/problem+json")
    assert Customer.objects.get().name == "held"
    assert not KeptAnswer.objects.exists()
    assert ApiCall.objects.get().refused == "schema_violation"


def test_an_answer_may_name_its_row_in_activity(call: Http):
    first = call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1")
    call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1")

    row = ApiCall.objects.get(pk=first.json["activity"])
    assert (row.status, row.request_body) == (201, '{"name": "A"}')
    assert '"name": "A"' in row.response_body
    assert list(ApiCall.objects.order_by("pk").values_list("status", flat=True)) == [201, 200]


def test_answers_are_kept_for_thirty_days(call: Http):
    call.post(NOTES, {"name": "A"}, Idempotency_Key="k-1")
    kept = KeptAnswer.objects.get()
    assert (kept.expires_at - kept.created_at).days == 30
    assert idempotency.forget() == 0

    KeptAnswer.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))

    assert call.post(NOTES, {"name": "B"}, Idempotency_Key="k-1").status == 201
    KeptAnswer.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert idempotency.forget() == 1


def test_a_key_that_is_too_long_is_refused(call: Http):
    assert call.post(NOTES, {"name": "A"}, Idempotency_Key="k" * 256).status == 400


def test_without_a_key_everything_is_done(call: Http):
    assert [call.post(NOTES, {"name": name}).status for name in ("A", "B")] == [201, 201]
