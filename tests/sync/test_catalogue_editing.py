"""Editing a catalogue's tree: what is added, named, moved, removed and copied, and what is refused."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linesheet.books import changes
from linesheet.books.models import Company, Product
from linesheet.sync.catalogue import (
    CatalogueRefused,
    Keep,
    Step,
    Where,
    add_section,
    add_under,
    copy,
    elsewhere,
    move,
    move_beside,
    move_products,
    order_beside,
    place,
    read_tree,
    remove,
    rename,
    step,
    step_product,
    unplace,
)
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


def drawn(shop: Connection) -> list[str]:
    """The tree, one section a line."""
    return ["/".join(node.path) for node in read_tree(shop.pk).by_id.values()]


def codes(section: Section) -> list[str]:
    return [placement.product.code for placement in section.placements.select_related("product")]


def test_a_section_is_added_behind_the_others_under_the_name_people_typed(shop: Connection) -> None:
    top = add_under(shop, None, "  SS26 ", FREE)
    add_under(shop, top.pk, "Women", FREE)
    add_under(shop, top.pk, "Men", FREE)

    assert drawn(shop) == ["SS26", "SS26/Women", "SS26/Men"]


def test_a_name_is_given_once_among_siblings_whatever_its_case(shop: Connection) -> None:
    top = add_under(shop, None, "SS26", FREE)
    women = add_under(shop, top.pk, "Women", FREE)
    men = add_under(shop, top.pk, "Men", FREE)

    with pytest.raises(CatalogueRefused) as refused:
        add_under(shop, top.pk, "WOMEN", FREE)
    assert refused.value.says == "There is a section SS26 > Women already."
    with pytest.raises(CatalogueRefused):
        rename(men, "women")

    assert rename(women, "WOMEN")
    assert not rename(women, "WOMEN")
    assert drawn(shop) == ["SS26", "SS26/WOMEN", "SS26/Men"]


def test_no_section_is_added_below_the_last_level(shop: Connection) -> None:
    look = add_section(shop, ["Core", "Look 1"])

    with pytest.raises(CatalogueRefused) as refused:
        add_under(shop, look.pk, "Detail", ONCE)

    assert refused.value.says == "Core > Look 1 > Detail would lie below Look, the last level of this catalogue."


def test_a_section_moves_with_all_below_it(shop: Connection) -> None:
    coats = add_section(shop, ["SS26", "Women", "Coats"])
    add_section(shop, ["SS26", "Women", "Coats", "Long"])
    men = add_section(shop, ["SS26", "Men"])

    assert move(coats, men.pk, rules=FREE)
    assert not move(coats, men.pk, rules=FREE)
    assert drawn(shop) == ["SS26", "SS26/Women", "SS26/Men", "SS26/Men/Coats", "SS26/Men/Coats/Long"]


def test_a_section_does_not_move_below_itself(shop: Connection) -> None:
    long = add_section(shop, ["SS26", "Women", "Coats", "Long"])
    women = add_section(shop, ["SS26", "Women"])

    for target in (women.pk, long.pk):
        with pytest.raises(CatalogueRefused) as refused:
            move(women, target, rules=FREE)
        assert refused.value.reason.code == "section_below_itself"


def test_a_section_with_products_does_not_move_above_the_levels_that_hold_them(shop: Connection) -> None:
    women = add_section(shop, ["SS26", "Women"])
    place(add_section(shop, ["SS26", "Women", "Coats"]), products(1), FREE)

    with pytest.raises(CatalogueRefused) as refused:
        move(women, None, rules=FREE)

    assert refused.value.says == (
        "SS26 > Women > Coats has products, and would be a Department there; "
        "products are placed in a Category or below."
    )
    assert drawn(shop) == ["SS26", "SS26/Women", "SS26/Women/Coats"]


def test_a_tree_does_not_move_where_its_leaves_would_lie_too_deep(shop: Connection) -> None:
    core, _ = add_section(shop, ["Core"]), add_section(shop, ["Core", "Look 1"])
    sale = add_section(shop, ["Sale"])

    with pytest.raises(CatalogueRefused) as refused:
        move(core, sale.pk, rules=ONCE)

    assert refused.value.says == "Sale > Core > Look 1 would lie below Look, the last level of this catalogue."


def test_another_connections_section_is_no_target(shop: Connection) -> None:
    other = Connection.objects.create(platform="any", name="Other", base_url="http://127.0.0.1")
    theirs = add_section(other, ["SS26"])
    mine = add_section(shop, ["AW26"])

    with pytest.raises(CatalogueRefused) as refused:
        move(mine, theirs.pk, rules=FREE)

    assert refused.value.reason.code == "section_gone"


def test_a_section_is_put_beside_another(shop: Connection) -> None:
    a, b, c = (add_section(shop, ["S", name]) for name in "abc")

    move_beside(c, a.pk, Where.BEFORE, FREE)
    assert drawn(shop) == ["S", "S/c", "S/a", "S/b"]
    move_beside(c, a.pk, Where.AFTER, FREE)
    assert drawn(shop) == ["S", "S/a", "S/c", "S/b"]
    move_beside(b, c.pk, Where.INTO, FREE)
    assert drawn(shop) == ["S", "S/a", "S/c", "S/c/b"]
    move_beside(b, None, Where.INTO, FREE)
    assert drawn(shop) == ["S", "S/a", "S/c", "b"]


def test_a_section_takes_one_step_at_a_time(shop: Connection) -> None:
    a, b, c = (add_section(shop, ["S", name]) for name in "abc")

    assert step(c, Step.UP, FREE)
    assert drawn(shop) == ["S", "S/a", "S/c", "S/b"]
    assert not step(a, Step.UP, FREE)
    assert not step(b, Step.DOWN, FREE)
    assert step(b, Step.IN, FREE)
    assert drawn(shop) == ["S", "S/a", "S/c", "S/c/b"]
    assert step(b, Step.OUT, FREE)
    assert step(b, Step.OUT, FREE)
    assert drawn(shop) == ["S", "S/a", "S/c", "b"]
    assert not step(b, Step.OUT, FREE)


def test_a_section_goes_with_all_below_it_and_its_places(shop: Connection) -> None:
    women = add_section(shop, ["SS26", "Women"])
    place(add_section(shop, ["SS26", "Women", "Coats"]), products(3), FREE)

    gone = remove(women)

    assert (gone.sections, gone.places) == (2, 3)
    assert drawn(shop) == ["SS26"]
    assert not Placement.objects.exists()
    assert Product.objects.count() == 3


def test_a_season_is_copied_with_its_products_under_a_new_name(shop: Connection) -> None:
    old = add_section(shop, ["SS26"])
    place(add_section(shop, ["SS26", "Women", "Coats"]), products(3), FREE)
    add_section(shop, ["AW25"])

    made = copy(old, "AW26", Keep.COPIED, FREE)

    assert (made.sections, made.places) == (3, 3)
    assert [path for path in drawn(shop) if "/" not in path] == ["SS26", "AW26", "AW25"]
    assert codes(Section.objects.get(name="Coats", parent__parent=made.section_id)) == ["P0", "P1", "P2"]
    assert Placement.objects.count() == 6
    with pytest.raises(CatalogueRefused):
        copy(old, "aw26", Keep.LEFT, FREE)


def test_a_catalogue_that_holds_a_product_once_copies_without_products_or_moves_them(shop: Connection) -> None:
    core, look = add_section(shop, ["Core"]), add_section(shop, ["Core", "Look 1"])
    place(look, products(2), ONCE)

    with pytest.raises(CatalogueRefused) as refused:
        copy(core, "New", Keep.COPIED, ONCE)
    assert refused.value.reason.code == "section_copied_twice"

    assert copy(core, "Empty", Keep.LEFT, ONCE).places == 0
    assert copy(core, "New", Keep.MOVED, ONCE).places == 2
    assert Placement.objects.count() == 2
    assert not look.placements.exists()


def test_products_elsewhere_are_named_and_taken_when_asked_to(shop: Connection) -> None:
    one, two = (add_section(shop, ["Core", f"Look {number}"]) for number in (1, 2))
    [coat, hat] = products(2)
    place(one, [coat], ONCE)

    assert elsewhere(two, [coat.pk, hat.pk]) == {coat.pk: ("Core", "Look 1")}
    assert place(two, [hat, coat], ONCE, take=True) == 2
    assert (codes(one), codes(two)) == ([], ["P1", "P0"])


def test_products_move_to_another_section_and_stand_there_once(shop: Connection) -> None:
    coats, sale = (add_section(shop, ["SS26", "Women", name]) for name in ("Coats", "Sale"))
    p = products(4)
    place(coats, p, FREE)
    place(sale, [p[1], p[0]], FREE)

    assert move_products(coats, [p[3].pk, p[0].pk], sale, 0, FREE) == 2
    assert (codes(coats), codes(sale)) == (["P1", "P2"], ["P3", "P0", "P1"])


def test_products_do_not_move_where_products_may_not_be(shop: Connection) -> None:
    coats = add_section(shop, ["SS26", "Women", "Coats"])
    place(coats, products(1), FREE)

    with pytest.raises(CatalogueRefused) as refused:
        move_products(coats, [Product.objects.get().pk], add_section(shop, ["SS26"]), rules=FREE)

    assert refused.value.reason.code == "placed_too_high"


def test_products_are_put_in_order(shop: Connection) -> None:
    coats = add_section(shop, ["SS26", "Women", "Coats"])
    p = products(5)
    place(coats, p, FREE)
    unplace(coats, [p[2]])

    assert order_beside(coats, [p[4].pk, p[1].pk], p[0].pk, Where.BEFORE, FREE) == 2
    assert codes(coats) == ["P4", "P1", "P0", "P3"]
    assert step_product(coats, p[3].pk, Step.UP, FREE)
    assert codes(coats) == ["P4", "P1", "P3", "P0"]
    assert not step_product(coats, p[4].pk, Step.UP, FREE)
    assert order_beside(coats, [p[0].pk], p[2].pk, Where.AFTER, FREE) == 0


MOVES = st.lists(
    st.tuples(
        st.integers(0, 7), st.one_of(st.sampled_from(Step), st.tuples(st.integers(-1, 7), st.sampled_from(Where)))
    ),
    max_size=12,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moves=MOVES)
def test_whatever_is_moved_it_stays_a_tree_of_the_same_sections(shop: Connection, moves: list) -> None:  # type: ignore[type-arg]
    Section.objects.all().delete()
    made = [add_section(shop, path.split("/")) for path in ("a", "a/b", "a/b/c", "a/d", "e", "e/f", "e/f/g", "h")]
    for which, how in moves:
        section = Section.objects.get(pk=made[which].pk)
        try:
            if isinstance(how, Step):
                step(section, how, FREE)
            else:
                move_beside(section, made[how[0]].pk if how[0] >= 0 else None, how[1], FREE)
        except CatalogueRefused:
            pass

        tree = read_tree(shop.pk)
        assert sorted(tree.by_id) == sorted(each.pk for each in made)
        for node in tree.by_id.values():
            assert node not in node.above()
            assert len({child.name for child in node.children}) == len(node.children)


def test_undoing_a_move_puts_no_section_below_itself(shop: Connection) -> None:
    inner = add_section(shop, ["Outer", "Inner"])
    outer = Section.objects.get(name="Outer")
    with changes.recorded("catalogue", "Inner is moved.") as moved:
        move(inner, None, rules=FREE)
    move(outer, inner.pk, rules=FREE)

    undone = changes.undo(moved)

    assert undone.kept_rows == 1
    assert drawn(shop) == ["Inner", "Inner/Outer"]
