"""Lists of records: filters, order, pages, columns, kept views, selections, and files of them."""

import datetime
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from django.contrib import messages
from django.http import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import path
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from linesheet.books.models import Company, Customer, Order, OrderLine, Season
from linesheet.books.tenancy import acting_for
from linesheet.site.urls import urlpatterns as pages
from linesheet.web.access import MemberRequest
from linesheet.web.lists import Action, Column, Filter, RecordList, show
from linesheet.web.lists.asked import asked
from linesheet.web.lists.export import file_of
from linesheet.web.models import SavedView
from tests.web.conftest import ClientOf


def _switch_off(request: MemberRequest, rows: Any) -> None:
    messages.success(request, f"{rows.update(active=False)} switched off.")


CUSTOMERS = RecordList(
    key="made-up",
    one="customer",
    many="customers",
    rows=lambda request: Customer.objects.all(),
    columns=(
        Column(key="name", label="Name", value=lambda row: row.name, sort="name"),
        Column(key="code", label="Account code", value=lambda row: row.account_code, sort="account_code"),
        Column(key="terms", label="Terms", value=lambda row: row.payment_terms, usual=False),
    ),
    filters=(
        Filter(key="q", label="Search", narrow=lambda rows, text: rows.filter(name__icontains=text)),
        Filter(
            key="active",
            label="Active",
            narrow=lambda rows, value: rows.filter(active=value == "yes"),
            choices=lambda: [("yes", "Yes"), ("no", "No")],
        ),
    ),
    actions=(Action(key="off", label="Switch off", do=_switch_off, allowed=lambda request: request.may.edit_books),),
    order="name",
)


def made_up(request: MemberRequest) -> HttpResponseBase:
    return show(request, CUSTOMERS)


urlpatterns = [*pages, path("made-up/", made_up)]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def customers(company: Company) -> list[Customer]:
    """120 shops, of which every fifth is switched off, and names that tie in one order."""
    return [
        Customer.objects.create(
            name=f"Shop {number:03}", account_code=f"C{number}", active=bool(number % 5), payment_terms="=1+1"
        )
        for number in range(120)
    ]


def names(text: str) -> list[str]:
    return [part[:8] for part in text.split("Select ")[1:] if part.startswith("Shop ")]


def test_pages_follow_each_other_and_hold_every_row_once(operator: Client, customers: list[Customer]) -> None:
    seen: list[str] = []
    address = "?sort=-name"
    while address:
        answer = operator.get(f"/made-up/{address}")
        seen += names(answer.content.decode())
        address = answer.context["pages"]["next"]

    assert seen == sorted((one.name for one in customers), reverse=True)


def test_filters_narrow_and_nothing_passes_an_unknown_value(operator: Client, customers: list[Customer]) -> None:
    assert operator.get("/made-up/?active=no").context["count"] == 24
    assert operator.get("/made-up/?active=no&q=shop 00").context["count"] == 2
    assert operator.get("/made-up/?sort=terms&after=x").context["count"] == 120
    unknown = operator.get("/made-up/?active=perhaps")
    assert unknown.context["count"] == 0
    assert "Active: not there any more" in unknown.content.decode()


def test_columns_are_chosen_and_remembered(operator: Client, customers: list[Customer]) -> None:
    operator.get("/made-up/?columns=terms&columns=unknown")

    shown = [column.label for column in operator.get("/made-up/").context["asked"].columns]

    assert shown == ["Terms"]


def test_an_action_is_done_to_the_ticked_rows(client_of: ClientOf, customers: list[Customer]) -> None:
    client_of("owner").post("/made-up/", {"do": "off", "pick": [customers[1].pk, customers[2].pk]})

    assert Customer.objects.filter(active=False).count() == 26


def test_select_all_takes_what_passes_the_filters_and_no_more(client_of: ClientOf, customers: list[Customer]) -> None:
    client_of("owner").post("/made-up/?q=shop 01", {"do": "off", "all": "yes", "pick": [customers[11].pk]})

    assert set(Customer.objects.filter(active=False, name__startswith="Shop 01")) == set(customers[10:20])
    assert Customer.objects.filter(active=False).count() == 24 + 8


def test_rows_of_another_company_cannot_be_ticked(client_of: ClientOf, customers: list[Customer]) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    with acting_for(other):
        theirs = Customer.objects.create(name="Theirs")

    client_of("owner").post("/made-up/", {"do": "off", "pick": [theirs.pk]})

    assert Customer.everywhere.get(pk=theirs.pk).active


