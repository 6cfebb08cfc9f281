"""What a person does, in a real browser; every test also fails on an error in the console."""

import re

import pytest
from playwright.sync_api import Page, expect

from linesheet.books.models import User
from linesheet.sync.models import Connection, Item, Run, Schedule

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_member_logs_in_by_keyboard(page: Page, people: dict[str, User], connection: Connection) -> None:
    page.goto("/")
    page.keyboard.type("owner@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("a good password")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Atelier Nord")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


def test_a_run_is_started_twice_queued_once_and_cancelled(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    page.goto(f"/connections/{connection.pk}/")
    page.get_by_role("button", name="Run Stock export", exact=True).dblclick()

    expect(page.locator("h1")).to_have_text("Stock export")
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()
    assert Run.objects.count() == 1
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("main .badge").first).to_have_text("Cancelled")
    expect(page.get_by_text("Not attempted, because the run was cancelled.")).to_be_visible()


def test_progress_moves_by_itself_and_the_page_settles_when_the_run_ends(
    operator_page: Page, connection: Connection
) -> None:
    page = operator_page
    run = Run.objects.create(connection=connection, task="stock", state=Run.State.RUNNING, selected=100, created=10)
    page.goto(f"/runs/{run.pk}/")
    expect(page.locator(".progress__says")).to_contain_text("10 of 100 accounted for")

    Run.objects.update(created=60)
    expect(page.locator(".progress__says")).to_contain_text("60 of 100 accounted for")
    Item.objects.create(run=run, kind="product", record_id="1", label="COAT", state="blocked", says="No barcode.")
    Run.objects.update(state=Run.State.PROBLEMS, created=99, blocked=1)

    expect(page.locator("main .badge").first).to_have_text("Done with problems")
    expect(page.get_by_text("No barcode.")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.locator("[hx-trigger*=every]")).to_have_count(0)


def test_a_number_of_the_sum_shows_its_items_in_place(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    run = Run.objects.create(connection=connection, task="stock", state="problems", selected=2, created=1, failed=1)
    for state, label in (("created", "COAT-1"), ("failed", "COAT-2")):
        Item.objects.create(run=run, kind="product", record_id=label, label=label, state=state)
    page.goto(f"/runs/{run.pk}/")
    page.get_by_role("link", name="1 failed").click()

    expect(page.get_by_role("search").get_by_label("State")).to_have_value("failed")
    expect(page.get_by_role("link", name="COAT-1", exact=True)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?show=failed$"))
    page.go_back()
    expect(page.get_by_role("link", name="COAT-1", exact=True)).to_be_visible()
    page.get_by_role("link", name="COAT-2", exact=True).click()
    expect(page.get_by_text("No call was made for this record in this run.")).to_be_visible()


def test_a_schedule_is_edited_in_place(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    page.goto(f"/connections/{connection.pk}/")
    schedule = page.locator("#schedule-stock")
    schedule.locator("summary").click()
    schedule.get_by_label("Every").check()
    schedule.get_by_label("minutes", exact=True).fill("0")
    schedule.get_by_role("button", name="Save").click()
    expect(schedule.get_by_role("alert")).to_have_text("Give at least 1 minute.")

    schedule.get_by_label("minutes", exact=True).fill("15")
    schedule.get_by_role("button", name="Save").click()
    expect(schedule.get_by_role("status")).to_have_text("Saved")
    expect(schedule.locator("summary")).to_contain_text("Every 15 minutes")
    expect(schedule.locator("summary")).to_be_focused()
    assert Schedule.objects.get().every_minutes == 15


def test_a_plan_is_approved(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    run = Run.objects.create(
        connection=connection,
        task="stock",
        preview=True,
        state=Run.State.PLANNED,
        selected=1,
        planned_create=1,
        planned_calls=1,
        planned_seconds=2,
    )
    Item.objects.create(run=run, kind="product", record_id="1", label="COAT", action="create")
    page.goto(f"/runs/{run.pk}/")
    expect(page.get_by_text("would be created on Galerie Invisible, in 1 call and under a minute.")).to_be_visible()
    page.get_by_role("button", name="Approve the plan").click()

    expect(page.locator("main .badge").first).to_have_text("Queued")
    run.refresh_from_db()
    assert run.approved_at


def test_everything_works_without_scripts(browser_without_scripts: Page, connection: Connection) -> None:
    page = browser_without_scripts
    page.goto(f"/connections/{connection.pk}/")
    schedule = page.locator("#schedule-stock")
    schedule.locator("summary").click()
    schedule.get_by_label("Daily at").check()
    schedule.get_by_label("Time of day").fill("06:30")
    schedule.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The schedule of Stock export is saved.")).to_be_visible()
    expect(page.get_by_text("Daily at 06:30")).to_be_visible()
    page.get_by_role("button", name="Preview Catalogue export", exact=True).click()
    expect(page.locator("main .badge").first).to_have_text("Queued")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(operator_page: Page, connection: Connection, width: int) -> None:
    page = operator_page
    label = "DRESS-0815-SILK-CREPE-DE-CHINE-IVORY-WITH-A-VERY-LONG-STYLE-CODE" * 3
    run = Run.objects.create(
        connection=connection, task="stock", state="problems", selected=128450, updated=128449, failed=1
    )
    item = Item.objects.create(run=run, kind="product", record_id="1", label=label, state="failed", says=label)
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/", f"/connections/{connection.pk}/", f"/runs/{run.pk}/", f"/runs/{run.pk}/items/{item.pk}/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
