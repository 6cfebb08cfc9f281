"""A catalogue as a person builds it, in a real browser: by keyboard alone, by dragging, and over filters."""

import datetime
import re

import pytest
from playwright.sync_api import Page, expect

from linesheet.books.models import Season
from linesheet.sync.models import Connection
from tests.accessibility import violations
from tests.web.catalogues import FREE, codes_in, declare, drawn, fill, make_ready, products, section

DIALOGS = ("add", "rename", "move", "copy", "move-products")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch, made_up_platform: None) -> None:
    declare(monkeypatch, FREE)


def test_a_tree_is_built_and_put_in_order_by_keyboard_alone(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    keys = page.keyboard
    page.goto(f"/connections/{connection.pk}/catalogue/")
    page.get_by_role("link", name="+ Season").last.focus()
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="New Season")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    keys.type("SS26")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Tab")
    expect(page.get_by_role("button", name="OK & Go In")).to_be_focused()
    keys.press("Enter")

    expect(page.get_by_role("link", name="+ Department")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="New Department in SS26")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    keys.type("Women")
    keys.press("Tab")
    keys.press("Tab")
    expect(page.get_by_role("button", name="OK & Add Another")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_text("Women is added.").last).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    keys.type("women")
    keys.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is a section SS26 > Women already.")
    expect(page.get_by_label("Name")).to_be_focused()
    keys.press("Control+a")
    keys.type("Men")
    keys.press("Enter")
    expect(page.get_by_role("treeitem", name=re.compile("^Men"))).to_be_focused()
    assert drawn(connection) == ["SS26", "SS26/Women", "SS26/Men"]

    keys.press("Alt+ArrowUp")
    expect(page.get_by_role("treeitem")).to_have_text([re.compile("SS26"), re.compile("^Men"), re.compile("^Women")])
    expect(page.get_by_role("treeitem", name=re.compile("^Men"))).to_be_focused()
    keys.press("ArrowDown")
    expect(page.get_by_role("treeitem", name=re.compile("^Women"))).to_be_focused()
    keys.press("Alt+ArrowRight")
    expect(page.get_by_role("treeitem", name=re.compile("^Men"))).to_have_attribute("aria-expanded", "true")
    assert drawn(connection) == ["SS26", "SS26/Men", "SS26/Men/Women"]
    expect(page.get_by_role("treeitem", name=re.compile("^Women"))).to_be_focused()
    keys.press("ArrowLeft")
    expect(page.get_by_role("treeitem", name=re.compile("^Men"))).to_be_focused()
    keys.press("ArrowLeft")
    expect(page.get_by_role("treeitem", name=re.compile("^Women"))).to_be_hidden()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Men")).to_be_visible()
    page.get_by_role("button", name="Rename…").or_(page.get_by_role("link", name="Rename…")).focus()
    keys.press("Enter")
    expect(page.get_by_label("New name")).to_be_focused()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Rename…")).to_be_focused()


