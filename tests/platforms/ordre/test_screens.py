"""What a person sees and sets of an ORDRE connection (sheet ordre.md 3 and 4)."""

from typing import Any

import pytest
from django.test import Client

from linesheet.books.models import ChangeSet, Company, Customer, Member, Order, PriceList, Season, User
from linesheet.platforms.ordre.references import reference, refused
from linesheet.sync import api_keys, shown
from linesheet.sync.catalogue import add_section
from linesheet.sync.catalogue.warnings import Warn, counting_for, tallies, warnings_of
from linesheet.sync.connections import add_connection, change_connection
from linesheet.sync.explain import product_explained
from linesheet.sync.models import ApiCall, Connection, InboxRecord, Placement, Run
from linesheet.sync.settings import SettingRefused
from tests.platforms.ordre.conftest import Brand, Ordre, barcodes


@pytest.fixture
def browser(brand: Brand) -> Client:
    client = Client()
    client.force_login(brand.owner)
    return client


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.django_db
def test_what_a_new_connection_needs_is_said_where_one_lands_after_adding_it(browser: Client, brand: Brand) -> None:
    added = browser.post("/connections/add/ordre/", {"name": "ORDRE Asia"})
    asia = Connection.objects.get(name="ORDRE Asia")
    page = text_of(browser.get(added["Location"]))

    assert added["Location"] == f"/connections/{asia.pk}/keys/"
    assert "/api/ordre/v1</pre>" in page
    assert "/api/ordre/docs" in page
    assert [each in page for each in ("Import order season</a> and", "Order owner</a>.")] == [True, True]
    assert [each in page for each in (">its catalogue</a>.", ">a key</a>.", "has not called yet")] == [True] * 3
    assert "Calls per second" not in text_of(browser.get(f"/connections/{asia.pk}/settings/"))
    assert "ORDRE needs none: it collects" in text_of(browser.get(f"/connections/{asia.pk}/links/"))
    assert "It calls Linesheet to collect customers; " in text_of(browser.get("/connections/add/"))


@pytest.mark.django_db(transaction=True)
def test_the_page_tells_what_was_collected_and_submitted_last(
    browser: Client, brand: Brand, customer: Customer, ordre: Ordre
) -> None:
    coat = brand.product("COAT")
    address = f"/connections/{brand.connection.pk}/keys/"
    assert "Set it up" in text_of(browser.get(address))

    ordre.get("/products")
    bad = {"barcode": "", "quantity": 1, "unit_price": "9.00"}
    good = {"barcode": barcodes(coat)[0], "quantity": 2, "unit_price": "125.00"}
    ordre.submit({"order_number": "100245", "customer": {"name": "Maison Exemple"}, "lines": [good, bad]})
    page = text_of(browser.get(address))

    assert "Set it up" not in page
    assert "Products collected" in page
    assert "1 record <" in page
    assert "Order 100245 submitted" in page
    assert "1 left out" in page
    key = api_keys.keys_of(brand.connection).get()
    times = page.count(f'{key.name} <span class="id">{key.prefix}…')
    assert times == 4, "itself, the collect, the order, and the latest call of all"


@pytest.mark.django_db
def test_a_test_order_goes_the_whole_way_and_leaves_nothing(browser: Client, brand: Brand, customer: Customer) -> None:
    address = f"/connections/{brand.connection.pk}/rehearse/"
    nothing = browser.post(address)
    brand.product("COAT")
    before = [model.objects.count() for model in (Customer, Order, Run, InboxRecord, ApiCall)]

    good = text_of(browser.post(address))
    new = text_of(browser.post(address, {"customer": "Neue Kundin"}))
    unknown = text_of(browser.post(address, {"barcode": "4999999999999"}))
    brand.set(import_season=None)
    unset = text_of(browser.post(address))

    assert nothing.status_code == 422
    assert "no active product there has a barcode" in text_of(nothing)
    assert "The order would be taken in." in good
    assert "1 of COAT S at 125.00 EUR" in good
    assert "Maison Exemple (in the books)" in good
    assert 'class="checks"' not in good
    assert "customer_created" in new
    assert "Neue Kundin (added to the books by the order)" in new
    assert "barcode_unknown" in unknown
    assert "would be refused" in unknown
    assert "The order would be refused with 503. Orders cannot be taken in yet" in unset
    assert [model.objects.count() for model in (Customer, Order, Run, InboxRecord, ApiCall)] == before


