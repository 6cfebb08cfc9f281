"""Whatever NuORDER answers, each record is read or has its reason, and the others go on."""

import asyncio
import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linesheet.books.models import SKU, Company, Customer, Order
from linesheet.books.tenancy import acting_for
from linesheet.platforms.nuorder import compare, wire
from linesheet.platforms.nuorder.auth import Dialect
from linesheet.platforms.nuorder.client import remote_id
from linesheet.platforms.nuorder.images import Images
from linesheet.platforms.nuorder.platform import PLATFORM
from linesheet.sync import engine, runs, tolerant
from linesheet.sync.errors import Nonsense
from linesheet.sync.legs import Context, Sending
from linesheet.sync.models import Exchange, InboxRecord, Item, Run
from linesheet.sync.transport import Transport
from tests.answering import AnsweringServer
from tests.platforms.nuorder.conftest import Books, filled
from tests.platforms.nuorder.test_order_mapping import order
from tests.processes import empty_queue
from tests.wild import examples

DEFECTS = ("stumbled", "internal_error")

WILD: list[Any] = [
    *("", " ", "\0", "a\0b", "x" * 300, "x" * 100_000, "NaN", "1e999", "-1", "0", "1,5", "2026-02-30", "9999-99-99"),
    *("\u202eabc", "\x1b[31m", "\U0001f9e5", "İ", "true", "null", "[]", "''; DROP TABLE books_order; --"),
    *(None, True, False, 0, -1, 1.5, 10**12, 10**30, -(10**400) // 7, 1e308, -1e308, 5e-324),
    *([], {}, [[]], [None], [""], ["x"], {"": ""}, {"a": {"b": [1, None]}}, [{}], [1, "2", None, [3]]),
]


def paths_of(shape: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a JSON value something stands."""
    pairs = shape.items() if isinstance(shape, dict) else enumerate(shape) if isinstance(shape, list) else ()
    for key, value in pairs:
        yield (*here, key)
        yield from paths_of(value, (*here, key))


PATHS = list(paths_of(order()))


@st.composite
def wild_orders(draw: st.DrawFn) -> dict[str, Any]:
    """An order with up to three parts missing, added or spoiled."""
    drawn = copy.deepcopy(order())
    for path in draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)):
        holder: Any = drawn
        try:
            for key in path[:-1]:
                holder = holder[key]
            if draw(st.booleans()):
                holder[path[-1]] = copy.deepcopy(draw(st.sampled_from(WILD)))
            else:
                del holder[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    if draw(st.booleans()):
        drawn[draw(st.sampled_from(["extra", "\0", "__proto__", "total"]))] = draw(st.sampled_from(WILD))
    return drawn


READ_SHAPES = [wire.OrderWire, wire.OrderAddress, wire.Retailer, wire.LineProduct, wire.LineSize, wire.LineItem]


@settings(max_examples=examples(100), deadline=None)
@given(st.sampled_from(READ_SHAPES), wild_orders() | st.sampled_from(WILD))
def test_every_shape_is_read_or_unfit(shape: Any, raw: Any) -> None:
    for part in (raw, *(raw.values() if isinstance(raw, dict) else ())):
        with suppress(tolerant.Unfit):
            found = tolerant.read(shape, part)
            assert "\0" not in json.dumps(msgspec.to_builtins(found), default=str, ensure_ascii=False)


PRODUCT = wire.ProductWire(
    brand_id="1",
    style_number="COAT",
    season="SS26",
    color="Black",
    name="Coat",
    sizes=(wire.SizeWire("S", "4000000000001"),),
    pricing={"EUR": wire.PriceWire(tolerant.number("", "10"))},
)
ADDRESS = wire.CompanyAddressWire(display_name="Shop", line_1="Via A", country="IT", type="delivery")
COMPANY = wire.CompanyWire(name="Shop", code="S1", currency_code="EUR", addresses=(ADDRESS,))
STOCK = wire.StockWire(
    "1", "65f0", (wire.WarehouseWire("EU", (wire.BucketWire("immediate", (wire.QuantityWire("S", "4", 3),)),)),)
)


@settings(max_examples=examples(100), deadline=None)
@given(st.data())
def test_what_was_sent_is_held_against_anything(data: st.DataObject) -> None:
    for sent, held in ((PRODUCT, compare.holds_product), (COMPANY, compare.holds_company)):
        remote = json.loads(json.dumps(wire.plain(sent), default=str))
        assert held(remote, sent)  # type: ignore[operator]
        path = data.draw(st.sampled_from(list(paths_of(remote))))
        holder = remote
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = data.draw(st.sampled_from(WILD))
        held(remote, sent)  # type: ignore[operator]
        assert compare.version_of(remote, sent)
    stock = [json.loads(json.dumps(wire.plain(STOCK.inventory[0])))]
    assert compare.holds_stock(stock, STOCK)
    holder = stock
    path = data.draw(st.sampled_from(list(paths_of(stock))))
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = data.draw(st.sampled_from(WILD))
    compare.holds_stock(stock, STOCK)


@pytest.mark.parametrize("record", [{}, *({"_id": id} for id in (None, "", 7, [], "x" * 201, "a\0b"))])
def test_a_record_without_a_fair_id_is_nonsense(record: Any) -> None:
    with pytest.raises(Nonsense):
        remote_id(record)


@pytest.fixture
def nuorder() -> Iterator[AnsweringServer]:
    server = AnsweringServer("application/json")
    for status in ("cancelled", "edited"):
        server.gives(f"/api/orders/{status}/list", b"[]")
    yield server
    server.stop()


def test_pictures_of_any_shape_are_not_ours(nuorder: AnsweringServer) -> None:
    sending = Sending("1", "COAT", wire.ImagesWire("1", "65f0", "abc.jpg"))
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "token", "token_secret"), "k")

    async def held() -> list[Any]:
        found = []
        async with aiohttp.ClientSession() as session:
            client = PLATFORM.client(Transport(nuorder.url, session), keys, {"dialect": Dialect.LEGACY})
            leg = Images(Context(1, 1, {}, client))
            for wild in WILD:
                body = json.dumps({"_id": "65f0", "images": wild}).encode()
                nuorder.gives("/api/product/external_id/1", body)
                found.append(await leg.holds(sending))
        return found

    assert set(asyncio.run(held())) == {None}


@pytest.fixture
def house(transactional_db: None, nuorder: AnsweringServer) -> Iterator[Books]:
    empty_queue()
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        keys = dict.fromkeys(("consumer_key", "consumer_secret", "token", "token_secret"), "k")
        books = filled(company, nuorder.url, **keys)
        books.product("ST100-NAVY")
        SKU.objects.filter(size="S").update(barcode="5000000000011")
        Customer.objects.create(name="Demo Store", account_code="C001", currency="EUR")
        yield books


def imported(house: Books, nuorder: AnsweringServer, orders: dict[str, bytes], listing: bytes | None = None) -> Run:
    """The run that imports orders with these answers, by the id that the list gives."""
    nuorder.gives("/api/orders/approved/list", json.dumps(list(orders)).encode() if listing is None else listing)
    for order_id, body in orders.items():
        nuorder.gives(f"/api/order/{order_id}", body)
        nuorder.gives(f"/api/order/{order_id}/processed", body)
    run, _ = runs.start(house.connection, "orders-import")
    asyncio.run(engine.execute(run.pk, run.company_id))
    run.refresh_from_db()
    return run


def final_items(run: Run) -> dict[str, Item]:
    items = {item.record_id: item for item in Item.objects.filter(run=run)}
    for item in items.values():
        assert item.state != Item.State.PLANNED, item
        assert item.reason_code not in DEFECTS, item.says
        assert len(item.says) < 2_000
    return items


def good(number: int) -> bytes:
    return json.dumps(order(_id=f"G{number}", order_number=f"G{number}")).encode()


@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wild=st.lists(wild_orders(), min_size=10, max_size=20))
def test_wild_orders_are_stored_or_held_and_the_others_go_in(
    house: Books, nuorder: AnsweringServer, wild: list[dict[str, Any]]
) -> None:
    for model in (InboxRecord, Order, Exchange, Run):
        model.objects.all().delete()
    bodies = {f"W{number}": json.dumps(each | {"_id": f"W{number}"}).encode() for number, each in enumerate(wild)}

    run = imported(house, nuorder, {"G1": good(1), **bodies, "G2": good(2)})

    assert run.reason_code not in DEFECTS, run.says
    assert {*bodies, "G1", "G2"} == set(final_items(run))
    assert {"G1", "G2"} <= {row.remote_id for row in InboxRecord.objects.filter(state="stored")}


def test_what_cannot_be_read_fails_alone(house: Books, nuorder: AnsweringServer) -> None:
    deep = b'{"a":' * 600 + b"1" + b"}" * 600
    bodies = {
        "W1": b"",
        "W2": b"[]",
        "W3": b'""',
        "W4": b"null",
        "W5": b"<html>",
        "W6": b'{"_id": "W6", "order_number": "6", "status": "cancel',
        "W7": b'{"_id": "W7", "x": %s}' % deep,
        "W8": b'{"_id": "W8", "total": %s}' % (b"9" * 5_000),
        "W9": json.dumps(order(_id="W9", retailer={"retailer_name": "x" * 10_000_000})).encode(),
        "W10": json.dumps(order(_id="W10", order_number="\0" * 9 + "7" * 400)).encode(),
        "W11": json.dumps(order(_id="W11", notes="\0" + "n" * 1_000_000)).encode(),
    }

    run = imported(house, nuorder, {"G1": good(1), **bodies, "G2": good(2)})

    assert run.reason_code not in DEFECTS, run.says
    items = final_items(run)
    assert set(items) == {*bodies, "G1", "G2"}
    assert {key for key, item in items.items() if item.state == Item.State.CREATED} >= {"G1", "G2", "W11"}
    assert {key for key, item in items.items() if item.state == Item.State.FAILED} >= {f"W{n}" for n in range(1, 9)}


def test_orders_of_odd_ids_fail_alone(house: Books, nuorder: AnsweringServer) -> None:
    odd = ["..", ".", "a/b", "a?b#c", "a\0b", "\0", " ", "x" * 300, "x" * 301, "é", "\u202e", "%2e%2e", 7]

    run = imported(house, nuorder, {"G1": good(1)}, listing=json.dumps([*odd, "G1"]).encode())

    assert run.reason_code not in DEFECTS, run.says
    items = final_items(run)
    assert items.pop("G1").state == Item.State.CREATED
    assert {item.state for item in items.values()} == {Item.State.FAILED}
    assert len(items) == len(odd) - 1, "what is nothing without its NUL is one"


def test_a_list_without_anything_is_empty_however_it_is_said(house: Books, nuorder: AnsweringServer) -> None:
    for listing in (b'""', b"null", b"", b"[]", b"[ ]"):
        run = imported(house, nuorder, {}, listing)
        assert (run.state, run.selected) == (Run.State.DONE, 0), listing


def test_a_list_of_another_kind_ends_the_run_with_a_reason(house: Books, nuorder: AnsweringServer) -> None:
    for listing in (b'"none"', b"{}", b"7", b"[null]", b"[[]]", b'[{"_id": "1"}]', b"true"):
        run = imported(house, nuorder, {}, listing)
        assert (run.state, run.reason_code) == (Run.State.FAILED, "nonsense"), listing