def test_sections_and_products_are_dragged(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    coats, sale = section(connection, "S", "W", "Coats"), section(connection, "S", "W", "Sale")
    men = section(connection, "S", "M")
    fill(coats, "A B C")
    page.goto(f"/connections/{connection.pk}/catalogue/{coats.pk}/")

    page.locator(f"#s-{sale.pk}").drag_to(page.locator(f"#s-{men.pk}"))
    expect(page.get_by_text("Sale is now at S > M > Sale.")).to_be_visible()
    assert drawn(connection) == ["S", "S/W", "S/W/Coats", "S/M", "S/M/Sale"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone:")).to_be_visible()
    assert drawn(connection) == ["S", "S/W", "S/W/Coats", "S/W/Sale", "S/M"]

    rows = page.locator(".placed__row")
    rows.nth(2).locator(".grip").drag_to(rows.nth(0), target_position={"x": 200, "y": 4})
    expect(rows.nth(0)).to_contain_text("C")
    expect(page.get_by_text("C is moved within Coats.")).to_be_visible()
    assert codes_in(coats) == ["C", "A", "B"]
    rows.nth(0).locator(".grip").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(rows.nth(1)).to_contain_text("C")
    expect(rows.nth(1).locator(".grip")).to_be_focused()
    assert codes_in(coats) == ["A", "C", "B"]

    rows.nth(0).get_by_role("checkbox").check()
    rows.nth(1).get_by_role("checkbox").check()
    rows.nth(0).locator(".grip").drag_to(page.locator(f"#s-{sale.pk}"))
    expect(page.get_by_text("2 products are moved to S > W > Sale.")).to_be_visible()
    assert (codes_in(coats), codes_in(sale)) == (["B"], ["A", "C"])


def test_ticked_products_are_moved_and_taken_out_without_dragging(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    coats, sale = section(connection, "S", "W", "Coats"), section(connection, "S", "W", "Sale")
    fill(coats, "A B C")
    page.goto(f"/connections/{connection.pk}/catalogue/{coats.pk}/")
    page.get_by_role("checkbox", name="Select A", exact=True).check()
    page.get_by_role("region", name="Selected products").get_by_role("button", name="Move…").click()
    expect(page.get_by_role("dialog", name="Move")).to_be_visible()
    page.get_by_label("To the section").select_option("S > W > Sale")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.get_by_text("A is moved to S > W > Sale.")).to_be_visible()
    page.get_by_role("checkbox", name="Select B", exact=True).check()
    page.get_by_role("button", name="Take out").click()
    expect(page.get_by_text("B is taken out of Coats.")).to_be_visible()
    assert (codes_in(coats), codes_in(sale)) == (["C"], ["A"])


def test_products_are_picked_over_two_filters_and_added(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    coats = section(connection, "SS26", "Women", "Coats")
    season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    ready = products("COAT-1 COAT-2", category="Coats")
    products("HAT-1 HAT-2 HAT-3", category="Hats")
    for product in ready:
        make_ready(product, season, picture=False)
    page.goto(f"/connections/{connection.pk}/catalogue/{coats.pk}/")
    page.get_by_role("link", name="+ Add Product").click()
    expect(page.get_by_role("button", name="Add 0 Products")).to_be_disabled()

    page.get_by_label("Category").select_option("Category: Hats")
    expect(page.get_by_text("3 products")).to_be_visible()
    page.get_by_role("button", name="Select All Displayed").click()
    page.get_by_role("checkbox", name="HAT-2").uncheck()
    expect(page.get_by_role("button", name="Add 2 Products")).to_be_visible()
    page.get_by_label("Category").select_option("Category: all")
    page.get_by_label("Season", exact=True).select_option("Season: SS26")
    expect(page.get_by_role("checkbox", name="HAT-1")).to_have_count(0)
    page.get_by_role("checkbox", name="COAT-1").check()
    expect(page.get_by_role("button", name="Add 3 Products")).to_be_visible()
    page.get_by_label("Season", exact=True).select_option("Season: all")
    expect(page.get_by_role("checkbox", name="HAT-1")).to_be_checked()
    expect(page.get_by_role("checkbox", name="HAT-2")).not_to_be_checked()
    page.get_by_text("Paste a list of codes").click()
    page.get_by_label("Product codes, styles").fill("coat-2\nnope")
    page.get_by_role("button", name="Pick these").click()
    expect(page.get_by_text("1 code that no product goes by:")).to_be_visible()
    page.get_by_role("button", name="Add 4 Products").click()

    expect(page.get_by_text("4 products are added to Coats.")).to_be_visible()
    assert sorted(codes_in(coats)) == ["COAT-1", "COAT-2", "HAT-1", "HAT-3"]


def test_the_catalogue_works_without_scripts(browser_without_scripts: Page, connection: Connection) -> None:
    page = browser_without_scripts
    products("COAT HAT")
    page.goto(f"/connections/{connection.pk}/catalogue/")
    for name, level in (("SS26", "Season"), ("Women", "Department"), ("Coats", "Category")):
        page.get_by_role("link", name=f"+ {level}").last.click()
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="OK & Go In").click()
    page.get_by_role("link", name="+ Add Product").click()
    page.get_by_role("checkbox", name="HAT").check()
    page.get_by_role("button", name="Add Products").click()
    expect(page.get_by_text("1 product is added to Coats.")).to_be_visible()
    page.get_by_role("treeitem", name=re.compile("^Women")).click()
    expect(page.get_by_role("heading", name="Women")).to_be_visible()
    assert drawn(connection) == ["SS26", "SS26/Women", "SS26/Women/Coats"]


def test_every_part_is_accessible_and_fits(operator_page: Page, connection: Connection) -> None:
    page = operator_page
    coats = section(connection, "SS26", "Women", "Coats with a name as long as nobody would ever think of giving to it")
    section(connection, "SS26", "Men", "Coats")
    fill(coats, "A B C")
    products("D E")
    base = f"/connections/{connection.pk}/catalogue/"
    pages = ["", f"{coats.pk}/", f"{coats.pk}/add/", "?do=add", *(f"{coats.pk}/?do={kind}" for kind in DIALOGS)]
    wrong = []
    for address in pages:
        page.goto(base + address)
        page.wait_for_load_state("networkidle")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            wrong += [(address, width, one) for one in violations(page)]
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address

    assert wrong == []
