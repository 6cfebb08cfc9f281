"""Price types and prices of v4 (sheet joor.md 3.3)."""

import pytest


@pytest.fixture
def euro(joor_control) -> dict:
    """A price type set up on the account."""
    return joor_control.post("/price-types", {"name": "WS EUR", "currency_code": "EUR"})


@pytest.fixture
def skus(joor) -> list[str]:
    """Ids of a product's two SKUs."""
    return [sku["id"] for sku in joor.add_skus(joor.add_product())]


def test_price_types_are_set_up_on_the_account_by_label_and_currency(joor, joor_control, euro):
    pound = joor_control.post("/price-types", {"name": "WS", "currency_code": "GBP", "retail_currency_code": "EUR"})

    assert joor.get("/price_types") == [euro, pound]
    assert euro == {"id": euro["id"], "name": "WS EUR", "currency_code": "EUR", "retail_currency_code": "EUR"}
    assert pound["retail_currency_code"] == "EUR"
    assert joor_control.call("POST", "/price-types", {"name": "WS", "currency_code": "GBP"}).status == 409


def test_a_price_is_created_and_read_back_by_sku(joor, euro, skus):
    items = [
        {"sku_id": sku, "price_type_id": euro["id"], "wholesale_value": "95.5", "retail_value": "240.00"}
        for sku in skus
    ]

    created = joor.post("/prices/bulk_create", *items)

    assert joor.get("/prices") == created
    assert joor.get(f"/prices?sku_ids={skus[1]}") == [created[1]]
    assert created[0] == {
        "id": created[0]["id"],
        "sku_id": skus[0],
        "price_type": euro,
        "wholesale_value": "95.50",
        "retail_value": "240.00",
    }


def test_a_price_type_is_named_by_its_pair_too(joor, euro, skus):
    pair = {"price_type_name": "WS EUR", "price_type_currency_code": "EUR"}

    (created,) = joor.post("/prices/bulk_create", {"sku_id": skus[0], **pair, "wholesale_value": "0.00"})
    error = joor.refused(
        "/prices/bulk_create", {"sku_id": skus[1], **pair, "price_type_name": "ws eur", "wholesale_value": "1"}
    )

    assert (created["price_type"], created["retail_value"]) == (euro, None)
    assert error["status"] == "NOT_FOUND"


def test_a_second_price_of_the_price_type_is_a_duplicate_that_names_the_sku(joor, euro, skus):
    item = {"sku_id": skus[0], "price_type_id": euro["id"], "wholesale_value": "95.00"}
    joor.post("/prices/bulk_create", item)

    reply = joor.v4("POST", "/prices/bulk_create", [item, {**item, "sku_id": skus[1]}])

    assert [price["sku_id"] for price in reply.json["data"]] == [skus[1]]
    (error,) = reply.json["errors"]
    assert (error["status"], error["details"]["sku_id"]) == ("DUPLICATED", skus[0])


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"wholesale_value": 95}, "VALIDATION_ERROR"),
        ({"wholesale_value": "95,00"}, "VALIDATION_ERROR"),
        ({"wholesale_value": "-1.00"}, "VALIDATION_ERROR"),
        ({"wholesale_value": None}, "VALIDATION_ERROR"),
        ({"retail_value": "much"}, "VALIDATION_ERROR"),
        ({"sku_id": "x"}, "NOT_FOUND"),
        ({"price_type_id": "1"}, "NOT_FOUND"),
        ({"price_type_id": ""}, "VALIDATION_ERROR"),
    ],
)
def test_a_price_that_cannot_be_is_refused(joor, euro, skus, fields, status):
    item = {"sku_id": skus[0], "price_type_id": euro["id"], "wholesale_value": "95.00", **fields}

    assert joor.refused("/prices/bulk_create", item)["status"] == status


def test_a_price_is_updated_by_its_id_alone(joor, euro, skus):
    item = {"sku_id": skus[0], "price_type_id": euro["id"], "wholesale_value": "95.00", "retail_value": "240.00"}
    (price,) = joor.post("/prices/bulk_create", item)

    (updated,) = joor.post("/prices/bulk_update", {"id": price["id"], "wholesale_value": "90.00"})
    without_id = joor.refused("/prices/bulk_update", item)
    unknown = joor.refused("/prices/bulk_update", {"id": "1", "wholesale_value": "1.00"})

    assert updated == {**price, "wholesale_value": "90.00"}
    assert (without_id["status"], unknown["status"]) == ("VALIDATION_ERROR", "NOT_FOUND")
