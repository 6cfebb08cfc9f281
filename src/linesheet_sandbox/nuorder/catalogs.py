"""Catalogs, of which only the list is known (sheet 9)."""

from collections.abc import Mapping
from typing import Any

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.listing import page
from linesheet_sandbox.nuorder.portal import Portal


def list_catalogs(portal: Portal, call: Call) -> Answer:
    """`GET /api/v3.1/catalogs`."""
    return json_answer([portal.catalogs.get(key) for key in page(call, portal.catalogs.ids())])


def new_catalog(portal: Portal, fields: Mapping[str, Any]) -> Record:
    """Store a catalog as a brand user would make one; its times are integers."""
    now = int(portal.clock.now().timestamp() * 1000)
    catalog = {
        "id": portal.new_id(),
        "sync_id": portal.new_id(),
        "brand_id": portal.brand_id,
        "created_on": now,
        "modified_on": now,
        "owner_account_id": portal.brand_id,
        "active": True,
        "archived": False,
        "title": "",
        "description": "",
        "cover": "",
        "portrait_image": "",
        "default_pdf_template": "",
        "type": "catalog",
        "restrictions": [],
        "sort": len(portal.catalogs) + 1,
        **fields,
    }
    return portal.catalogs.put(catalog["id"], catalog)
