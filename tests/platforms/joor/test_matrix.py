"""What has to change on JOOR, from what is to be there and what is there: no database, no network."""

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linesheet.platforms.joor.matrix import matrix_plan, price_plan
from linesheet.platforms.joor.owners import Owners, by_owner
from linesheet.platforms.joor.product_items import account_traits, lacking_fields, product_differs, product_item
from linesheet.platforms.joor.product_wire import PriceWire, ProductWire, SizeWire
from linesheet.platforms.joor.remote import RemotePrice, RemoteProduct, RemoteProducts, RemoteSku
from linesheet.platforms.joor.wire import NOT_TOLD, ItemError, Json, Written
from tests.wild import examples

TRAITS = account_traits([])
COLOURS, SIZES = ("Black", "Red", "Blue"), ("XS", "S", "M", "L")


def wire(colour: str = "Black", sizes: tuple[str, ...] = ("S", "M"), sold: str = "SM", **given: Any) -> ProductWire:
    rows = tuple(SizeWire(size, f"40{colour}{size}" if size in sold else "") for size in sizes)
    own = {"style": "COAT", "name": "Coat", "code": f"COAT-{colour}", "colour": colour, "sizes": rows, **given}
    return ProductWire(**own)


def sku(colour: str, size: str, *, key: str = "", **given: Any) -> RemoteSku:
    own = {"id": f"{colour}/{size}", "product_id": "33", "external_id": key or f"COAT-{colour}-{size}"}
    more = {"colour": colour, "colour_code": "", "colour_order": 1, "size": size, "size_order": 0, "upc": ""}
    return RemoteSku(**{**own, **more, **given})


def written(item: Json, sku_id: str) -> RemoteSku:
    """An SKU as JOOR has it once it was created or updated by this item."""
    return RemoteSku.of({"id": sku_id, "product_id": "33", **item, "trait_values": item["trait_values"]})


def applied(wires: list[ProductWire], there: list[RemoteSku]) -> list[RemoteSku]:
    """What is there when the plan was carried out."""
    plan = matrix_plan("33", wires, there)
    updates = {each.item["id"]: each.item for each in plan.update}
    kept = []
    for old in there:
        new = updates.get(old.id)
        barcode = {} if new is None or "identifiers" in new else {"identifiers": [{"type": "upc", "value": old.upc}]}
        kept.append(old if new is None else written({**new, **barcode}, old.id))
    return [*kept, *(written(each.item, f"new {at}") for at, each in enumerate(plan.create))]


@given(st.data())
def test_every_matrix_becomes_whole_in_one_step_and_is_left_alone_then(data: st.DataObject) -> None:
    colours = data.draw(st.lists(st.sampled_from(COLOURS), unique=True, min_size=1))
    sizes = tuple(data.draw(st.lists(st.sampled_from(SIZES), unique=True, min_size=1)))
    sold = data.draw(st.lists(st.sampled_from(sizes)))
    wires = [wire(colour, sizes, "".join(sold), colour_order=at) for at, colour in enumerate(colours, 1)]
    there_colours = data.draw(st.lists(st.sampled_from(COLOURS), unique=True))
    there_sizes = data.draw(st.lists(st.sampled_from(SIZES), unique=True))
    if not there_colours or not there_sizes:
        there_colours = there_sizes = []
    keyed = data.draw(st.booleans())
    there = [sku(colour, size, key="" if keyed else "theirs") for colour in there_colours for size in there_sizes]

    after = applied(wires, there)

    all_colours, all_sizes = {*colours, *there_colours}, {*sizes, *there_sizes}
    assert len(after) == len(all_colours) * len(all_sizes)
    assert {(each.colour, each.size) for each in after} == {(c, s) for c in all_colours for s in all_sizes}
    plan = matrix_plan("33", wires, after)
    assert (plan.create, plan.update) == ([], [])
    assert len(plan.ids) == len(colours) * len(all_sizes)


def test_nothing_is_ever_made_inactive() -> None:
    plan = matrix_plan("33", [wire()], [sku("Red", "XL")])

    assert "status" not in str(plan)


def test_an_sku_is_known_by_our_key_before_its_words() -> None:
    there = [sku("Noir", "S", key="COAT-Black-S"), sku("Black", "S", key="other"), sku("Black", "M", key="other")]

    plan = matrix_plan("33", [wire("Black")], there)

    assert plan.ids["COAT-Black-S"] == "Noir/S"
    assert plan.ids["COAT-Black-M"] == "Black/M"


def test_an_sku_is_known_by_its_colour_code_where_its_colour_is_called_otherwise() -> None:
    there = [sku("Noir", size, key=f"their-{size}", colour_code="BLK") for size in ("S", "M")]

    plan = matrix_plan("33", [wire("Black", colour_code="BLK")], there)

    assert plan.create == []
    assert [each.item["id"] for each in plan.update] == ["Noir/S", "Noir/M"]


def test_two_colours_that_swap_names_keep_their_skus() -> None:
    there = [sku("Black", "S", key="COAT-1-S"), sku("Red", "S", key="COAT-2-S")]
    wires = [wire("Red", ("S",), code="COAT-1"), wire("Black", ("S",), code="COAT-2")]

    plan = matrix_plan("33", wires, there)

    assert plan.ids == {"COAT-1-S": "Black/S", "COAT-2-S": "Red/S"}
    assert plan.create == []


def test_what_a_shop_wrote_behind_a_barcode_stays() -> None:
    there = [sku("Black", "S", upc="40BlackS::12", size_order=1), sku("Black", "M", upc="40BlackM", size_order=2)]

    assert matrix_plan("33", [wire()], there).update == []


