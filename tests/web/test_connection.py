"""A connection: tasks to run and schedule, made from what its platform declares."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from linesheet.books.models import Company
from linesheet.sync import runs
from linesheet.sync.models import Connection, Problem, Run, Schedule

HX = {"HX-Request": "true"}


def _text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_every_declared_task_is_a_row(operator: Client, connection: Connection) -> None:
    text = _text(operator, f"/connections/{connection.pk}/")

    assert "Line sheet file" in text
    assert "Sends what is available to sell." in text
    assert "Comes after Catalogue export, which has not run yet." in text
    assert "Runs only by hand" in text
    assert "4 calls at once, 8 a second" in text


def test_the_numbers_of_the_last_run_add_up_and_lead_to_its_items(operator: Client, connection: Connection) -> None:
    run = Run.objects.create(
        connection=connection, task="stock", state="problems", selected=1200, updated=1190, unchanged=7, failed=3
    )

    text = _text(operator, f"/connections/{connection.pk}/")

    for shown, number in (("updated", "1,190"), ("unchanged", "7"), ("failed", "3")):
        assert f'href="/runs/{run.pk}/?show={shown}#items" ><b>{number}</b> {shown}' in text


def test_run_queues_and_leads_to_the_run(operator: Client, connection: Connection) -> None:
    answer = operator.post(f"/connections/{connection.pk}/tasks/stock/start/")

    run = Run.objects.get()
    assert answer["Location"] == f"/runs/{run.pk}/"
    assert (run.task, run.preview, run.state) == ("stock", False, Run.State.QUEUED)
    assert str(run.requested_by) == "Operator"
    assert run.job_id is None or run.job_id > 0


def test_a_double_click_queues_once(operator: Client, connection: Connection) -> None:
    first, second = (
        operator.post(f"/connections/{connection.pk}/tasks/stock/start/", {"preview": "yes"}) for _ in range(2)
    )

    assert first["Location"] == second["Location"]
    assert Run.objects.count() == 1
    assert "Nothing new was queued." in operator.get(second["Location"]).content.decode()


def test_what_keeps_a_task_from_running_is_said_and_its_buttons_rest(operator: Client, connection: Connection) -> None:
    connection.credentials = {}
    connection.save()
    page = f"/connections/{connection.pk}/"

    text = _text(operator, page)
    assert f'<a href="/connections/{connection.pk}/settings/"><b>Key</b></a>' in text
    assert "`" not in text.partition("<main")[2]
    buttons = re.findall(r'<button type="submit" class="button[^>]*name="preview"[^>]*>', text)
    assert buttons
    assert all('disabled aria-describedby="not-yet"' in button for button in buttons)
    assert '<a href="#not-yet">Not set up yet</a>' in text
    answer = operator.post(f"{page}tasks/stock/start/", follow=True)
    assert "cannot run: Key not set." in answer.content.decode()


def test_a_task_that_is_not_declared_is_nowhere(operator: Client, connection: Connection) -> None:
    assert operator.post(f"/connections/{connection.pk}/tasks/nonsense/start/").status_code == 404


def test_a_connection_whose_platform_is_gone_says_so(operator: Client, connection: Connection) -> None:
    Connection.objects.update(platform="gone")
    Run.objects.create(connection=connection, task="stock", state=Run.State.DONE)

    assert "Its platform gone is not installed." in _text(operator, f"/connections/{connection.pk}/")
    assert operator.post(f"/connections/{connection.pk}/tasks/stock/start/").status_code == 404


def test_it_is_switched_off_and_on(operator: Client, connection: Connection) -> None:
    page = f"/connections/{connection.pk}/"

    operator.post(f"{page}switch/", {"active": "no"})
    text = _text(operator, page)
    assert '<a href="#not-yet">Switched off</a>' in text
    operator.post(f"{page}switch/", {"active": "yes"})
    assert "#not-yet" not in _text(operator, page)


def test_a_daily_schedule_is_meant_and_shown_in_the_company_s_zone(
    operator: Client, company: Company, connection: Connection
) -> None:
    Company.objects.update(timezone="Asia/Tokyo")

    operator.post(f"/connections/{connection.pk}/tasks/stock/schedule/", {"when": "daily", "at": "06:30"})

    schedule = Schedule.objects.get()
    assert schedule.due_at.astimezone(datetime.UTC).time() == datetime.time(21, 30)
    text = _text(operator, f"/connections/{connection.pk}/")
    assert "Daily at 06:30" in text
    assert "06:30:00 JST" in text


def test_a_schedule_is_switched_off_and_remembered(operator: Client, connection: Connection) -> None:
    page = f"/connections/{connection.pk}/tasks/stock/schedule/"
    operator.post(page, {"when": "every", "minutes": "15"})
    operator.post(page, {"when": "off", "minutes": ""})

    schedule = Schedule.objects.get()
    assert (schedule.enabled, schedule.every_minutes) == (False, 15)
    assert "No schedule" in _text(operator, f"/connections/{connection.pk}/")


def test_switching_off_what_was_never_on_is_no_error(operator: Client, connection: Connection) -> None:
    answer = operator.post(f"/connections/{connection.pk}/tasks/stock/schedule/", {"when": "off"})

    assert answer.status_code == 302
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"when": "every", "minutes": "0"}, "Give at least 1 minute."),
        ({"when": "every", "minutes": "soon"}, "Give the minutes as a whole number"),
        ({"when": "every", "minutes": ""}, "Say when, such as 15."),
        ({"when": "daily", "at": "25:00"}, "Give the time as hours and minutes"),
        ({"when": "daily", "at": ""}, "Say when, such as 06:30."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HX], ids=["page", "part"])
def test_a_schedule_that_makes_no_sense_says_what_to_give(
    operator: Client, connection: Connection, given: dict[str, str], says: str, headers: dict[str, str]
) -> None:
    answer = operator.post(f"/connections/{connection.pk}/tasks/stock/schedule/", given, headers=headers)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Schedule.objects.exists()


def test_a_task_that_runs_only_by_hand_takes_no_schedule(operator: Client, connection: Connection) -> None:
    answer = operator.post(f"/connections/{connection.pk}/tasks/sheet/schedule/", {"when": "every", "minutes": "5"})

    assert answer.status_code == 422
    assert "cannot run by itself" in answer.content.decode()


def test_a_pause_is_shown_while_it_lasts(operator: Client, connection: Connection) -> None:
    connection.paused_until = timezone.now() + datetime.timedelta(minutes=5)
    connection.save()
    assert "the platform asked to wait" in _text(operator, f"/connections/{connection.pk}/")

    connection.paused_until = timezone.now() - datetime.timedelta(minutes=5)
    connection.save()
    assert "the platform asked to wait" not in _text(operator, f"/connections/{connection.pk}/")


def test_the_number_of_queries_does_not_grow(
    operator: Client, connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(15):
        run, _ = runs.start(connection, MADE_UP_TASKS[number % 4])
        runs.cancel(run)
    now = timezone.now()
    for number in range(20):
        Problem.objects.create(
            connection=connection,
            task="stock",
            kind="product",
            record_id=str(number),
            label="COAT",
            reason_code=f"reason_{number}",
            says="Why.",
            first_seen_at=now,
            last_seen_at=now,
        )

    with django_assert_num_queries(16):
        operator.get(f"/connections/{connection.pk}/")


def test_the_problems_of_one_reason_are_listed_page_by_page(operator: Client, connection: Connection) -> None:
    now = timezone.now()
    for number in range(60):
        Problem.objects.create(
            connection=connection,
            task="stock",
            kind="product",
            record_id=str(number),
            label=f"COAT-{number:02}",
            reason_code="no_barcode" if number else "other",
            says="Why.",
            first_seen_at=now,
            last_seen_at=now,
        )
    page = f"/connections/{connection.pk}/problems/?reason=no_barcode"

    first = operator.get(page)
    assert "<b>59</b> open problems" in _text(operator, page)
    rest = operator.get(f"/connections/{connection.pk}/problems/{first.context['pages']['next']}")

    labels = [line.label for answer in (first, rest) for line in answer.context["lines"]]
    assert labels == [f"COAT-{number:02}" for number in range(59, 0, -1)]
    assert rest.context["pages"]["next"] == ""


MADE_UP_TASKS = ["catalogue", "stock", "orders", "sheet"]
