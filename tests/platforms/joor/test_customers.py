"""Customers export: whom JOOR gets and how, and whom it has not matched yet (sheet joor.md 6, 9.5, 9.9 and 9.10)."""

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books.models import Address, Contact, Customer, PriceList
from linesheet.platforms.joor.client_v2 import ClientV2
from linesheet.platforms.joor.customer_mapping import CustomerRecord, customer_findings, customer_to_wire
from linesheet.platforms.joor.customer_wire import plain
from linesheet.platforms.joor.customers import Customers
from linesheet.platforms.joor.offers import PRICE_TYPES, PriceType
from linesheet.sync.legs import Context
from linesheet.sync.models import Link, Run
from tests.platforms.joor.conftest import Books, JoorSandbox, counted

TASK = "customers-export"
WS_EUR = PriceType("22", "WS EUR", "EUR", "EUR")
WS_USD = PriceType("23", "WS USD", "USD", "USD")


def customer(name: str = "Maison Rive", code: str = "C1", **fields: Any) -> Customer:
    """A customer with everything that JOOR asks for."""
    made: Customer = Customer.objects.create(name=name, account_code=code, **{"currency": "EUR", **fields})
    for kind, number in ((Address.Kind.DELIVERY, "D1"), (Address.Kind.ACCOUNTS, "A1")):
        place = {"line_1": "12 rue Haute", "city": "Lyon", "postcode": "69001", "country": "France"}
        Address.objects.create(customer=made, kind=kind, code=f"{code}-{number}", is_default=True, **place)
    Contact.objects.create(customer=made, name="A. Morel", email="buying@rive.example", is_default=True)
    return made


def record(given: Customer, *addresses: Address, contact: Contact | None = None, **more: Any) -> CustomerRecord:
    facts = {"price_types": (WS_EUR,), "currency": "EUR", **more}
    return CustomerRecord(customer=given, addresses=addresses, contact=contact, **facts)


def codes(of: CustomerRecord) -> list[str]:
    return [said.reason.code for said in customer_findings(of)]


