"""The whole story a newcomer lives, on an installation as `linesheet up` starts it."""

import contextlib
import datetime
import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from linesheet.demo.brand import seasons_on
from tests.processes import until
from tests.screens.conftest import data_folder

UP = [sys.executable, "-m", "linesheet.cli.main", "up", "--port", "0"]
SOON = 60_000
"""Milliseconds that work of other processes may take."""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class Installation:
    """A running installation, and the sandbox beside it."""

    address: str
    folder: Path

    def buyer_orders(self, company: str, lines: list[dict[str, Any]], po: str) -> str:
        """Have a buyer place an approved order on the platform; its number there."""
        order = {
            "company": company,
            "status": "approved",
            "customer_po_number": po,
            "currency_code": "EUR",
            "start_ship": "2026-09-01",
            "end_ship": "2026-10-15",
            "lines": lines,
        }
        number: str = self._control("/orders", order)["order_number"]
        return number

    def barcodes_published(self) -> list[str]:
        """Barcodes of the sizes that the platform has."""
        return [size["upc"] for product in self._control("/products") for size in product["sizes"] if size["upc"]]

    def take_time(self, milliseconds: int) -> None:
        """Have the platform answer as late as real ones do."""
        self._control("/settings", {"latency_ms": milliseconds})

    def _control(self, path: str, body: Any = None) -> Any:
        announced = json.loads((self.folder / "sandboxes" / "nuorder.json").read_text())
        request = urllib.request.Request(
            announced["control_url"] + path,
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """What `linesheet up` starts in an empty folder."""
    environment, folder = data_folder(tmp_path_factory)
    errors = folder.with_name("errors")
    with (
        errors.open("w") as stderr,
        subprocess.Popen(UP, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True) as up,
    ):
        try:
            assert up.stdout is not None
            found = next(
                (at for line in up.stdout if (at := re.search(r"Linesheet is at (http://[^/\s]+)", line))), None
            )
            assert found, f"it did not say where it is:\n{errors.read_text()}"
            until((folder / "sandboxes" / "nuorder.json").exists)
            yield Installation(found[1], folder)
        finally:
            up.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                up.communicate(timeout=30)
            up.kill()


@pytest.fixture
def page(browser: Browser, installation: Installation) -> Iterator[Page]:
    context = browser.new_context(base_url=installation.address, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(SOON)
    yield context.new_page()
    context.close()


def test_from_the_first_start_to_orders_that_came_back(page: Page, installation: Installation) -> None:
    page.goto("/")
    page.get_by_label("Your e-mail").fill("me@example.com")
    page.get_by_label("Password").fill("a good password")
    page.get_by_role("button", name="Begin with the demo brand").click()
    expect(page.get_by_role("heading", name="Atelier Nord")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("E-mail").fill("me@example.com")
    page.get_by_label("Password").fill("a good password")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Atelier Nord")).to_be_visible(timeout=SOON)

    _, sold, _ = seasons_on(datetime.date.today())
    page.get_by_role("link", name="NuORDER", exact=True).first.click()
    page.get_by_role("link", name="Catalogue", exact=True).click()
    for level, name in (("Season", sold.name), ("Department", "Women"), ("Category", "Dresses")):
        page.get_by_role("link", name=f"+ {level}").last.click()
        page.get_by_role("dialog").get_by_label("Name").fill(name)
        page.get_by_role("button", name="OK & Go In").click()
        expect(page.get_by_role("heading", name=name, level=2)).to_be_visible()
    page.get_by_role("link", name="+ Add Product").click()
    page.get_by_label("Category").select_option("Category: Dresses")
    page.get_by_role("button", name="Select All Displayed").click()
    page.get_by_role("button", name=re.compile(r"Add \d+ Products")).click()
    expect(page.get_by_text("are added to Dresses.")).to_be_visible()

    installation.take_time(400)
    page.get_by_role("link", name="Actions", exact=True).click()
    page.get_by_role("button", name="Preview Data export").click()
    expect(page.get_by_text("would be created on NuORDER")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Approve the plan").click()
    expect(page.get_by_text(re.compile(r"\d+ of \d+ accounted for")).first).to_be_visible(timeout=SOON)
    expect(page.locator("main .badge").first).to_have_text("Done with problems", timeout=SOON)

    installation.take_time(0)
    barcode, other, *_ = installation.barcodes_published()
    page.get_by_role("link", name="Customers", exact=True).click()
    known = page.locator("#rows tbody tr").first.get_by_role("link").first.inner_text()
    number = installation.buyer_orders(known, [{"upc": barcode, "quantity": 3}], "PO-1")
    held = installation.buyer_orders("A shop nobody knows", [{"upc": other, "quantity": 2}], "PO-2")
    page.get_by_role("link", name="NuORDER", exact=True).first.click()
    page.get_by_role("button", name="Run Orders import").click()
    expect(page.locator("main .badge").first).to_have_text("Done with problems", timeout=SOON)

    page.get_by_role("link", name="Orders", exact=True).first.click()
    page.get_by_label(re.compile(f"Select .*{number}|Select SO")).first.check()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text(re.compile("1 order approved|approved"))).to_be_visible()

    page.get_by_role("link", name="See what is held").click()
    page.get_by_role("link", name=held, exact=True).click()
    page.get_by_text("The customer is new").click()
    page.get_by_role("button", name="Create the customer").click()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Became")).to_be_visible(timeout=SOON)
    page.get_by_role("link", name=re.compile("^SO ")).click()
    expect(page.get_by_role("link", name="A shop nobody knows")).to_be_visible()
