"""How `explain` and `doctor` put into words what the sync floor finds."""

import pytest

from linesheet.books.models import Product


@pytest.fixture
def published(linesheet, toy, connection, products, buyer):
    linesheet("run", "Toy shop", "products")


def test_a_product_is_explained_first_blocker_first_with_its_fix(linesheet, published):
    Product.objects.filter(code="P03").update(name="")

    result = linesheet("explain", "product", "p03", "--connection", "toy shop")

    lines = result.stdout.splitlines()
    assert lines[0] == "Product P03"
    assert lines[2:5] == [
        "Toy shop, Products (product): would not go out",
        "  Blocker: P03 has no name.",
        "    Name it.",
    ]
    assert "There it is P03, last accepted" in lines[5]


def test_an_explanation_comes_as_json(as_json, published):
    way = as_json("explain", "product", "P03")["ways"][0]

    assert (way["task"], way["outlook"], way["link"]["remote_id"]) == ("products", "nothing", "P03")


def test_an_order_is_explained_by_what_is_missing_today(linesheet, as_json, toy, connection, products):
    toy.order("7", "Maison Rive", ("4000000000000", 3))
    linesheet("run", "Toy shop", "orders")

    result = linesheet("explain", "order", "N7")

    assert "Toy order N7 on Toy shop\n  Revision 1: held" in result.stdout
    assert "Blocker: Toy order N7 is from Maison Rive, who is not in the books." in result.stdout
    assert "It is not in the books." in result.stdout
    assert as_json("explain", "order", "7")[0]["revisions"][0]["state"] == "held"


def test_a_customer_that_nothing_takes_along_is_told(linesheet, connection, buyer):
    assert (
        "No connection that is on takes such records along." in linesheet("explain", "customer", "Maison Rive").stdout
    )


def test_a_record_that_is_not_there_is_told_in_two_lines(linesheet, shop):
    result = linesheet("explain", "product", "nowhere")

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 2)


def test_the_doctor_exits_with_1_when_something_is_wrong(linesheet, as_json, shop):
    result = linesheet("doctor")

    assert result.exit_code == 1
    assert "problem  Connection Toy shop: Not set: Import order season." in result.stdout
    found = as_json("doctor")
    assert found["health"] == "problem"
    assert {"ok", "warning", "problem"} >= {check["health"] for check in found["checks"]}
    assert [check["check"] for check in found["checks"]] == [
        "database",
        "data_folder",
        "signing_key_file",
        "encryption_key_file",
        "disk_space",
        "encryption_keys",
        "public_address",
        "worker",
        "queue",
        "runs",
        "schedules",
        "connection_entries",
    ]


def test_the_doctor_exits_with_0_when_nothing_is(linesheet, published):
    result = linesheet("doctor", "--company", "atelier-nord")

    assert result.exit_code == 0, result.output
    assert "ok       Connection Toy shop: credentials: They work." in result.stdout
