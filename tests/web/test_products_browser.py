"""What a person does with products in a real browser."""

import datetime
import io
from decimal import Decimal

import PIL.Image
import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from linesheet.books.images import add_image
from linesheet.books.models import Company, Image, Price, PriceList, Product, Season
from linesheet.books.prices import make_visible, set_price
from tests.web.conftest import ClientOf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def editor_page(page: Page, live_server: LiveServer, client_of: ClientOf) -> Page:
    """The page of an editor who is logged in."""
    name = settings.SESSION_COOKIE_NAME
    value = client_of("editor").cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    return page


@pytest.fixture
def products(company: Company) -> list[Product]:
    """Three products that are visible in SS26, with prices."""
    season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    wholesale = PriceList.objects.create(name="Wholesale", kind="wholesale")
    made = [
        Product.objects.create(code=code, style=code, colour="Black", name=code.title()) for code in ("A1", "B2", "C3")
    ]
    make_visible(made, season)
    for product in made:
        set_price(product, season, wholesale, Decimal(90), "EUR")
    return made


def amounts() -> list[Decimal]:
    return list(Price.objects.order_by("product__code").values_list("amount", flat=True))


def test_many_products_are_withdrawn_and_taken_back(editor_page: Page, products: list[Product]) -> None:
    page = editor_page
    page.goto("/products/?as=grid")
    page.get_by_label("Select A1").check()
    page.get_by_label("Select C3").check()
    page.get_by_role("button", name="Set state").click()
    page.get_by_label("Withdrawn: not made after all").check()
    page.get_by_role("dialog").get_by_role("button", name="Set state").click()

    expect(page.get_by_text("2 products withdrawn.")).to_be_visible()
    assert Product.objects.filter(withdrawn=True).count() == 2
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: “2 products withdrawn.”")).to_be_visible()
    assert not Product.objects.filter(withdrawn=True).exists()


def test_prices_are_entered_down_a_column_by_keyboard(editor_page: Page, products: list[Product]) -> None:
    page = editor_page
    page.goto("/price-lists/")
    page.get_by_role("link", name="Wholesale").click()
    cells = page.get_by_label("Wholesale of")
    cells.nth(0).focus()
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    expect(cells.nth(1)).to_be_focused()
    page.keyboard.type("cheap")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("which is not an amount")
    expect(cells.nth(2)).to_be_focused()
    page.keyboard.type("5")
    page.keyboard.press("Escape")
    expect(cells.nth(2)).to_have_value("90.00")
    expect(cells.nth(0)).to_have_value("100.00")
    expect(page.locator("#edited")).to_contain_text("Wholesale of A1 in SS26, EUR set to 100.")
    assert amounts() == [100, 90, 90]

    page.locator("#edited").get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Wholesale of A1")).to_have_value("90.00")
    assert amounts() == [90, 90, 90]


def test_pictures_are_ordered_by_dragging_and_by_keyboard(editor_page: Page, products: list[Product]) -> None:
    page, product = editor_page, products[0]
    for colour in ("red", "green", "blue"):
        content = io.BytesIO()
        PIL.Image.new("RGB", (40, 50), colour).save(content, "PNG")
        add_image(product, content.getvalue())
    red, green, blue = Image.objects.filter(product=product).values_list("pk", flat=True)
    shown = page.locator("#pictures input[name=picture]")
    page.goto(f"/products/{product.pk}/")
    page.wait_for_load_state("networkidle")

    with page.expect_response("**/pictures/order/"):
        page.locator(".pictures__one").nth(2).hover()
        page.mouse.down()
        for where in (1, 0, 0):
            page.locator(".pictures__one").nth(where).hover()
        page.mouse.up()
    # The pictures lie in their new order while they are dragged; that the answer is shown, their names tell.
    expect(page.locator(f"#earlier-{blue}")).to_have_accessible_name("Move picture 1 earlier")
    page.get_by_role("button", name="Move picture 3 earlier").focus()
    with page.expect_response("**/pictures/order/"):
        page.keyboard.press("Enter")
    expect(shown.nth(1)).to_have_value(str(green))
    expect(page.locator(f"#earlier-{green}")).to_be_focused()
    assert list(Image.objects.filter(product=product).values_list("pk", flat=True)) == [blue, green, red]

    page.get_by_role("button", name="Remove picture 1").click()
    expect(shown).to_have_count(2)
    page.locator("#edited").get_by_role("button", name="Undo").click()
    expect(shown.nth(0)).to_have_value(str(blue))
