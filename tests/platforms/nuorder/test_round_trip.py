"""Whole tasks through real workers, against the sandbox, with faults on its side and deaths on ours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linesheet.books.models import SKU, Company, Customer, Order
from linesheet.books.tenancy import acting_for
from linesheet.sync import runs
from linesheet.sync.models import Exchange, InboxRecord, Link, Placement, Run
from tests.platforms.nuorder.conftest import Books, NuOrderSandbox, filled
from tests.processes import Workers, empty_queue, until

PRODUCTS = 12


@pytest.fixture
def house(transactional_db: None, nuorder_sandbox: NuOrderSandbox) -> Iterator[Books]:
    """Books that other processes see, with products to publish and a customer."""
    empty_queue()
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        books = filled(company, nuorder_sandbox.url, **nuorder_sandbox.credentials)
        for number in range(PRODUCTS):
            books.product(f"C{number:02}-BLACK")
        Customer.objects.create(name="Maison Rive", currency="EUR")
        yield books


@pytest.fixture
def workers(house: Books) -> Iterator[Workers]:
    started = Workers("-m", "linesheet.cli.main", "worker")
    yield started
    started.end()


def run_to_the_end(house: Books, task: str) -> Run:
    run, _ = runs.start(house.connection, task)
    until(lambda: finished(run))
    return run


def finished(run: Run) -> bool:
    run.refresh_from_db()
    return run.state in Run.FINAL


def writes(sandbox: NuOrderSandbox) -> dict[str, int]:
    """How often each record was written through the API, as `kind/key`."""
    return {
        f"{kind}/{key}": sum(actions.values())
        for kind, records in sandbox.control("GET", "/stats")["writes"].items()
        for key, actions in records.items()
    }


def approve_order(sandbox: NuOrderSandbox, quantity: int = 3) -> dict[str, Any]:
    barcode = SKU.objects.order_by("pk").values_list("barcode", flat=True)[0]
    order: dict[str, Any] = sandbox.place_order(lines=[{"upc": barcode, "quantity": quantity}], currency_code="EUR")
    return order


def test_everything_goes_out_once_and_a_second_round_sends_nothing(house, nuorder_sandbox, workers):
    workers.start()
    for task in ("data-export", "stock-export"):
        assert run_to_the_end(house, task).state == Run.State.DONE
    written = writes(nuorder_sandbox)
    assert set(written.values()) == {1}

    second = [run_to_the_end(house, task) for task in ("data-export", "stock-export")]

    assert [run.unchanged for run in second] == [PRODUCTS + 1, PRODUCTS]
    assert writes(nuorder_sandbox) == written


def test_a_worker_killed_in_mid_export_leaves_nothing_lost_or_doubled(house, nuorder_sandbox, workers):
    nuorder_sandbox.fault("slow", "/product/new", "PUT", times=None, after=4, seconds=20)
    run, _ = runs.start(house.connection, "data-export")
    victim = workers.start()
    until(lambda: len(writes(nuorder_sandbox)) >= 9)
    victim.kill()
    victim.wait()
    nuorder_sandbox.control("DELETE", "/faults")

    workers.start()
    until(lambda: finished(run))

    assert run.state == Run.State.DONE, run.says
    assert (run.selected, run.created) == (PRODUCTS + 1, PRODUCTS + 1)
    assert len(nuorder_sandbox.products()) == PRODUCTS
    assert set(writes(nuorder_sandbox).values()) == {1}, "what had arrived was read back, not sent again"


def test_a_worker_killed_before_acknowledging_stores_the_order_once(house, nuorder_sandbox, workers):
    workers.start()
    run_to_the_end(house, "data-export")
    workers.end()
    order = approve_order(nuorder_sandbox)
    nuorder_sandbox.fault("timeout_before", "/processed", "POST", seconds=30)
    run, _ = runs.start(house.connection, "orders-import")
    victim = workers.start()
    until(lambda: Order.objects.exists() and nuorder_sandbox.control("GET", "/stats")["in_progress"])
    victim.kill()
    victim.wait()

    workers.start()
    until(lambda: finished(run))

    assert (run.state, run.created) == (Run.State.DONE, 1)
    assert [stored.reference for stored in Order.objects.all()] == [order["order_number"]]
    assert nuorder_sandbox.order(order)["status"] == "processed"


@pytest.mark.parametrize("fault", ["timeout_after", "disconnect_after", "truncate", "blank", "malformed"])
def test_an_order_whose_acknowledgement_got_no_answer_is_stored_and_processed_once(
    house, nuorder_sandbox, workers, fault
):
    workers.start()
    run_to_the_end(house, "data-export")
    order = approve_order(nuorder_sandbox)
    nuorder_sandbox.fault(fault, "/processed", "POST", seconds=1)

    run = run_to_the_end(house, "orders-import")

    assert (run.state, run.created, Order.objects.count()) == (Run.State.DONE, 1, 1)
    assert nuorder_sandbox.order(order)["status"] == "processed"


@pytest.mark.parametrize(
    "fault", ["timeout_after", "timeout_before", "disconnect_after", "disconnect_before", "truncate", "malformed"]
)
def test_a_product_whose_answer_was_lost_is_published_once(house, nuorder_sandbox, workers, fault):
    nuorder_sandbox.fault(fault, "/product/new", "PUT", times=3, after=2, seconds=1)
    workers.start()

    run = run_to_the_end(house, "data-export")

    assert (run.state, run.created) == (Run.State.DONE, PRODUCTS + 1)
    assert set(writes(nuorder_sandbox).values()) == {1}


def test_a_storm_of_refusals_is_ridden_out(house, nuorder_sandbox, workers):
    nuorder_sandbox.fault("rate_limit", "/api/", times=10, retry_after=0)
    nuorder_sandbox.fault("status", "/api/", times=4, status=503, after=10)
    workers.start()

    run = run_to_the_end(house, "data-export")

    assert (run.state, run.created) == (Run.State.DONE, PRODUCTS + 1)
    assert len(nuorder_sandbox.products()) == PRODUCTS


def test_credentials_revoked_in_mid_run_fail_it_and_the_next_run_sends_the_rest(house, nuorder_sandbox, workers):
    nuorder_sandbox.fault("unauthorized", "/product/new", times=None, after=5)
    workers.start()

    run = run_to_the_end(house, "data-export")
    assert (run.state, run.reason_code) == (Run.State.FAILED, "unauthorised")
    assert run.created + run.not_attempted + run.failed == run.selected
    assert run.not_attempted > 0
    nuorder_sandbox.control("DELETE", "/faults")

    second = run_to_the_end(house, "data-export")
    assert second.state == Run.State.DONE
    assert set(writes(nuorder_sandbox).values()) == {1}


def test_a_listing_that_comes_back_empty_fails_the_run(house, nuorder_sandbox, workers):
    workers.start()
    run_to_the_end(house, "data-export")
    nuorder_sandbox.fault("empty", "/products/list")

    run = run_to_the_end(house, "data-export")

    assert (run.state, run.reason_code) == (Run.State.FAILED, "listing_short")


def test_an_order_edited_or_cancelled_there_after_import_is_shown_as_a_revision(house, nuorder_sandbox, workers):
    workers.start()
    run_to_the_end(house, "data-export")
    edited, cancelled = approve_order(nuorder_sandbox), approve_order(nuorder_sandbox, 5)
    run_to_the_end(house, "orders-import")
    barcode = edited["line_items"][0]["sizes"][0]["upc"]
    nuorder_sandbox.control("PATCH", f"/orders/{edited['_id']}", {"lines": [{"upc": barcode, "quantity": 9}]})
    nuorder_sandbox.control("POST", f"/orders/{cancelled['_id']}/cancel")

    run_to_the_end(house, "orders-import")

    held = InboxRecord.objects.filter(state=InboxRecord.State.HELD).order_by("remote_id")
    assert sorted(row.reason_code for row in held) == ["cancelled_after_import", "changed_after_import"]
    assert Order.objects.count() == 2


def test_a_held_order_that_was_cancelled_there_is_never_stored(house, nuorder_sandbox, workers):
    workers.start()
    run_to_the_end(house, "data-export")
    Customer.objects.update(name="Another")
    Link.objects.filter(kind="customer").delete()
    order = approve_order(nuorder_sandbox)
    run_to_the_end(house, "orders-import")
    assert InboxRecord.objects.get().state == InboxRecord.State.HELD
    nuorder_sandbox.control("POST", f"/orders/{order['_id']}/cancel")
    Customer.objects.update(name="Maison Rive")

    run_to_the_end(house, "orders-import")

    latest = InboxRecord.objects.order_by("-revision")[0]
    assert (latest.state, latest.reason_code) == (InboxRecord.State.IGNORED, "cancelled_before_import")
    assert not Order.objects.exists()
    assert run_to_the_end(house, "orders-import").state == Run.State.DONE


def test_a_product_removed_there_is_published_again_with_its_stock(house, nuorder_sandbox, workers):
    workers.start()
    for task in ("data-export", "stock-export"):
        run_to_the_end(house, task)
    before = nuorder_sandbox.stock("C01-BLACK")
    nuorder_sandbox.control("DELETE", "/products/C01-BLACK")

    data, stock = (run_to_the_end(house, task) for task in ("data-export", "stock-export"))

    assert (data.created, data.unchanged) == (1, PRODUCTS)
    assert (stock.updated, stock.unchanged) == (1, PRODUCTS - 1)
    assert nuorder_sandbox.stock("C01-BLACK") == before


def test_products_taken_out_of_the_catalogue_become_inactive_there_once(house, nuorder_sandbox, workers):
    workers.start()
    run_to_the_end(house, "data-export")
    Placement.objects.filter(product__code__in=["C01-BLACK", "C02-BLACK"]).delete()
    nuorder_sandbox.control("DELETE", "/products/C02-BLACK")

    first, second = (run_to_the_end(house, "data-export") for _ in range(2))

    assert (first.selected, first.updated, first.unchanged) == (PRODUCTS, 1, PRODUCTS - 1)
    [item] = first.items.all()
    assert (item.label, [note["code"] for note in item.notes]) == ("C01-BLACK", ["taken_out_of_catalogue"])
    assert (second.selected, second.unchanged) == (PRODUCTS, PRODUCTS)
    inactive = [code for code, product in nuorder_sandbox.products().items() if not product["active"]]
    assert inactive == ["C01-BLACK"]


def test_no_secret_reaches_logs_exchanges_or_pages_of_a_run(house, nuorder_sandbox, workers, tmp_path: Path):
    log = tmp_path / "worker.log"
    nuorder_sandbox.fault("unauthorized", "/companies", times=1)
    workers.start(log)

    run_to_the_end(house, "data-export")

    kept = log.read_text() + repr(list(Exchange.objects.values())) + repr(list(Run.objects.values()))
    assert '"run"' in kept
    for secret in nuorder_sandbox.credentials.values():
        assert secret not in kept
