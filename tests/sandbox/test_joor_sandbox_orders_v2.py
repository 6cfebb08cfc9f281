"""Orders as API v2 reads them (sheet joor.md 7.2)."""

import pytest

from tests.sandbox.joor_trade import BLACK_M, BLACK_S

AUGUST = {"date_start": "2026-08-01T00:00:00.0+00:00", "date_end": "2026-08-31"}


def test_an_order_has_every_field_of_the_sheet(trade):
    placed = trade.place(
        (BLACK_S, 5),
        status="APPROVED",
        po_number="PO-77",
        comments="Rush <eop>",
        created_by={"username": "amorel", "email": "a@ruedouze.example"},
    )

    [order] = trade.orders()

    assert (order["order_id"], order["order_type"], order["order_type_name"]) == (int(placed["id"]), "4", "Approved")
    assert (order["order_season_code"], order["order_season_name"]) == ("AW26", "AUTUMN/WINTER 26")
    assert (order["order_delivery_name"], order["order_delivery_code"]) == ("Outerwear", "OUT")
    assert (order["order_currency"], order["order_currency_name"], order["order_currency_retail"]) == (
        "EUR",
        "WS EUR",
        "EUR",
    )
    assert (order["customer_code"], order["customer_name"]) == ("C0042", "Rue Douze")
    assert (order["customer_purchase_order"], order["order_comments"]) == ("PO-77", "Rush <eop>")
    assert (order["date_ship_start"], order["date_ship_end"]) == ("2026-08-01", "2026-08-31")
    assert order["date_approved"].endswith("+00:00")
    assert (order["order_total"], order["order_discount"], order["order_shipping_total"]) == (475, 0, 0)
    assert (order["shipping_code"], order["billing_code"]) == ("C0042-D1", "C0042-A1")
    assert (order["shipping_email"], order["shipping_region"]) == ("depot@ruedouze.example", "")
    assert (order["shipping_country"], order["shipping_country_iso_two"], order["shipping_country_iso_three"]) == (
        "France",
        "FR",
        "FRA",
    )
    assert (order["payment_method_code"], order["warehouse_name"]) == ("NET30", "Default")
    assert order["created_by_email"] == "a@ruedouze.example"
    assert (order["order_doors"], order["order_divisions"], order["tax_id_label"]) == ([], [], "")
    assert "billing_email" not in order
    assert "billing_method_code" not in order
    [line] = order["line_items"]
    assert (line["item_number"], line["item_style_identifier"]) == ("COAT1", "COAT1-WOOL")
    assert (line["item_color"], line["item_color_code"]) == ("Black", "BLK")
    assert (line["item_size"], line["item_size_code"], line["item_upc"]) == ("S", "S", BLACK_S)
    assert (line["item_price"], line["item_quantity"], line["item_price_extended"]) == (95, 5, 475)
    assert (line["item_retail_price"], line["item_multiplier"], line["style_tags"]) == (240, 1, [])


def test_the_purchase_order_is_the_order_id_when_the_buyer_gave_none(trade):
    order = trade.place_id((BLACK_S, 1))
    assert trade.orders()[0]["customer_purchase_order"] == order


def test_discount_and_shipping_are_told_apart_in_the_total(trade):
    trade.place_id((BLACK_S, 2), discount=10, shipping_price="12.50")

    [order] = trade.orders()

    assert (order["order_discount"], order["order_discount_percent"]) == (19, 10)
    assert (order["order_shipping_total"], order["order_total"]) == (12.5, 183.5)


def test_empty_lists_may_arrive_as_empty_text(trade):
    trade.control.set(empty_list_as_text=True)
    assert trade.v2("GET", "/order/", sync=0).json["orders"]["orders"] == ""

    trade.place_id((BLACK_S, 1))

    [order] = trade.orders()
    assert (order["order_doors"], order["line_items"][0]["style_tags"]) == ("", "")


def test_the_season_name_can_be_missing(trade):
    trade.control.set(season_name_present=False)
    trade.place_id((BLACK_S, 1))
    assert "order_season_name" not in trade.orders()[0]


