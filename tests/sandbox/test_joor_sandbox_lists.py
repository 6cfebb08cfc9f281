"""What all v4 lists have in common: items alone, half success, paging, and faults of lists (sheet joor.md 2 and 3)."""

import pytest

from tests.sandbox.joor_client import sku_item


def names(rows):
    return [row["name"] for row in rows]


def test_items_are_taken_alone_so_that_a_list_half_succeeds(joor):
    reply = joor.v4("POST", "/products/bulk_create", [{"name": "Coat"}, {"external_id": "X"}, {"name": "Cape"}])

    assert reply.status == 200
    assert names(reply.json["data"]) == ["Coat", "Cape"]
    assert reply.json["errors"] == [
        {"status": "VALIDATION_ERROR", "message": "name missing", "details": {"external_id": "X"}}
    ]
    assert names(joor.get("/products")) == ["Coat", "Cape"]


def test_a_list_of_which_every_item_failed_is_a_bad_request_unless_switched(joor, joor_control):
    nothing_good = [{"external_id": "X"}]

    assert joor.v4("POST", "/products/bulk_create", nothing_good).status == 400
    joor_control.set(item_error_status=200)
    lenient = joor.v4("POST", "/products/bulk_create", nothing_good)

    assert (lenient.status, lenient.json["data"]) == (200, [])
    assert len(lenient.json["errors"]) == 1


def test_an_empty_list_is_no_error(joor):
    reply = joor.v4("POST", "/products/bulk_create", [])

    assert (reply.status, reply.json) == (200, {"data": [], "errors": []})


@pytest.mark.parametrize("body", [{"name": "Coat"}, "Coat", None])
def test_a_body_that_is_no_list_is_a_bad_request(joor, body):
    reply = joor.v4("POST", "/products/bulk_create", body)

    assert (reply.status, reply.json["errors"][0]["status"]) == (400, "VALIDATION_ERROR")


def test_an_item_that_is_no_object_is_an_error_of_its_own(joor):
    reply = joor.v4("POST", "/skus/bulk_create", ["Coat"])

    assert (reply.status, reply.json["errors"][0]["details"]) == (400, "Coat")


def test_a_list_may_have_500_items(joor, joor_control):
    assert joor.v4("POST", "/seasons/bulk_create", [{"name": f"S{n}"} for n in range(500)]).status == 200

    too_many = joor.v4("POST", "/seasons/bulk_create", [{"name": f"T{n}"} for n in range(501)])
    joor_control.set(v4_list_limit=None)

    assert (too_many.status, len(joor.get("/seasons"))) == (400, 500)
    assert joor.v4("POST", "/seasons/bulk_create", [{"name": f"T{n}"} for n in range(501)]).status == 200


def test_lists_are_read_whole_or_by_page(joor):
    joor.post("/seasons/bulk_create", *[{"name": f"S{n}"} for n in range(5)])

    assert names(joor.get("/seasons")) == ["S0", "S1", "S2", "S3", "S4"]
    assert names(joor.get("/seasons?page=2&page_size=2")) == ["S2", "S3"]
    assert names(joor.get("/seasons?page_size=2")) == ["S0", "S1"]
    assert names(joor.get("/seasons?page=1")) == ["S0", "S1", "S2", "S3", "S4"]
    assert joor.get("/seasons?page=4&page_size=2") == []


@pytest.mark.parametrize("page", ["page=0", "page_size=0", "page_size=201", "page=x"])
def test_a_page_that_cannot_be_is_a_bad_request(joor, page):
    assert joor.v4("GET", f"/seasons?{page}").status == 400


def test_half_of_a_list_fails_when_ordered(joor, joor_control):
    joor_control.fault("half", match={"path": "seasons"}, seed=3)

    half = joor.v4("POST", "/seasons/bulk_create", [{"name": f"S{n}"} for n in range(6)])
    done, failed = names(half.json["data"]), [error["details"]["name"] for error in half.json["errors"]]

    assert (half.status, len(done), len(failed)) == (200, 3, 3)
    assert names(joor.get("/seasons")) == done
    assert len(joor.post("/seasons/bulk_create", *[{"name": name} for name in failed])) == 3


def test_half_of_new_skus_fails_without_those_of_the_same_product(joor, joor_control):
    product = joor.add_product()
    joor_control.fault("half", match={"path": "skus"})

    items = [sku_item(product, colour, size) for colour in ("Black", "Navy") for size in ("S", "M")]
    half = joor.v4("POST", "/skus/bulk_create", items)
    failed = [error["details"] for error in half.json["errors"]]

    assert (len(half.json["data"]), len(failed)) == (2, 2)
    joor.post("/skus/bulk_create", *failed)
    assert len(joor.get(f"/skus?product_ids={product}")) == 4


@pytest.mark.parametrize(("kind", "count"), [("empty", 0), ("duplicate", 6), ("reorder", 3)])
def test_faults_of_lists_act_on_data_and_leave_errors(joor, joor_control, kind, count):
    joor.post("/seasons/bulk_create", *[{"name": f"S{n}"} for n in range(3)])
    joor_control.fault(kind, match={"method": "GET"}, seed=1)

    disturbed = joor.v4("GET", "/seasons")

    assert (disturbed.status, len(disturbed.json["data"]), disturbed.json["errors"]) == (200, count, [])
    assert names(disturbed.json["data"]) != ["S0", "S1", "S2"]
    assert names(joor.get("/seasons")) == ["S0", "S1", "S2"]


def test_faults_of_lists_act_within_the_envelope_of_v2(joor, joor_control):
    joor.add_product()
    joor_control.fault("duplicate", match={"path": "/v2/style"})

    reply = joor.v2("GET", "/style")

    assert len(reply.json["styles"]["style"]) == 2
    assert reply.json["styles"]["response"]["code"] == 0