@pytest.mark.django_db(transaction=True)
def test_customers_who_are_chosen_are_collected_and_the_others_are_gone(
    browser: Client, brand: Brand, ordre: Ordre
) -> None:
    one, two, _ = (Customer.objects.create(name=name) for name in ("One", "Two", "Three"))
    since = ordre.get("/customers").json["as_of"]

    def collected(since: str) -> tuple[list[str], set[tuple[str, str]], str]:
        page = ordre.get(f"/customers?include_removed=true&updated_since={since.replace('+', '%2B')}").json
        names = [each["name"] for each in page["data"]]
        return names, {(each["id"], each["reason"]) for each in page["removed"]}, page["as_of"]

    chosen = browser.post(
        "/customers/", {"do": "show-to", "pick": [one.pk, two.pk], "shown_to": brand.connection.pk}, follow=True
    )
    assert "2 more customers are shown to ORDRE. That counts once Customers to show is set" in text_of(chosen)
    change_connection(brand.connection, settings={"customers": "picked"})
    names, gone, since = collected(since)
    assert names == ["One", "Two"]
    assert {reason for _, reason in gone} == {"not_shown"}
    assert len(gone) == 1

    browser.post("/customers/", {"do": "hide-from", "pick": [two.pk], "shown_to": brand.connection.pk})
    names, gone, since = collected(since)
    assert (names, gone) == ([], {(str(two.pk), "not_shown")})
    assert ordre.get(f"/customers/{two.pk}").status == 404

    browser.post(f"/undo/{ChangeSet.objects.latest('pk').pk}/")
    names, gone, since = collected(since)
    assert (names, gone) == (["Two"], set())

    change_connection(brand.connection, settings={"customers": "all"})
    assert len(collected(since)[0]) == 3
    settings = text_of(browser.get(f"/connections/{brand.connection.pk}/settings/"))
    assert ">2 customers</a> are chosen." in settings
    assert text_of(browser.get(f"/customers/?shown={brand.connection.pk}")).count('class="strong"') == 2


@pytest.mark.django_db
def test_a_template_that_makes_no_reference_is_refused_when_it_is_saved(browser: Client, brand: Brand) -> None:
    settings = f"/connections/{brand.connection.pk}/settings/"
    answer = browser.post(settings, {"section": "tasks", "order_reference": "{order_number} / {po}"})

    assert answer.status_code == 422
    assert "Order reference: {order_number} / {po} asks for {po}" in text_of(answer)
    for broken in ("{order_number", "PO {po_number}", "{order_number!r}", "{order_number.real}", "{}", "{0}"):
        with pytest.raises(SettingRefused):
            change_connection(brand.connection, settings={"order_reference": broken})
    change_connection(brand.connection, settings={"order_reference": "{po_number}: {order_number}"})
    assert refused("{{{order_number}}}") is None
    assert reference("{po_number}: {order_number}", "7", " A ") == "A: 7"
    assert reference("{po}", "7", "A") == "7 / A"


@pytest.mark.django_db(transaction=True)
def test_a_customer_whom_an_order_brings_has_the_price_list_of_the_settings(brand: Brand, ordre: Ordre) -> None:
    coat = brand.product("COAT")
    showroom = PriceList.objects.create(name="Showroom", kind=PriceList.Kind.WHOLESALE)
    change_connection(brand.connection, settings={"new_customer_price_list": "showroom"})

    line = {"barcode": barcodes(coat)[0], "quantity": 1, "unit_price": "125.00"}
    ordre.submit({"order_number": "1", "currency": "EUR", "customer": {"name": "Neu"}, "lines": [line]})

    made = Customer.objects.get(name="Neu")
    assert (made.price_list, made.currency, made.type, made.account_code) == (showroom, "EUR", "wholesale", "")


@pytest.mark.django_db
def test_the_catalogue_warns_of_what_counts_for_the_connection(company: Company, brand: Brand) -> None:
    part, none = brand.product("PART", barcoded="S"), brand.product("NONE", barcoded="")
    later = Season.objects.create(name="Later", starts_on="2027-01-01")
    told = warnings_of([part.pk, none.pk], counting_for(brand.connection))

    assert told == {
        part.pk: (Warn.PARTLY, Warn.NO_PICTURE),
        none.pk: (Warn.NO_BARCODE, Warn.NO_PICTURE),
    }
    assert warnings_of([part.pk]) == {part.pk: (Warn.NO_PICTURE,)}
    change_connection(brand.connection, settings={"price_seasons": ["Later"]})
    assert Warn.NOT_VISIBLE in warnings_of([part.pk], counting_for(brand.connection))[part.pk]
    (collected,) = product_explained(part, [brand.connection]).collected
    assert collected.lacks[-2:] == ("Has sizes without a barcode, which are left out.", "Has no picture.")
    (tally,) = tallies(brand.connection.pk, counting_for(brand.connection)).values()
    assert (tally.warned[Warn.NOT_VISIBLE], tally.warned[Warn.PARTLY]) == (2, 1)
    assert later.active


@pytest.mark.django_db
def test_a_product_in_a_second_look_is_asked_about_and_moved(browser: Client, brand: Brand) -> None:
    coat = brand.product("COAT", look=("Main", "Look 1"))
    second = add_section(brand.connection, ("Resort", "Look 1"))
    address = f"/connections/{brand.connection.pk}/catalogue/{second.pk}/add/place/"

    asked = browser.post(address, {"product": [coat.pk]})
    assert asked.status_code == 422
    assert "Main &gt; Look 1" in text_of(asked)
    assert Placement.objects.get().section != second

    browser.post(address, {"product": [coat.pk], "elsewhere": "move"})
    assert Placement.objects.get().section == second


@pytest.mark.django_db
def test_who_may_not_configure_a_connection_chooses_no_customers_for_it(brand: Brand, client: Client) -> None:
    viewer = User.objects.create_user("viewer@example.com", "a good password", name="Viewer")
    Member.objects.create(user=viewer, role=Member.Role.VIEWER)
    client.force_login(viewer)
    customer = Customer.objects.create(name="One")
    add_connection("ordre", "ORDRE Asia")

    client.post("/customers/", {"do": "show-to", "pick": [customer.pk], "shown_to": brand.connection.pk})
    assert not shown.picked(brand.connection.pk).exists()
    assert client.post(f"/connections/{brand.connection.pk}/rehearse/").status_code == 403