def test_the_type_asked_for_picks_the_statuses(trade):
    cart, notes, pending, approved = (
        trade.place_id((BLACK_S, 1), status=status) for status in ("IN_PROGRESS", "NOTES", "PENDING", "APPROVED")
    )
    shipped, cancelled = trade.place_id((BLACK_S, 1)), trade.place_id((BLACK_S, 1))
    trade.control.post(f"/orders/{shipped}/ship")
    trade.control.post(f"/orders/{cancelled}/cancel")

    found = {number: sorted(trade.ids(order_type=number)) for number in range(1, 9)}

    assert trade.ids() == found[2] == [approved, shipped]
    assert (found[1], found[3], found[5], found[6], found[7]) == (
        [notes],
        [pending],
        [cancelled],
        [approved],
        [shipped],
    )
    assert found[4] == [cart, notes, pending, approved, shipped]
    assert found[8] == [*found[4], cancelled]
    codes = [order["order_type"] for order in trade.orders(order_type=8)]
    assert codes == ["1", "2", "3", "4", "5", "6"]


def test_orders_come_by_the_date_they_were_modified(trade):
    first, second = trade.place_id((BLACK_S, 1)), trade.place_id((BLACK_S, 1))
    assert trade.ids() == [first, second]

    trade.control.patch(f"/orders/{first}", {"comments": "Later please"})

    assert trade.ids() == [second, first]


def test_orders_are_filtered_by_modified_date_customer_and_group(trade):
    trade.control.patch("/connections/C0042", {"customer_group_name": "Boutiques"})
    inside = trade.place_id((BLACK_S, 1), dates={"modified": "2026-08-31T23:59:00+00:00"})
    trade.place_id(
        (BLACK_S, 1), dates={"modified": "2026-09-01"}, raw={"customer_code": "C9", "customer_group_name": ""}
    )

    assert trade.ids(**AUGUST) == [inside]
    assert trade.ids(customer_code="C0042") == trade.ids(customer_group_name="Boutiques") == [inside]
    assert trade.ids(customer_code="C00") == []
    assert trade.v2("GET", "/order/", sync=0, date_start="2026-08-01").status == 400


def test_orders_come_in_pages_of_50(trade):
    ids = [trade.place_id((BLACK_S, 1)) for _ in range(52)]

    first = trade.v2("GET", "/order/", sync=0).json["orders"]
    rest = trade.v2("GET", "/order/", sync=0, start_from=first["response"]["next_start"]).json["orders"]

    assert [str(order["order_id"]) for order in [*first["orders"], *rest["orders"]]] == ids
    assert (len(first["orders"]), first["response"]["count"], rest["response"]["start_from"]) == (50, 52, 50)


def test_an_inactive_size_is_off_the_order_until_it_is_active_again(trade):
    trade.place_id((BLACK_S, 1), (BLACK_M, 2))
    item = next(sku for sku in trade.joor.get("/skus") if sku["identifiers"][0]["value"] == BLACK_M)
    traits = [{"trait_name": "Color", "value": "Black"}, {"trait_name": "Size", "value": "M", "status": "INACTIVE"}]
    trade.joor.post("/skus/bulk_update", {"id": item["id"], "trait_values": traits})

    [order] = trade.orders()
    assert ([line["item_size"] for line in order["line_items"]], order["order_total"]) == (["S"], 95)

    traits[1]["status"] = "ACTIVE"
    trade.joor.post("/skus/bulk_update", {"id": item["id"], "trait_values": traits})
    assert len(trade.orders()[0]["line_items"]) == 2


@pytest.mark.parametrize(
    "query",
    [{"order_type": 9}, {"export_status": 0}, {"sync": 2}, {"check": 4}, {"count": 0}, {"start_from": "x"}],
)
def test_a_parameter_out_of_its_range_is_refused(trade, query):
    reply = trade.v2("GET", "/order/", **query)

    assert (reply.status, reply.json["response"]["code"]) == (400, 1)
    assert next(iter(query)) in reply.json["response"]["comment"]
