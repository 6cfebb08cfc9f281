import datetime
from decimal import Decimal

import pytest

from linesheet.books import prices
from linesheet.books.models import Company, Price, PriceList, Product, Season, Visibility
from linesheet.books.prices import (
    PriceRefused,
    hide,
    latest_visible_season,
    make_visible,
    prices_of,
    set_price,
)
from linesheet.books.tenancy import acting_for


def season(name: str, previous: Season | None = None, **fields) -> Season:
    """A season named like SS26, which starts in 2026."""
    starts_on = datetime.date(2000 + int(name[-2:]), 1 if name.startswith("SS") else 7, 1)
    return Season.objects.create(name=name, starts_on=starts_on, previous=previous, **fields)


def product(code: str = "COAT") -> Product:
    return Product.objects.create(code=code, style=code, colour="Black", name=code)


@pytest.fixture
def wholesale(company: Company) -> PriceList:
    return PriceList.objects.create(name="Wholesale", kind=PriceList.Kind.WHOLESALE)


@pytest.fixture
def retail(company: Company) -> PriceList:
    return PriceList.objects.create(name="Retail", kind=PriceList.Kind.RETAIL)


def told(product: Product, season: Season) -> dict[tuple[str, str], tuple[str, str | None]]:
    """What a product costs: amount and season of origin by list and currency."""
    return {
        (price.price_list.name, price.currency): (
            f"{price.amount:.2f}",
            price.carried_from and price.carried_from.name,
        )
        for price in Price.objects.filter(product=product, season=season)
    }


def test_a_product_made_visible_carries_its_prices_from_the_previous_season(company, wholesale, retail):
    coat, aw25 = product(), season("AW25")
    ss26 = season("SS26", aw25)
    set_price(coat, aw25, wholesale, Decimal(90), "EUR")
    set_price(coat, aw25, wholesale, Decimal(80), "GBP")
    set_price(coat, aw25, retail, Decimal(240), "EUR")
    set_price(coat, ss26, wholesale, Decimal(95), "EUR")

    assert make_visible([coat], ss26) == 1

    assert told(coat, ss26) == {
        ("Wholesale", "EUR"): ("95.00", None),
        ("Wholesale", "GBP"): ("80.00", "AW25"),
        ("Retail", "EUR"): ("240.00", "AW25"),
    }


def test_making_visible_again_changes_nothing(company, wholesale):
    coat, aw25 = product(), season("AW25")
    ss26 = season("SS26", aw25)
    set_price(coat, aw25, wholesale, Decimal(90), "EUR")
    make_visible([coat, coat], ss26)
    set_price(coat, aw25, wholesale, Decimal(70), "EUR")

    assert make_visible([coat], ss26) == 0

    assert told(coat, ss26) == {("Wholesale", "EUR"): ("90.00", "AW25")}
    assert Visibility.objects.count() == 1


def test_prices_come_from_the_nearest_season_that_has_any(company, wholesale):
    coat, skirt = product("COAT"), product("SKIRT")
    ss25 = season("SS25")
    aw25 = season("AW25", ss25)
    ss26 = season("SS26", aw25)
    set_price(coat, ss25, wholesale, Decimal(80), "EUR")
    set_price(skirt, ss25, wholesale, Decimal(40), "EUR")
    set_price(skirt, aw25, wholesale, Decimal(45), "EUR")

    make_visible([coat, skirt], ss26)

    assert told(coat, ss26) == {("Wholesale", "EUR"): ("80.00", "SS25")}
    assert told(skirt, ss26) == {("Wholesale", "EUR"): ("45.00", "AW25")}


def test_prices_arrive_when_the_previous_season_is_set_later(company, wholesale):
    coat, aw25, ss26 = product(), season("AW25"), season("SS26")
    set_price(coat, aw25, wholesale, Decimal(90), "EUR")
    make_visible([coat], ss26)
    assert told(coat, ss26) == {}

    ss26.previous = aw25
    ss26.save()
    make_visible([coat], ss26)

    assert told(coat, ss26) == {("Wholesale", "EUR"): ("90.00", "AW25")}


def test_seasons_that_follow_one_another_in_a_circle_do_no_harm(company, wholesale):
    coat, aw25 = product(), season("AW25")
    ss26 = season("SS26", aw25)
    aw26 = season("AW26", ss26)
    aw25.previous = ss26
    aw25.save()

    make_visible([coat], aw26)
    make_visible([coat], ss26)

    assert told(coat, aw26) == {}


def test_hiding_a_product_keeps_its_prices(company, wholesale):
    coat, aw25 = product(), season("AW25")
    make_visible([coat], aw25)
    set_price(coat, aw25, wholesale, Decimal(90), "EUR")

    assert hide([coat], aw25) == 1

    assert Visibility.objects.count() == 0
    assert told(coat, aw25) == {("Wholesale", "EUR"): ("90.00", None)}


