"""Seasons and collections, which are linesheets, of v4 (sheet joor.md 3.4 and 3.5)."""

import pytest

OUTERWEAR = {"name": "Outerwear", "external_id": "OUT-AW26"}


@pytest.fixture
def season(joor) -> dict:
    return joor.post("/seasons/bulk_create", {"name": "AUTUMN/WINTER 26", "external_id": "AW26", "year": 2026})[0]


@pytest.fixture
def coat(joor) -> tuple[str, list[str]]:
    """Ids of a product and of its SKUs."""
    product = joor.add_product()
    return product, [sku["id"] for sku in joor.add_skus(product)]


def test_a_season_is_created_updated_and_read(joor, season):
    (updated,) = joor.post("/seasons/bulk_update", {"id": season["id"], "name": "AUTUMN/WINTER 26", "year": None})

    assert season == {"id": season["id"], "name": "AUTUMN/WINTER 26", "external_id": "AW26", "year": 2026}
    assert joor.get("/seasons") == [updated] == [{**season, "year": None}]


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({"name": "AUTUMN/WINTER 26"}, "DUPLICATED"),
        ({"name": "Other", "external_id": "AW26"}, "DUPLICATED"),
        ({"external_id": "SS26"}, "VALIDATION_ERROR"),
        ({"name": "SS26", "year": 26}, "VALIDATION_ERROR"),
        ({"name": "SS26", "year": "soon"}, "VALIDATION_ERROR"),
    ],
)
def test_a_season_that_cannot_be_is_refused(joor, season, item, status):
    assert joor.refused("/seasons/bulk_create", item)["status"] == status


def test_a_linesheet_is_created_and_read_back_with_every_sku(joor, season, coat):
    product, skus = coat
    delivery = {"start_ship_date": "2026-08-01", "complete_ship_date": "2026-08-31", "minimum_shipping_window": 14}
    items = [{"product_id": product, "order_number": 1}]

    (created,) = joor.post(
        "/collections/bulk_create", {**OUTERWEAR, "season_id": season["id"], "delivery": delivery, "items": items}
    )

    assert joor.get("/collections") == [created]
    assert created["id"].isdigit()
    assert created["season"] == season
    assert created["delivery"] == {**delivery, "cancel_date": None}
    assert (created["visibility"], created["archived"]) == ("OWNER", False)
    assert (created["is_custom"], created["made_to_order"]) == (False, False)
    (item,) = created["items"]
    assert (item["product_id"], item["order_number"]) == (product, 1)
    assert [sku["id"] for sku in item["skus"]] == skus


def test_items_may_have_some_skus_alone(joor, coat):
    product, skus = coat

    (created,) = joor.post(
        "/collections/bulk_create", {**OUTERWEAR, "items": [{"product_id": product, "sku_ids": skus[1:]}]}
    )

    assert [sku["id"] for sku in created["items"][0]["skus"]] == skus[1:]


def test_an_updated_list_of_items_replaces_the_older_and_an_absent_one_leaves_it(joor, coat):
    product, _ = coat
    cape = joor.add_product("CAPE")
    (created,) = joor.post("/collections/bulk_create", {**OUTERWEAR, "items": [{"product_id": product}]})

    (renamed,) = joor.post("/collections/bulk_update", {"id": created["id"], "name": "Coats"})
    (replaced,) = joor.post(
        "/collections/bulk_update", {"external_id": OUTERWEAR["external_id"], "items": [{"product_id": cape}]}
    )
    (emptied,) = joor.post(
        "/collections/bulk_update_by_external_id", {"external_id": OUTERWEAR["external_id"], "items": []}
    )

    assert (renamed["name"], renamed["items"]) == ("Coats", created["items"])
    assert [item["product_id"] for item in replaced["items"]] == [cape]
    assert (emptied["items"], emptied["name"]) == ([], "Coats")


def test_blank_dates_are_immediate_delivery(joor):
    (created,) = joor.post("/collections/bulk_create", {**OUTERWEAR, "delivery": {"start_ship_date": ""}})

    assert set(created["delivery"].values()) == {None}


@pytest.mark.parametrize(
    "delivery",
    [
        {"start_ship_date": "2026-09-01", "complete_ship_date": "2026-08-01"},
        {"start_ship_date": "2026-09-01"},
        {"start_ship_date": "01/09/2026", "complete_ship_date": "01/10/2026"},
        {"minimum_shipping_window": "long"},
        "soon",
    ],
)
def test_dates_that_cannot_be_are_refused(joor, delivery):
    error = joor.refused("/collections/bulk_create", {**OUTERWEAR, "delivery": delivery})

    assert error["status"] == "VALIDATION_ERROR"


def test_one_day_is_a_delivery(joor):
    day = {"start_ship_date": "2026-09-01", "complete_ship_date": "2026-09-01"}

    assert joor.post("/collections/bulk_create", {**OUTERWEAR, "delivery": day})


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"external_id": ""}, "VALIDATION_ERROR"),
        ({"name": None}, "VALIDATION_ERROR"),
        ({"season_id": "1"}, "NOT_FOUND"),
        ({"items": [{"product_id": "1"}]}, "NOT_FOUND"),
        ({"items": [{"order_number": 1}]}, "VALIDATION_ERROR"),
    ],
)
def test_a_linesheet_that_cannot_be_is_refused(joor, fields, status):
    assert joor.refused("/collections/bulk_create", {**OUTERWEAR, **fields})["status"] == status


def test_a_product_is_once_on_a_linesheet_with_skus_of_its_own(joor, coat):
    product, skus = coat
    cape = joor.add_product("CAPE")

    for items in ([{"product_id": product}] * 2, [{"product_id": cape, "sku_ids": skus}]):
        error = joor.refused("/collections/bulk_create", {**OUTERWEAR, "items": items})
        assert error["status"] == "VALIDATION_ERROR"


def test_a_known_code_is_a_duplicate_and_a_known_name_is_not(joor):
    joor.post("/collections/bulk_create", OUTERWEAR)

    assert joor.refused("/collections/bulk_create", {**OUTERWEAR, "name": "Coats"})["status"] == "DUPLICATED"
    assert joor.post("/collections/bulk_create", {**OUTERWEAR, "external_id": "OUT-SS26"})


def test_people_switch_a_linesheet_to_made_to_order_in_the_portal(joor, joor_control):
    joor.post("/collections/bulk_create", OUTERWEAR)

    joor_control.patch("/collections/OUT-AW26", {"made_to_order": True})

    assert joor.get("/collections")[0]["made_to_order"] is True
    assert joor_control.call("PATCH", "/collections/OUT-AW26", {"made_to_order": "yes"}).status == 400
    assert joor_control.call("PATCH", "/collections/OUT-AW26", {"name": "Coats"}).status == 400
