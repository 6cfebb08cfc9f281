"""Data export, second leg: linesheets, over HTTP against the sandbox."""

import datetime
from typing import Any

import pytest

from linesheet.books.models import Product
from linesheet.platforms.joor.client_v4 import ClientV4
from linesheet.platforms.joor.linesheets import Linesheets
from linesheet.sync.catalogue import add_section, move, move_products, remove, rename, unplace
from linesheet.sync.models import Link, Section
from tests.platforms.joor.conftest import Books, JoorSandbox, counted
from tests.platforms.joor.exporting import barcodes, codes, ends, item, linesheets, styles, written

SPRING = ("Main", "SS26")
AUTUMN = ("Main", "AW26")


def seasons(joor: JoorSandbox) -> dict[str, int | None]:
    return {each["name"]: each["year"] for each in joor.use(lambda client: client.v4.listed("seasons"))}


def test_each_season_of_a_linesheet_is_one_there_and_lists_what_is_placed_in_and_below_it(
    brand: Books, joor: JoorSandbox
) -> None:
    hat = brand.product("HAT", placed=(*SPRING, "WOMEN"))
    coat = brand.product("COAT-black", placed=SPRING)
    cape = brand.product("CAPE", placed=("Sale", "SS26"))

    run = brand.run("data-export")

    assert ends(run)["Sale > SS26"] == "created"
    assert linesheets(joor) == {
        SPRING: {"COAT": barcodes(coat), "HAT": barcodes(hat)},
        ("Sale", "SS26"): {"CAPE": barcodes(cape)},
    }
    assert list(linesheets(joor)[SPRING]) == ["COAT", "HAT"]


def test_two_colours_of_a_style_may_be_on_different_linesheets(brand: Books, joor: JoorSandbox) -> None:
    black = brand.product("COAT-black", sizes=("S", "M"), placed=(*SPRING, "WOMEN", "Outerwear"))
    red = brand.product("COAT-red", sizes=("M", "L"), placed=(*AUTUMN, "MEN", "Outerwear"))

    brand.run("data-export")

    assert linesheets(joor) == {SPRING: {"COAT": barcodes(black)}, AUTUMN: {"COAT": barcodes(red)}}
    assert styles(joor)["COAT"]["categories"] == ["WOMEN > Outerwear", "MEN > Outerwear"]


