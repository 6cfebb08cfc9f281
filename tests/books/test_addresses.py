import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books import addresses
from linesheet.books.addresses import (
    PLACE,
    AddressRefused,
    Kept,
    address_snapshot,
    keep_address,
    keep_addresses,
    remove_address,
    same_address,
    save_address,
)
from linesheet.books.models import Address, Company, Customer

DELIVERY, ACCOUNTS = Address.Kind.DELIVERY, Address.Kind.ACCOUNTS

words = st.text(string.ascii_letters + string.digits + "éß -.,/'", max_size=12)
places = st.fixed_dictionaries(dict.fromkeys(PLACE, words))


@pytest.fixture
def harrods(company: Company) -> Customer:
    return Customer.objects.create(name="Harrods", account_code="HAR-1")


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
        ({"line_1": "  ", "city": "London"}, addresses.ADDRESS_EMPTY, "delivery address of Harrods"),
        ({"line_1": "x", "postcode": "9" * 21}, addresses.ADDRESS_UNFIT, "postcode: "),
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


def test_one_address_of_a_kind_is_the_default(harrods):
    first = save_address(Address(customer=harrods, kind=DELIVERY, line_1="1 High Street"))
    second = save_address(Address(customer=harrods, kind=DELIVERY, line_1="2 High Street", is_default=True))
    accounts = save_address(Address(customer=harrods, kind=ACCOUNTS, line_1="1 High Street"))

    first.refresh_from_db()
    assert [one.is_default for one in (first, second, accounts)] == [False, True, True]
    remove_address(second)
    first.refresh_from_db()
    assert first.is_default


def test_a_country_may_go_by_its_name_or_its_code():
    one = Address(kind=DELIVERY, line_1="12 rue Haute", country="France")

    assert same_address(one, Address(kind=DELIVERY, line_1="12 rue Haute", country="FR"))
    assert same_address(one, Address(kind=DELIVERY, line_1="12 rue Haute", country="fra"))
    assert not same_address(one, Address(kind=DELIVERY, line_1="12 rue Haute", country="Belgium"))


def test_an_address_without_a_company_name_is_in_the_customers(harrods):
    nameless = Address(customer=harrods, kind=DELIVERY, line_1="1 High Street")

    assert same_address(
        nameless, Address(customer=harrods, kind=DELIVERY, company_name="HARRODS", line_1="1 High Street")
    )
    other = Address(customer=harrods, kind=DELIVERY, company_name="Harrods Depot", line_1="1 High Street")
    assert not same_address(nameless, other)


def test_many_addresses_are_kept_with_as_many_queries_as_one(harrods, django_assert_num_queries):
    def given(count, street):
        return [Address(customer=harrods, kind=DELIVERY, line_1=f"{at} {street}") for at in range(count)]

    with django_assert_num_queries(5):
        keep_addresses(given(1, "High Street"))
    with django_assert_num_queries(5):
        kept = keep_addresses(
            [*given(30, "Low Road"), *given(30, "low  road"), Address(customer=harrods, kind=ACCOUNTS)]
        )

    assert [each.added for each in kept if isinstance(each, Kept)] == [True] * 30 + [False] * 30
    assert isinstance(kept[-1], AddressRefused)
    assert Address.objects.filter(kind=DELIVERY, is_default=True).count() == 1
    assert Address.objects.count() == 31
