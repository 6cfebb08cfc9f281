import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books import customers
from linesheet.books.customers import (
    PLACE,
    AddressRefused,
    CustomerRefused,
    address_snapshot,
    change_customers,
    find_customer,
    keep_address,
    may_approve,
    may_order,
    remove_address,
    same_address,
    save_address,
    save_customer,
)
from linesheet.books.models import Address, Company, Customer, HoldStatus
from linesheet.books.tenancy import acting_for

DELIVERY, ACCOUNTS = Address.Kind.DELIVERY, Address.Kind.ACCOUNTS

words = st.text(string.ascii_letters + string.digits + "éß -.,/'", max_size=12)
places = st.fixed_dictionaries(dict.fromkeys(PLACE, words))


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


@given(places)
def test_case_spaces_and_punctuation_make_no_other_address(place):
    disguised = {part: f" {text.upper()}. ".replace(" ", "  ") for part, text in place.items()}

    assert same_address(Address(kind=DELIVERY, **place), Address(kind=DELIVERY, **disguised))


@given(places, places)
def test_sameness_does_not_depend_on_the_order(one, other):
    a, b = Address(kind=DELIVERY, **one), Address(kind=DELIVERY, **other)

    assert same_address(a, b) == same_address(b, a)


@given(places, st.sampled_from(PLACE))
def test_another_place_is_another_address(place, part):
    moved = place | {part: place[part] + "x"}

    assert not same_address(Address(kind=DELIVERY, **place), Address(kind=DELIVERY, **moved))


@given(places)
def test_another_kind_is_another_address(place):
    assert not same_address(Address(kind=DELIVERY, **place), Address(kind=ACCOUNTS, **place))


def test_codes_decide_when_both_addresses_have_one():
    one = Address(kind=DELIVERY, code="A1", line_1="1 High Street")
    moved = Address(kind=DELIVERY, code="A1 ", line_1="2 Low Road")
    other = Address(kind=DELIVERY, code="B2", line_1="1 High Street")
    without = Address(kind=DELIVERY, line_1="1 High Street")

    assert same_address(one, moved)
    assert not same_address(one, other)
    assert same_address(one, without)


def test_an_address_is_added_once(harrods):
    kept = keep_address(harrods, DELIVERY, line_1="87-135 Brompton Road", city="London", country="GB")
    again = keep_address(harrods, DELIVERY, line_1="87/135 BROMPTON ROAD.", city="London ", country="gb")

    assert again == kept
    assert (kept.line_1, Address.objects.count()) == ("87-135 Brompton Road", 1)


def test_the_first_address_of_a_kind_becomes_the_default(harrods):
    first = keep_address(harrods, DELIVERY, line_1="1 High Street")
    second = keep_address(harrods, DELIVERY, line_1="2 High Street")
    accounts = keep_address(harrods, ACCOUNTS, line_1="1 High Street")

    assert [address.is_default for address in (first, second, accounts)] == [True, False, True]


def test_an_address_of_another_customer_is_not_taken(harrods):
    liberty = Customer.objects.create(name="Liberty")
    keep_address(harrods, DELIVERY, line_1="1 High Street")

    assert keep_address(liberty, DELIVERY, line_1="1 High Street").customer == liberty


@pytest.mark.parametrize(
    ("parts", "reason", "tells"),
    [
        ({"line_1": "  ", "city": "London"}, customers.ADDRESS_EMPTY, "delivery address of Harrods"),
        ({"line_1": "x", "postcode": "9" * 21}, customers.ADDRESS_UNFIT, "postcode: "),
    ],
)
def test_an_address_that_cannot_be_kept_is_refused_with_the_part(harrods, parts, reason, tells):
    with pytest.raises(AddressRefused) as refused:
        keep_address(harrods, DELIVERY, **parts)

    assert refused.value.reason is reason
    assert tells in refused.value.says
    assert Address.objects.count() == 0


def test_a_snapshot_keeps_an_address_as_plain_text(harrods):
    address = keep_address(harrods, DELIVERY, line_1="1 High Street", city="London", code="A1")

    snapshot = address_snapshot(address)

    assert {part: text for part, text in snapshot.items() if text} == {
        "line_1": "1 High Street",
        "city": "London",
        "code": "A1",
    }


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
    for given, reason in (
        ({"name": "HARRODS"}, customers.CUSTOMER_NAME_TAKEN),
        ({"name": "Other", "account_code": "HAR-1"}, customers.ACCOUNT_CODE_TAKEN),
        ({"name": " "}, customers.CUSTOMER_NAMELESS),
        ({"name": "x" * 121}, customers.CUSTOMER_UNFIT),
    ):
        with pytest.raises(CustomerRefused) as refused:
            save_customer(Customer(**given))
        assert refused.value.reason is reason


def test_one_address_of_a_kind_is_the_default(harrods):
    first = save_address(Address(customer=harrods, kind=DELIVERY, line_1="1 High Street"))
    second = save_address(Address(customer=harrods, kind=DELIVERY, line_1="2 High Street", is_default=True))
    accounts = save_address(Address(customer=harrods, kind=ACCOUNTS, line_1="1 High Street"))

    first.refresh_from_db()
    assert [one.is_default for one in (first, second, accounts)] == [False, True, True]
    remove_address(second)
    first.refresh_from_db()
    assert first.is_default


def test_what_is_said_of_many_customers_counts_those_it_changes(harrods):
    Customer.objects.create(name="Browns", active=False)

    assert change_customers(Customer.objects.all(), active=False) == 1
    assert not Customer.objects.filter(active=True).exists()
