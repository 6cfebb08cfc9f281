"""`/v4/seasons` (sheet 3.4)."""

from functools import partial

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import ApiHandler, paged, records, v4_answer, v4_written
from linesheet_sandbox.joor.fields import filled_in, invalid, text_in, whole_in
from linesheet_sandbox.joor.matching import EXTERNAL_ID, Key, check_unknown, known
from linesheet_sandbox.joor.portal import JoorPortal

_KEYS: tuple[Key, ...] = (EXTERNAL_ID, ("name", "name"))
_YEARS = range(2000, 2100)


def list_seasons(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v4/seasons`."""
    return v4_answer(records(map(portal.seasons.get, paged(portal, call, portal.seasons.ids()))))


def create_seasons(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/seasons/bulk_create`."""
    return v4_written(portal, call, partial(_create, portal))


def update_seasons(portal: JoorPortal, call: Call) -> Answer:
    """`POST /v4/seasons/bulk_update`."""
    return v4_written(portal, call, partial(_update, portal))


def _create(portal: JoorPortal, item: Record) -> Record:
    season = _merged({"id": "", "name": "", "external_id": "", "year": None}, item)
    check_unknown(portal.seasons, "season", item, _KEYS)
    season["id"] = portal.new_id("season")
    portal.applied("seasons", season["external_id"] or season["name"], "create")
    return portal.seasons.put(season["id"], season)


def _update(portal: JoorPortal, item: Record) -> Record:
    season = known(portal, portal.seasons, "season", item, (EXTERNAL_ID,))
    merged = _merged(season, item)
    check_unknown(portal.seasons, "season", item, _KEYS, season["id"])
    portal.applied("seasons", merged["external_id"] or merged["name"], "update")
    return portal.seasons.put(season["id"], merged)


def _merged(season: Record, item: Record) -> Record:
    season = {**season, "name": filled_in({**season, **item}, "name")}
    if "external_id" in item:
        season["external_id"] = text_in(item, "external_id")
    if "year" in item:
        season["year"] = whole_in(item, "year")
    if season["year"] is not None and season["year"] not in _YEARS:
        raise invalid(f"year must be from {_YEARS.start} to {_YEARS.stop - 1}")
    return season


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v4/seasons", list_seasons),
    Route("POST", "/v4/seasons/bulk_create", create_seasons),
    Route("POST", "/v4/seasons/bulk_update", update_seasons),
]
