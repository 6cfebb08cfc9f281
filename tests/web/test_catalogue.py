"""The catalogue of a connection: its tree, the open section, and what is done to both."""

import re
from io import BytesIO
from typing import Any

import PIL.Image
import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linesheet.books.images import add_image
from linesheet.books.models import ChangeSet, Company, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.sync.models import Connection, Placement, Section
from tests.web.catalogues import FREE, ONCE, ONCE_BELOW, codes_in, declare, drawn, fill, make_ready, section
from tests.web.conftest import ClientOf

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch, made_up_platform: None) -> None:
    declare(monkeypatch, FREE)


def text_of(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def of(connection: Connection, *rest: object) -> str:
    return f"/connections/{connection.pk}/catalogue/" + "".join(f"{part}/" for part in rest)


def test_an_empty_catalogue_says_what_it_is_made_of_and_what_to_do(operator: Client, connection: Connection) -> None:
    shown = " ".join(text_of(operator, of(connection)).split())

    assert re.search("Season . Department . Category . products.", shown)
    assert "+ Season" in shown


def test_a_platform_without_a_catalogue_has_no_such_page(
    operator: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linesheet.sync import registry
    from tests.web.made_up import MADE_UP

    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": MADE_UP})

    assert operator.get(of(connection)).status_code == 404


def test_the_button_is_called_after_the_next_level(operator: Client, connection: Connection) -> None:
    top, leaf = section(connection, "SS26"), section(connection, "SS26", "Women", "Coats")

    assert "+ Department" in text_of(operator, of(connection, top.pk))
    assert "+ Add Product" not in text_of(operator, of(connection, top.pk))
    assert "+ Add Product" in text_of(operator, of(connection, leaf.pk))
    assert "+ Sub-section" in text_of(operator, of(connection, leaf.pk))


def test_ok_stays_and_shows_the_new_section_in_the_tree(operator: Client, connection: Connection) -> None:
    answer = operator.post(of(connection, "add"), {"parent": "", "name": "SS26"}, follow=True)

    assert drawn(connection) == ["SS26"]
    assert "SS26 is added." in answer.content.decode()
    assert re.search(r'id="s-\d+"[^>]* autofocus', answer.content.decode())


def test_ok_and_add_another_opens_the_dialog_again(operator: Client, connection: Connection) -> None:
    top = section(connection, "SS26")
    answer = operator.post(of(connection, "add"), {"parent": top.pk, "name": "Women", "then": "another"}, follow=True)

    assert "New Department" in answer.content.decode()
    assert '<p class="saved" role="status">Women is added.</p>' in answer.content.decode()


def test_ok_and_go_in_opens_the_new_section(operator: Client, connection: Connection) -> None:
    answer = operator.post(of(connection, "add"), {"parent": "", "name": "SS26", "then": "in"})

    assert answer["Location"] == f"{of(connection, Section.objects.get().pk)}?in=yes"


def test_a_name_that_is_taken_comes_back_in_its_dialog(operator: Client, connection: Connection) -> None:
    section(connection, "SS26")
    answer = operator.post(of(connection, "add"), {"parent": "", "name": "ss26"})

    assert answer.status_code == 422
    assert "There is a section SS26 already." in answer.content.decode()
    assert 'value="ss26"' in answer.content.decode()


def test_a_section_is_renamed_and_that_is_undone(operator: Client, connection: Connection) -> None:
    top = section(connection, "SS26")
    answer = operator.post(of(connection, top.pk, "rename"), {"name": "SS27"}, follow=True)
    shown = answer.content.decode()

    assert "SS26 is now SS27." in shown
    assert drawn(connection) == ["SS27"]
    undo = re.search(r'action="(/undo/\d+/)"', shown)
    assert undo
    operator.post(undo[1], {"next": of(connection, top.pk)})
    assert drawn(connection) == ["SS26"]


def test_a_whole_tree_is_removed_and_brought_back(operator: Client, connection: Connection) -> None:
    coats = section(connection, "SS26", "Women", "Coats")
    fill(coats, "A B C")
    women = Section.objects.get(name="Women")
    answer = operator.post(of(connection, women.pk, "remove"), follow=True)
    shown = answer.content.decode()

    assert "Women is removed with 1 section below it; 3 products are no longer in it." in shown
    assert drawn(connection) == ["SS26"]
    operator.post(re.search(r'action="(/undo/\d+/)"', shown)[1])  # type: ignore[index]
    assert drawn(connection) == ["SS26", "SS26/Women", "SS26/Women/Coats"]
    assert codes_in(coats) == ["A", "B", "C"]


def test_a_section_that_is_gone_leads_to_the_whole_catalogue(operator: Client, connection: Connection) -> None:
    assert operator.get(of(connection, 999)).headers["Location"] == of(connection)


def test_a_section_is_moved_by_steps_and_beside_another(operator: Client, connection: Connection) -> None:
    a, b, c = (section(connection, "S", name) for name in "abc")

    operator.post(of(connection, c.pk, "move"), {"step": "up", "open": ""})
    assert drawn(connection) == ["S", "S/a", "S/c", "S/b"]
    answer = operator.post(of(connection, b.pk, "move"), {"where": "before", "target": a.pk, "open": c.pk})
    assert drawn(connection) == ["S", "S/b", "S/a", "S/c"]
    assert answer["Location"] == f"{of(connection, c.pk)}?at={b.pk}"


def test_a_move_that_is_refused_says_why(operator: Client, connection: Connection) -> None:
    coats = section(connection, "SS26", "Women", "Coats")
    fill(coats, "A")
    says = "SS26 &gt; Women &gt; Coats has products, and would be a Season there"

    dragged = operator.post(of(connection, coats.pk, "move"), {"where": "into", "target": ""}, follow=True)
    asked = operator.post(of(connection, coats.pk, "move"), {"where": "into", "target": "", "dialog": "yes"})

    assert says in dragged.content.decode()
    assert asked.status_code == 422
    assert says in asked.content.decode()
    assert "<dialog" in asked.content.decode()


def test_a_season_is_copied_for_the_next(operator: Client, connection: Connection) -> None:
    fill(section(connection, "SS26", "Women", "Coats"), "A B")
    top = Section.objects.get(name="SS26")

    answer = operator.post(of(connection, top.pk, "copy"), {"name": "AW26", "keep": "copied"}, follow=True)

    assert "SS26 is copied: 3 sections, with 2 products." in answer.content.decode()
    assert drawn(connection)[3:] == ["AW26", "AW26/Women", "AW26/Women/Coats"]


def test_where_a_product_is_held_once_a_copy_offers_to_move_them(
    operator: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, ONCE)
    top, look = section(connection, "Core"), section(connection, "Core", "Look 1")
    fill(look, "A B", ONCE)
    dialog = text_of(operator, f"{of(connection, top.pk)}?do=copy", **HTMX, HX_Target="dialog")

    assert 'value="copied"' not in dialog
    assert 'value="moved"' in dialog
    operator.post(of(connection, top.pk, "copy"), {"name": "New", "keep": "moved"})
    assert codes_in(look) == []


def test_what_holds_a_product_once_is_copied_with_its_products_and_a_part_of_it_is_not(
    operator: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, ONCE_BELOW)
    main, look = section(connection, "Main"), section(connection, "Main", "Look 1")

    assert 'value="copied"' in text_of(operator, f"{of(connection, main.pk)}?do=copy", **HTMX, HX_Target="dialog")
    dialog = text_of(operator, f"{of(connection, look.pk)}?do=copy", **HTMX, HX_Target="dialog")
    assert 'value="copied"' not in dialog
    assert "a Linesheet holds a product once" in dialog


def test_products_are_put_in_order_moved_and_taken_out(operator: Client, connection: Connection) -> None:
    coats, sale = section(connection, "S", "W", "Coats"), section(connection, "S", "W", "Sale")
    a, b, c = fill(coats, "A B C")
    moves = of(connection, coats.pk, "products", "move")

    operator.post(moves, {"product": c.pk, "step": "up"})
    assert codes_in(coats) == ["A", "C", "B"]
    operator.post(moves, {"product": f"{b.pk},{c.pk}", "beside": a.pk, "where": "before"})
    assert codes_in(coats) == ["B", "C", "A"]
    answer = operator.post(
        moves, {"product": f"{a.pk}", "target": sale.pk, "position": "1", "dialog": "yes"}, follow=True
    )
    assert "A is moved to S &gt; W &gt; Sale." in answer.content.decode()
    assert (codes_in(coats), codes_in(sale)) == (["B", "C"], ["A"])
    operator.post(of(connection, coats.pk), {"do": "take-out", "pick": [each.pk for each in coats.placements.all()]})
    assert codes_in(coats) == []
    assert Product.objects.count() == 3


def test_the_warnings_of_the_tree_count_what_is_below(operator: Client, connection: Connection) -> None:
    coats = section(connection, "S", "W", "Coats")
    fill(coats, "A B")

    counted = operator.get(of(connection, "warnings")).json()

    kinds = [kind for kind, _ in counted["kinds"]]
    assert counted["lacks"][str(coats.pk)] == counted["lacks"]["all"]
    lacking, *numbers = counted["lacks"]["all"]
    assert lacking == 2
    assert {kind for kind, number in zip(kinds, numbers, strict=True) if number == 2} == {
        "not visible", "no barcode", "no picture"
    }  # fmt: skip


def test_who_may_only_see_sees_and_changes_nothing(client_of: ClientOf, connection: Connection) -> None:
    coats = section(connection, "S", "W", "Coats")
    [a] = fill(coats, "A")
    viewer = client_of("viewer")
    shown = text_of(viewer, of(connection, coats.pk))

    assert ">A</a>" in shown
    assert "Rename" not in shown
    assert "+ " not in shown
    assert "Rename" not in text_of(viewer, f"{of(connection, coats.pk)}?do=rename")
    for address, data in (
        (of(connection, "add"), {"name": "X"}),
        (of(connection, coats.pk, "rename"), {"name": "X"}),
        (of(connection, coats.pk, "remove"), {}),
        (of(connection, coats.pk, "products", "move"), {"product": a.pk}),
        (of(connection, coats.pk, "add", "place"), {"product": a.pk}),
    ):
        assert viewer.post(address, data).status_code == 403
    assert viewer.get(of(connection, coats.pk, "add")).status_code == 403
    assert drawn(connection) == ["S", "S/W", "S/W/Coats"]


def test_a_large_tree_comes_folded_and_unfolds_branch_by_branch(operator: Client, connection: Connection) -> None:
    top = section(connection, "S0")
    for number in range(70):
        section(connection, "S0", f"D{number}")
    shown = text_of(operator, of(connection))

    assert shown.count('role="treeitem"') == 1
    assert 'aria-expanded="false"' in shown
    assert text_of(operator, of(connection, top.pk, "branch")).count('role="treeitem"') == 70
    assert text_of(operator, of(connection, top.pk)).count('role="treeitem"') == 71


def test_the_number_of_queries_does_not_grow_with_the_catalogue(operator: Client, connection: Connection) -> None:
    leaf = section(connection, "S0", "D0", "C0")
    fill(leaf, "A0 B0")
    pages = [of(connection), of(connection, leaf.pk), of(connection, "warnings"), of(connection, leaf.pk, "add")]

    def queries() -> list[int]:
        counted = []
        for page in pages:
            with CaptureQueriesContext(database) as made:
                text = operator.get(page)
            assert text.status_code == 200
            counted.append(len(made))
        return counted

    before = queries()
    for number in range(1, 25):
        fill(section(connection, "S0", f"D{number}", "C"), f"A{number} B{number}")
    fill(leaf, " ".join(f"X{number}" for number in range(40)))

    assert queries() == before


def test_a_dialog_that_needs_a_section_is_not_there_without_one(operator: Client, connection: Connection) -> None:
    assert operator.get(f"{of(connection)}?do=rename").status_code == 404
    assert operator.get(f"{of(connection)}?do=anything").status_code == 404


def test_products_where_they_may_no_longer_be_are_still_shown(operator: Client, connection: Connection) -> None:
    look = section(connection, "Core")
    fill(look, "A", ONCE)
    shown = text_of(operator, of(connection, look.pk))

    assert "A</span>" in shown
    assert "+ Add Product" not in shown


def test_the_pictures_of_placed_products_are_there(operator: Client, connection: Connection) -> None:
    coats = section(connection, "SS26", "Women", "Coats")
    [coat] = fill(coats, "COAT")
    content = BytesIO()
    PIL.Image.new("RGB", (60, 90), "navy").save(content, "PNG")
    add_image(coat, content.getvalue())

    [address] = re.findall(r'<img class="placed__image" src="([^"]+)"', text_of(operator, of(connection, coats.pk)))

    assert operator.get(address).status_code == 200


def _places(answer: Any) -> list[tuple[str, int]]:
    return [(line.label, line.row.position) for line in answer.context["lines"]]


def test_every_product_has_its_place_whatever_is_shown_of_the_section(operator: Client, connection: Connection) -> None:
    coats = section(connection, "S", "W", "Coats")
    fill(coats, " ".join(f"C{number:03}" for number in range(1, 121)))
    # What was taken out leaves a gap behind, which is no place.
    gone = coats.placements.get(product__code="C010")
    operator.post(of(connection, coats.pk), {"do": "take-out", "pick": gone.pk})
    page = of(connection, coats.pk)

    first = operator.get(page)
    assert _places(first)[8:11] == [("C009", 9), ("C011", 10), ("C012", 11)]
    second = operator.get(first.context["pages"]["next"])
    assert _places(second)[0] == ("C052", 51)
    assert _places(operator.get(f"{page}?q=C07"))[:2] == [("C070", 69), ("C071", 70)]
    assert _places(operator.get(f"{page}?sort=-place"))[:2] == [("C120", 119), ("C119", 118)]
    lines = b"".join(operator.get(f"{page}?export=csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[-1].startswith("119,C120,")


def test_selected_products_move_or_are_taken_out_and_that_is_undone(operator: Client, connection: Connection) -> None:
    coats, sale = section(connection, "S", "W", "Coats"), section(connection, "S", "W", "Sale")
    fill(coats, "A1 A2 B1")
    first = coats.placements.all()[0]

    operator.post(
        f"{of(connection, coats.pk)}?q=A",
        {"do": "move", "all": "yes", "pick": first.pk, "target": sale.pk, "position": "1"},
    )
    assert (codes_in(coats), codes_in(sale)) == (["B1"], ["A1", "A2"])
    answer = operator.post(
        of(connection, sale.pk), {"do": "take-out", "pick": [each.pk for each in sale.placements.all()]}, follow=True
    )
    assert "2 products are taken out of Sale." in answer.content.decode()
    assert codes_in(sale) == []
    operator.post(f"/undo/{ChangeSet.objects.latest('pk').pk}/")
    assert codes_in(sale) == ["A1", "A2"]


def test_products_are_narrowed_by_what_they_lack(operator: Client, connection: Connection) -> None:
    coats = section(connection, "S", "W", "Coats")
    ready, _ = fill(coats, "A B")
    make_ready(ready, Season.objects.create(name="SS26", starts_on="2026-01-01"))

    assert _places(operator.get(f"{of(connection, coats.pk)}?lacks=no-barcode")) == [("B", 2)]


def test_a_viewer_takes_out_files_and_nothing_else(client_of: ClientOf, connection: Connection) -> None:
    coats = section(connection, "S", "W", "Coats")
    fill(coats, "A B")
    picked = coats.placements.all()[0].pk
    viewer = client_of("viewer")

    assert b"A" in b"".join(viewer.post(of(connection, coats.pk), {"do": "csv", "pick": picked}).streaming_content)  # type: ignore[attr-defined]
    viewer.post(of(connection, coats.pk), {"do": "take-out", "pick": picked})
    assert codes_in(coats) == ["A", "B"]


def test_products_of_other_sections_and_companies_are_left_alone(operator: Client, connection: Connection) -> None:
    coats, sale = section(connection, "S", "W", "Coats"), section(connection, "S", "W", "Sale")
    fill(coats, "A")
    fill(sale, "B")
    with acting_for(Company.objects.create(name="Second House", slug="second")):
        foreign = Connection.objects.create(platform="made-up", name="Rome", base_url="https://api.example")
        theirs = section(foreign, "S", "W", "Coats")
        fill(theirs, "C")
        their_place = theirs.placements.all()[0].pk

    for picked in (sale.placements.all()[0].pk, their_place):
        operator.post(of(connection, coats.pk), {"do": "take-out", "pick": picked})
    operator.post(of(connection, coats.pk), {"do": "move", "pick": coats.placements.all()[0].pk, "target": theirs.pk})
    assert operator.post(of(foreign, theirs.pk), {"do": "take-out", "pick": their_place}).status_code == 404
    assert operator.get(of(foreign, theirs.pk, "options")).status_code == 404
    assert (codes_in(coats), codes_in(sale)) == (["A"], ["B"])
    assert Placement.everywhere.filter(section=theirs.pk).count() == 1


def test_what_is_dragged_leads_back_to_what_was_asked_of_the_list(operator: Client, connection: Connection) -> None:
    coats = section(connection, "S", "W", "Coats")
    a, _ = fill(coats, "A B")

    answer = operator.post(
        of(connection, coats.pk, "products", "move"), {"product": a.pk, "step": "down", "query": "?q=A&sort=place"}
    )

    assert answer["Location"] == f"{of(connection, coats.pk)}?q=A&sort=place"
