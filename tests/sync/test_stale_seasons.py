"""When a season that connections work with is over, or nearly."""

import datetime

import pytest

from linesheet.books.models import Company, Season
from linesheet.sync import registry
from linesheet.sync.models import Connection
from linesheet.sync.platform import Platform, Setting, SettingKind
from linesheet.sync.stale_seasons import stale_seasons
from tests.sync.toy import TOY

TODAY = datetime.date(2026, 6, 1)
SEASONS = Setting(key="stock_seasons", label="Seasons of the stock", kind=SettingKind.SEASONS)


def days(count: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=count)


@pytest.fixture
def platform(monkeypatch) -> Platform:
    toy = Platform(
        key="toy", name="Toy", base_urls=(), credentials=(), settings=(*TOY.settings, SEASONS), tasks=TOY.tasks,
        reasons=(), budget=TOY.budget, client=TOY.client, check=TOY.check,
    )  # fmt: skip
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": toy})
    return toy


@pytest.fixture
def connection(company: Company, platform: Platform) -> Connection:
    return Connection.objects.create(platform="toy", name="Toy shop", base_url="https://toy.example")


def said_of(connection: Connection, **settings: object) -> list[str]:
    connection.settings = settings
    return [stale.said.says for stale in stale_seasons([connection], TODAY)]


@pytest.mark.parametrize(
    ("cancels", "next_starts", "says"),
    [
        (None, None, None),
        (None, 31, None),
        (None, 30, "which ends on 1 July 2026"),
        (None, 0, "which ended on 1 June 2026"),
        (None, -10, "which ended on 22 May 2026"),
        (-1, 200, "which ended on 31 May 2026"),
        (10, 200, "which ends on 11 June 2026"),
        (60, -10, None),
    ],
)
def test_a_season_ends_with_its_deliveries_or_when_the_next_one_starts(connection, cancels, next_starts, says):
    season = Season.objects.create(
        name="SS26", starts_on=days(-100), delivery_cancels_on=None if cancels is None else days(cancels)
    )
    if next_starts is not None:
        Season.objects.create(name="AW26", starts_on=days(next_starts))

    [found] = said_of(connection, import_season=season.pk) or [None]

    assert (says in found) if says else found is None
    if found:
        assert found.startswith("Import order season of Toy shop is SS26, ")


def test_the_next_season_is_the_one_that_carries_the_prices_over(connection):
    season = Season.objects.create(name="SS26", starts_on=days(-100))
    Season.objects.create(name="Capsule", starts_on=days(-50))
    assert said_of(connection, import_season=season.pk)

    Season.objects.create(name="AW26", starts_on=days(90), previous=season)
    assert not said_of(connection, import_season=season.pk)


def test_a_season_put_away_is_stale_and_follows_none(connection):
    season = Season.objects.create(name="SS26", starts_on=days(-100))
    later = Season.objects.create(name="AW26", starts_on=days(-5), archived=True)

    assert not said_of(connection, import_season=season.pk)
    assert "which is archived" in said_of(connection, import_season=later.pk)[0]


def test_of_many_seasons_the_latest_counts(connection):
    old = Season.objects.create(name="AW25", starts_on=days(-300), delivery_cancels_on=days(-50))
    now = Season.objects.create(name="SS26", starts_on=days(-100), delivery_cancels_on=days(90))

    assert not said_of(connection, stock_seasons=[old.pk, now.pk])
    assert said_of(connection, stock_seasons=[old.pk])[0].startswith("Seasons of the stock of Toy shop is AW25")


def test_connections_that_are_off_and_seasons_that_are_gone_say_nothing(connection):
    season = Season.objects.create(name="SS26", starts_on=days(-100), archived=True)
    assert said_of(connection, import_season=season.pk + 1) == []
    connection.active = False
    assert said_of(connection, import_season=season.pk) == []


def test_it_takes_one_query(connection, django_assert_num_queries):
    season = Season.objects.create(name="SS26", starts_on=days(-100), archived=True)
    connection.settings = {"import_season": season.pk}

    with django_assert_num_queries(1):
        assert len(stale_seasons([connection] * 9, TODAY)) == 9
