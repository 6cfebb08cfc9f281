"""A run from preview to its end, watched in a browser while a real worker sends to a toy platform over real HTTP."""

import asyncio
import datetime
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Page, expect

from linesheet.books.models import SKU, Company, Customer, Order, Product, Season
from linesheet.sync import registry
from linesheet.sync.models import Connection, InboxRecord, Item, Run
from tests.processes import Workers, empty_queue, until
from tests.sync.test_workers import Hold
from tests.sync.toy import TOY, ToyServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def toy(made_up_platform: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ToyServer]:
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": TOY})
    server = ToyServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def connection(company: Company, toy: ToyServer) -> Connection:
    season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    return Connection.objects.create(
        platform="toy", name="Toy shop", base_url=toy.url, settings={"import_season": season.pk}
    )


@pytest.fixture
def products(company: Company) -> list[Product]:
    rows = Product.objects.bulk_create(
        Product(code=f"P{number:02}", style=f"P{number:02}", colour="Black", name=f"Coat {number}")
        for number in range(40)
    )
    SKU.objects.create(product=rows[0], size="M", barcode="4000000000000")
    return rows


@pytest.fixture
def worker(connection: Connection) -> Iterator[None]:
    empty_queue()
    workers = Workers("-m", "tests.sync.toy_worker")
    workers.start()
    yield
    workers.end()


def _renewed(lease: datetime.datetime | None) -> Callable[[], bool]:
    return lambda: Run.objects.get().lease_until != lease


async def _slowly(request: web.Request) -> None:
    if request.method == "PUT":
        await asyncio.sleep(0.15)


def test_a_preview_is_approved_watched_and_adds_up(
    operator_page: Page, toy: ToyServer, connection: Connection, products: list[Product], worker: None
) -> None:
    page = operator_page
    Product.objects.filter(code="P07").update(name="")
    toy.before.append(_slowly)
    page.goto(f"/connections/{connection.pk}/")
    page.get_by_role("button", name="Preview One by one", exact=True).click()

    expect(page.get_by_text("would be created on Toy, in 39 calls")).to_be_visible()
    expect(page.get_by_role("heading", name="What would not go, by reason")).to_be_visible()
    page.get_by_label("Record begins with").fill("p07")
    expect(page.locator("#items tbody .pick")).to_have_count(1)
    expect(page.locator("#items").get_by_text("P07 has no name.")).to_be_visible()
    assert toy.products == {}

    Product.objects.filter(code="P03").update(name="Changed meanwhile")
    page.get_by_role("button", name="Approve the plan").click()
    expect(page.locator(".progress__says")).to_have_text(re.compile(r"\d+ of 40 accounted for"))

    expect(page.locator("main .badge").first).to_have_text("Done with problems")
    expect(page.locator("#aloud")).to_have_text("Done with problems")
    said = re.sub(r"\s+", " ", page.locator("#progress .sum").inner_text())
    assert said.startswith("40 selected = 38 created + 0 updated + 0 unchanged + 2 blocked + 0 failed")
    expect(page.get_by_role("heading", name="Moved since the plan was made")).to_be_visible()
    expect(page.get_by_text("P03 changed in the books after this plan was made").first).to_be_visible()
    assert len(toy.products) == 38


def test_a_run_that_sends_is_cancelled(
    operator_page: Page, toy: ToyServer, connection: Connection, products: list[Product], worker: None
) -> None:
    page = operator_page
    hold = Hold("PUT", after=3)
    toy.before.append(hold)
    page.goto(f"/connections/{connection.pk}/")
    page.get_by_role("button", name="Run One by one", exact=True).click()
    expect(page.locator("progress[value]")).to_be_visible()
    until(lambda: hold.held)
    page.get_by_role("button", name="Cancel").click()
    until(lambda: Run.objects.filter(cancel_requested_at__isnull=False).exists())
    # The worker learns of it when it renews its lease.
    until(_renewed(Run.objects.get().lease_until))
    until(_renewed(Run.objects.get().lease_until))
    hold.released.set()

    expect(page.locator("main .badge").first).to_have_text("Cancelled")
    run = Run.objects.get()
    assert run.adds_up
    assert run.not_attempted > 0
    expect(page.get_by_role("heading", name="By reason")).to_be_visible()


