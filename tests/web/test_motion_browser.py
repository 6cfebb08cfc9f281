"""How pages give way to each other, and how they fit a phone, in a real browser."""

import io

import PIL.Image
import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from linesheet.books.images import add_image
from linesheet.books.models import Company, Product
from tests.web.conftest import ClientOf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEE = """
addEventListener("pagereveal", async ({ viewTransition }) => {
  await viewTransition?.ready.catch(() => {});
  const moved = document.getAnimations().map(({ effect }) => effect.pseudoElement).filter(Boolean);
  document.documentElement.dataset.moved = moved.join(" ") || "nothing";
});
"""


@pytest.fixture
def coat(company: Company) -> Product:
    """A product with a picture."""
    made: Product = Product.objects.create(code="COAT", style="COAT", colour="Navy", name="Harbour Coat")
    content = io.BytesIO()
    PIL.Image.new("RGB", (60, 90), "navy").save(content, "PNG")
    add_image(made, content.getvalue())
    return made


@pytest.fixture
def viewer_page(page: Page, live_server: LiveServer, client_of: ClientOf) -> Page:
    """The page of a viewer who is logged in; it tells in `data-moved` what moved when it was revealed."""
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client_of("viewer").cookies[name].value, "url": live_server.url}])
    page.add_init_script(SEE)
    return page


def moved(page: Page) -> str:
    """What moved when the page was revealed."""
    page.wait_for_function("document.documentElement.dataset.moved")
    return page.locator("html").get_attribute("data-moved") or ""


def test_the_picture_of_a_product_grows_into_its_page_and_back(viewer_page: Page, coat: Product) -> None:
    page = viewer_page
    page.goto("/products/?as=grid")
    page.get_by_role("link", name="COAT").click()
    expect(page.get_by_role("heading", name="COAT", level=1)).to_be_visible()
    assert "::view-transition-group(picture)" in moved(page)

    page.get_by_role("link", name="Products", exact=True).last.click()
    expect(page.get_by_role("heading", name="Products", level=1)).to_be_visible()
    assert "::view-transition-group(side)" in moved(page)


def test_nothing_moves_for_who_wants_no_motion(viewer_page: Page, coat: Product) -> None:
    page = viewer_page
    page.emulate_media(reduced_motion="reduce")
    page.goto("/products/?as=grid")
    page.get_by_role("link", name="COAT").click()
    expect(page.get_by_role("heading", name="COAT", level=1)).to_be_visible()

    assert moved(page) == "nothing"
