"""Products through the API (sheet 4)."""

import pytest


def test_a_new_product_comes_back_with_ids_and_every_text_filled(nuorder, tee):
    reply = nuorder.put("/api/product/new", tee)

    product = reply.json
    assert reply.status == 201
    assert len(product["_id"]) == 24
    assert product["available_from"] == "2026-01-15T00:00:00.000Z"
    assert (product["description"], product["available_until"], product["order_closing"]) == ("", "", "")
    assert (product["active"], product["archived"], product["cancelled"]) == (True, False, False)
    assert [size["size"] for size in product["sizes"]] == ["S", "M"]
    assert all(len(size["_id"]) == 24 for size in product["sizes"])
    assert product["unique_key"] == "ST100,SS26,Navy"
    assert nuorder.get(f"/api/product/{product['_id']}").json == product


@pytest.mark.parametrize("field", ["style_number", "season", "color", "name"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_product_without_a_required_field_is_refused_by_name(nuorder, tee, field, value):
    product = {**tee, field: value}

    reply = nuorder.put("/api/product/new/force", product)

    assert (reply.status, reply.message) == (400, f"{field} is required")
    assert nuorder.get("/api/products/list").json == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"pricing": {"EUR": {"retail": 5}}}, "pricing.EUR.wholesale"),
        ({"pricing": {"EUR": {"wholesale": "cheap"}}}, "pricing.EUR.wholesale"),
        ({"sizes": [{"upc": "1"}]}, "sizes[0].size"),
        ({"sizes": [{"size": "S"}, {"size": "S"}]}, "sizes[1].size"),
        ({"available_until": "soon"}, "available_until"),
        ({"seasons": "SS26"}, "seasons"),
        ({"active": "yes"}, "active"),
    ],
)
def test_a_field_of_the_wrong_kind_is_refused_by_name(nuorder, tee, change, named):
    reply = nuorder.put("/api/product/new", tee | change)

    assert reply.status == 400
    assert named in reply.message


@pytest.mark.parametrize("day", ["2026-02-03", "2026/02/03", "2026/2/3", "02/03/2026", "2026-02-03T00:00:00.000Z"])
def test_every_form_of_a_date_is_midnight_utc(nuorder, tee, day):
    product = nuorder.put("/api/product/new", {**tee, "order_closing": day}).json

    assert product["order_closing"] == "2026-02-03T00:00:00.000Z"


def test_creating_a_product_twice_names_the_one_in_the_way(nuorder, tee):
    existing = nuorder.put("/api/product/new", tee).json["_id"]

    reply = nuorder.put("/api/product/new", {**tee, "brand_id": "st100-nvy", "color": "Other"})

    assert reply.status == 409
    assert reply.json["_id"] == existing


def test_forcing_creates_and_then_updates_the_same_product(nuorder, tee, control):
    first = nuorder.put("/api/product/new/force", tee)
    second = nuorder.put("/api/product/new/force", {**tee, "name": "Boxier Tee"})

    assert (first.status, second.status) == (201, 200)
    assert second.json["_id"] == first.json["_id"]
    assert second.json["name"] == "Boxier Tee"
    assert control.writes("products") == {"ST100-NVY": {"created": 1, "updated": 1}}


def test_a_carried_over_style_keeps_its_id_by_external_id(nuorder, tee):
    old = nuorder.put("/api/product/new", tee).json

    carried = nuorder.put("/api/product/new/force", {**tee, "season": "AW26", "seasons": ["SS26"]}).json

    assert carried["_id"] == old["_id"]
    assert nuorder.get("/api/products/season/AW26/list").json == [old["_id"]]
    assert nuorder.get("/api/products/season/ss26/list").json == [old["_id"]]


def test_a_product_without_external_id_is_matched_by_style_season_and_colour(nuorder, tee):
    del tee["brand_id"]
    old = nuorder.put("/api/product/new", tee).json

    again = nuorder.put("/api/product/new/force", {**tee, "color": "NAVY", "external_id": "ST100-NVY"})

    assert (again.status, again.json["_id"], again.json["brand_id"]) == (200, old["_id"], "ST100-NVY")


def test_keys_of_two_different_products_conflict(nuorder, tee):
    nuorder.put("/api/product/new", tee)
    other = nuorder.put("/api/product/new", {**tee, "color": "Red", "brand_id": "ST100-RED"}).json

    reply = nuorder.put("/api/product/new/force", {**tee, "color": "Red"})

    assert (reply.status, reply.json["_id"]) == (409, other["_id"])


def test_an_external_id_once_set_stays(nuorder, tee):
    product = nuorder.put("/api/product/new", tee).json

    reply = nuorder.post(f"/api/product/{product['_id']}", {"brand_id": "OTHER"})

    assert (reply.status, reply.message) == (400, "brand_id cannot be changed")


def test_a_partial_update_leaves_the_rest_alone(nuorder, tee):
    product = nuorder.put("/api/product/new", tee).json

    changed = nuorder.post(f"/api/product/{product['_id']}", {"description": "Soft"}).json

    assert changed == {**product, "description": "Soft", "modified_on": changed["modified_on"]}


def test_a_size_list_replaces_the_old_one_and_keeps_known_ids(nuorder, tee):
    product = nuorder.put("/api/product/new", tee).json
    sizes = [{"size": "M", "upc": "5000000000028"}, {"size": "L", "upc": "5000000000035"}]

    changed = nuorder.post("/api/product/external_id/st100-nvy", {"sizes": sizes}).json

    assert [size["size"] for size in changed["sizes"]] == ["M", "L"]
    assert changed["sizes"][0]["_id"] == product["sizes"][1]["_id"]