def test_who_may_not_is_told_so(client_of: ClientOf, customers: list[Customer]) -> None:
    answer = client_of("viewer").post("/made-up/", {"do": "off", "pick": [customers[1].pk]}, follow=True)

    assert "not by you" in answer.content.decode()
    assert Customer.objects.filter(active=False).count() == 24


@pytest.mark.parametrize("way", ["get", "post"])
def test_csv_has_the_rows_and_columns_asked_for_and_no_formula(
    way: str, operator: Client, customers: list[Customer]
) -> None:
    address = "/made-up/?q=shop 00&columns=name&columns=terms"
    if way == "get":
        answer = operator.get(f"{address}&export=csv")
    else:
        answer = operator.post(address, {"do": "csv", "pick": [one.pk for one in customers[:10]]})
    lines = b"".join(answer).decode("utf-8-sig").splitlines()

    assert lines[0] == "Name,Terms"
    assert lines[1:] == [f"Shop {number:03},'=1+1" for number in range(10)]


def test_xlsx_has_every_row_of_a_long_list(operator: Client, customers: list[Customer]) -> None:
    answer = operator.get("/made-up/?export=xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()

    assert [row[0] for row in sheet] == ["Name", *(one.name for one in customers)]


def test_a_view_is_kept_shared_and_dropped(client_of: ClientOf, customers: list[Customer]) -> None:
    owner, viewer = client_of("owner"), client_of("viewer")
    form = {"list": "made-up", "name": "Off", "query": "?active=no&after=7", "shared": "yes", "next": "/made-up/"}

    assert owner.post("/views/keep/", form)["Location"] == "/made-up/?active=no"
    assert 'href="/made-up/?active=no"' in viewer.get("/made-up/").content.decode()
    kept = SavedView.objects.get()
    assert viewer.post(f"/views/{kept.pk}/drop/", {"next": "/made-up/"}).status_code == 404
    owner.post(f"/views/{kept.pk}/drop/", {"next": "/made-up/"})
    assert not SavedView.objects.exists()


@pytest.mark.browser
def test_rows_are_selected_counted_and_filtered_in_a_browser(operator_page: Page, customers: list[Customer]) -> None:
    page = operator_page
    page.goto("/made-up/")

    page.get_by_label("Select Shop 001").check()
    page.get_by_label("Select Shop 004").click(modifiers=["Shift"])
    expect(page.locator("[data-count]")).to_have_text("4")
    page.get_by_label("Select all 120").check()
    expect(page.locator("[data-count]")).to_have_text("120")

    page.get_by_role("searchbox", name="Search").fill("Shop 01")
    expect(page.get_by_text("10 customers")).to_be_visible()
    expect(page).to_have_url(re.compile("q=Shop%2001"))
    page.get_by_role("button", name="Keep view").click()
    page.get_by_label("Name of the view").fill("Teens")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("link", name="Teens")).to_have_attribute("aria-current", "page")


def test_a_row_that_goes_while_a_file_is_written_does_not_begin_it_again(
    company: Company,
) -> None:
    Customer.objects.bulk_create(Customer(name=f"Shop {number:04}") for number in range(1200))

    def load_and_lose(rows: list[Customer]) -> list[Customer]:
        Customer.objects.filter(pk=rows[-1].pk).delete()
        return rows

    forgetful = replace(CUSTOMERS, load=load_and_lose)
    request = RequestFactory().get("/")
    request.session = {}
    wanted = asked(request, forgetful)
    written = b"".join(file_of(wanted, Customer.objects.all(), "csv")).decode("utf-8-sig").splitlines()

    assert len(written) == len(set(written)) == 1201


def test_a_list_is_sorted_by_what_is_two_relations_away(company: Company) -> None:
    season = Season.objects.create(name="SS27", starts_on=datetime.date(2027, 1, 1))
    customer = Customer.objects.create(name="Isetan")
    order = Order.objects.create(number=1, season=season, customer=customer, currency="EUR")
    line = OrderLine.objects.create(order=order, position=1, quantity=1, price=1)
    column = Column(key="who", label="Customer", value=str, sort="order__customer__name")
    lines = RecordList(key="l", one="line", many="lines", rows=lambda request: OrderLine.objects, columns=(column,))
    request = RequestFactory().get("/", {"sort": "-who"})
    request.session = {}

    rows, _, falling = asked(request, lines).ordered(OrderLine.objects.all())

    assert falling
    assert list(rows) == [line]