class TestMapping:
    """Books to wire; nothing is stored or called."""

    MORE = {"line_1": "1 High Street", "city": "Leeds", "country": "GB"}

    def test_the_customer_of_the_sheet(self) -> None:
        office = Address(
            pk=1, kind=2, code="C0042-A1", company_name="Rue Douze SARL", line_1="12 rue Haute", city="Lyon",
            postcode="69001", country="France",
        )  # fmt: skip
        depot = Address(pk=2, kind=1, code="C0042-D1", company_name="Rue Douze depot", line_1="3 quai Sud")
        shop = Address(pk=3, kind=3, line_1="1 place Bellecour")
        contact = Contact(name="A. Morel", email="buying@ruedouze.example")

        wire = customer_to_wire(
            record(Customer(name="Rue Douze", account_code="C0042"), office, depot, shop, contact=contact)
        )

        sent = plain(wire)
        [billed], [shipped] = sent.pop("billing")["billing_addresses"], sent.pop("shipping")["shipping_addresses"]
        assert sent == {
            "customer_code": "C0042",
            "customer_name": "Rue Douze",
            "customer_alias": "Rue Douze",
            "customer_buyer_name": "A. Morel",
            "customer_email": "buying@ruedouze.example",
            "price_types": [
                {
                    "price_type_currency_code": "EUR",
                    "price_type_label": "WS EUR",
                    "price_type_retail_currency_code": "EUR",
                }
            ],
        }
        assert billed == {
            "billing_code": "C0042-A1",
            "billing_name": "Rue Douze SARL",
            "billing_address_1": "12 rue Haute",
            "billing_address_2": "",
            "billing_city": "Lyon",
            "billing_state": "",
            "billing_postal_code": "69001",
            "billing_country": "France",
        }
        assert (shipped["shipping_code"], shipped["shipping_address_1"]) == ("C0042-D1", "3 quai Sud")

    def test_one_delivery_two_accounts_and_a_store_make_one_shipping_and_two_billing_addresses(self) -> None:
        addresses = [Address(pk=pk, kind=kind, line_1=f"{pk} rue Haute") for pk, kind in enumerate((1, 2, 2, 3))]

        wire = customer_to_wire(record(Customer(name="Rive", account_code="C1"), *addresses))

        assert [each.address_1 for each in wire.shipping] == ["0 rue Haute"]
        assert [each.address_1 for each in wire.billing] == ["1 rue Haute", "2 rue Haute"]

    def test_the_default_address_goes_first_and_a_nameless_one_bears_the_customers_name(self) -> None:
        addresses = [
            Address(pk=1, kind=1, line_1="1 rue Haute", company_name="Depot"),
            Address(pk=2, kind=1, line_1="2 rue Haute", is_default=True),
        ]

        wire = customer_to_wire(record(Customer(name="Rive", account_code="C1"), *addresses))

        assert [each.name for each in wire.shipping] == ["Rive", "Depot"]

    def test_a_long_code_is_never_cut(self) -> None:
        assert codes(record(Customer(name="Rive", account_code="C" * 51)))[0] == "joor_code_too_long"
        assert "joor_code_too_long" not in codes(record(Customer(name="Rive", account_code="C" * 50)))

    def test_long_texts_are_cut_with_a_warning_that_names_them(self) -> None:
        address = Address(pk=1, kind=1, code="D" * 51, **self.MORE)
        contact = Contact(name="M" * 60, email="m@example.com")
        of = record(Customer(name="N" * 120, account_code="C1"), address, contact=contact)

        wire = customer_to_wire(of)

        assert "joor_customer_cut_short" in codes(of)
        assert (len(wire.customer_name), len(wire.customer_alias), len(wire.customer_buyer_name)) == (100, 120, 50)
        assert wire.shipping[0].code == ""

    def test_what_joor_asks_for_and_the_customer_lacks_is_named(self) -> None:
        of = record(Customer(name="Rive", account_code="C1"), Address(pk=1, kind=1, line_1="1 Main St", country="USA"))

        [said] = [said for said in customer_findings(of) if said.reason.code == "joor_customer_lacks"]

        for part in ("e-mail", "an accounts address", "the city of a delivery address", "the state of a delivery"):
            assert part in said.says
        assert "the country" not in said.says

    def test_a_changed_code_is_told_before_it_makes_a_second_customer(self) -> None:
        of = record(Customer(name="Rive", account_code="C2"), sent_as="C1")

        assert "joor_code_changed" in codes(of)
        assert "joor_code_changed" not in codes(record(Customer(name="Rive", account_code="C1"), sent_as="C1"))

    @given(name=st.text(min_size=1, max_size=120), code=st.text(min_size=1, max_size=60), buyer=st.text(max_size=100))
    def test_whatever_goes_out_fits(self, name: str, code: str, buyer: str) -> None:
        of = record(Customer(name=name, account_code=code), contact=Contact(name=buyer))
        if "joor_code_too_long" in codes(of) or "joor_no_account_code" in codes(of):
            return
        wire = customer_to_wire(of)
        assert 0 < len(wire.customer_code) <= 50
        assert (len(wire.customer_name) <= 100, len(wire.customer_buyer_name) <= 50) == (True, True)


def offering(books: Books, *types: PriceType, **pairs: list[str]) -> Context:
    """What the legs of a connection know whose account has these price types."""
    lists = {"wholesale": books.wholesale.pk, "retail": books.retail.pk}
    context = books.context(price_types={lists[name]: ids for name, ids in pairs.items()})
    return Context(
        context.connection_id,
        context.company_id,
        context.settings,
        offers={PRICE_TYPES: [each.as_choice() for each in types]},
    )


def loaded(context: Context) -> dict[str, CustomerRecord]:
    leg = Customers(context)
    ids = [str(pk) for pk in leg.select().values_list("pk", flat=True)]
    return {each.customer.name: each for each in leg.load(ids)}


def test_inactive_customers_and_those_without_a_code_are_not_sent(books: Books) -> None:
    customer("Inactive", "C1", active=False)
    customer("Codeless", "")

    found = loaded(offering(books, WS_EUR, wholesale=["22"]))

    assert found.keys() == {"Codeless"}
    assert codes(found["Codeless"]) == ["joor_no_account_code"]