def test_a_product_may_be_on_several_linesheets(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    brand.place(coat, *AUTUMN)

    brand.run("data-export")

    assert linesheets(joor) == {SPRING: {"COAT": barcodes(coat)}, AUTUMN: {"COAT": barcodes(coat)}}


def test_removed_from_catalogue(brand: Books, joor: JoorSandbox) -> None:
    coat, cape = brand.product("COAT-black", placed=SPRING), brand.product("CAPE", placed=SPRING)
    brand.place(coat, *AUTUMN)
    brand.run("data-export")
    unplace(Section.objects.get(name="SS26"), [coat])

    run = brand.run("data-export")

    assert ends(run) == {"Main > SS26": "updated"}
    assert linesheets(joor) == {SPRING: {"CAPE": barcodes(cape)}, AUTUMN: {"COAT": barcodes(coat)}}
    assert set(styles(joor)) == {"COAT", "CAPE"}


def test_a_withdrawn_product_leaves_the_linesheets_and_its_style_stays(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", placed=SPRING)
    red = brand.product("COAT-red", placed=SPRING)
    brand.run("data-export")
    Product.objects.filter(code="COAT-black").update(withdrawn=True)

    run = brand.run("data-export")

    assert linesheets(joor) == {SPRING: {"COAT": barcodes(red)}}
    assert ends(run) == {"Main > SS26": "updated"}
    assert {sku["color"]["status"] for sku in styles(joor)["COAT"]["skus"]} == {"ACTIVE"}


def test_a_held_back_product_is_on_no_linesheet(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", placed=SPRING, barcodes=False)
    cape = brand.product("CAPE", placed=SPRING)

    run = brand.run("data-export")

    assert ends(run) == {"COAT-black": "blocked", "CAPE": "created", "Main > SS26": "created"}
    assert linesheets(joor) == {SPRING: {"CAPE": barcodes(cape)}}


def test_sections_without_anything_to_sell_make_no_linesheet(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", placed=SPRING, barcodes=False)
    add_section(brand.connection, AUTUMN)

    brand.run("data-export")

    assert linesheets(joor) == {}


def test_an_emptied_section_empties_its_linesheet(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    brand.run("data-export")
    unplace(Section.objects.get(name="SS26"), [coat])

    run = brand.run("data-export")

    assert linesheets(joor) == {SPRING: {}}
    assert codes(item(run, "Main > SS26")) == ["linesheet_empty"]


def test_the_order_of_the_catalogue_is_that_of_the_linesheet(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", placed=SPRING)
    cape = brand.product("CAPE", placed=SPRING)
    brand.run("data-export")
    section = Section.objects.get(name="SS26")
    move_products(section, [cape.pk], section, 0)

    brand.run("data-export")

    assert list(linesheets(joor)[SPRING]) == ["CAPE", "COAT"]


def test_a_linesheet_or_season_renamed_here_is_renamed_there(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", placed=SPRING)
    brand.run("data-export")
    (before,) = joor.control("GET", "/collections")
    rename(Section.objects.get(name="Main"), "Best of")
    rename(Section.objects.get(name="SS26"), "SPRING/SUMMER 26")

    brand.run("data-export")

    (after,) = joor.control("GET", "/collections")
    assert (after["id"], after["external_id"]) == (before["id"], before["external_id"])
    assert (after["name"], after["season"]) == ("Best of", "SPRING/SUMMER 26")


def test_a_linesheet_deleted_there_is_created_again(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    brand.product("CAPE", placed=AUTUMN)
    brand.run("data-export")
    (spring, _) = joor.control("GET", "/collections")
    joor.control("DELETE", f"/collections/{spring['id']}")

    run = brand.run("data-export")

    assert ends(run) == {"Main > SS26": "created"}
    assert linesheets(joor)[SPRING] == {"COAT": barcodes(coat)}


def test_a_linesheet_whose_section_was_removed_is_emptied_once(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    brand.place(coat, *AUTUMN)
    brand.run("data-export")
    remove(Section.objects.get(name="AW26"))

    run = brand.run("data-export")

    assert linesheets(joor) == {SPRING: {"COAT": barcodes(coat)}, AUTUMN: {}}
    assert codes(item(run, "Main > AW26")) == ["linesheet_gone"]
    assert counted(brand.run("data-export")) == {"unchanged": 3}


def test_one_that_is_gone_on_both_sides_is_done_with(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    brand.place(coat, *AUTUMN)
    brand.run("data-export")
    remove(Section.objects.get(name="AW26"))
    autumn = next(each for each in joor.control("GET", "/collections") if each["season"] == "AW26")
    joor.control("DELETE", f"/collections/{autumn['id']}")

    assert counted(brand.run("data-export")) == {"unchanged": 2}


def test_a_season_moved_under_another_linesheet_takes_its_own_along(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    brand.run("data-export")
    sale = add_section(brand.connection, ["Sale"])
    move(Section.objects.get(name="SS26"), sale.pk)

    brand.run("data-export")

    assert linesheets(joor) == {("Sale", "SS26"): {"COAT": barcodes(coat)}}


def test_a_linesheet_of_that_name_and_season_is_taken_over_and_told(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    brand.run("data-export")
    Link.objects.filter(kind="linesheet").delete()
    (there,) = joor.control("GET", "/collections")
    Section.objects.filter(name="SS26").delete()
    brand.place(coat, "main", "ss26")

    run = brand.run("data-export")

    (after,) = joor.control("GET", "/collections")
    assert (after["id"], after["external_id"]) == (there["id"], there["external_id"])
    assert codes(item(run, "Main > ss26")) == ["linesheet_taken_over"]


def test_one_that_is_archived_or_custom_there_is_left_alone(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", placed=SPRING)
    brand.run("data-export")
    Link.objects.filter(kind="linesheet").delete()
    (there,) = joor.control("GET", "/collections")
    joor.control("PATCH", f"/collections/{there['id']}", {"archived": True})

    brand.run("data-export")

    keys = [each["external_id"] for each in joor.control("GET", "/collections")]
    assert keys == [there["external_id"], f"{there['external_id']}-2"]


def test_a_new_section_does_not_take_the_linesheet_of_one_that_was_renamed(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    brand.run("data-export")
    rename(Section.objects.get(name="Main"), "Old")
    cape = brand.product("CAPE", placed=SPRING)

    brand.run("data-export")

    assert linesheets(joor) == {("Old", "SS26"): {"COAT": barcodes(coat)}, SPRING: {"CAPE": barcodes(cape)}}


def test_what_joor_does_not_have_is_named_and_comes_with_the_next_run(brand: Books, joor: JoorSandbox) -> None:
    coat, cape = brand.product("COAT-black", placed=SPRING), brand.product("CAPE", placed=SPRING)
    brand.run("data-export")
    joor.control("DELETE", "/products/CAPE")
    section = Section.objects.get(name="SS26")
    move_products(section, [cape.pk], section, 0)

    run = brand.run("data-export", only=("linesheet", str(section.pk)))

    assert ends(run) == {"Main > SS26": "failed"}
    assert "CAPE in S" in item(run, "Main > SS26").says
    assert linesheets(joor)[SPRING] == {"COAT": barcodes(coat)}
    assert ends(brand.run("data-export")) == {"CAPE": "created", "Main > SS26": "updated"}
    assert linesheets(joor)[SPRING] == {"CAPE": barcodes(cape), "COAT": barcodes(coat)}


def test_a_new_linesheet_that_lacked_something_is_emptied_when_its_section_is(brand: Books, joor: JoorSandbox) -> None:
    coat, cape = brand.product("COAT-black", placed=AUTUMN), brand.product("CAPE", placed=AUTUMN)
    brand.run("data-export")
    joor.control("DELETE", "/products/CAPE")
    brand.place(coat, *SPRING)
    brand.place(cape, *SPRING)
    section = Section.objects.get(name="SS26")
    run = brand.run("data-export", only=("linesheet", str(section.pk)))
    assert (ends(run), linesheets(joor)[SPRING]) == ({"Main > SS26": "failed"}, {"COAT": barcodes(coat)})

    unplace(section, [coat, cape])
    brand.run("data-export")

    assert linesheets(joor)[SPRING] == {}


# Seasons


def test_seasons_are_created_where_missing_with_the_year_of_their_name_or_of_the_books(
    brand: Books, joor: JoorSandbox
) -> None:
    type(brand.season).objects.create(name="Resort", starts_on=datetime.date(2027, 3, 1))
    coat = brand.product("COAT-black", placed=("Main", "AUTUMN/WINTER 26"))
    brand.place(coat, "Main", "Resort")
    brand.place(coat, "Main", "Permanent")

    brand.run("data-export")

    assert seasons(joor) == {"AUTUMN/WINTER 26": 2026, "Resort": 2027, "Permanent": None}


def test_a_season_that_is_there_is_used_whatever_its_case_and_spaces(brand: Books, joor: JoorSandbox) -> None:
    brand.product("COAT-black", placed=("Main", "Autumn/Winter  26"))
    joor.use(lambda client: client.v4.created("seasons", [{"name": "AUTUMN/WINTER 26", "external_id": "AW26"}]))

    brand.run("data-export")

    assert seasons(joor) == {"AUTUMN/WINTER 26": None}


def test_a_year_that_joor_refuses_is_left_out(brand: Books, joor: JoorSandbox) -> None:
    type(brand.season).objects.create(name="Heritage", starts_on=datetime.date(1850, 3, 1))
    brand.product("COAT-black", placed=("Main", "Heritage"))

    run = brand.run("data-export")

    assert ends(run)["Main > Heritage"] == "created"
    assert seasons(joor) == {"Heritage": None}


# Calls


def test_linesheets_travel_together(brand: Books, joor: JoorSandbox) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    for number in range(9):
        brand.place(coat, f"Linesheet {number}", "SS26")

    brand.run("data-export")

    assert written(joor).count("collections/bulk_create") == 1


def test_findings_of_linesheets_are_read_without_calling(brand: Books) -> None:
    brand.product("COAT-black", placed=SPRING)

    assert brand.says(Linesheets) == {"Main > SS26": []}


def test_a_section_made_anew_keeps_its_linesheet_though_emptying_that_of_the_old_one_went_wrong(
    brand: Books, joor: JoorSandbox
) -> None:
    coat = brand.product("COAT-black", placed=SPRING)
    brand.run("data-export")
    remove(Section.objects.get(name="SS26"))
    brand.place(coat, *SPRING)
    joor.fault("half", path="collections/bulk_update")

    brand.run("data-export")
    brand.run("data-export")

    assert linesheets(joor) == {SPRING: {"COAT": barcodes(coat)}}
    assert counted(brand.run("data-export"))["unchanged"] == 2


@pytest.mark.parametrize("resource", ["products", "skus"])
def test_a_listing_that_is_short_takes_nothing_off_a_linesheet(
    brand: Books, joor: JoorSandbox, monkeypatch: pytest.MonkeyPatch, resource: str
) -> None:
    coat, cape = brand.product("COAT-black", placed=SPRING), brand.product("CAPE", placed=SPRING)
    brand.run("data-export")
    section = Section.objects.get(name="SS26")
    move_products(section, [cape.pk], section, 0)
    listed = ClientV4.listed

    async def short(self: ClientV4, name: str, **filters: Any) -> Any:
        return [] if name == resource else await listed(self, name, **filters)

    with monkeypatch.context() as patched:
        patched.setattr(ClientV4, "listed", short)
        run = brand.run("data-export", only=("linesheet", str(section.pk)))

    assert ends(run) == {"Main > SS26": "failed"}
    assert linesheets(joor)[SPRING] == {"COAT": barcodes(coat), "CAPE": barcodes(cape)}
    assert counted(brand.run("data-export")) == {"updated": 1, "unchanged": 2}
