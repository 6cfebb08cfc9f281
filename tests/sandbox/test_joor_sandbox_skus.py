"""SKUs of v4: the matrix of colours and sizes, and barcodes (sheet joor.md 3.2)."""

import base64

import pytest

from tests.sandbox.joor_client import sku_item


@pytest.fixture
def coat(joor) -> str:
    """The id of a product without SKUs."""
    return joor.add_product()


def pairs(skus):
    return sorted(tuple(value["value"] for value in sku["trait_values"]) for sku in skus)


def test_a_sku_is_created_and_read_back_with_its_traits(joor, coat):
    item = sku_item(coat, "Black", "S", "05060000000017")
    item["trait_values"][1]["order_minimum"] = 3

    (created,) = joor.post("/skus/bulk_create", item)

    assert joor.get("/skus") == [created]
    assert base64.b64decode(created["id"]).decode().count("|") == 2
    assert (created["product_id"], created["external_id"]) == (coat, f"{coat}-Black-S")
    assert created["identifiers"] == [{"type": "upc", "value": "05060000000017"}]
    colour, size = created["trait_values"]
    assert colour == {
        "trait": {"id": "U0tVVHJhaXQ6U3R5bGVDb2xvcg==", "name": "Color"},
        "value": "Black",
        "external_id": "BLA",
        "order_minimum": None,
        "order_nbr": 1,
        "status": "ACTIVE",
        "hexColor": None,
        "swatch": None,
        "images": [],
    }
    assert (size["trait"]["name"], size["value"], size["order_minimum"]) == ("Size", "S", 3)


def test_skus_are_read_by_product(joor, coat):
    cape, gown = joor.add_product("CAPE"), joor.add_product("GOWN")
    for number, product in enumerate((coat, cape, gown)):
        joor.add_skus(product, "Black", "S", upc=100 + number)

    assert {sku["product_id"] for sku in joor.get(f"/skus?product_ids={cape},{gown}")} == {cape, gown}
    assert joor.get("/skus?product_ids=1") == []
    assert len(joor.get("/skus?page=1&page_size=2")) == 2


def test_traits_are_named_by_id_too(joor, coat):
    item = sku_item(coat, "Black", "S")
    item["trait_values"][0] = {"trait_id": "U0tVVHJhaXQ6U3R5bGVDb2xvcg==", "value": "Black"}

    assert pairs(joor.post("/skus/bulk_create", item)) == [("Black", "S")]


@pytest.mark.parametrize("kept", [[0], [1], [0, 0, 1], []])
def test_a_sku_has_exactly_one_colour_and_one_size(joor, coat, kept):
    item = sku_item(coat, "Black", "S")
    item["trait_values"] = [item["trait_values"][position] for position in kept]

    assert joor.refused("/skus/bulk_create", item)["status"] == "VALIDATION_ERROR"


def test_an_incomplete_matrix_is_refused_for_the_whole_product_alone(joor, coat):
    cape = joor.add_product("CAPE")
    gaps = [sku_item(coat, "Black", "S"), sku_item(coat, "Black", "M"), sku_item(coat, "Navy", "S")]

    reply = joor.v4("POST", "/skus/bulk_create", [*gaps, sku_item(cape, "Black", "S")])

    assert [sku["product_id"] for sku in reply.json["data"]] == [cape]
    assert [error["details"] for error in reply.json["errors"]] == gaps
    assert "missing: Navy M" in reply.json["errors"][0]["message"]


def test_the_matrix_counts_what_is_there_already(joor, coat):
    joor.add_skus(coat, "Black", "S M")

    assert joor.refused("/skus/bulk_create", sku_item(coat, "Navy", "S"))["status"] == "VALIDATION_ERROR"
    joor.post("/skus/bulk_create", sku_item(coat, "Navy", "S"), sku_item(coat, "Navy", "M"))

    assert len(joor.get("/skus")) == 4


def test_joor_fills_the_gaps_itself_under_the_older_rule(joor, joor_control, coat):
    joor_control.set(full_matrix=False)

    joor.post("/skus/bulk_create", sku_item(coat, "Black", "S"), sku_item(coat, "Navy", "M"))

    skus = joor.get("/skus")
    assert pairs(skus) == [("Black", "M"), ("Black", "S"), ("Navy", "M"), ("Navy", "S")]
    assert [sku["identifiers"] for sku in skus if not sku["external_id"]] == [[], []]


def test_sizes_are_case_sensitive(joor, coat):
    joor.post("/skus/bulk_create", sku_item(coat, "Black", "s", "1"), sku_item(coat, "Black", "S", "2"))

    assert pairs(joor.get("/skus")) == [("Black", "S"), ("Black", "s")]


