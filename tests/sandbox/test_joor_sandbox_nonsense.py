"""Nonsense: whatever is sent, the answer is one of JOOR's (sheet joor.md 2)."""

import pytest

WRITES = [
    "/products/bulk_create",
    "/products/bulk_update",
    "/products/bulk_update_by_external_id",
    "/skus/bulk_create",
    "/skus/bulk_update",
    "/skus/bulk_update_by_external_id",
    "/prices/bulk_create",
    "/prices/bulk_update",
    "/seasons/bulk_create",
    "/seasons/bulk_update",
    "/collections/bulk_create",
    "/collections/bulk_update",
    "/collections/bulk_update_by_external_id",
    "/assets/products",
    "/assets/sku_trait_values",
]
VALUES = [
    None,
    True,
    -1,
    1.5,
    2**40,
    10**400,
    "",
    " ",
    "\u00e9\u4e2d",
    "9" * 5000,
    "\x00",
    [],
    [[]],
    [1],
    {},
    {"id": {}},
    [{}],
]
FIELDS = [
    "id",
    "name",
    "external_id",
    "product_identifier",
    "order_minimum",
    "category_ids",
    "product_trait_values",
    "tags",
    "product_id",
    "sku_identifier",
    "trait_values",
    "identifiers",
    "sku_id",
    "price_type_id",
    "price_type_name",
    "wholesale_value",
    "year",
    "season_id",
    "delivery",
    "items",
    "product",
    "asset",
    "sku_trait_value",
    "display_order",
]


@pytest.mark.parametrize("path", WRITES)
def test_any_value_in_any_field_is_answered_item_by_item(joor, joor_control, path):
    joor_control.set(throttle=False)
    product = joor.add_product()
    sku = joor.add_skus(product, "Black", "S")[0]
    asset = {"type": "image", "filename": "a.png", "source_url": "http://127.0.0.1:9/a.png"}
    good = {"name": "A", "external_id": "COAT1", "product_id": product, "sku_id": sku["id"], "trait_values": []}
    good |= {"product": {"id": product}, "asset": asset}

    for field in FIELDS:
        items = [{**good, field: value} for value in VALUES]
        reply = joor.v4("POST", path, items)

        assert reply.status in (200, 400)
        assert len(reply.json["data"]) + len(reply.json["errors"]) == len(items)


@pytest.mark.parametrize("body", [b"", b"{", b"[1,", b"\xff", b"[" * 10_000, b'["\\ud800"]', b"1e999", b"[NaN]"])
def test_a_body_that_cannot_be_read_is_a_bad_request(joor, body):
    reply = joor.v4("POST", "/products/bulk_create", raw=body)

    assert (reply.status, reply.json["data"]) == (400, [])
    assert reply.json["errors"]


@pytest.mark.parametrize(
    "target",
    ["/skus?product_ids=%00,,%C3%A9", "/prices?sku_ids=%C3%A9,=", "/products?page=%C3%A9&page_size=1", "/%2F%2F", "/"],
)
def test_nonsense_in_the_address_is_answered(joor, target):
    reply = joor.v4("GET", target)

    assert reply.status in (200, 400, 404)
    assert set(reply.json) == {"data", "errors"}


@pytest.mark.parametrize("header", ["OAuth2 \xe9\xe9", "Bearer \xe9", "\xe9", " ", "OAuth2 ====", "OAuth2 /w=="])
def test_nonsense_in_the_header_is_unauthorised(joor, header):
    assert joor.v4("GET", "/products", Authorization=header).status == 401
    assert joor.v2("GET", "/style", Authorization=header).status == 401
