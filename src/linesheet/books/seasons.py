"""Seasons: adding and changing them, carrying on from one to the next, and putting them away."""

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from linesheet.books.models import Season, Visibility
from linesheet.books.prices import make_visible, seasons_before
from linesheet.books.products import products_on_offer
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
SEASON_ALONE = Reason(
    code="season_alone",
    says="{name} has no previous season to carry products and prices over from.",
    fix="Set its previous season first.",
)
SEASON_CIRCLE = Reason(
    code="season_circle",
    says="{previous} cannot come before {name}, as {name} comes before it.",
    fix="Choose a season that is not itself carried on from {name}.",
)

REASONS: tuple[Reason, ...] = (SEASON_NAME, SEASON_TAKEN, SEASON_DELIVERY, SEASON_ALONE, SEASON_CIRCLE)


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
    season = Season()
    _set(season, name, starts_on, previous, delivery_starts_on, delivery_cancels_on)
    return season


def change_season(
    season: Season,
    name: str,
    starts_on: datetime.date,
    *,
    previous: Season | None = None,
    delivery_starts_on: datetime.date | None = None,
    delivery_cancels_on: datetime.date | None = None,
) -> None:
    """Change what a season is; prices that were carried stay as they are. Raises SeasonRefused."""
    if previous is not None and season.pk in (previous.pk, *seasons_before(previous)):
        raise SeasonRefused(SEASON_CIRCLE, name=season, previous=previous)
    _set(season, name, starts_on, previous, delivery_starts_on, delivery_cancels_on)


def carry_on(season: Season) -> int:
    """Make visible here what is visible in the previous season, with its prices; how many products were not yet.

    Prices are carried as `prices.make_visible` does. Inactive and withdrawn products stay behind. Safe to repeat.
    Raises SeasonRefused when there is no previous season.
    """
    if season.previous is None:
        raise SeasonRefused(SEASON_ALONE, name=season)
    before = Visibility.objects.filter(season=season.previous, product=OuterRef("pk"))
    return make_visible(products_on_offer().filter(Exists(before)).order_by().only("pk"), season)


def archive(season: Season) -> None:
    """Put a season away."""
    _set_archived(season, True)


def unarchive(season: Season) -> None:
    """Take a season back from the archive."""
    _set_archived(season, False)


def _set(
    season: Season,
    name: str,
    starts_on: datetime.date,
    previous: Season | None,
    delivery_starts_on: datetime.date | None,
    delivery_cancels_on: datetime.date | None,
) -> None:
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:
        raise SeasonRefused(SEASON_NAME)
    if delivery_starts_on and delivery_cancels_on and delivery_cancels_on < delivery_starts_on:
        raise SeasonRefused(SEASON_DELIVERY, name=name, begins=delivery_starts_on, until=delivery_cancels_on)
    season.name = name
    season.starts_on = starts_on
    season.previous = previous
    season.delivery_starts_on = delivery_starts_on
    season.delivery_cancels_on = delivery_cancels_on
    try:
        with transaction.atomic():
            season.save()
    except IntegrityError:  # another season has the name
        raise SeasonRefused(SEASON_TAKEN, name=name) from None


def _set_archived(season: Season, archived: bool) -> None:
    season.archived = archived
    season.save(update_fields=["archived"])