@pytest.mark.parametrize("fields", [{}, {"external_id": "", "sku_identifier": "OTHER"}])
def test_a_known_key_or_pair_is_a_duplicate(joor, coat, fields):
    joor.add_skus(coat, "Black", "S")

    error = joor.refused("/skus/bulk_create", sku_item(coat, "Black", "S", **fields))

    assert error["status"] == "DUPLICATED"
    assert error["details"]["product_id"] == coat


def test_a_upc_is_on_one_sku_of_the_account(joor, coat):
    joor.add_skus(coat, "Black", "S", upc=5060000000017)
    cape = joor.add_product("CAPE")

    there = joor.refused("/skus/bulk_create", sku_item(cape, "Black", "S", "5060000000017"))
    twins = joor.v4(
        "POST",
        "/skus/bulk_create",
        [sku_item(cape, "Black", "S", "7"), sku_item(cape, "Black", "S", "7", external_id="x")],
    )
    marked = joor.post("/skus/bulk_create", sku_item(cape, "Black", "M", "5060000000017::2"))

    assert (there["status"], there["message"]) == ("VALIDATION_ERROR", "upc 5060000000017 is on another SKU already")
    assert (len(twins.json["data"]), len(twins.json["errors"])) == (1, 1)
    assert marked[0]["identifiers"][0]["value"] == "5060000000017::2"


@pytest.mark.parametrize(
    "identifiers",
    [
        [{"type": "isbn", "value": "1"}],
        [{"type": "upc", "value": ""}],
        [{"type": "upc", "value": "1"}, {"type": "upc", "value": "2"}],
    ],
)
def test_identifiers_are_of_the_four_kinds_each_once(joor, coat, identifiers):
    item = sku_item(coat, "Black", "S", identifiers=identifiers)

    assert joor.refused("/skus/bulk_create", item)["status"] == "VALIDATION_ERROR"


def test_a_product_that_is_not_there_is_not_found(joor):
    assert joor.refused("/skus/bulk_create", sku_item("1", "Black", "S"))["status"] == "NOT_FOUND"


def test_a_colour_made_inactive_is_so_for_all_its_sizes_and_can_come_back(joor, joor_control, coat):
    skus = joor.add_skus(coat, "Black Navy", "S M")
    black = next(sku for sku in skus if sku["trait_values"][0]["value"] == "Black")

    def set_status(status: str) -> None:
        colour = {"trait_name": "Color", "value": "Black", "status": status}
        traits = [colour, {"trait_name": "Size", "value": "S"}]
        joor.post("/skus/bulk_update", {"id": black["id"], "trait_values": traits})

    def shoppable() -> list[tuple[str, str]]:
        (product,) = joor_control.get("/products")
        return sorted((sku["color"]["value"], sku["size"]["value"]) for sku in product["skus"] if sku["shoppable"])

    set_status("INACTIVE")
    assert shoppable() == [("Navy", "M"), ("Navy", "S")]
    assert {sku["trait_values"][0]["status"] for sku in joor.get("/skus")} == {"ACTIVE", "INACTIVE"}
    set_status("ACTIVE")
    assert len(shoppable()) == 4


def test_a_sku_is_updated_by_id_or_by_its_own_keys(joor, joor_control, coat):
    sku = joor.add_skus(coat, "Black", "S", upc=1)[0]
    new = {"identifiers": [{"type": "upc", "value": "2"}]}

    joor.post("/skus/bulk_update", {"id": sku["id"], **new, "sku_identifier": "CODE"})
    joor.post("/skus/bulk_update", {"sku_identifier": "CODE", "identifiers": [{"type": "upc", "value": "3"}]})
    joor_control.set(update_without_id=False)
    (updated,) = joor.post("/skus/bulk_update_by_external_id", {"external_id": sku["external_id"], "identifiers": []})

    assert updated == {**sku, "sku_identifier": "CODE", "identifiers": []}
    assert joor.refused("/skus/bulk_update", {"id": base64.b64encode(b"0|1|2").decode()})["status"] == "NOT_FOUND"
    assert joor.refused("/skus/bulk_update", {"id": "no base64"})["status"] == "NOT_FOUND"


def test_a_colour_is_renamed_for_the_product_but_not_to_another_it_has(joor, coat):
    sku = joor.add_skus(coat, "Black Navy", "S M")[0]
    size = {"trait_name": "Size", "value": "S"}

    clash = {"id": sku["id"], "trait_values": [{"trait_name": "Color", "value": "Navy"}, size]}
    assert joor.refused("/skus/bulk_update", clash)["status"] == "DUPLICATED"
    joor.post("/skus/bulk_update", {"id": sku["id"], "trait_values": [{"trait_name": "Color", "value": "Ink"}, size]})

    assert pairs(joor.get("/skus")) == [("Ink", "M"), ("Ink", "S"), ("Navy", "M"), ("Navy", "S")]
