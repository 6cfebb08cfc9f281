import pytest

from linesheet.books import customers
from linesheet.books.customers import (
    CustomerRefused,
    change_customers,
    find_customer,
    may_approve,
    may_order,
    save_customer,
)
from linesheet.books.models import Company, Customer, HoldStatus
from linesheet.books.tenancy import acting_for


@pytest.fixture
def harrods(company: Company) -> Customer:
    return Customer.objects.create(name="Harrods", account_code="HAR-1")


@pytest.mark.parametrize("name", ["Harrods", "HARRODS", " harrods  "])
def test_a_customer_is_found_by_name_in_any_case(harrods, name):
    assert find_customer(name) == harrods


def test_spaces_inside_a_name_count_as_one(company):
    bon_marche = Customer.objects.create(name="Le Bon Marché")

    assert find_customer("LE  BON MARCHÉ") == bon_marche


@pytest.mark.parametrize("name", ["Harrod", "Harrods Ltd", "", "  ", None])
def test_a_name_that_is_not_the_same_finds_nobody(harrods, name):
    assert find_customer(name) is None


def test_an_account_code_is_matched_exactly(harrods):
    assert find_customer(account_code=" HAR-1 ") == harrods
    assert find_customer(account_code="har-1") is None
    assert find_customer(account_code="") is None


def test_the_account_code_goes_before_the_name(harrods):
    liberty = Customer.objects.create(name="Liberty", account_code="LIB-1")

    assert find_customer("Harrods", "LIB-1") == liberty


def test_a_customer_of_that_name_with_another_account_code_is_another_customer(harrods):
    browns = Customer.objects.create(name="Browns")

    assert find_customer("Harrods", "HAR-2") is None
    assert find_customer("Browns", "BRO-1") == browns


def test_another_companys_customers_are_not_found(harrods):
    with acting_for(Company.objects.create(name="Other", slug="other")):
        assert find_customer("Harrods", "HAR-1") is None


def test_what_a_hold_status_bars_may_not_be_done(harrods):
    assert may_order(harrods)
    assert may_approve(harrods)

    harrods.hold_status = HoldStatus.objects.create(name="Unpaid", allows_approval=False)
    assert may_order(harrods)
    assert not may_approve(harrods)

    harrods.hold_status = HoldStatus.objects.create(name="Closed", allows_orders=False)
    assert not may_order(harrods)


def test_a_customer_is_kept_under_one_name_and_code(harrods):
    kept = save_customer(Customer(name="  Le  Bon Marché ", account_code=" LBM ", currency="eur"))

    assert (kept.name, kept.account_code, kept.currency) == ("Le Bon Marché", "LBM", "EUR")
    for parts, reason in (
        ({"name": "HARRODS"}, customers.CUSTOMER_NAME_TAKEN),
        ({"name": "Other", "account_code": "HAR-1"}, customers.ACCOUNT_CODE_TAKEN),
        ({"name": " "}, customers.CUSTOMER_NAMELESS),
        ({"name": "x" * 121}, customers.CUSTOMER_UNFIT),
    ):
        with pytest.raises(CustomerRefused) as refused:
            save_customer(Customer(**parts))
        assert refused.value.reason is reason


def test_what_is_said_of_many_customers_counts_those_it_changes(harrods):
    Customer.objects.create(name="Browns", active=False)

    assert change_customers(Customer.objects.all(), active=False) == 1
    assert not Customer.objects.filter(active=True).exists()
