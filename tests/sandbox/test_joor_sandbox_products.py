"""Products, categories and traits of v4 (sheet joor.md 3.1)."""

import base64

import pytest

KEYS = {"external_id": "COAT1-WOOL", "product_identifier": "COAT1-WOOL"}


def trait_id(typed_name: str) -> str:
    return base64.b64encode(typed_name.encode()).decode()


def test_a_product_is_created_and_read_back_with_what_its_ids_stand_for(joor):
    (category,) = [c for c in joor.get("/categories") if (c["name"], c["department"]) == ("Coats", "WOMEN")]
    item = {
        "name": "Wool coat",
        **KEYS,
        "description": "Long",
        "order_minimum": 2,
        "category_ids": [category["id"]],
        "product_trait_values": [
            {"trait_id": trait_id("ProductTrait:MAT"), "value": "Wool"},
            {"trait_name": "Silhouette", "value": "Long", "external_id": "LNG"},
        ],
        "tags": [{"name": "Line", "value": "Main", "code": "M"}],
    }

    (created,) = joor.post("/products/bulk_create", item)

    assert joor.get("/products") == [created]
    assert created["id"].isdigit()
    assert {name: created[name] for name in KEYS} == KEYS
    assert (created["name"], created["description"], created["order_minimum"]) == ("Wool coat", "Long", 2)
    assert created["categories"] == [
        {"id": category["id"], "name": "Coats", "parent_name": "Outerwear", "department": "WOMEN"}
    ]
    assert created["product_trait_values"] == [
        {"trait": {"id": trait_id("ProductTrait:MAT"), "name": "Materials"}, "value": "Wool", "external_id": None},
        {"trait": {"id": trait_id("ProductTrait:SIL"), "name": "Silhouette"}, "value": "Long", "external_id": "LNG"},
    ]
    assert created["tags"] == [{"name": "Line", "value": "Main", "code": "M", "parent_id": ""}]
    assert (created["images"], created["badge"]) == ([], None)


@pytest.mark.parametrize("key", ["external_id", "product_identifier"])
def test_a_known_key_is_a_duplicate_and_echoed(joor, key):
    joor.post("/products/bulk_create", {"name": "Wool coat", **KEYS})

    error = joor.refused("/products/bulk_create", {"name": "Other", key: "COAT1-WOOL"})

    assert (error["status"], error["details"]) == ("DUPLICATED", {"name": "Other", key: "COAT1-WOOL"})


def test_the_same_key_twice_in_a_list_is_a_duplicate(joor):
    reply = joor.v4("POST", "/products/bulk_create", [{"name": "A", **KEYS}, {"name": "B", **KEYS}])

    assert [row["name"] for row in reply.json["data"]] == ["A"]
    assert reply.json["errors"][0]["status"] == "DUPLICATED"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": " "}, "name missing"),
        ({"name": ["Coat"]}, "name must be text"),
        ({"order_minimum": "few"}, "order_minimum must be a whole number"),
        ({"category_ids": ["1"]}, "there is no category 1"),
        ({"product_trait_values": [{"trait_name": "Mood", "value": "x"}]}, "trait Mood is not known here"),
        ({"product_trait_values": [{"trait_name": "Color", "value": "x"}]}, "trait Color is not known here"),
        (
            {"product_trait_values": [{"trait_name": "Materials", "value": "x", "external_id": "X"}]},
            "Materials takes no external_id",
        ),
        ({"tags": "Main"}, "tags must be a list of objects"),
    ],
)
def test_a_field_that_cannot_be_is_a_validation_error(joor, fields, says):
    error = joor.refused("/products/bulk_create", {"name": "Coat", **fields})

    assert (error["status"], error["message"]) == ("VALIDATION_ERROR", says)


