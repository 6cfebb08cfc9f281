"""What a company looks like on the way in, in the store and on the way out (sheet 7.1)."""

from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.errors import invalid
from linesheet_sandbox.nuorder.fields import (
    Reader,
    read_filled,
    read_flag,
    read_known,
    read_objects,
    read_percentage,
    read_text,
    read_texts,
)
from linesheet_sandbox.nuorder.portal import Portal
from linesheet_sandbox.nuorder.schemas import check_custom_fields

_OUTPUT_ONLY = (
    "_id",
    "schema_id",
    "created_on",
    "modified_on",
    "user_connections",
    "default_discount",
    "default_surcharge",
    "buyers",
)
_TEXTS = ("code", "payment_terms", "credit_status", "pricing_template", "phone", "phone_office", "legal_file")
_DEFAULTS: Record = {
    **dict.fromkeys(_TEXTS, ""),
    "currency_code": "",
    "currency_codes": [],
    "addresses": [],
    "reps": [],
    "active": True,
    "allow_bulk": False,
    "discount": 0,
    "surcharge": 0,
    "customer_groups": [],
    "warehouse": "",
    "user_connections": [],
}
_ADDRESS_KINDS = ("", "billing", "shipping", "both")


def new_company(portal: Portal, body: Mapping[str, Any]) -> Record:
    """A company to store, with a fresh id. Needs a name and a currency."""
    if "name" not in body:
        invalid("name is required")
    if not body.get("currency_code") and not body.get("currency_codes"):
        invalid("currency_code is required")
    now = portal.clock.stamp()
    fields = _clean(portal, body)
    company = {
        "_id": portal.new_id(),
        "schema_id": portal.schema_id,
        "name": "",
        **_DEFAULTS,
        **fields,
        "addresses": _with_ids(portal, fields.get("addresses", []), []),
        "created_on": now,
        "modified_on": now,
    }
    company["currency_code"] = company["currency_code"] or company["currency_codes"][0]
    check_custom_fields(portal, "company", company)
    return company


def updated_company(portal: Portal, old: Record, body: Mapping[str, Any]) -> Record:
    """The company with the fields sent replaced; the address list whole, ids kept by code (sheet 7.2)."""
    fields = _clean(portal, body)
    if "addresses" in fields:
        fields["addresses"] = _with_ids(portal, fields["addresses"], old["addresses"])
    company = {**old, **fields, "modified_on": portal.clock.stamp()}
    check_custom_fields(portal, "company", company)
    return company


def company_answer(company: Record) -> Record:
    """A company as the API returns it, internal keys included."""
    plain = ("name", "email", "title", "phone_office", "phone_cell", "reps")
    return {
        **company,
        "default_discount": company["discount"],
        "default_surcharge": company["surcharge"],
        "buyers": [{key: person[key] for key in plain} for person in company["user_connections"]],
        "__sortable_name": company["name"].lower(),
        "__connected_brand_users": [],
        "__filter_key": company["name"][:1].upper(),
        "__search_key": f"{company['name']} {company['code']}".strip().lower(),
        "__buyer_refs": [person["ref"] for person in company["user_connections"]],
    }


def _clean(portal: Portal, body: Mapping[str, Any]) -> Record:
    fields = read_known(_READERS, {key: value for key, value in body.items() if key not in _OUTPUT_ONLY})
    if fields.get("warehouse"):
        warehouse = portal.warehouse(fields["warehouse"]) or invalid("warehouse not found")
        fields["warehouse"] = warehouse["id"]
    if "reps" in fields:
        fields["reps"] = [_rep(portal, where, rep) for where, rep in read_objects("reps", fields["reps"])]
    return fields


def _rep(portal: Portal, where: str, rep: Record) -> Record:
    texts = {key: read_text(f"{where}.{key}", rep.get(key)) for key in ("name", "email", "ref")}
    return {**texts, "ref": texts["ref"] or portal.new_id(), "_id": rep.get("_id") or portal.new_id()}


def _with_ids(portal: Portal, addresses: list[Record], old: list[Record]) -> list[Record]:
    """Rows keep their id by equal shipping code, billing code and display name, in that order of weight."""
    free = {address["_id"]: address for address in old}
    rows = []
    for address in addresses:
        kept = _same_address(address, free)
        free.pop(kept, None)
        rows.append({**address, "_id": kept or portal.new_id()})
    return rows


def _same_address(address: Record, candidates: Mapping[str, Record]) -> str:
    for key in ("shipping_code", "billing_code", "display_name"):
        for address_id, candidate in candidates.items():
            if address.get(key) and address[key] == candidate.get(key):
                return address_id
    return ""


def _read_addresses(field: str, value: Any) -> list[Record]:
    addresses = []
    for where, row in read_objects(field, value):
        address = read_known(_ADDRESS_READERS, {k: v for k, v in row.items() if k != "_id"}, f"{where}.")
        for key in ("line_1", "country"):
            if not address.get(key):
                invalid(f"{where}.{key} is required")
        if address.get("type", "").lower() not in _ADDRESS_KINDS:
            invalid(f"{where}.type must be billing, shipping or both")
        addresses.append({**dict.fromkeys(_ADDRESS_TEXTS, ""), **address})
    for kind in ("shipping", "billing"):
        _settle_default(field, kind, addresses)
    return addresses


def _settle_default(field: str, kind: str, addresses: list[Record]) -> None:
    """At most one default of a kind; the first row of the kind when none is marked."""
    flag = f"default_{kind}"
    marked = [address for address in addresses if address.get(flag)]
    if len(marked) > 1:
        invalid(f"{field}: only one {flag} is allowed")
    suited = [address for address in addresses if address["type"].lower() in ("", "both", kind)]
    for address in addresses:
        address[flag] = any(address is chosen for chosen in (marked or suited)[:1])


_ADDRESS_TEXTS = (
    "display_name",
    "line_1",
    "line_2",
    "line_3",
    "line_4",
    "city",
    "state",
    "zip",
    "country",
    "shipping_code",
    "billing_code",
    "type",
)
_ADDRESS_READERS: dict[str, Reader] = {
    **dict.fromkeys(_ADDRESS_TEXTS, read_text),
    "default_shipping": read_flag,
    "default_billing": read_flag,
}
_READERS: dict[str, Reader] = {
    **dict.fromkeys(_TEXTS, read_text),
    "name": read_filled,
    "currency_code": read_filled,
    "currency_codes": read_texts,
    "addresses": _read_addresses,
    "active": read_flag,
    "allow_bulk": read_flag,
    "discount": read_percentage,
    "surcharge": read_percentage,
    "customer_groups": read_texts,
    "warehouse": read_text,
}