def test_one_item_is_sent_again_and_a_held_order_is_taken_in(
    operator_page: Page, toy: ToyServer, connection: Connection, products: list[Product], worker: None
) -> None:
    page = operator_page
    toy.order("7", "Nobody & Sons", ("4000000000000", 3))
    for task in ("One by one", "Orders"):
        page.goto(f"/connections/{connection.pk}/")
        page.get_by_role("button", name=f"Run {task}", exact=True).click()
        expect(page.locator("main .badge").first).to_have_text(re.compile("Done"))

    toy.products["P05"]["name"] = "Spoilt"
    item = Item.objects.get(label="P05")
    page.goto(f"/runs/{item.run_id}/items/{item.pk}/")
    page.get_by_role("button", name="Send as it was").click()
    expect(page.locator("main .badge").first).to_have_text("Done")
    assert toy.products["P05"]["name"] == "Coat 5"

    Customer.objects.create(name="Nobody & Sons")
    page.goto(f"/connections/{connection.pk}/orders/?state=held")
    page.get_by_role("button", name="Details of N7").click()
    page.get_by_role("button", name="Take it in now").click()
    expect(page.locator("main .badge").first).to_have_text("Done")
    assert [order.reference for order in Order.objects.all()] == ["N7"]
    assert InboxRecord.objects.get().acknowledged_at


def test_rows_are_expanded_collapsed_and_taken_out_as_csv(
    operator_page: Page, connection: Connection, tmp_path: Path
) -> None:
    page = operator_page
    for number in range(3):
        run = Run.objects.create(connection=connection, task="products", state="problems", selected=1, blocked=1)
        Item.objects.create(
            run=run,
            kind="product",
            record_id="1",
            label=f"COAT-{number}",
            state="blocked",
            reason_code="nameless",
            says=f"COAT-{number} has no name.",
        )
    page.goto(f"/connections/{connection.pk}/activity/")
    sign = page.get_by_role("button", name="Details of Products, run").first
    sign.press("Enter")
    expect(page.get_by_text("COAT-2 has no name.")).to_be_visible()
    expect(sign).to_have_attribute("aria-expanded", "true")
    sign.press(" ")
    expect(page.get_by_text("COAT-2 has no name.")).to_be_hidden()

    page.get_by_label("Select all rows shown").check()
    page.get_by_role("button", name="Expand", exact=True).click()
    for number in range(3):
        expect(page.get_by_text(f"COAT-{number} has no name.")).to_be_visible()
    page.get_by_role("button", name="Collapse", exact=True).click()
    expect(page.get_by_text("COAT-0 has no name.")).to_be_hidden()

    with page.expect_download() as got:
        page.get_by_role("button", name="Details as CSV").click()
    lines = Path(got.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert "COAT-2 has no name." in lines[1]
    page.get_by_label("Record or run number").fill("coat-1")
    expect(page.locator(".list tbody tr:not([hidden])")).to_have_count(1)


def test_items_appear_and_change_while_one_looks(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    run = Run.objects.create(connection=connection, task="products", state="planning")
    page.goto(f"/runs/{run.pk}/")
    expect(page.get_by_text("No items yet.")).to_be_visible()

    item = Item.objects.create(run=run, kind="product", record_id="1", label="COAT", action="create")
    expect(page.get_by_role("link", name="COAT", exact=True)).to_be_visible()
    page.get_by_role("checkbox", name="Select COAT").check()
    Item.objects.filter(pk=item.pk).update(state="created")
    page.get_by_role("checkbox", name="Select COAT").uncheck()
    page.get_by_role("heading", name="Items").click()
    expect(page.locator("#items tbody .badge")).to_have_text("Created")
