"""Seasons that connections still work with although their time is over, or nearly.

The season that imported orders go to has to be changed by hand each season (sheet erp.md 2.1, 3.2), and nothing fails
when that is forgotten: orders go to the wrong season. A season is over when its deliveries have been cancelled, or,
where no day is given for that, when the one after it has started. That one is the season that carries its prices over,
or else the next by start date. A setting of many seasons, such as those whose stock is sent, is stale when its latest
is.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from linesheet.books.models import Season
from linesheet.books.reasons import WARNING, Reason, Said
from linesheet.books.words import day_in_words
from linesheet.sync import registry
from linesheet.sync.models import Connection
from linesheet.sync.platform import Setting, SettingKind

SOON = datetime.timedelta(days=30)

SEASON_ARCHIVED = Reason(
    "season_default_archived",
    "{label} of {connection} is {season}, which is archived.",
    "Choose the season that is sold now in the settings of {connection}.",
    WARNING,
)
SEASON_OVER = Reason(
    "season_default_over",
    "{label} of {connection} is {season}, which ended on {day}.",
    "Choose the season that is sold now in the settings of {connection}.",
    WARNING,
)
SEASON_ENDS = Reason(
    "season_default_ends",
    "{label} of {connection} is {season}, which ends on {day}.",
    "Have the season that comes next ready in the settings of {connection}.",
    WARNING,
)

REASONS = (SEASON_ARCHIVED, SEASON_OVER, SEASON_ENDS)


@dataclass(frozen=True, slots=True)
class Stale:
    """A setting of a connection whose season is over or ends soon, and in what words."""

    connection: Connection
    setting: Setting
    said: Said


def stale_seasons(connections: Iterable[Connection], today: datetime.date) -> list[Stale]:
    """The season settings to look at, of connections that are switched on. One query, however many there are."""
    seasons = {season.pk: season for season in Season.objects.all()}
    found = []
    for connection in connections:
        platform = registry.platforms().get(connection.platform)
        if platform is None or not connection.active:
            continue
        for setting in platform.all_settings:
            chosen = _chosen(setting, connection.settings.get(setting.key), seasons)
            if chosen and (said := _said(chosen, list(seasons.values()), today, setting, connection)):
                found.append(Stale(connection, setting, said))
    return found


def ends_on(season: Season, seasons: Sequence[Season]) -> datetime.date | None:
    """The day a season is over; None while it is not known, because no other follows it yet."""
    if season.delivery_cancels_on:
        return season.delivery_cancels_on
    others = [one for one in seasons if one.active and not one.archived and one.pk != season.pk]
    following = [one for one in others if one.previous_id == season.pk] or [
        one for one in others if one.starts_on > season.starts_on
    ]
    return min((one.starts_on for one in following), default=None)


def _chosen(setting: Setting, value: Any, seasons: dict[int, Season]) -> list[Season]:
    match setting.kind:
        case SettingKind.SEASON:
            ids = [value]
        case SettingKind.SEASONS:
            ids = list(value or ())
        case _:
            return []
    return [seasons[pk] for pk in ids if pk in seasons]


def _said(
    chosen: Sequence[Season], seasons: Sequence[Season], today: datetime.date, setting: Setting, connection: Connection
) -> Said | None:
    in_use = [season for season in chosen if season.active and not season.archived]
    latest = max(in_use or chosen, key=lambda season: (season.starts_on, season.pk))
    names: dict[str, Any] = {"label": setting.label, "connection": connection, "season": latest}
    if not in_use:
        return SEASON_ARCHIVED.about(**names)
    ends = ends_on(latest, seasons)
    if ends is None or ends > today + SOON:
        return None
    day = day_in_words(ends, year=True)
    return (SEASON_OVER if ends <= today else SEASON_ENDS).about(**names, day=day)
