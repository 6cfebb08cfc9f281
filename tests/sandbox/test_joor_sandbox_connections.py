"""Customers of a brand on JOOR: jobs, matching, and what a connection must hold (sheet joor.md 6)."""

from typing import Any

import pytest

from tests.sandbox.joor_trade import BLACK_S, RUE_DOUZE, Trade

OTHER = {**RUE_DOUZE, "customer_code": "C0050", "customer_name": "Casa Otto"}

WAITS = "the customer waits to be matched"


def codes(trade: Trade) -> list[str]:
    found = trade.v2("GET", "/connection/").json["connections"]["connections"]
    return [connection["customer_code"] for connection in found]


def read(trade: Trade, code: str = "C0042") -> dict[str, Any]:
    [found] = trade.v2("GET", f"/connection/customer_code/{code}/").json["connections"]["connections"]
    return dict(found)


def test_a_connection_shows_objects_that_hold_lists(trade):
    shown = read(trade)

    assert (shown["customer_name"], shown["customer_alias"], shown["sales_rep_code"]) == ("Rue Douze", "", "")
    [address] = shown["shipping"]["shipping_addresses"]
    assert isinstance(address["shipping_address_id"], int)
    assert (address["shipping_code"], address["shipping_email"]) == ("C0042-D1", "depot@ruedouze.example")
    assert shown["billing"]["billing_addresses"][0]["billing_country"] == "France"
    assert shown["price_types"]["price_type"] == RUE_DOUZE["price_types"]
    assert shown["warehouses"] == {"warehouse": []}
    by_id = trade.v2("GET", f"/connection/{shown['customer_account_id']}/").json["connections"]["connections"]
    assert by_id == [shown]


def test_connections_are_listed_by_page(trade):
    trade.control.post("/connections", OTHER)

    answer = trade.v2("GET", "/connection/", start_from=1, count=1).json["connections"]

    assert [connection["customer_code"] for connection in answer["connections"]] == ["C0050"]
    response = answer["response"]
    assert (response["code"], response["start_from"], response["next_start"], response["count"]) == (0, 1, 2, 2)


def test_an_unknown_job_and_an_unknown_connection_are_not_found(trade):
    for path in ("/bulk-connection/99", "/connection/99/", "/connection/customer_code/C9/"):
        reply = trade.v2("GET", path)
        assert (reply.status, reply.json["response"]["code"]) == (404, 2)


def test_a_new_customer_waits_until_joor_has_matched_it(trade):
    assert trade.customers_sent(OTHER) == []

    assert codes(trade) == ["C0042"]
    assert trade.v2("GET", "/connection/customer_code/C0050/").status == 404
    assert trade.refused(customer_code="C0050") == "customer C0050 not found"
    confirmed = trade.control.post("/connections/confirm", {"codes": ["C0050"]})
    assert [row["state"] for row in confirmed] == ["live"]
    assert codes(trade) == ["C0042", "C0050"]


def test_matching_can_take_a_set_time(trade):
    trade.control.set(matching_delay=86_400)
    trade.customers_sent(OTHER)
    assert codes(trade) == ["C0042"]

    trade.control.post("/clock", {"offset_seconds": 86_500})
    assert codes(trade) == ["C0042", "C0050"]


def test_a_customer_sent_again_while_it_waits_is_not_sent_to_matching_twice(trade):
    trade.customers_sent(OTHER)
    trade.customers_sent({**OTHER, "customer_alias": "Otto"})

    [waiting] = [row for row in trade.control.get("/connections") if row["state"] == "pending"]
    assert waiting["customer_alias"] == "Otto"


def test_a_known_code_is_updated_at_once_and_entirely(trade):
    former = read(trade)
    trade.customers_sent({**RUE_DOUZE, "customer_alias": "Douze", "customer_buyer_name": "B. Petit"})
    changed = read(trade)
    assert (changed["customer_alias"], changed["customer_account_id"]) == ("Douze", former["customer_account_id"])
    assert changed["billing"] == former["billing"]

    bare = {key: RUE_DOUZE[key] for key in ("customer_code", "customer_name", "price_types")}
    trade.customers_sent(bare)

    assert (read(trade)["customer_alias"], read(trade)["billing"]) == ("", {"billing_addresses": []})


