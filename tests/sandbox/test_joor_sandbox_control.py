"""JOOR's control API: what is set up in the portal, what JOOR holds, and what survives (sheet joor.md 11)."""

import signal
from pathlib import Path

import pytest

from tests.sandbox.joor_client import Process, picture, serving_files


@pytest.fixture
def linesheet(joor, joor_control, shelf) -> dict:
    """Ids of a product on a linesheet, with SKUs, a price and a picture."""
    price_type = joor_control.post("/price-types", {"name": "WS EUR", "currency_code": "EUR"})
    product = joor.add_product()
    skus = joor.add_skus(product, upc=5060000000017)
    price = {"sku_id": skus[0]["id"], "price_type_id": price_type["id"], "wholesale_value": "95.00"}
    joor.post("/prices/bulk_create", price)
    items = [{"product_id": product, "order_number": 1}]
    joor.post("/collections/bulk_create", {"name": "Outerwear", "external_id": "OUT", "items": items})
    url = shelf.put("coat.png", picture())
    asset = {"type": "image", "filename": "coat.png", "source_url": url}
    joor.post("/assets/products", {"product": {"id": product}, "asset": asset})
    return {"product": product, "skus": skus}


def test_it_tells_what_joor_holds_product_by_product(joor_control, linesheet):
    (product,) = joor_control.get("/products")
    (collection,) = joor_control.get("/collections")

    assert (product["external_id"], product["collections"]) == ("COAT1", ["OUT"])
    assert [(sku["upc"], sku["color"]["value"], sku["size"]["value"]) for sku in product["skus"]] == [
        ("5060000000017", "Black", "S"),
        ("5060000000018", "Black", "M"),
    ]
    assert product["skus"][0]["prices"]["WS EUR EUR"]["wholesale_value"] == "95.00"
    assert product["skus"][1]["prices"] == {}
    assert [(asset["filename"], asset["width"]) for asset in product["assets"]] == [("coat.png", 66)]
    assert [(item["external_id"], item["upcs"]) for item in collection["items"]] == [
        ("COAT1", ["5060000000017", "5060000000018"])
    ]
    assert joor_control.get("/products/COAT1") == product


def test_the_dump_can_be_read_without_ids(joor_control, linesheet):
    state = joor_control.get("/state")

    (price,) = state["prices"].values()
    (asset,) = state["assets"].values()
    assert {(sku["product"], sku["upc"], sku["size"]) for sku in state["skus"].values()} == {
        ("COAT1", "5060000000017", "S"),
        ("COAT1", "5060000000018", "M"),
    }
    assert (price["upc"], price["price_type"]["name"]) == ("5060000000017", "WS EUR")
    assert len(asset["sha256"]) == 64
    assert "contents" not in state


def test_writes_are_counted_by_the_clients_own_keys(joor, joor_control, linesheet):
    joor.post("/products/bulk_update", {"id": linesheet["product"], "name": "Cape"})

    assert joor_control.writes("products") == {"COAT1": {"create": 1, "update": 1}}
    assert joor_control.writes("collections") == {"OUT": {"create": 1}}
    assert sum(actions["create"] for actions in joor_control.writes("skus").values()) == 2


def test_people_edit_and_delete_styles_by_hand(joor, joor_control, linesheet):
    joor_control.patch("/products/COAT1", {"name": "By hand", "external_id": "HAND"})
    joor_control.patch("/skus/5060000000017", {"upc": "999"})
    assert joor.get("/products")[0]["name"] == "By hand"
    assert {sku["identifiers"][0]["value"] for sku in joor.get("/skus")} == {"999", "5060000000018"}

    joor_control.delete("/products/HAND")

    assert joor.get("/products") == joor.get("/skus") == joor.get("/prices") == joor_control.get("/assets") == []
    assert joor.get("/collections")[0]["items"] == []
    assert joor_control.writes("products") == {"COAT1": {"create": 1}}


def test_a_sku_cannot_be_given_the_barcode_of_another(joor_control, linesheet):
    assert joor_control.call("PATCH", "/skus/5060000000017", {"upc": "5060000000018"}).status == 400
    assert joor_control.get("/duplicate-upcs") == {}


def test_linesheets_are_deleted_in_the_portal(joor, joor_control, linesheet):
    joor_control.delete("/collections/OUT")

    assert joor.get("/collections") == []
    assert joor_control.get("/products")[0]["collections"] == []


def test_warehouses_and_categories_are_set_up(joor, joor_control):
    paris = joor_control.post("/warehouses", {"name": "Paris", "code": "PAR"})
    women = joor.get("/categories")[0]
    capes = joor_control.post("/categories", {"name": "Capes", "parent_id": women["id"]})

    assert [row["name"] for row in joor_control.get("/warehouses")] == ["Default", "Paris"]
    assert (paris["code"], capes["department"]) == ("PAR", "WOMEN")
    assert joor.add_product(category_ids=[capes["id"]])
    assert joor_control.call("POST", "/warehouses", {"name": "Paris"}).status == 409
    assert joor_control.call("POST", "/warehouses", {}).status == 400


@pytest.mark.parametrize("path", ["/products/none", "/nothing"])
def test_what_is_not_there_is_not_found(joor_control, path):
    assert joor_control.call("GET", path).status == 404


def test_a_reset_empties_the_account_and_keeps_its_keys(joor, joor_control, linesheet):
    joor_control.set(credits=299)
    joor_control.post("/warehouses", {"name": "Paris"})

    joor_control.post("/reset")

    state = joor_control.get("/state")
    for name in ("products", "skus", "prices", "collections", "assets", "trait_values", "asset_names", "price_types"):
        assert state[name] == {}
    assert [row["name"] for row in joor_control.get("/warehouses")] == ["Default"]
    assert joor_control.get("/stats")["credits"]["spent"] == 0
    assert joor_control.get("/settings")["credits"] == 300
    assert joor.add_product() > linesheet["product"]


def test_everything_answered_survives_a_kill(tmp_path: Path):
    state = tmp_path / "joor.state"
    with Process(state) as first, serving_files() as shelf:
        joor, control = first.client(), first.control
        control.post("/price-types", {"name": "WS EUR", "currency_code": "EUR"})
        product = joor.add_product()
        joor.add_skus(product)
        asset = {"type": "image", "filename": "a.png", "source_url": shelf.put("a.png", picture())}
        joor.post("/assets/products", {"product": {"id": product}, "asset": asset})
        control.set(full_matrix=False)
        before, writes = control.get("/state"), control.get("/stats")["writes"]
        first.stop(signal.SIGKILL)

    with Process(state) as second:
        again, control = second.client(), second.control
        again.token = joor.token
        assert second.announcement["credentials"] == first.announcement["credentials"]
        assert control.get("/state") == before
        assert control.get("/stats")["writes"] == writes
        assert control.get("/settings")["full_matrix"] is False
        assert again.get("/products")[0]["id"] == product
        assert again.add_product("CAPE") > product