def test_an_external_id_may_hold_slashes_and_spaces(nuorder, tee):
    nuorder.put("/api/product/new", {**tee, "brand_id": "ST/100 Ä"})

    assert nuorder.get("/api/product/external_id/st%2F100%20%C3%A4").json["brand_id"] == "ST/100 Ä"


def test_custom_fields_and_odd_images_survive_as_meant(nuorder, tee):
    sizes = [{"size": "S", "upc": 5000000000011, "nrf_size_code": "7", "pricing": {"EUR": {"wholesale": 1}}}]

    product = nuorder.put("/api/product/new", {**tee, "gender": "F", "images": [""], "__x": 1, "sizes": sizes}).json

    assert (product["gender"], product["images"]) == ("F", [])
    assert "__x" not in product
    assert product["sizes"][0]["upc"] == "5000000000011"
    assert product["sizes"][0]["nrf_size_code"] == "7"
    assert "pricing" not in product["sizes"][0]


def test_a_portal_that_prices_by_size_keeps_size_prices(nuorder, control, tee):
    control.set(size_pricing=True)
    tee["sizes"][0]["pricing"] = {"EUR": {"wholesale": "21.50"}}

    product = nuorder.put("/api/product/new", tee).json

    assert product["sizes"][0]["pricing"]["EUR"]["wholesale"] == 21.5


def test_text_is_normalised_as_in_2014_when_asked(nuorder, control, tee):
    control.set(normalise_2014=True)

    product = nuorder.put("/api/product/new", {**tee, "style_number": "st100"}).json

    shown = (product["style_number"], product["name"], product["brand_id"], product["color"])
    assert shown == ("ST100", "boxy tee", "st100-nvy", "Navy")


def test_lists_are_whole_or_in_pages_by_id(nuorder, tee):
    ids = [
        nuorder.put("/api/product/new", {**tee, "color": f"C{n}", "brand_id": f"B{n}"}).json["_id"] for n in range(5)
    ]

    assert nuorder.get("/api/products/list").json == ids
    assert [product["_id"] for product in nuorder.get("/api/products").json] == ids
    assert nuorder.get("/api/products/list?__limit=2").json == ids[:2]
    assert nuorder.get(f"/api/products/list?__limit=2&__last_id={ids[1]}").json == ids[2:4]
    assert nuorder.get("/api/products/list?__limit=none").status == 400


@pytest.mark.parametrize("path", ["/api/product/65f000000000000000000001", "/api/product/external_id/none"])
def test_an_unknown_product_is_not_found(nuorder, path):
    reply = nuorder.get(path)

    assert (reply.status, reply.json) == (404, {"code": 404, "message": "product not found"})


def test_products_cannot_be_deleted(nuorder, tee):
    product = nuorder.put("/api/product/new", tee).json

    reply = nuorder.delete(f"/api/product/{product['_id']}")

    assert (reply.status, reply.message) == (404, "Not found")


def test_custom_fields_of_the_schema_are_enforced(nuorder, control, tee):
    field = {"key": "gender", "type": "text", "required": True, "allowed_values": ["F", "M"]}
    control.post("/schemas/product", {"fields": [field]})

    assert nuorder.put("/api/product/new", tee).message == "gender is required"
    assert nuorder.put("/api/product/new", {**tee, "gender": "X"}).message == "gender must be one of: F, M"
    assert nuorder.put("/api/product/new", {**tee, "gender": "F"}).status == 201
    shown = nuorder.get("/api/schemas/product").json[0]["fields"][-1]
    assert (shown["key"], shown["details"]) == (
        "gender",
        {"allowed_values": [{"value": "F"}, {"value": "M"}]},
    )


def test_all_three_schemas_are_listed(nuorder):
    assert [schema["type"] for schema in nuorder.get("/api/schemas").json] == ["product", "company", "order"]
    assert nuorder.get("/api/schemas/weather").status == 404


def test_a_barcode_used_twice_is_allowed_and_reported(nuorder, control, tee):
    first = nuorder.put("/api/product/new", tee).json["_id"]
    second = nuorder.put("/api/product/new", {**tee, "color": "Red", "brand_id": "R", "sizes": tee["sizes"][:1]}).json

    assert control.get("/duplicate-upcs") == {"5000000000011": [first, second["_id"]]}


def test_every_internal_key_of_a_product_is_there(nuorder, tee):
    product = nuorder.put("/api/product/new", tee).json

    assert {
        *("__inventory_cache", "__inventory", "__inventory_hashes", "__pack_ids", "__size_ids", "__warehouses"),
        *("__sold_out", "__tracks_inventory", "__pending_initial_pricing", "__original_composite_keys"),
        *("__brand_name", "__barcode", "__size_run", "__size_range", "__cdn", "__merchandising_order"),
    } <= product.keys()
    assert (product["__barcode"], product["__size_run"]) == ("5000000000011", "S,M")


def test_a_pick_list_may_be_given_in_the_form_schemas_are_read_in(nuorder, control):
    details = {"allowed_values": [{"value": "F"}, {"value": "M"}]}
    control.post("/schemas/product", {"fields": [{"key": "gender", "details": details}]})

    field = nuorder.get("/api/schemas/product").json[0]["fields"][-1]
    assert (field["key"], field["details"]) == ("gender", details)
