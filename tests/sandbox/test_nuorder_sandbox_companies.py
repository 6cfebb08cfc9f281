"""Companies, their buyers, and price sheets (sheet 6 and 7)."""

from typing import Any

import pytest

from tests.sandbox.nuorder_client import NuOrder


@pytest.fixture
def company(nuorder: NuOrder, shop: dict[str, Any]) -> dict[str, Any]:
    return dict(nuorder.put("/api/company/new", shop).json)


def test_a_new_company_reads_back_by_id_and_code(nuorder, company):
    assert (company["payment_terms"], company["credit_status"], company["active"]) == ("", "", True)
    assert nuorder.get(f"/api/company/{company['_id']}").json == company
    assert nuorder.get("/api/company/code/C001").json == company
    assert nuorder.get("/api/companies/codes/list").json == ["C001"]
    assert nuorder.get("/api/companies/list").json == [company["_id"]]
    assert nuorder.get("/api/companies/detail").json == [company]


def test_a_known_code_conflicts_and_names_the_company(nuorder, company, shop):
    reply = nuorder.put("/api/company/new", shop)

    assert (reply.status, reply.json["_id"]) == (409, company["_id"])


def test_forcing_updates_by_code_and_without_code_by_exact_name(nuorder, company, shop):
    by_code = nuorder.put("/api/company/new/force", {**shop, "name": "Demo Store Ltd"})
    nameless = nuorder.put("/api/company/new/force", {"name": "Demo Store Ltd", "phone": "1"})
    other = nuorder.put("/api/company/new/force", {"name": "demo store ltd", "currency_code": "EUR"})

    assert (by_code.status, by_code.json["_id"], by_code.json["name"]) == (
        200,
        company["_id"],
        "Demo Store Ltd",
    )
    assert (nameless.status, nameless.json["_id"]) == (200, company["_id"])
    assert (other.status, other.json["code"]) == (201, "")


@pytest.mark.parametrize("field", ["name", "currency_code"])
def test_a_company_without_a_required_field_is_refused_by_name(nuorder, shop, field):
    del shop[field]

    assert nuorder.put("/api/company/new", shop).message == f"{field} is required"


def test_the_code_of_another_company_cannot_be_taken(nuorder, company, shop):
    other = nuorder.put("/api/company/new", {**shop, "code": "C002"}).json

    reply = nuorder.post(f"/api/company/{other['_id']}", {"code": "C001"})

    assert (reply.status, reply.json["_id"]) == (409, company["_id"])


def test_codes_differ_by_case(nuorder, company):
    assert nuorder.get("/api/company/code/c001").message == "company not found"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ({"city": "Leeds", "country": "GB"}, "addresses[0].line_1 is required"),
        ({"line_1": "1 High St"}, "addresses[0].country is required"),
        (
            {"line_1": "1", "country": "GB", "type": "home"},
            "addresses[0].type must be billing, shipping or both",
        ),
    ],
)
def test_an_incomplete_address_is_refused_by_name(nuorder, shop, address, message):
    assert nuorder.put("/api/company/new", {**shop, "addresses": [address]}).message == message


def test_two_default_addresses_of_a_kind_are_refused(nuorder, shop):
    address = {"line_1": "1", "country": "GB", "default_shipping": True}

    assert nuorder.put("/api/company/new", {**shop, "addresses": [address, address]}).status == 400


def test_the_first_address_is_the_default_unless_one_is_marked(nuorder, shop):
    rows = [{"line_1": "1", "country": "GB"}, {"line_1": "2", "country": "GB", "default_billing": True}]

    addresses = nuorder.put("/api/company/new", {**shop, "addresses": rows}).json["addresses"]

    assert [row["default_shipping"] for row in addresses] == [True, False]
    assert [row["default_billing"] for row in addresses] == [False, True]


def test_addresses_are_replaced_and_known_ones_keep_their_id(nuorder, company):
    kept = company["addresses"][0]["_id"]
    rows = [
        {"line_1": "9 New St", "country": "GB", "shipping_code": "S2"},
        {"line_1": "2 High St", "country": "GB", "shipping_code": "S1"},
    ]

    changed = nuorder.post("/api/company/code/C001", {"addresses": rows}).json

    assert [row["_id"] == kept for row in changed["addresses"]] == [False, True]
    assert changed["name"] == "Demo Store"


def test_a_warehouse_goes_in_by_name_and_comes_out_as_id(nuorder, shop):
    warehouse = nuorder.get("/api/v3.0/warehouses").json[0]

    assert nuorder.put("/api/company/new", {**shop, "warehouse": "default"}).json["warehouse"] == warehouse["id"]
    assert nuorder.post("/api/company/code/C001", {"warehouse": "none"}).message == "warehouse not found"


def test_companies_are_found_by_day(nuorder, company):
    assert nuorder.get("/api/companies/created/after/01/01/2020").json == [company]
    assert nuorder.get("/api/companies/modified/before/01/01/2020").json == []
    assert nuorder.get("/api/companies/modified/before/13/41/2020").status == 400
    assert nuorder.get("/api/companies/visited/before/01/01/2020").status == 400


