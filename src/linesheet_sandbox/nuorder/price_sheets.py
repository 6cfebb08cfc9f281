"""Price sheet calls: prices that override a product's own (sheet 6)."""

from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.bodies import json_object, json_value
from linesheet_sandbox.nuorder.errors import RefusedError, invalid, missing
from linesheet_sandbox.nuorder.fields import (
    Reader,
    read_filled,
    read_flag,
    read_known,
    read_list,
    read_number,
    read_number_or_blank,
    read_object,
    read_objects,
    read_text,
)
from linesheet_sandbox.nuorder.portal import Portal
from linesheet_sandbox.nuorder.products import addressed_product, referenced_product


def read_price_sheet(portal: Portal, call: Call) -> Answer:
    """`GET /api/pricesheet/{template}`."""
    sheet = portal.price_sheets.get(call.parts["template"]) or missing("price sheet")
    return json_answer({**sheet, "pricing": list(sheet["pricing"].values())})


def put_price_sheet(portal: Portal, call: Call) -> Answer:
    """`PUT /api/pricesheet/{template}`: makes the sheet if need be; rows of unknown products are reported."""
    body = json_object(call)
    rows = _rows(body)
    sheet = portal.price_sheets.get(call.parts["template"]) or new_price_sheet(portal, call.parts["template"])
    if "currency_code" in body:
        sheet = {**sheet, "currency_code": read_filled("currency_code", body["currency_code"])}
    return json_answer(_apply_rows(portal, sheet, rows))


def bulk_assign(portal: Portal, call: Call) -> Answer:
    """`POST /api/pricesheet/bulk/assign/{template}`: rows for a sheet that exists."""
    sheet = portal.price_sheets.get(call.parts["template"]) or missing("price sheet")
    return json_answer(_apply_rows(portal, sheet, _rows(json_object(call))))


def assign_to_product(portal: Portal, call: Call) -> Answer:
    """`POST /api/pricesheet/{template}/assign/product/external_id/{ext}`: one product's price on a sheet."""
    sheet = portal.price_sheets.get(call.parts["template"]) or missing("price sheet")
    product = addressed_product(portal, call)
    return json_answer(_apply_rows(portal, sheet, [{**json_object(call), "_id": product["_id"]}]))


def remove_from_product(portal: Portal, call: Call) -> Answer:
    """`DELETE /api/pricesheet/{template}/remove/product/external_id/{ext}`."""
    sheet = portal.price_sheets.get(call.parts["template"]) or missing("price sheet")
    _drop_product(portal, sheet, addressed_product(portal, call)["_id"])
    return json_answer({"success": True})


def set_product_prices(portal: Portal, call: Call) -> Answer:
    """`POST /api/product/external_id/{ext}/pricesheets`: a product on several sheets, each row by itself."""
    product, results = addressed_product(portal, call), []
    for index, row in enumerate(read_list("body", json_value(call))):
        try:
            template = read_text("template", read_object(f"[{index}]", row).get("template"))
            sheet = portal.price_sheets.get(template) or missing("price sheet")
            _store_rows(portal, sheet, [_read_row(portal, sheet, {**row, "_id": product["_id"]})])
        except RefusedError as problem:
            results.append({"message": problem.message, "index": index, "success": False})
        else:
            results.append({"message": "", "index": index, "success": True})
    return json_answer(results)


def clear_product_prices(portal: Portal, call: Call) -> Answer:
    """`DELETE /api/product/external_id/{ext}/pricesheets`: takes a product off every sheet."""
    product = addressed_product(portal, call)
    for sheet in list(portal.price_sheets.all()):
        _drop_product(portal, sheet, product["_id"])
    return json_answer({"success": True})


def new_price_sheet(portal: Portal, template: str, currency_code: str = "") -> Record:
    """An empty sheet, not yet stored."""
    now = portal.clock.stamp()
    return {
        "_id": portal.new_id(),
        "template": template,
        "currency_code": currency_code,
        "pricing": {},
        "created_on": now,
        "modified_on": now,
    }


def sheet_price(portal: Portal, template: str, product: Mapping[str, Any], currency: str) -> Record | None:
    """A product's row on a sheet in one currency."""
    sheet = portal.price_sheets.get(template)
    row: Record | None = sheet["pricing"].get(f"{product['_id']} {currency}") if sheet else None
    return row


def _rows(body: Mapping[str, Any]) -> list[Record]:
    if "pricing" not in body:
        invalid("pricing is required")
    return [row for _, row in read_objects("pricing", body["pricing"])]


def _apply_rows(portal: Portal, sheet: Record, rows: list[Record]) -> dict[str, list[Record]]:
    """Each row applies or fails by itself."""
    accepted: list[Record] = []
    errors: list[Record] = []
    for index, row in enumerate(rows):
        try:
            accepted.append(_read_row(portal, sheet, row))
        except RefusedError as problem:
            errors.append({"index": index, "message": problem.message})
    _store_rows(portal, sheet, accepted)
    updates = [{"_id": row["_id"], "brand_id": row["brand_id"]} for row in accepted]
    return {"updates": updates, "errors": errors}


def _read_row(portal: Portal, sheet: Mapping[str, Any], row: Mapping[str, Any]) -> Record:
    product = referenced_product(portal, row) or missing("product")
    fields = read_known(_ROW_READERS, row)
    if "wholesale" not in fields:
        invalid("wholesale is required")
    currency = (
        read_text("currency_code", fields.get("currency_code"))
        or sheet["currency_code"]
        or next(iter(product["pricing"]), "")
    )
    if fields.get("retail", "") == "":
        fields["retail"] = product["pricing"].get(currency, {}).get("retail", "")
    return {
        "disabled": False,
        "sizes": [],
        "date_based_pricing": [],
        **fields,
        "template": sheet["template"],
        "currency_code": currency,
        **{key: product[key] for key in ("_id", "brand_id", "style_number", "season", "color")},
    }


def _store_rows(portal: Portal, sheet: Record, rows: list[Record]) -> None:
    added = {f"{row['_id']} {row['currency_code']}": row for row in rows}
    pricing = {**sheet["pricing"], **added}
    stored = {**sheet, "pricing": pricing, "modified_on": portal.clock.stamp()}
    portal.price_sheets.put(sheet["template"], stored)
    for row in rows:
        portal.applied("price_sheets", f"{sheet['template']}/{row['brand_id'] or row['_id']}", "put")


def _drop_product(portal: Portal, sheet: Record, product_id: str) -> None:
    kept = {key: row for key, row in sheet["pricing"].items() if row["_id"] != product_id}
    if len(kept) < len(sheet["pricing"]):
        portal.price_sheets.put(sheet["template"], {**sheet, "pricing": kept, "modified_on": portal.clock.stamp()})


_ROW_READERS: dict[str, Reader] = {
    "wholesale": read_number,
    "retail": read_number_or_blank,
    "disabled": read_flag,
    "sizes": read_list,
    "date_based_pricing": read_list,
}