def test_a_price_set_by_hand_no_longer_counts_as_carried(company, wholesale):
    coat, aw25 = product(), season("AW25")
    ss26 = season("SS26", aw25)
    set_price(coat, aw25, wholesale, Decimal(90), "EUR")
    make_visible([coat], ss26)

    set_price(coat, ss26, wholesale, Decimal("92.50"), " eur")

    assert told(coat, ss26) == {("Wholesale", "EUR"): ("92.50", None)}


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [
        ("-0.01", "EUR", prices.PRICE_AMOUNT),
        ("1E10", "EUR", prices.PRICE_AMOUNT),
        ("9999999999.99999", "EUR", prices.PRICE_AMOUNT),
        ("NaN", "EUR", prices.PRICE_AMOUNT),
        ("10", "€", prices.PRICE_CURRENCY),
        ("10", "", prices.PRICE_CURRENCY),
    ],
)
def test_what_is_no_price_is_refused(company, wholesale, amount, currency, reason):
    with pytest.raises(PriceRefused) as refused:
        set_price(product(), season("AW25"), wholesale, Decimal(amount), currency)

    assert refused.value.reason is reason
    assert "COAT" in refused.value.says


def test_the_latest_season_a_product_is_visible_in_holds(company):
    coat, skirt = product("COAT"), product("SKIRT")
    aw25, ss26, aw24 = season("AW25"), season("SS26"), season("AW24")
    for each in (aw24, aw25, ss26):
        make_visible([coat], each)

    assert latest_visible_season([coat.pk, skirt.pk]) == {coat.pk: ss26}
    assert latest_visible_season([coat.pk], [aw24, aw25]) == {coat.pk: aw25}
    assert latest_visible_season([coat.pk], []) == {}


def test_of_two_seasons_with_one_start_date_the_newer_holds(company):
    coat = product()
    first = season("SS26")
    second = Season.objects.create(name="Pre-fall", starts_on=first.starts_on)
    make_visible([coat], second)
    make_visible([coat], first)

    assert latest_visible_season([coat.pk]) == {coat.pk: second}


def test_an_inactive_season_holds_only_when_it_is_asked_for(company):
    coat, ss26 = product(), season("SS26", active=False)
    make_visible([coat], ss26)

    assert latest_visible_season([coat.pk]) == {}
    assert latest_visible_season([coat.pk], [ss26]) == {coat.pk: ss26}


def test_prices_are_those_of_the_season_that_holds_and_no_other(company, wholesale, retail):
    coat, skirt, hidden = product("COAT"), product("SKIRT"), product("HIDDEN")
    aw25, ss26 = season("AW25"), season("SS26")
    make_visible([coat, skirt], aw25)
    make_visible([coat], ss26)
    set_price(coat, aw25, wholesale, Decimal(90), "EUR")
    set_price(coat, ss26, retail, Decimal(240), "EUR")
    set_price(coat, ss26, wholesale, Decimal(95), "EUR")
    set_price(hidden, ss26, wholesale, Decimal(50), "EUR")

    found = prices_of([coat.pk, skirt.pk, hidden.pk])

    assert set(found) == {coat.pk, skirt.pk}
    assert (found[coat.pk].season, [price.amount for price in found[coat.pk].prices]) == (ss26, [95, 240])
    assert found[coat.pk].price(PriceList.Kind.WHOLESALE, "EUR").amount == 95
    assert found[coat.pk].price(PriceList.Kind.WHOLESALE, "USD") is None
    assert (found[skirt.pk].season, found[skirt.pk].prices) == (aw25, ())


def test_many_products_take_no_more_queries_than_one(company, wholesale, django_assert_num_queries):
    aw25 = season("AW25")
    ss26 = season("SS26", aw25)
    products = [product(f"P{number}") for number in range(50)]
    for each in products:
        set_price(each, aw25, wholesale, Decimal(90), "EUR")

    with django_assert_num_queries(6):  # two of them open and release the savepoint
        make_visible(products, ss26)
    with django_assert_num_queries(4):
        found = prices_of([each.pk for each in products])

    assert [each.prices[0].amount for each in found.values()] == [90] * 50


def test_another_companys_prices_are_left_alone(company, wholesale):
    coat, aw25 = product(), season("AW25")
    ss26 = season("SS26", aw25)
    set_price(coat, aw25, wholesale, Decimal(90), "EUR")

    with acting_for(Company.objects.create(name="Other", slug="other")):
        assert prices_of([coat.pk]) == {}
        assert latest_visible_season([coat.pk], [ss26]) == {}
