"""The client against the sandbox: both dialects, the handshake, and answers that are not as they should be."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from linesheet.platforms.nuorder.auth import Dialect
from linesheet.platforms.nuorder.client import _PATH_SIGNS, NuOrderClient, remote_id
from linesheet.platforms.nuorder.wire import CompanyWire, PriceWire, ProductWire, SizeWire
from linesheet.sync.errors import Ambiguous, Nonsense, Refused, Unauthorised
from tests.platforms.nuorder.conftest import NuOrderSandbox

COAT = ProductWire(
    brand_id="COAT/É (1)-BLK",
    style_number="COAT",
    season="SS26",
    color="Black",
    name="Coat",
    department="Women",
    category="Coats",
    sizes=(SizeWire("S", "4000000000011"),),
    pricing={"EUR": PriceWire(Decimal("99.95"))},
    custom={"fit": "wide"},
)
RIVE = CompanyWire(name="Maison Rive & Cie", code="Maison Rive & Cie", currency_code="EUR")


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_product_is_created_read_and_changed_under_its_external_id(
    nuorder_sandbox: NuOrderSandbox, dialect: Dialect
) -> None:
    async def calls(client: NuOrderClient) -> tuple[Any, ...]:
        created = await client.upsert_product(COAT)
        changed = await client.update_product(COAT.brand_id, {"images": ["https://hub.example.com/a.jpg"]})
        return created, changed, await client.product_by_external_id(COAT.brand_id), await client.product_ids()

    created, changed, read, ids = nuorder_sandbox.use(calls, dialect=dialect)

    assert remote_id(created) == remote_id(changed) == remote_id(read)
    assert ids == [remote_id(created)]
    assert read["images"] == ["https://hub.example.com/a.jpg"]
    assert read["pricing"]["EUR"]["wholesale"] == 99.95
    assert read["fit"] == "wide"


def test_a_company_is_created_by_code_and_renamed_by_id(nuorder_sandbox: NuOrderSandbox) -> None:
    async def calls(client: NuOrderClient) -> Any:
        created = await client.upsert_company(RIVE)
        renamed = CompanyWire(name="Rive", code="Rive", currency_code="EUR")
        await client.update_company(remote_id(created), renamed)
        return await client.company_by_code("Rive"), await client.company_by_code(RIVE.code), remote_id(created)

    renamed, former, created_id = nuorder_sandbox.use(calls)
    assert (remote_id(renamed), former) == (created_id, None)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_handshake_ends_with_a_token_that_works(nuorder_sandbox: NuOrderSandbox, dialect: Dialect) -> None:
    application = nuorder_sandbox.control("POST", "/applications", {})

    def use(what: Any, token: str = "", secret: str = "") -> Any:
        return nuorder_sandbox.use(what, **application, token=token, token_secret=secret, dialect=dialect)

    pending = use(lambda client: client.initiate("Linesheet of Atelier Nord"))
    name = quote("Linesheet of Atelier Nord")
    verifier = nuorder_sandbox.control("POST", f"/applications/{name}/approve", {})["verifier"]
    token = use(lambda client: client.access_token(verifier), pending.token, pending.secret)

    assert use(lambda client: client.order_ids("approved"), token.token, token.secret) == []


def test_what_is_not_there_is_none(nuorder_sandbox: NuOrderSandbox) -> None:
    async def calls(client: NuOrderClient) -> list[Any]:
        return [
            await client.product_by_external_id("none"),
            await client.inventory("none"),
            await client.company_by_code("none"),
            await client.company("none"),
        ]

    assert nuorder_sandbox.use(calls) == [None] * 4


def test_an_order_that_is_not_there_is_refused(nuorder_sandbox: NuOrderSandbox) -> None:
    with pytest.raises(Refused) as refused:
        nuorder_sandbox.use(lambda client: client.order("65f000000000000000000001"))

    assert refused.value.status == 404


def test_a_status_set_again_says_nothing(nuorder_sandbox: NuOrderSandbox) -> None:
    order = nuorder_sandbox.place_order(lines=[{"upc": "4000000000011", "quantity": 1}])

    async def twice(client: NuOrderClient) -> list[Any]:
        return [await client.set_order_status(order["_id"], "processed") for _ in range(2)]

    first, second = nuorder_sandbox.use(twice)

    assert first["status"] == "processed"
    assert second is None


def test_a_write_that_succeeds_without_an_answer_is_read_back(nuorder_sandbox: NuOrderSandbox) -> None:
    nuorder_sandbox.fault("blank", "/api/product/new/force")

    product = nuorder_sandbox.use(lambda client: client.upsert_product(COAT))

    assert remote_id(product) == nuorder_sandbox.products()[COAT.brand_id]["_id"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 404},
        {"kind": "blank"},
        {"kind": "malformed"},
        {"kind": "rate_limit", "retry_after": 0},
    ],
)
def test_a_write_without_an_answer_that_cannot_be_read_back_may_have_been_applied(
    nuorder_sandbox: NuOrderSandbox, fault: dict[str, Any]
) -> None:
    nuorder_sandbox.fault("blank", "/api/product/new/force")
    nuorder_sandbox.fault(path="/api/product/external_id/", times=None, **fault)

    with pytest.raises(Ambiguous):
        nuorder_sandbox.use(lambda client: client.upsert_product(COAT))
    assert list(nuorder_sandbox.products()) == [COAT.brand_id]


def test_keys_that_are_not_accepted_while_reading_back_stay_unauthorised(nuorder_sandbox: NuOrderSandbox) -> None:
    nuorder_sandbox.fault("blank", "/api/product/new/force")
    nuorder_sandbox.fault("unauthorized", "/api/product/external_id/")

    with pytest.raises(Unauthorised):
        nuorder_sandbox.use(lambda client: client.upsert_product(COAT))


@pytest.mark.parametrize("kind", ["malformed", "truncate", "disconnect_after"])
def test_a_write_whose_answer_cannot_be_read_may_have_been_applied(nuorder_sandbox: NuOrderSandbox, kind: str) -> None:
    nuorder_sandbox.fault(kind, "/api/product/new/force")

    with pytest.raises(Ambiguous):
        nuorder_sandbox.use(lambda client: client.upsert_product(COAT))
    assert list(nuorder_sandbox.products()) == [COAT.brand_id]


def test_a_listing_that_is_an_object_is_nonsense(nuorder_sandbox: NuOrderSandbox) -> None:
    nuorder_sandbox.use(lambda client: client.upsert_product(COAT))

    async def listing(client: NuOrderClient) -> list[str]:
        return await client._ids("/api/product/external_id/" + quote(COAT.brand_id, safe="()"))

    with pytest.raises(Nonsense):
        nuorder_sandbox.use(listing)


def test_entries_of_a_listing_that_are_not_text_are_nonsense(nuorder_sandbox: NuOrderSandbox) -> None:
    nuorder_sandbox.use(lambda client: client.upsert_product(COAT))

    with pytest.raises(Nonsense):
        nuorder_sandbox.use(lambda client: client._ids("/api/products"))


def test_a_record_without_an_id_is_nonsense() -> None:
    with pytest.raises(Nonsense):
        remote_id({"_id": None})


def test_wrong_secrets_are_unauthorised(nuorder_sandbox: NuOrderSandbox) -> None:
    with pytest.raises(Unauthorised):
        nuorder_sandbox.use(lambda client: client.order_ids("approved"), token_secret="wrong")


@settings(deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1).filter(lambda text: text not in (".", "..")))
def test_a_path_is_called_as_it_was_signed(part: str) -> None:
    signed = "http://127.0.0.1/api/product/external_id/" + quote(part, safe=_PATH_SIGNS)

    assert str(URL(signed)) == signed
