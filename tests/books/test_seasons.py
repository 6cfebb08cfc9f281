import datetime
from decimal import Decimal

import pytest

from linesheet.books import seasons
from linesheet.books.models import Price, PriceList, Product, Season
from linesheet.books.prices import make_visible, set_price

JANUARY, JULY = datetime.date(2026, 1, 1), datetime.date(2026, 7, 1)


@pytest.fixture
def ss26(company) -> Season:
    return seasons.create_season("SS26", JANUARY)


def test_a_season_may_follow_another_and_have_a_delivery_period(ss26):
    added = seasons.create_season(
        "  Autumn   26 ", JULY, previous=ss26, delivery_starts_on=JULY, delivery_cancels_on=JULY
    )

    added.refresh_from_db()
    assert (added.name, added.previous, added.delivery_cancels_on) == ("Autumn 26", ss26, JULY)


@pytest.mark.parametrize(
    ("name", "reason"),
    [(" ", seasons.SEASON_NAME), ("x" * 61, seasons.SEASON_NAME), (" ss26", seasons.SEASON_TAKEN)],
)
def test_a_season_needs_a_name_of_its_own(ss26, name, reason):
    with pytest.raises(seasons.SeasonRefused) as refused:
        seasons.create_season(name, JULY)

    assert refused.value.reason is reason
    assert Season.objects.get() == ss26


def test_a_delivery_period_does_not_end_before_it_begins(company):
    with pytest.raises(seasons.SeasonRefused, match="ends on 2026-01-01, before it begins on 2026-07-01"):
        seasons.create_season("AW26", JULY, delivery_starts_on=JULY, delivery_cancels_on=JANUARY)


def test_a_season_is_archived_and_taken_back(ss26):
    seasons.archive(ss26)
    assert Season.objects.get().archived

    seasons.unarchive(ss26)
    assert not Season.objects.get().archived


def test_a_season_is_changed_and_no_circle_comes_of_it(company):
    first = seasons.create_season("SS26", datetime.date(2026, 1, 1))
    second = seasons.create_season("AW26", datetime.date(2026, 7, 1), previous=first)

    seasons.change_season(first, " ss26 ", datetime.date(2026, 2, 1), delivery_starts_on=datetime.date(2026, 3, 1))
    assert (Season.objects.get(pk=first.pk).name, first.starts_on) == ("ss26", datetime.date(2026, 2, 1))
    with pytest.raises(seasons.SeasonRefused) as refused:
        seasons.change_season(first, "SS26", datetime.date(2026, 1, 1), previous=second)
    assert refused.value.reason.code == "season_circle"
    with pytest.raises(seasons.SeasonRefused):
        seasons.change_season(first, "AW26", datetime.date(2026, 1, 1))


def test_carrying_on_brings_what_is_on_offer_with_its_prices(company):
    before = seasons.create_season("SS26", datetime.date(2026, 1, 1))
    season = seasons.create_season("AW26", datetime.date(2026, 7, 1), previous=before)
    wholesale = PriceList.objects.create(name="Wholesale", kind="wholesale")
    for code, active in (("COAT", True), ("OLD", False)):
        product = Product.objects.create(code=code, style=code, colour="Black", name=code, active=active)
        make_visible([product], before)
        set_price(product, before, wholesale, Decimal(90), "EUR")

    assert seasons.carry_on(season) == 1
    assert seasons.carry_on(season) == 0
    assert [(p.product.code, p.amount, p.carried_from) for p in Price.objects.filter(season=season)] == [
        ("COAT", 90, before)
    ]
    with pytest.raises(seasons.SeasonRefused) as refused:
        seasons.carry_on(before)
    assert refused.value.reason.code == "season_alone"
