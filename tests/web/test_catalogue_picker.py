"""Picking products for a section."""

import datetime

import pytest
from django.test import Client

from linesheet.books.models import Season
from linesheet.sync.models import Connection, Section
from tests.web.catalogues import FREE, ONCE, ONCE_BELOW, codes_in, declare, fill, make_ready, products, section


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch, made_up_platform: None) -> None:
    declare(monkeypatch, FREE)


@pytest.fixture
def coats(connection: Connection) -> Section:
    return section(connection, "SS26", "Women", "Coats")


def picker(of: Section, rest: str = "") -> str:
    return f"/connections/{of.connection_id}/catalogue/{of.pk}/add/{rest}"


def text_of(client: Client, address: str, target: str = "") -> str:
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_products_are_found_and_those_here_cannot_be_picked(operator: Client, coats: Section) -> None:
    [here] = fill(coats, "HERE")
    [other] = products("OTHER")
    shown = text_of(operator, picker(coats))

    assert "2 products" in shown
    assert f'value="{other.pk}"' in shown
    assert f'value="{here.pk}"' not in shown
    assert '<span class="tag">Here</span>' in shown


def test_the_main_image_is_shown_where_there_is_one_and_what_lacks_is_told(operator: Client, coats: Section) -> None:
    [ready, _] = products("READY BARE")
    make_ready(ready, Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1)))

    shown = text_of(operator, picker(coats))
    assert shown.count('alt="Has a picture"') == 1
    assert shown.count("no picture</span>") == 1
    assert "READY" not in text_of(operator, picker(coats, "?picture=no"), "pickable")
    assert "BARE" not in text_of(operator, picker(coats, "?barcode=yes"), "pickable")


def test_more_products_are_shown_on_demand_and_all_can_be_picked(operator: Client, coats: Section) -> None:
    made = products(" ".join(f"P{number:03}" for number in range(70)))
    fill(coats, "ZZZ")
    first = text_of(operator, picker(coats, "?q=P"))
    more = text_of(operator, picker(coats, "?q=P&after=P059"), "more")

    assert "70 products" in first
    assert first.count("picker__tick") == 60
    assert more.count("picker__tick") == 10
    assert "Show more" not in more
    assert operator.get(picker(coats, "all/?q=P")).json()["ids"] == [each.pk for each in made]
    assert len(operator.get(picker(coats, "all/")).json()["ids"]) == 70


@pytest.mark.parametrize(
    "query", ["?season=x", "?season=99999999999999999999", "?placed=there", "?barcode=maybe", "?after=%00"]
)
def test_a_filter_that_makes_no_sense_asks_for_nothing(operator: Client, coats: Section, query: str) -> None:
    products("P1")

    assert "1 product" in text_of(operator, picker(coats, query))


def test_picked_products_are_added_behind_those_there(operator: Client, coats: Section) -> None:
    fill(coats, "A")
    b, c = products("B C")
    answer = operator.post(picker(coats, "place/"), {"chosen": f"{c.pk},{b.pk}"}, follow=True)

    assert "2 products are added to Coats." in answer.content.decode()
    assert sorted(codes_in(coats)) == ["A", "B", "C"]


def test_without_scripts_what_is_ticked_is_added(operator: Client, coats: Section) -> None:
    b, c = products("B C")
    operator.post(picker(coats, "place/"), {"chosen": "", "product": [b.pk, c.pk]})

    assert sorted(codes_in(coats)) == ["B", "C"]


def test_nothing_picked_is_said(operator: Client, coats: Section) -> None:
    assert "No product was picked." in operator.post(picker(coats, "place/"), {}, follow=True).content.decode()


def test_pasted_codes_are_picked_and_unknown_ones_named(operator: Client, coats: Section) -> None:
    fill(coats, "A")
    b, c = products("B C")
    pasted = {"codes": "b, A\nnope;C\tB\n4006381333931"}

    part = operator.post(picker(coats, "codes/"), pasted, headers={"HX-Request": "true"}).content.decode()
    page = operator.post(picker(coats, "codes/"), {**pasted, "chosen": "7"}).content.decode()

    assert f'data-picks="{b.pk},{c.pk}"' in part
    assert "1 here already" in part
    assert "2 codes that no product goes by:" in part
    assert "<code>nope</code>" in part
    assert "<code>4006381333931</code>" in part
    assert f'name="chosen" value="7,{b.pk},{c.pk}"' in page


def test_where_a_product_is_held_once_those_elsewhere_are_asked_about_and_moved(
    operator: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, ONCE)
    one, two = section(connection, "Core", "Look 1"), section(connection, "Core", "Look 2")
    [coat] = fill(one, "COAT", ONCE)
    [hat] = products("HAT")
    both = {"chosen": f"{coat.pk},{hat.pk}"}

    asked = operator.post(picker(two, "place/"), both)
    shown = " ".join(asked.content.decode().split())
    assert asked.status_code == 422
    assert "1 of these is in another section" in shown
    assert "Core &gt; Look 1" in shown
    assert "Move 1 here and add the other 1" in shown
    assert codes_in(two) == []

    operator.post(picker(two, "place/"), {**both, "elsewhere": "leave"})
    assert (codes_in(one), codes_in(two)) == (["COAT"], ["HAT"])
    operator.post(picker(two, "place/"), {"chosen": coat.pk, "elsewhere": "move"})
    assert (codes_in(one), codes_in(two)) == ([], ["HAT", "COAT"])


def test_where_each_section_of_a_level_holds_a_product_once_only_those_of_the_same_are_asked_about(
    operator: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, ONCE_BELOW)
    one, two = section(connection, "Main", "Look 1"), section(connection, "Main", "Look 2")
    sale = section(connection, "Sale")
    [coat] = fill(one, "COAT", ONCE_BELOW)

    assert operator.post(picker(sale, "place/"), {"chosen": coat.pk}).status_code == 302
    asked = operator.post(picker(two, "place/"), {"chosen": coat.pk})

    assert "A Linesheet holds a product once" in " ".join(operator.get(picker(two)).content.decode().split())
    assert "A Linesheet holds a product once, so it can be moved" in " ".join(asked.content.decode().split())
    assert (codes_in(sale), codes_in(two)) == (["COAT"], [])


def test_another_companys_products_cannot_be_placed(operator: Client, coats: Section) -> None:
    from linesheet.books.models import Company, Product
    from linesheet.books.tenancy import acting_for

    other = Company.objects.create(name="Other", slug="other")
    with acting_for(other):
        [theirs] = products("THEIRS")
    operator.post(picker(coats, "place/"), {"chosen": theirs.pk})

    assert codes_in(coats) == []
    assert Product.everywhere.get(pk=theirs.pk).company_id == other.pk