@pytest.mark.parametrize(
    "body",
    [
        [OTHER],
        {"connection": OTHER},
        {"bulk_connections": [OTHER]},
        {"bulk_connections": {"connection": OTHER}},
        {
            "bulk_connections": {
                "connection": {
                    **OTHER,
                    "billing": [OTHER["billing"]],
                    "shipping": {"shipping_addresses": OTHER["shipping"]["shipping_addresses"][0]},
                    "price_types": OTHER["price_types"][0],
                }
            }
        },
        {"connection": {**OTHER, "price_types": {"price_type": OTHER["price_types"]}}},
    ],
)
def test_nodes_may_be_objects_or_lists(trade, body):
    trade.control.set(matching_delay=0)
    assert trade.customers_sent(body=body) == []

    shown = read(trade, "C0050")
    for part, inner in (
        ("billing", "billing_addresses"),
        ("shipping", "shipping_addresses"),
        ("price_types", "price_type"),
    ):
        assert len(shown[part][inner]) == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"customer_name": ""}, "customer_name is required"),
        ({"customer_name": "x" * 101}, "customer_name is longer than 100 characters"),
        ({"customer_code": "x" * 51}, "customer_code is longer than 50 characters"),
        ({"customer_alias": "x" * 151}, "customer_alias is longer than 150 characters"),
        ({"customer_buyer_name": "x" * 51}, "customer_buyer_name is longer than 50 characters"),
        ({"price_types": []}, "price_types is required"),
        ({"billing": {"billing_addresses": [{"billing_code": "x" * 51}]}}, "billing_code is longer than 50 characters"),
        ({"shipping": {"shipping_addresses": [{"shipping_code": "A"}] * 2}}, "shipping_code is given to two addresses"),
        ({"warehouses": {"warehouse": {"warehouse_name": "Moon"}}}, "warehouse Moon does not exist"),
        ({"warehouses": "Moon"}, "warehouses must be an object or a list of objects"),
    ],
)
def test_a_record_with_a_wrong_field_fails_alone(trade, change, problem):
    good = {**OTHER, "customer_code": "C0051"}

    assert trade.customers_sent({**OTHER, **change}, good) == [problem]
    assert [row["customer_code"] for row in trade.control.get("/connections")] == ["C0042", "C0051"]


def test_label_and_currency_must_be_a_price_type_of_the_account(trade):
    wrong = {"price_type_label": "WS EUR", "price_type_currency_code": "GBP"}
    assert trade.customers_sent({**OTHER, "price_types": wrong}) == ["price type WS EUR in GBP does not exist"]


def test_one_connection_is_changed_by_the_fields_sent(trade):
    answer = trade.v2("PUT", "/connection/customer_code/C0042/", {"connection": {"customer_alias": "Douze"}})

    [shown] = answer.json["connections"]["connections"]
    assert (shown["customer_alias"], shown["customer_buyer_name"]) == ("Douze", "A. Morel")
    refused = trade.v2("POST", f"/connection/{shown['customer_account_id']}/", {"customer_name": ""})
    assert (refused.status, refused.json["response"]["code"]) == (400, 3)


def test_one_connection_is_sent_at_once_and_removed(trade):
    trade.control.set(matching_delay=0)
    assert trade.v2("POST", "/connection/", OTHER).json["connections"]["response"]["comment"] == WAITS
    assert codes(trade) == ["C0042", "C0050"]

    assert trade.v2("DELETE", "/connection/customer_code/C0050/").status == 200
    assert codes(trade) == ["C0042"]


def test_a_code_belongs_to_one_customer(trade):
    trade.control.post("/connections", OTHER)

    reply = trade.v2("PUT", "/connection/customer_code/C0042/", {"customer_code": "C0050"})

    assert reply.json["response"]["comment"] == "customer_code C0050 is another customer's"


def test_a_known_address_keeps_its_id(trade):
    former = read(trade)["billing"]["billing_addresses"][0]
    addresses = [{"billing_code": "NEW", "billing_city": "Paris"}, {**former, "billing_city": "Villeurbanne"}]

    trade.customers_sent({**RUE_DOUZE, "billing": {"billing_addresses": addresses}})

    new, kept = read(trade)["billing"]["billing_addresses"]
    assert (kept["billing_address_id"], kept["billing_city"]) == (former["billing_address_id"], "Villeurbanne")
    assert new["billing_address_id"] > former["billing_address_id"]


def test_a_new_code_and_alias_are_written_through_to_the_customers_orders(trade):
    order = trade.place_id((BLACK_S, 1))

    trade.control.patch("/connections/C0042", {"customer_code": "C9999", "customer_alias": "Douze"})

    [shown] = trade.orders(customer_code="C9999")
    assert (str(shown["order_id"]), shown["customer_name"]) == (order, "Douze")
    assert trade.orders(customer_code="C0042") == []


def test_empty_lists_may_be_empty_text(trade):
    trade.control.set(empty_list_as_text=True)
    assert read(trade)["warehouses"] == {"warehouse": ""}


def test_every_write_of_a_customer_is_counted(trade):
    trade.customers_sent(OTHER)
    trade.customers_sent(OTHER)

    assert trade.control.writes("connections")["C0050"] == {"created": 1, "updated": 1}
