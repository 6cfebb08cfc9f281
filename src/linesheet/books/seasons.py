"""Seasons: adding them, and putting them away."""

import datetime

from django.db import IntegrityError, transaction

from linesheet.books.models import Season
from linesheet.books.reasons import Reason, Refused

SEASON_NAME = Reason(
    code="season_name",
    says="A season needs a name of 1 to 60 letters.",
    fix="Enter the name people know the season by, such as SS26.",
)
SEASON_TAKEN = Reason(
    code="season_taken",
    says="There is a season {name} already.",
    fix="Choose another name; capitals make no difference.",
)
SEASON_DELIVERY = Reason(
    code="season_delivery",
    says="The delivery period of {name} ends on {until}, before it begins on {begins}.",
    fix="Give the earlier day as its beginning.",
)

REASONS: tuple[Reason, ...] = (SEASON_NAME, SEASON_TAKEN, SEASON_DELIVERY)


class SeasonRefused(Refused):
    """There cannot be such a season."""


def create_season(
    name: str,
    starts_on: datetime.date,
    *,
    previous: Season | None = None,
    delivery_starts_on: datetime.date | None = None,
    delivery_cancels_on: datetime.date | None = None,
) -> Season:
    """Add a season; `previous` is the one whose prices are carried over. Raises SeasonRefused."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:
        raise SeasonRefused(SEASON_NAME)
    if delivery_starts_on and delivery_cancels_on and delivery_cancels_on < delivery_starts_on:
        raise SeasonRefused(SEASON_DELIVERY, name=name, begins=delivery_starts_on, until=delivery_cancels_on)
    season = Season(
        name=name,
        starts_on=starts_on,
        previous=previous,
        delivery_starts_on=delivery_starts_on,
        delivery_cancels_on=delivery_cancels_on,
    )
    try:
        with transaction.atomic():
            season.save()
    except IntegrityError:  # another season has the name
        raise SeasonRefused(SEASON_TAKEN, name=name) from None
    return season


def archive(season: Season) -> None:
    """Put a season away."""
    _set_archived(season, True)


def unarchive(season: Season) -> None:
    """Take a season back from the archive."""
    _set_archived(season, False)


def _set_archived(season: Season, archived: bool) -> None:
    season.archived = archived
    season.save(update_fields=["archived"])
