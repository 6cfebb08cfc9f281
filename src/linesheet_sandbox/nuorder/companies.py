"""Company calls (sheet 3 and 7)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.bodies import json_object
from linesheet_sandbox.nuorder.company_record import company_answer, new_company, updated_company
from linesheet_sandbox.nuorder.dates import parse_day
from linesheet_sandbox.nuorder.errors import conflict, invalid, missing
from linesheet_sandbox.nuorder.fields import read_text
from linesheet_sandbox.nuorder.listing import page
from linesheet_sandbox.nuorder.portal import Portal


def read_company(portal: Portal, call: Call) -> Answer:
    """`GET /api/company/{id}` and `GET /api/company/code/{code}`."""
    return json_answer(company_answer(addressed_company(portal, call)))


def create_company(portal: Portal, call: Call) -> Answer:
    """`PUT /api/company/new`: 201, or 409 when the code exists."""
    body = json_object(call)
    code = read_text("code", body.get("code"))
    if code and (existing := portal.companies.by("code", code)):
        conflict("company already exists", existing["_id"])
    return _created(portal, body)


def upsert_company(portal: Portal, call: Call) -> Answer:
    """`PUT /api/company/new/force`: by code, or by exact name when there is no code."""
    body = json_object(call)
    code, name = read_text("code", body.get("code")), read_text("name", body.get("name"))
    existing = portal.companies.by("code", code) if code else portal.companies.by("name", name)
    return _updated(portal, existing, body) if existing else _created(portal, body)


def update_company(portal: Portal, call: Call) -> Answer:
    """`POST /api/company/{id}` and `POST /api/company/code/{code}`, partial bodies allowed."""
    body = json_object(call)
    return _updated(portal, addressed_company(portal, call), body)


def list_codes(portal: Portal, call: Call) -> Answer:
    """`GET /api/companies/codes/list`."""
    return json_answer(sorted(str(code) for code in portal.companies.keys_of("code")))


def list_company_ids(portal: Portal, call: Call) -> Answer:
    """`GET /api/companies/list`: ids."""
    return json_answer(page(call, portal.companies.ids()))


def list_companies(portal: Portal, call: Call) -> Answer:
    """`GET /api/companies/detail`: companies."""
    found = (portal.companies.get(key) for key in page(call, portal.companies.ids()))
    return json_answer([company_answer(company) for company in found if company])


def list_companies_by_date(portal: Portal, call: Call) -> Answer:
    """`GET /api/companies/{field}/{when}/{mm}/{dd}/{yyyy}`: those created or modified before or after."""
    parts = call.parts
    if parts["field"] not in ("created", "modified"):
        invalid("field must be created or modified")
    if parts["when"] not in ("before", "after"):
        invalid("when must be before or after")
    limit = parse_day(f"{parts['mm']}/{parts['dd']}/{parts['yyyy']}") or invalid("the day must be mm/dd/yyyy")
    return json_answer(
        [
            company_answer(company)
            for company in portal.companies.all()
            if _on_side(company[f"{parts['field']}_on"], parts["when"], limit)
        ]
    )


def addressed_company(portal: Portal, call: Call) -> Record:
    """The company a path names by id or code; 404 when there is none."""
    if "code" in call.parts:
        return portal.companies.by("code", call.parts["code"]) or missing("company")
    return portal.companies.get(call.parts["id"]) or missing("company")


def store_new_company(portal: Portal, body: Mapping[str, Any]) -> Record:
    """Validate and store a company that is not there yet."""
    company = new_company(portal, body)
    return portal.companies.put(company["_id"], company)


def store_company_changes(portal: Portal, old: Record, body: Mapping[str, Any]) -> Record:
    """Validate and store an update. Refuses with 409 to take another company's code."""
    company = updated_company(portal, old, body)
    other = portal.companies.by("code", company["code"]) if company["code"] else None
    if other and other["_id"] != company["_id"]:
        conflict("company already exists", other["_id"])
    return portal.companies.put(company["_id"], company)


def company_label(company: Record) -> str:
    """How counts name a company: by code, or by name when it has none."""
    return str(company["code"] or company["name"])


def _created(portal: Portal, body: Mapping[str, Any]) -> Answer:
    company = store_new_company(portal, body)
    portal.applied("companies", company_label(company), "created")
    return json_answer(company_answer(company), 201)


def _updated(portal: Portal, old: Record, body: Mapping[str, Any]) -> Answer:
    company = store_company_changes(portal, old, body)
    portal.applied("companies", company_label(company), "updated")
    return json_answer(company_answer(company))


def _on_side(stamp: str, when: str, limit: date) -> bool:
    day = date.fromisoformat(stamp[:10])
    return day < limit if when == "before" else day >= limit