def test_an_update_by_id_changes_what_it_names_and_leaves_the_rest(joor):
    product = joor.add_product(description="Long", order_minimum=2)

    (updated,) = joor.post("/products/bulk_update", {"id": product, "name": "Cape", "order_minimum": None})

    assert (updated["id"], updated["name"], updated["description"]) == (product, "Cape", "Long")
    assert (updated["order_minimum"], updated["external_id"]) == (None, "COAT1")


def test_an_update_without_id_finds_the_product_by_its_own_keys(joor):
    by_external = joor.add_product("A", product_identifier="A-1")
    by_identifier = joor.add_product("B", product_identifier="B-1")

    updated = joor.post(
        "/products/bulk_update",
        {"external_id": "A", "name": "Alpha"},
        {"product_identifier": "B-1", "name": "Beta"},
    )

    assert [(row["id"], row["name"]) for row in updated] == [(by_external, "Alpha"), (by_identifier, "Beta")]


def test_an_update_without_id_is_refused_when_that_is_switched_off(joor, joor_control):
    joor.add_product()
    joor_control.set(update_without_id=False)

    error = joor.refused("/products/bulk_update", {"external_id": "COAT1", "name": "Cape"})

    assert (error["status"], error["message"]) == ("VALIDATION_ERROR", "id missing")


def test_an_update_by_external_id_has_a_path_of_its_own(joor, joor_control):
    joor.add_product()
    joor_control.set(update_without_id=False)

    (updated,) = joor.post("/products/bulk_update_by_external_id", {"external_id": "COAT1", "name": "Cape"})

    assert updated["name"] == "Cape"
    assert joor.refused("/products/bulk_update_by_external_id", {"name": "Cape"})["message"] == "external_id missing"


@pytest.mark.parametrize("item", [{"id": "1", "name": "Cape"}, {"external_id": "COAT9", "name": "Cape"}])
def test_an_update_of_what_is_not_there_is_not_found(joor, item):
    error = joor.refused("/products/bulk_update", item)

    assert (error["status"], error["details"]) == ("NOT_FOUND", item)


def test_an_update_cannot_take_the_key_of_another_product(joor):
    joor.add_product("A")
    other = joor.add_product("B")

    error = joor.refused("/products/bulk_update", {"id": other, "external_id": "A"})

    assert error["status"] == "DUPLICATED"


def test_the_tree_of_categories_has_the_departments_on_top(joor):
    categories = joor.get("/categories")

    tops = [c["name"] for c in categories if c["parent_id"] is None]
    assert tops == ["WOMEN", "MEN", "GIRLS", "BOYS", "UNISEX", "BABY_GIRLS", "BABY_BOYS"]
    known = {c["id"]: c for c in categories}
    for category in categories:
        if category["parent_id"]:
            assert known[category["parent_id"]]["name"] == category["parent_name"]
            assert known[category["parent_id"]]["department"] == category["department"]


def test_traits_are_named_in_base64(joor):
    traits = {trait["name"]: trait["id"] for trait in joor.get("/traits")}

    assert traits["Color"] == "U0tVVHJhaXQ6U3R5bGVDb2xvcg=="
    assert traits["Size"] == "U0tVVHJhaXQ6U2l6ZQ=="
    assert traits["Materials"] == "UHJvZHVjdFRyYWl0Ok1BVA=="


def test_the_older_api_reads_what_v4_stored(joor):
    product = joor.add_product()
    joor.add_skus(product, "Black", "S", upc=5060000000017)

    styles = joor.v2("GET", "/style?count=1&start_from=0").json["styles"]
    one = joor.v2("GET", f"/style/{product}").json["styles"]["style"][0]

    assert (styles["response"]["count"], styles["response"]["next_start"]) == (1, 1)
    assert styles["style"] == [one]
    assert (one["style_id"], one["style_number"]) == (int(product), "COAT1")
    assert [(sku["color_name"], sku["upc"]) for sku in one["skus"]] == [("Black", "5060000000017")]
    assert joor.v2("GET", "/style/1").json["response"]["code"] == 2