def test_price_types_are_those_of_the_price_list_in_the_currency_of_the_customer(books: Books) -> None:
    other = PriceList.objects.create(name="Outlet", kind=PriceList.Kind.WHOLESALE)
    customer("Euro", "C1", price_list=books.wholesale)
    customer("Dollar", "C2", currency="USD", price_list=books.wholesale)
    customer("No list", "C3", currency="USD")
    customer("No currency", "C4", currency="")
    customer("Outlet", "C5", price_list=other)
    customer("Pound", "C6", currency="GBP")

    found = loaded(offering(books, WS_EUR, WS_USD, wholesale=["22", "23"], retail=["22"]))

    assert {name: [each.name for each in of.price_types] for name, of in found.items()} == {
        "Euro": ["WS EUR"],
        "Dollar": ["WS USD"],
        "No list": ["WS USD"],
        "No currency": ["WS EUR"],
        "Outlet": [],
        "Pound": [],
    }
    assert codes(found["Outlet"]) == codes(found["Pound"]) == ["joor_no_price_type"]


def test_customers_wait_until_it_is_known_what_price_types_there_are(books: Books) -> None:
    assert [said.reason.code for said in Customers(offering(books)).ready()] == ["account_not_asked"]
    assert Customers(offering(books, WS_EUR, wholesale=["22"])).ready() == []


def test_as_many_queries_for_many_customers_as_for_one(books: Books) -> None:
    context = offering(books, WS_EUR, wholesale=["22"])
    counts = []
    for start, count in ((0, 1), (1, 40)):
        for number in range(start, start + count):
            customer(f"Rive {number}", f"C{number}", price_list=books.wholesale)
        leg = Customers(context)
        ids = [str(pk) for pk in leg.select().values_list("pk", flat=True)]
        with CaptureQueriesContext(database) as captured:
            for each in leg.load(ids):
                leg.check(each)
                leg.map(each)
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_customers_are_sent_and_wait_until_joor_has_matched_them(joor: JoorSandbox, brand: Books) -> None:
    made = customer()

    first = brand.run(TASK)

    assert (first.state, counted(first)) == (Run.State.PROBLEMS, {"created": 1, "blocked": 1}), first.says
    waiting = first.items.get(state="blocked")
    assert (waiting.reason_code, waiting.record_id) == ("joor_waits_for_matching", str(made.pk))
    assert joor.customers()["C1"]["customer_name"] == "Maison Rive"
    assert Link.objects.get(kind="customer").remote_id == "C1"

    joor.control("POST", "/connections/confirm", {})
    second = brand.run(TASK)

    assert (second.state, counted(second)) == (Run.State.DONE, {"unchanged": 2})


def test_a_changed_customer_is_updated_and_one_that_became_inactive_is_left_alone(
    joor: JoorSandbox, brand: Books
) -> None:
    joor.set(matching_delay=0)
    made = customer()
    brand.run(TASK)
    Address.objects.create(customer=made, kind=Address.Kind.DELIVERY, code="C1-D2", line_1="3 quai Sud", city="Lyon")

    assert counted(brand.run(TASK))["updated"] == 1
    there = joor.customers()["C1"]
    assert [each["shipping_code"] for each in there["shipping"]["shipping_addresses"]] == ["C1-D1", "C1-D2"]

    Customer.objects.update(active=False)
    assert counted(brand.run(TASK)) == {}
    assert "C1" in joor.customers()


def test_a_customer_that_joor_does_not_take_fails_alone(joor: JoorSandbox, brand: Books) -> None:
    joor.set(matching_delay=0)
    customer()
    customer("Rue Douze", "C2")
    joor.fault("half", "/v2/bulk-connection", "POST")

    run = brand.run(TASK)

    failed = run.items.get(state="failed")
    assert counted(run) == {"created": 1, "failed": 1, "unchanged": 1}
    assert failed.reason_code == "refused"
    assert set(joor.customers()) == {"C1", "C2"} - {Customer.objects.get(pk=failed.record_id).account_code}


def test_a_job_that_does_not_end_leaves_the_outcome_unknown_and_the_next_run_sends_again(
    joor: JoorSandbox, brand: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = ClientV2.__init__
    monkeypatch.setattr(ClientV2, "__init__", lambda client, *given: patient(client, *given, patience=0.05))
    joor.set(job_seconds=None, matching_delay=0)
    customer()

    stuck = brand.run(TASK)

    assert stuck.items.get().reason_code == "outcome_unknown"
    joor.set(job_seconds=0)
    assert counted(brand.run(TASK))["created"] == 1
