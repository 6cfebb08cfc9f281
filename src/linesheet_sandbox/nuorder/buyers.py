"""Buyer calls: the people of a company (sheet 7.3)."""

from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.bodies import json_object
from linesheet_sandbox.nuorder.companies import addressed_company, company_label
from linesheet_sandbox.nuorder.company_record import company_answer
from linesheet_sandbox.nuorder.errors import RefusedError, conflict, invalid, missing
from linesheet_sandbox.nuorder.fields import read_filled, read_text, read_texts
from linesheet_sandbox.nuorder.portal import Portal

_EDITABLE = ("title", "phone_office", "phone_cell")


def add_buyer(portal: Portal, call: Call) -> Answer:
    """`PUT /api/company/{id}/add/buyer`: the company. 403 on portals where buyers are added by hand only."""
    if portal.settings.buyer_creation_forbidden:
        raise RefusedError(403, "buyers cannot be created through the API")
    body, company = json_object(call), addressed_company(portal, call)
    for field in ("name", "email"):
        if field not in body:
            invalid(f"{field} is required")
    name, email = read_filled("name", body["name"]), read_filled("email", body["email"])
    if email.lower() in _brand_users(portal):
        invalid("email belongs to a brand user")
    if existing := _buyer(company, email):
        conflict("buyer already exists", existing["_id"])
    buyer = {
        "_id": portal.new_id(),
        "ref": portal.new_id(),
        "role_name": "buyer",
        "name": name,
        "email": email,
        **{key: read_text(key, body.get(key)) for key in _EDITABLE},
        "reps": _reps(portal, body.get("reps")),
        "linesheets": [],
        "last_viewed": "",
        "product": {"recommendations": [], "picks": []},
    }
    portal.applied("buyers", f"{company_label(company)}/{email}", "created")
    return _stored(portal, company, [*company["user_connections"], buyer])


def update_buyer(portal: Portal, call: Call) -> Answer:
    """`POST /api/company/{id}/update/buyer/{email}`: the company.

    A name sent is left alone, since only the buyer changes it.
    """
    body, company = json_object(call), addressed_company(portal, call)
    buyer = _buyer(company, call.parts["email"]) or missing("buyer")
    changes: Record = {key: read_text(key, body[key]) for key in _EDITABLE if key in body}
    if "reps" in body:
        changes["reps"] = _reps(portal, body["reps"])
    portal.applied("buyers", f"{company_label(company)}/{buyer['email']}", "updated")
    people = [{**one, **changes} if one is buyer else one for one in company["user_connections"]]
    return _stored(portal, company, people)


def delete_buyer(portal: Portal, call: Call) -> Answer:
    """`DELETE /api/company/{id}/buyer/{email}`."""
    company = addressed_company(portal, call)
    buyer = _buyer(company, call.parts["email"]) or missing("buyer")
    _stored(portal, company, [one for one in company["user_connections"] if one is not buyer])
    return json_answer({"success": True})


def delete_buyers(portal: Portal, call: Call) -> Answer:
    """`DELETE /api/company/{id}/buyers`: all of them."""
    _stored(portal, addressed_company(portal, call), [])
    return json_answer({"success": True})


def _buyer(company: Mapping[str, Any], email: str) -> Record | None:
    return next((one for one in company["user_connections"] if one["email"].lower() == email.lower()), None)


def _reps(portal: Portal, emails: Any) -> list[Record]:
    """Rep e-mail addresses on the way in, objects on the way out. Refuses one who is no brand user."""
    reps = read_texts("reps", emails)
    if portal.settings.brand_users is not None:
        for email in reps:
            if email.lower() not in _brand_users(portal):
                invalid(f"rep {email} is not a brand user")
    return [{"email": email} for email in reps]


def _brand_users(portal: Portal) -> set[str]:
    return {email.lower() for email in portal.settings.brand_users or ()}


def _stored(portal: Portal, company: Record, people: list[Record]) -> Answer:
    changed = {**company, "user_connections": people, "modified_on": portal.clock.stamp()}
    return json_answer(company_answer(portal.companies.put(company["_id"], changed)))
