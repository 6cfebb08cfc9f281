"""Seasons."""

import datetime
from typing import Any

from ninja import Router

from linesheet.books.models import Season
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.problems import not_found
from linesheet.sync.serving.values import Shape

router = Router(tags=["Seasons"], auth=scoped("seasons:read"))


class SeasonOut(Shape):
    """A season, with the delivery dates that orders in it have unless they say otherwise."""

    id: int
    name: str
    starts_on: datetime.date
    delivery_period: str
    delivery_starts_on: datetime.date | None
    delivery_cancels_on: datetime.date | None
    active: bool
    archived: bool


class Seasons(Shape):
    """All seasons, in their order."""

    data: list[SeasonOut]


@router.get("/seasons", response=Seasons, summary="All seasons")
def list_seasons(request: ApiRequest) -> Any:
    """In the order in which they begin, archived ones too."""
    return {"data": list(Season.objects.all())}


@router.get("/seasons/{int:season_id}", response=SeasonOut, summary="One season")
def get_season(request: ApiRequest, season_id: int) -> Any:
    """By its id."""
    found = Season.objects.filter(pk=season_id).first()
    if found is None:
        raise not_found("season")
    return found
