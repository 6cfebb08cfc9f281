"""An ORDRE connection in the browser: it has no address and no credentials."""

import pytest
from django.test import Client

from linesheet.sync.models import Connection
from tests.platforms.ordre.conftest import Brand

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(brand: Brand) -> Client:
    client = Client()
    client.force_login(brand.owner)
    return client


def test_a_connection_is_added_without_an_address(browser: Client, brand: Brand) -> None:
    page = browser.get("/connections/add/ordre/")
    assert page.status_code == 200
    assert "Another address" not in page.content.decode()

    answer = browser.post("/connections/add/ordre/", {"name": "ORDRE Asia"})

    assert answer.status_code == 302, answer.content
    assert Connection.objects.get(name="ORDRE Asia").base_url == ""


@pytest.mark.parametrize("page", ["", "settings/", "catalogue/"])
def test_its_pages_are_shown(browser: Client, brand: Brand, page: str) -> None:
    assert browser.get(f"/connections/{brand.connection.pk}/{page}").status_code == 200
