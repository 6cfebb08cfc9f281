import datetime

import pytest

from linesheet.books.models import Customer, Season
from linesheet.sync import runs, settings
from linesheet.sync.models import Connection
from linesheet.sync.platform import Choice, Setting, SettingKind


def setting(kind: SettingKind, **more) -> Setting:
    return Setting(key="it", label="It", kind=kind, **more)


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        (SettingKind.YES_NO, "Yes", True),
        (SettingKind.YES_NO, "no", False),
        (SettingKind.INTEGER, "12", 12),
        (SettingKind.DATE, "2026-01-31", "2026-01-31"),
        (SettingKind.URL, "https://shop.example/", "https://shop.example"),
        (SettingKind.TEXT, "  default ", "default"),
        (SettingKind.TEXT, "", None),
    ],
)
def test_what_is_typed_is_stored_in_its_own_form(kind, typed, stored):
    assert settings.entered(setting(kind), typed) == stored


@pytest.mark.parametrize(
    ("kind", "typed", "remedy"),
    [
        (SettingKind.YES_NO, "perhaps", "yes or no"),
        (SettingKind.INTEGER, "1.5", "digits"),
        (SettingKind.DATE, "31/01/2026", "YYYY-MM-DD"),
        (SettingKind.URL, "javascript:alert(1)", "https://"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_remedy(kind, typed, remedy):
    with pytest.raises(settings.SettingRefused) as refused:
        settings.entered(setting(kind), typed)
    assert remedy in refused.value.fix


def test_a_choice_must_be_one_of_those_declared():
    choices = (Choice("hold", "Hold it"), Choice("short", "Short"))

    with pytest.raises(settings.SettingRefused, match="hold, short"):
        settings.entered(setting(SettingKind.CHOICE, choices=choices), "drop")


def test_seasons_are_given_by_name_and_read_oldest_first(company):
    later = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 8, 1))
    earlier = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    declared = setting(SettingKind.SEASONS)

    stored = settings.entered(declared, "aw26, SS26")

    assert settings.read([declared], {"it": stored}) == {"it": [earlier, later]}


def test_an_unknown_season_is_refused_with_those_there_are(company):
    Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))

    with pytest.raises(settings.SettingRefused, match="SS26"):
        settings.entered(setting(SettingKind.SEASON), "SS62")


def test_what_was_deleted_since_reads_as_not_set(company):
    customer = Customer.objects.create(name="Maison Rive")
    declared = setting(SettingKind.CUSTOMER, required=True)
    stored = {"it": settings.entered(declared, "maison rive")}
    customer.delete()

    assert settings.read([declared], stored) == {"it": None}
    assert settings.missing([declared], stored) == [declared]


def test_a_task_does_not_start_while_a_required_setting_is_missing(toy, company):
    connection = Connection.objects.create(platform="toy", name="Toy", base_url=toy.url)

    with pytest.raises(runs.RunRefused, match="Import order season"):
        runs.start(connection, "products")


def test_credentials_are_encrypted_at_rest(toy, company):
    from django.db import connection as database

    row = Connection.objects.create(platform="toy", name="Toy", base_url=toy.url, credentials={"token": "T0PSECRET"})

    with database.cursor() as cursor:
        cursor.execute("SELECT credentials FROM sync_connection WHERE id = %s", [row.pk])
        kept = cursor.fetchone()[0]
    assert "T0PSECRET" not in kept
    assert Connection.objects.get().credentials == {"token": "T0PSECRET"}


def test_settings_read_when_asked_say_the_same_and_ask_nothing_before(company, django_assert_num_queries):
    season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    declared = [setting(SettingKind.SEASON), Setting(key="count", label="Count", kind=SettingKind.INTEGER, default=3)]

    with django_assert_num_queries(0):
        asked = settings.ReadWhenAsked(declared, {"it": season.pk})
        assert (asked["count"], len(asked), list(asked)) == (3, 2, ["it", "count"])
    with django_assert_num_queries(1):
        assert asked["it"] == asked["it"] == season
    assert dict(asked) == settings.read(declared, {"it": season.pk})
    with pytest.raises(KeyError):
        asked["other"]
