"""The catalogue of a connection: sections, places and the rules a platform declares."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from linesheet.books.models import Company, Product
from linesheet.sync import legs
from linesheet.sync.catalogue import (
    CatalogueRefused,
    Keep,
    add_section,
    check_levels,
    copy,
    elsewhere,
    move,
    move_products,
    place,
    placement_paths,
    products_in_catalogue,
    unplace,
)
from linesheet.sync.legs import in_pages
from linesheet.sync.models import Connection, Placement, Section
from linesheet.sync.platform import Catalogue, Level

FREE = Catalogue(levels=(Level("Season"), Level("Department"), Level("Category")), free_below=True)
ONCE = Catalogue(levels=(Level("Collection"), Level("Look", required=False)), once=True)


@pytest.fixture
def shop(company: Company) -> Connection:
    connection: Connection = Connection.objects.create(platform="any", name="Shop", base_url="http://127.0.0.1")
    return connection


def products(count: int) -> list[Product]:
    shapes = [f"P{number}" for number in range(count)]
    return list(Product.objects.bulk_create(Product(code=code, style=code, colour="Red", name=code) for code in shapes))


def test_a_path_is_added_once_whatever_its_case_and_spaces(shop: Connection) -> None:
    first = add_section(shop, ["SS26", "Women", "Coats"])

    assert add_section(shop, ["ss26", "  WOMEN ", "Coats"]) == first
    add_section(shop, ["SS26", "Men"])
    assert [section.name for section in Section.objects.all().with_tree_fields()] == ["SS26", "Women", "Coats", "Men"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_section_needs_a_name_of_fair_length(shop: Connection, name: str) -> None:
    with pytest.raises(CatalogueRefused) as refused:
        add_section(shop, ["SS26", name])

    assert refused.value.reason.code == "section_name"
    assert not Section.objects.exists()


def test_products_are_placed_behind_each_other_and_only_once_in_a_section(shop: Connection) -> None:
    section = add_section(shop, ["SS26", "Women", "Coats"])
    first, second, third = products(3)

    assert place(section, [second, first], FREE) == 2
    assert place(section, [first, third], FREE) == 1
    assert [each.product for each in section.placements.all()] == [second, first, third]
    assert unplace(section, [first, second]) == 2
    assert [each.product for each in section.placements.all()] == [third]


def test_products_wait_for_the_levels_that_are_required(shop: Connection) -> None:
    section = add_section(shop, ["SS26", "Women"])

    with pytest.raises(CatalogueRefused) as refused:
        place(section, products(1), FREE)

    assert refused.value.says == "SS26 > Women is a Department; products are placed in a Category or below."
    assert refused.value.fix == "Add a Category to SS26 > Women, and place the products there."
    check_levels(add_section(shop, ["SS26", "Women", "Coats", "Long", "Lined"]), FREE)


def test_a_catalogue_ends_with_its_last_level_unless_it_is_free_below(shop: Connection) -> None:
    check_levels(add_section(shop, ["Core"]), ONCE)

    with pytest.raises(CatalogueRefused) as refused:
        check_levels(add_section(shop, ["Core", "Look 1", "Detail"]), ONCE)

    assert refused.value.reason.code == "placed_too_deep"


def test_a_catalogue_that_holds_a_product_once_names_its_first_place(shop: Connection) -> None:
    [coat, hat] = products(2)
    place(add_section(shop, ["Core", "Look 1"]), [coat], ONCE)

    with pytest.raises(CatalogueRefused) as refused:
        place(add_section(shop, ["Core", "Look 2"]), [hat, coat], ONCE)

    assert refused.value.says == "P0 is already in Core > Look 1, and this catalogue holds a product once."
    assert Placement.objects.count() == 1


def test_a_platform_without_a_catalogue_is_named(shop: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    from linesheet.sync import registry
    from tests.sync.toy import TOY

    monkeypatch.setattr(registry, "platforms", lambda: {"any": TOY})

    with pytest.raises(CatalogueRefused) as refused:
        place(add_section(shop, ["SS26"]), [])

    assert refused.value.reason.code == "no_catalogue"


def test_paths_come_in_the_order_of_the_tree(shop: Connection) -> None:
    [coat, hat, _] = products(3)
    older = add_section(shop, ["AW25", "Women", "Coats"])
    newer = add_section(shop, ["SS26", "Women", "Coats"])
    place(newer, [coat], FREE)
    place(older, [coat, hat], FREE)
    Section.objects.filter(name="AW25").update(position=9)

    with CaptureQueriesContext(database) as made:
        paths = placement_paths(shop.pk, [coat.pk, hat.pk, 0])

    assert paths == {
        coat.pk: [("SS26", "Women", "Coats"), ("AW25", "Women", "Coats")],
        hat.pk: [("AW25", "Women", "Coats")],
    }
    assert len(made) == 2


def test_placed_products_come_each_once_in_pages(shop: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legs, "PAGE", 2)
    some = products(7)
    for name in ("Coats", "Sale"):
        place(add_section(shop, ["SS26", "Women", name]), some[:5], FREE)

    pages = list(in_pages(products_in_catalogue(shop.pk)))

    assert pages == [[str(product.pk) for product in some[at : at + 2]] for at in (0, 2)] + [[str(some[4].pk)]]


def test_another_connections_catalogue_is_not_looked_into(shop: Connection) -> None:
    other = Connection.objects.create(platform="any", name="Other", base_url="http://127.0.0.1")
    coat = products(1)
    place(add_section(other, ["SS26", "Women", "Coats"]), coat, FREE)

    assert list(in_pages(products_in_catalogue(shop.pk))) == []
    assert placement_paths(shop.pk, [coat[0].pk]) == {}


# Once under each section of a level

ONCE_BELOW = Catalogue(
    levels=(Level("Linesheet"), Level("Season"), Level("Category", required=False)), once=True, once_below=2
)


def test_a_product_may_be_in_several_sections_of_the_level_that_holds_it_once(shop: Connection) -> None:
    [coat] = products(1)
    for path in (["Main", "SS26", "Coats"], ["Main", "AW26"], ["Sale", "SS26"]):
        place(add_section(shop, path), [coat], ONCE_BELOW)

    assert Placement.objects.count() == 3


def test_a_product_is_refused_twice_below_one_of_them(shop: Connection) -> None:
    [coat] = products(1)
    place(add_section(shop, ["Main", "SS26", "Coats"]), [coat], ONCE_BELOW)
    new = add_section(shop, ["Main", "SS26", "New"])

    for target in (new, add_section(shop, ["Main", "SS26"])):
        with pytest.raises(CatalogueRefused) as refused:
            place(target, [coat], ONCE_BELOW)
        assert refused.value.says == "P0 is already in Main > SS26 > Coats, and a Season holds a product once."

    place(new, [coat], ONCE_BELOW, take=True)
    assert [each.section for each in Placement.objects.all()] == [new]


def test_only_what_keeps_a_product_from_a_section_is_elsewhere(shop: Connection) -> None:
    [coat] = products(1)
    place(add_section(shop, ["Main", "AW26"]), [coat], ONCE_BELOW)
    place(add_section(shop, ["Main", "SS26", "Coats"]), [coat], ONCE_BELOW)

    assert elsewhere(add_section(shop, ["Sale", "SS26"]), [coat.pk], ONCE_BELOW) == {}
    assert elsewhere(add_section(shop, ["Main", "SS26", "New"]), [coat.pk], ONCE_BELOW) == {
        coat.pk: ("Main", "SS26", "Coats")
    }


def test_products_are_not_moved_to_where_they_would_be_twice(shop: Connection) -> None:
    [coat] = products(1)
    autumn, coats = add_section(shop, ["Main", "AW26"]), add_section(shop, ["Main", "SS26", "Coats"])
    new = add_section(shop, ["Main", "SS26", "New"])
    place(autumn, [coat], ONCE_BELOW)
    place(coats, [coat], ONCE_BELOW)

    with pytest.raises(CatalogueRefused) as refused:
        move_products(autumn, [coat.pk], new, rules=ONCE_BELOW)
    assert refused.value.reason.code == "placed_elsewhere"

    assert move_products(coats, [coat.pk], new, rules=ONCE_BELOW) == 1
    assert move_products(autumn, [coat.pk], new, rules=ONCE_BELOW) == 1
    assert [each.section for each in Placement.objects.all()] == [new]


def test_a_section_is_not_moved_to_where_its_products_would_be_twice(shop: Connection) -> None:
    [coat, hat] = products(2)
    place(add_section(shop, ["Main", "SS26", "Coats"]), [coat], ONCE_BELOW)
    more, hats = add_section(shop, ["Main", "AW26", "More"]), add_section(shop, ["Main", "AW26", "Hats"])
    place(more, [coat], ONCE_BELOW)
    place(hats, [hat], ONCE_BELOW)
    spring = add_section(shop, ["Main", "SS26"])

    with pytest.raises(CatalogueRefused) as refused:
        move(more, spring.pk, rules=ONCE_BELOW)

    assert refused.value.says == "P0 would be in Main > SS26 twice, and a Season holds a product once."
    assert move(hats, spring.pk, rules=ONCE_BELOW)


def test_a_section_that_holds_products_once_is_copied_with_them_and_those_below_it_are_not(shop: Connection) -> None:
    [coat] = products(1)
    place(add_section(shop, ["Main", "SS26", "Coats"]), [coat], ONCE_BELOW)

    copy(add_section(shop, ["Main", "SS26"]), "AW26", Keep.COPIED, ONCE_BELOW)
    copy(add_section(shop, ["Main"]), "Sale", Keep.COPIED, ONCE_BELOW)
    with pytest.raises(CatalogueRefused) as refused:
        copy(add_section(shop, ["Main", "SS26", "Coats"]), "New", Keep.COPIED, ONCE_BELOW)

    assert Placement.objects.count() == 4
    assert "a Season holds a product once" in refused.value.says
