"""What an order brings beside its lines: addresses for its customer, a price label, a customer known by code."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from linesheet.books.models import Address, Customer, Order
from linesheet.sync import storing
from linesheet.sync.models import InboxRecord, Run
from linesheet.sync.order_settings import ORDER_SETTINGS, order_settings
from tests.sync.test_outbound import counts

pytestmark = pytest.mark.usefixtures("products", "buyer")

KNOWN = "4000000000000"
DEPOT = {"company_name": "Rive depot", "line_1": "3 quai Sud", "city": "Lyon", "country": "France"}
OFFICE = {"line_1": "12 rue Haute", "city": "Lyon", "country": "France"}


@pytest.fixture
def adding(connection):
    connection.settings["add_addresses"] = True
    connection.save()


def codes(run):
    return [note["code"] for item in run.items.order_by("pk") for note in item.notes]


def addresses(kind):
    return list(Address.objects.filter(kind=kind).order_by("pk").values_list("line_1", flat=True))


@pytest.mark.usefixtures("adding")
def test_a_new_address_of_an_order_is_added_to_its_customer_and_used(toy, work, buyer):
    Address.objects.create(customer=buyer, kind=Address.Kind.STORE, line_1="1 place Bellecour", is_default=True)
    toy.order("7", "Maison Rive", (KNOWN, 3), addresses={"delivery": DEPOT, "accounts": OFFICE})

    run = work("orders")

    order = Order.objects.get()
    assert codes(run) == ["order_address_added", "order_address_added"]
    assert "delivery address, 3 quai Sud, Lyon, France" in run.items.get().notes[0]["says"]
    assert (addresses(Address.Kind.DELIVERY), addresses(Address.Kind.ACCOUNTS)) == (["3 quai Sud"], ["12 rue Haute"])
    assert order.addresses["accounts"]["line_1"] == "12 rue Haute"
    assert order.addresses["store"]["line_1"] == "1 place Bellecour"
    assert run.state == Run.State.DONE, run.says


@pytest.mark.usefixtures("adding")
def test_an_address_the_customer_has_is_used_as_it_is_there(toy, work, buyer):
    Address.objects.create(
        customer=buyer, kind=Address.Kind.DELIVERY, code="D1", contact="A. Morel", is_default=True, **DEPOT
    )
    shouted = {part: text.upper() for part, text in DEPOT.items()} | {"country": "FRA"}
    toy.order("7", "Maison Rive", (KNOWN, 3), addresses={"delivery": shouted})

    run = work("orders")

    assert codes(run) == []
    assert Order.objects.get().addresses["delivery"] == {
        **dict.fromkeys(("code", "company_name", "line_2", "region", "postcode", "description"), ""),
        **DEPOT,
        "code": "D1",
        "contact": "A. Morel",
    }


@pytest.mark.usefixtures("adding")
def test_the_same_text_under_the_other_kind_is_another_address(toy, work, buyer):
    Address.objects.create(customer=buyer, kind=Address.Kind.DELIVERY, **OFFICE)
    toy.order("7", "Maison Rive", (KNOWN, 3), addresses={"accounts": OFFICE})

    work("orders")

    assert addresses(Address.Kind.ACCOUNTS) == ["12 rue Haute"]


@pytest.mark.usefixtures("adding")
def test_two_orders_that_bring_the_same_address_at_once_add_it_once(toy, work):
    for number in ("7", "8"):
        toy.order(number, "Maison Rive", (KNOWN, 3), addresses={"delivery": DEPOT})

    run = work("orders")

    assert (codes(run), addresses(Address.Kind.DELIVERY)) == (["order_address_added"], ["3 quai Sud"])


@pytest.mark.usefixtures("adding")
def test_an_address_that_cannot_be_kept_stays_on_the_order_and_is_told(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3), addresses={"delivery": {"line_1": "", "city": "Lyon"}})

    run = work("orders")

    assert codes(run) == ["order_address_not_added"]
    assert Order.objects.get().addresses["delivery"]["city"] == "Lyon"
    assert not Address.objects.exists()


def test_without_the_setting_the_address_stays_on_the_order_only(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3), addresses={"delivery": DEPOT})

    run = work("orders")

    assert (codes(run), Address.objects.count()) == ([], 0)
    assert Order.objects.get().addresses["delivery"] == DEPOT


@pytest.mark.usefixtures("adding")
def test_an_order_that_is_held_adds_no_address(toy, work):
    toy.order("7", "Maison Rive", ("4099999999999", 1), addresses={"delivery": DEPOT})

    run = work("orders")

    assert (counts(run), Address.objects.count()) == ({"selected": 1, "blocked": 1}, 0)


@pytest.mark.usefixtures("adding")
def test_an_address_of_an_applied_change_is_added_too(toy, work, connection):
    connection.settings["revisions"] = "apply"
    connection.save()
    toy.order("7", "Maison Rive", (KNOWN, 3))
    work("orders")
    toy.order("7", "Maison Rive", (KNOWN, 3), addresses={"delivery": DEPOT})

    run = work("orders")

    assert (counts(run), codes(run)) == ({"selected": 1, "updated": 1}, ["order_address_added"])
    assert Order.objects.get().addresses["delivery"]["line_1"] == "3 quai Sud"


@pytest.mark.usefixtures("adding")
def test_addresses_of_a_page_of_orders_are_kept_with_few_queries(toy, work, monkeypatch):
    counted = []
    store_page = storing.store_page

    def counting(*args):
        with CaptureQueriesContext(database) as captured:
            found = store_page(*args)
        if found:
            counted.append(len(captured))
        return found

    monkeypatch.setattr("linesheet.sync.inbound.store_page", counting)
    for start, count in ((0, 1), (100, 40)):
        for number in range(start, start + count):
            street = {"delivery": {**DEPOT, "line_1": f"{number} quai Sud"}}
            toy.order(str(number), "Maison Rive", (KNOWN, 1), addresses=street)
        work("orders")

    assert Address.objects.count() == 41
    assert counted[0] == counted[1]


def test_the_price_label_of_an_order_is_kept(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3), price_label="WS EUR")

    work("orders")

    assert Order.objects.get().price_label == "WS EUR"


def test_an_order_whose_customer_is_known_by_code_only_is_not_taken_by_name(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3), code="C9", by_code_only=True)

    first = work("orders")

    assert (counts(first), InboxRecord.objects.get().reason_code) == ({"selected": 1, "blocked": 1}, "unknown_customer")
    other = Customer.objects.create(name="Rive & Fils", account_code="C9")
    work("orders")
    assert Order.objects.get().customer == other


def test_a_platform_may_answer_the_questions_about_orders_otherwise():
    asked = {setting.key: setting for setting in order_settings(without=["revisions"], match_season=True)}

    assert asked.keys() == {setting.key for setting in ORDER_SETTINGS} - {"revisions"}
    assert (asked["match_season"].default, asked["add_addresses"].default) == (True, False)
