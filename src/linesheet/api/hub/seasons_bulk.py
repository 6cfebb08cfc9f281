"""Seasons that programs add and change."""

import datetime
from typing import Any

from ninja import Router
from pydantic import Field

from linesheet.api.hub.bulk import Outcomes, Sum, brought_in
from linesheet.books.files import State
from linesheet.books.models import Season
from linesheet.books.reasons import Reason, Refused
from linesheet.books.seasons import change_season, create_season
from linesheet.sync.serving.bodies import Body
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described

router = Router(tags=["Seasons"], auth=scoped("seasons:write"))

MOST = 500

PREVIOUS_UNKNOWN = Reason(
    "season_previous_unknown", "There is no season {previous} to come before {name}.", "Send that season first."
)
BEGIN_MISSING = Reason("season_begin_missing", "{name} is new and needs a day it begins on.", "Send `starts_on`.")


class SeasonIn(Body):
    """A season, known by its name. What is left out stays as it is; null takes it away."""

    name: str = Field(min_length=1, max_length=60)
    starts_on: datetime.date | None = None
    previous: str | None = Field(None, description="The name of the season that prices are carried over from.")
    delivery_starts_on: datetime.date | None = None
    delivery_cancels_on: datetime.date | None = None


class SeasonsIn(Body):
    """Seasons in the order in which they are worked on."""

    records: list[SeasonIn] = Field(min_length=1, max_length=MOST)


class _Unfit(Refused):
    """What the request says of a season cannot be."""


@router.post(
    "/seasons/bulk", response=Outcomes, openapi_extra=described(repeats=True), summary="Add and change seasons"
)
def upsert_seasons(request: ApiRequest, body: SeasonsIn) -> Any:
    """By their names; capitals make no difference. Each season has an outcome of its own."""

    def bring(summed: Sum) -> None:
        for index, record in enumerate(body.records):
            try:
                summed.fates[index].append(_put(record))
            except Refused as refused:
                summed.refuse(index, refused.said, f"/records/{index}")

    return brought_in(request, body.records, bring)


def _put(record: SeasonIn) -> State:
    """Add or change a season. Raises Refused."""
    held = Season.objects.named(record.name)
    said = record.model_fields_set
    previous = held.previous if held else None
    if "previous" in said:
        previous = Season.objects.named(record.previous) if record.previous else None
        if record.previous and previous is None:
            raise _Unfit(PREVIOUS_UNKNOWN, previous=record.previous, name=record.name)
    delivery = {
        name: getattr(record, name) if name in said or held is None else getattr(held, name)
        for name in ("delivery_starts_on", "delivery_cancels_on")
    }
    starts_on = record.starts_on or (held.starts_on if held else None)
    if starts_on is None:
        raise _Unfit(BEGIN_MISSING, name=record.name)
    if held is None:
        create_season(record.name, starts_on, previous=previous, **delivery)
        return State.CREATED
    name = " ".join(record.name.split())
    before = (held.name, held.starts_on, held.previous, held.delivery_starts_on, held.delivery_cancels_on)
    if before == (name, starts_on, previous, *delivery.values()):
        return State.UNCHANGED
    change_season(held, name, starts_on, previous=previous, **delivery)
    return State.UPDATED