def test_a_buyer_is_added_changed_and_removed(nuorder, company):
    ann = {"name": "Ann Lee", "email": "ann@example.com", "title": "Buyer", "reps": ["rep@example.com"]}

    added = nuorder.put("/api/company/code/C001/add/buyer", ann).json
    assert added["user_connections"][0]["role_name"] == "buyer"
    assert added["buyers"][0]["reps"] == [{"email": "rep@example.com"}]
    assert nuorder.put("/api/company/code/C001/add/buyer", ann).status == 409

    path = f"/api/company/{company['_id']}/update/buyer/ann%40example.com"
    changed = nuorder.post(path, {"title": "Head", "name": "Someone"}).json["buyers"][0]
    assert (changed["title"], changed["name"]) == ("Head", "Ann Lee")

    assert nuorder.delete("/api/company/code/C001/buyer/ann%40example.com").json == {"success": True}
    assert nuorder.delete("/api/company/code/C001/buyer/ann%40example.com").message == "buyer not found"
    assert nuorder.delete(f"/api/company/{company['_id']}/buyers").json == {"success": True}


def test_a_buyer_needs_name_and_email(nuorder, company):
    assert nuorder.put("/api/company/code/C001/add/buyer", {"name": "Ann"}).message == "email is required"


def test_brand_users_may_be_reps_but_not_buyers(nuorder, company, control):
    control.set(brand_users=["rep@example.com"])
    path = "/api/company/code/C001/add/buyer"

    as_buyer = nuorder.put(path, {"name": "Rep", "email": "Rep@example.com"})
    unknown_rep = nuorder.put(path, {"name": "Ann", "email": "a@example.com", "reps": ["nobody@example.com"]})
    known_rep = nuorder.put(path, {"name": "Ann", "email": "a@example.com", "reps": ["REP@example.com"]})

    assert (as_buyer.status, as_buyer.message) == (400, "email belongs to a brand user")
    assert (unknown_rep.status, unknown_rep.message) == (400, "rep nobody@example.com is not a brand user")
    assert known_rep.status == 200


def test_buyers_can_be_forbidden_as_some_portals_do(nuorder, company, control):
    control.set(buyer_creation_forbidden=True)

    reply = nuorder.put("/api/company/code/C001/add/buyer", {"name": "Ann", "email": "a@example.com"})

    assert (reply.status, reply.json["code"]) == (403, 403)


@pytest.fixture
def product(nuorder: NuOrder, tee: dict[str, Any]) -> dict[str, Any]:
    return dict(nuorder.put("/api/product/new", tee).json)


def test_a_price_sheet_takes_known_products_and_reports_the_others(nuorder, product):
    rows = [{"brand_id": "ST100-NVY", "wholesale": "18.50"}, {"brand_id": "none", "wholesale": 1}]

    reply = nuorder.put("/api/pricesheet/VIP", {"currency_code": "EUR", "pricing": rows}).json

    assert reply["updates"] == [{"_id": product["_id"], "brand_id": "ST100-NVY"}]
    assert reply["errors"] == [{"index": 1, "message": "product not found"}]
    row = nuorder.get("/api/pricesheet/VIP").json["pricing"][0]
    assert (row["wholesale"], row["retail"], row["template"]) == (18.5, 50, "VIP")


def test_sheets_are_assigned_to_products_one_by_one(nuorder, product, control):
    control.post("/price-sheets", {"template": "VIP", "currency_code": "EUR"})
    of_product = "product/external_id/ST100-NVY"

    assert nuorder.post(f"/api/pricesheet/VIP/assign/{of_product}", {"wholesale": 15}).json["errors"] == []
    bulk = {"pricing": [{"_id": product["_id"], "wholesale": 14}]}
    assert nuorder.post("/api/pricesheet/bulk/assign/VIP", bulk).json["updates"]
    assert [row["wholesale"] for row in nuorder.get("/api/pricesheet/VIP").json["pricing"]] == [14]
    assert nuorder.delete(f"/api/pricesheet/VIP/remove/{of_product}").json == {"success": True}
    assert nuorder.get("/api/pricesheet/VIP").json["pricing"] == []
    assert nuorder.post("/api/pricesheet/bulk/assign/none", bulk).message == "price sheet not found"


def test_a_product_is_put_on_several_sheets_row_by_row(nuorder, product, control):
    control.post("/price-sheets", {"template": "VIP", "currency_code": "EUR"})
    path = "/api/product/external_id/ST100-NVY/pricesheets"

    results = nuorder.post(path, [{"template": "VIP", "wholesale": 9}, {"template": "none", "wholesale": 9}]).json

    assert [(row["index"], row["success"]) for row in results] == [(0, True), (1, False)]
    assert nuorder.delete(path).json == {"success": True}
    assert nuorder.get("/api/pricesheet/VIP").json["pricing"] == []


def test_catalogs_are_listed(nuorder, control):
    control.post("/catalogs", {"title": "Summer"})

    assert [catalog["title"] for catalog in nuorder.get("/api/v3.1/catalogs").json] == ["Summer"]