def test_a_size_that_lost_its_barcode_keeps_the_one_there() -> None:
    there = [sku("Black", "S", upc="40BlackS", size_order=1), sku("Black", "M", upc="40BlackM", size_order=2)]

    assert matrix_plan("33", [wire(sold="S")], there).update == []


# Prices


@pytest.mark.parametrize(
    ("before", "writes"),
    [
        (("100.00", "250.00"), 0),
        (("100", "250.0"), 0),
        (("100.00", ""), 1),
        (("99.00", "250.00"), 1),
        (("nonsense", "250.00"), 1),
    ],
)
def test_a_price_is_written_when_it_differs(before: tuple[str, str], writes: int) -> None:
    there = RemotePrice("p1", "s1", "22", *before)

    plan = price_plan([("s1", PriceWire("22", "WS", "100.00", "250.00"))], [there])

    assert (len(plan.update), plan.create) == (writes, [])


def test_a_retail_price_that_the_books_do_not_have_is_left_alone() -> None:
    there = RemotePrice("p1", "s1", "22", "100.00", "250.00")

    plan = price_plan([("s1", PriceWire("22", "WS", "100.00"))], [there])

    assert plan.update == []


# Products and their fields


def trait(name: str) -> str:
    return base64.b64encode(name.encode()).decode()


def test_fields_go_by_the_traits_that_the_account_has() -> None:
    listed = [
        {"id": trait("ProductTrait:MAT"), "name": "Style Materials"},
        {"id": trait("ProductTrait:X1"), "name": "Country of Origin"},
        {"id": trait("SKUTrait:Fabrication"), "name": "Fabrication"},
    ]

    traits = account_traits(listed)

    assert set(traits) == {"materials", "origin"}
    assert traits["materials"] == {"trait_id": trait("ProductTrait:MAT")}
    assert lacking_fields(wire(fabrication="WOOL", silhouette="Long", materials="Wool"), traits) == [
        "fabric",
        "silhouette",
    ]


def test_an_account_that_lists_no_traits_is_sent_them_by_name() -> None:
    item = product_item(wire(materials="Wool"), TRAITS)

    assert item["product_trait_values"] == [{"trait_name": "Materials", "value": "Wool"}]


def test_categories_that_the_books_do_not_name_are_left_alone() -> None:
    there = RemoteProduct.of({**product_item(wire(), TRAITS), "id": "33", "categories": [{"id": "7"}]})

    assert not product_differs(wire(), there, TRAITS)
    assert product_differs(wire(categories=("8",)), there, TRAITS)


texts = st.text(max_size=20)


@given(name=texts, description=texts, materials=texts, silhouette=texts)
def test_a_product_as_we_wrote_it_does_not_differ(name: str, description: str, materials: str, silhouette: str) -> None:
    sent = wire(name=name.strip(), description=description, materials=materials.strip(), silhouette=silhouette.strip())
    there = RemoteProduct.of({**product_item(sent, TRAITS), "id": "33"})

    assert not product_differs(sent, there, TRAITS) or "\x00" in name + description + materials + silhouette


def test_the_key_is_found_by_either_of_the_fields_that_hold_it() -> None:
    products = RemoteProducts(
        [{"id": "1", "product_identifier": "COAT"}, {"id": "2", "external_id": "CAPE", "product_identifier": "COAT"}]
    )

    assert (products.called("COAT"), products.called("CAPE"), products.called("HAT")) == ("1", "2", "")
    products.take([{"id": "1", "external_id": "MANTEL", "product_identifier": "MANTEL"}])
    assert products.called("MANTEL") == "1"


# Errors


@pytest.mark.parametrize(
    ("details", "owner"),
    [
        ({"sku_id": "s1"}, {"A"}),
        ({"product": {"id": "33"}, "asset": {"filename": "b.jpg"}}, {"B"}),
        ({"something": "else"}, {"A", "B"}),
        ({}, {"A", "B"}),
    ],
)
def test_errors_are_tied_to_those_they_are_about(details: Json, owner: set[str]) -> None:
    owners = Owners()
    owners.add({"sku_id": "s1"}, ["A"])
    owners.add({"product": {"id": "33"}, "asset": {"filename": "b.jpg"}}, ["B"])

    assert set(by_owner(Written([], [ItemError("X", "No.", details)]), owners)) == owner


@pytest.mark.parametrize("error", [ItemError("", "No.", {}), ItemError("", "", {})])
def test_an_error_that_has_no_status_is_one_even_so(error: ItemError) -> None:
    owners = Owners()
    owners.add({"sku_id": "s1"}, ["A"])

    assert by_owner(Written([], [error]), owners) == {"A": [error.message or NOT_TOLD]}
    assert by_owner(Written([], [error]), owners, but="DUPLICATED") == {"A": [error.message or NOT_TOLD]}
    assert by_owner(Written([], [error]), owners, only="DUPLICATED") == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
NAMES = ["id", "name", "trait_values", "trait", "categories", "category_ids", "identifiers", "product", "price_type"]
records = st.dictionaries(st.sampled_from(NAMES) | texts, json_values, max_size=6)


@settings(max_examples=examples(200))
@given(records)
def test_whatever_joor_answers_is_read(record: Json) -> None:
    for shape in (RemoteProduct, RemoteSku, RemotePrice):
        assert shape.of(record) is not None  # type: ignore[attr-defined]
    RemoteProducts([record])
    account_traits([record])
