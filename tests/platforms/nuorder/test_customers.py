"""Data export, customers: whoever buys becomes a company on NuORDER, once."""

from typing import Any

import pytest

from linesheet.books.models import Address, Customer
from linesheet.platforms.nuorder.customers import Customers
from tests.platforms.nuorder.conftest import Books, NuOrderSandbox


@pytest.fixture
def rive(books: Books) -> Customer:
    customer = Customer.objects.create(name="Maison Rive", currency="EUR", payment_terms="30 days")
    Address.objects.create(customer=customer, kind=1, line_1="1 Rue", city="Lyon", country="FR", is_default=True)
    Address.objects.create(customer=customer, kind=2, line_1="2 Rue", country="FR", code="A1")
    return customer


def test_active_customers_become_companies_under_their_name(
    nuorder_sandbox: NuOrderSandbox, books: Books, rive: Customer
) -> None:
    Customer.objects.create(name="Closed", currency="EUR", active=False)

    books.export(nuorder_sandbox, Customers)

    [company] = nuorder_sandbox.companies().values()
    assert (company["name"], company["code"], company["payment_terms"]) == ("Maison Rive", "Maison Rive", "30 days")
    assert [(row["type"], row["billing_code"]) for row in company["addresses"]] == [("shipping", ""), ("billing", "A1")]
    assert nuorder_sandbox.calls() == ["PUT /api/company/new/force"]


def test_what_was_sent_is_held_though_nuorder_chose_a_default_address(
    nuorder_sandbox: NuOrderSandbox, books: Books, rive: Customer
) -> None:
    books.export(nuorder_sandbox, Customers)

    assert books.held(nuorder_sandbox, Customers) == [True]


def test_a_renamed_customer_stays_one_company(nuorder_sandbox: NuOrderSandbox, books: Books, rive: Customer) -> None:
    books.export(nuorder_sandbox, Customers)

    rive.name = "Rive & Fils"
    rive.save()
    books.export(nuorder_sandbox, Customers)

    assert list(nuorder_sandbox.companies()) == ["Rive & Fils"]


def test_the_last_address_taken_away_goes_there_too(
    nuorder_sandbox: NuOrderSandbox, books: Books, rive: Customer
) -> None:
    books.export(nuorder_sandbox, Customers)

    rive.addresses.all().delete()
    books.export(nuorder_sandbox, Customers)

    assert nuorder_sandbox.companies()["Maison Rive"]["addresses"] == []
    assert books.held(nuorder_sandbox, Customers) == [True]


def test_addresses_that_only_nuorder_has_stay_there(nuorder_sandbox: NuOrderSandbox, books: Books) -> None:
    Customer.objects.create(name="Maison Rive", currency="EUR")
    books.export(nuorder_sandbox, Customers)
    theirs = {"addresses": [{"line_1": "9 Rue", "country": "FR"}]}
    nuorder_sandbox.control("PATCH", "/companies/Maison%20Rive", theirs)

    books.export(nuorder_sandbox, Customers)

    assert [row["line_1"] for row in nuorder_sandbox.companies()["Maison Rive"]["addresses"]] == ["9 Rue"]


def test_a_company_removed_there_is_made_again(nuorder_sandbox: NuOrderSandbox, books: Books, rive: Customer) -> None:
    books.export(nuorder_sandbox, Customers)
    nuorder_sandbox.control("DELETE", "/companies/Maison%20Rive")

    books.export(nuorder_sandbox, Customers)

    assert list(nuorder_sandbox.companies()) == ["Maison Rive"]


def test_a_customer_made_inactive_becomes_inactive_there(
    nuorder_sandbox: NuOrderSandbox, books: Books, rive: Customer
) -> None:
    books.export(nuorder_sandbox, Customers)

    rive.active = False
    rive.save()
    books.export(nuorder_sandbox, Customers)

    assert nuorder_sandbox.companies()["Maison Rive"]["active"] is False


def test_no_buyer_is_ever_sent(nuorder_sandbox: NuOrderSandbox, books: Books, rive: Customer) -> None:
    rive.contacts.create(name="Ann", email="ann@example.com", company=books.company)

    [sending] = books.sendings(books.leg(Customers))

    sent: Any = sending.payload
    assert "ann@example.com" not in repr(sent)


def test_a_customer_without_currency_is_blocked(books: Books) -> None:
    Customer.objects.create(name="No Money")

    assert books.says(Customers) == {"No Money": ["customer_without_currency"]}
