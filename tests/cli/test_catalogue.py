"""The catalogue of a connection."""

from linesheet.sync.models import Placement, Section


def test_sections_are_added_with_those_above_them(linesheet, as_json, shop):
    result = linesheet("catalogue", "add", "Toy shop", "SS26/Coats", r"SS26/Shirts \/ Tops")

    assert result.stdout.splitlines() == ["SS26 > Coats", "SS26 > Shirts / Tops"]
    assert [row["path"] for row in as_json("catalogue", "show", "Toy shop")] == [
        ["SS26"],
        ["SS26", "Coats"],
        ["SS26", "Shirts / Tops"],
    ]


def test_products_are_placed_by_code_or_category_and_counted(linesheet, shop, coats):
    linesheet("catalogue", "add", "Toy shop", "SS26/Coats")

    one = linesheet("catalogue", "place", "Toy shop", "SS26/coats", "COAT-RED")
    all_of_them = linesheet("catalogue", "place", "Toy shop", "SS26/Coats", "--category", "coats")

    assert one.stdout == "1 product is in SS26 > Coats, 1 of them newly.\n"
    assert all_of_them.stdout == "2 products are in SS26 > Coats, 1 of them newly.\n"
    assert linesheet("catalogue", "show", "Toy shop").stdout == "SS26\n  Coats (2)\n"


def test_a_section_that_is_not_there_is_not_added_by_the_way(linesheet, shop, coats):
    linesheet("catalogue", "add", "Toy shop", "SS26/Coats")

    result = linesheet("catalogue", "place", "Toy shop", "SS26/Coast", "--all")

    assert result.exit_code == 1
    assert "Coast is not there" in result.stderr
    assert Section.objects.count() == 2


def test_a_product_cannot_be_placed_too_high(linesheet, shop, coats):
    linesheet("catalogue", "add", "Toy shop", "SS26/Coats")

    result = linesheet("catalogue", "place", "Toy shop", "SS26", "--all")

    assert (result.exit_code, Placement.objects.count()) == (1, 0)
    assert "products are placed in a Category" in result.stderr


def test_what_to_place_must_be_said_in_one_way(linesheet, shop):
    assert linesheet("catalogue", "place", "Toy shop", "SS26", "COAT", "--all").exit_code == 2


def test_an_empty_catalogue_says_how_to_begin(linesheet, shop):
    assert "linesheet catalogue add" in linesheet("catalogue", "show", "Toy shop").stdout


def test_a_tree_is_edited(linesheet, shop, coats):
    linesheet("catalogue", "add", "Toy shop", "SS26/Coats", "SS26/Shirts")
    linesheet("catalogue", "place", "Toy shop", "SS26/Coats", "--all")

    assert linesheet("catalogue", "rename", "Toy shop", "SS26/Shirts", "Tops").stdout == "SS26 > Tops\n"
    assert linesheet("catalogue", "move", "Toy shop", "SS26/Tops", "--before", "SS26/Coats").exit_code == 0
    copied = linesheet("catalogue", "copy", "Toy shop", "SS26", "AW26")
    assert copied.stdout == "3 sections are made, with 2 products.\n"
    assert linesheet("catalogue", "unplace", "Toy shop", "AW26/Coats", "COAT-RED").exit_code == 0
    assert linesheet("catalogue", "show", "Toy shop").stdout.split("\n") == [
        "SS26", "  Tops", "  Coats (2)", "AW26", "  Tops", "  Coats (1)", "",
    ]  # fmt: skip
    removed = linesheet("catalogue", "remove", "Toy shop", "SS26")
    assert removed.stdout == "3 sections are removed, and 2 products are no longer in them.\n"


def test_a_section_moves_to_one_place(linesheet, shop):
    linesheet("catalogue", "add", "Toy shop", "SS26/Coats", "AW26")

    assert linesheet("catalogue", "move", "Toy shop", "SS26/Coats").exit_code == 2
    assert linesheet("catalogue", "move", "Toy shop", "SS26/Coats", "--top", "--into", "AW26").exit_code == 2
    assert linesheet("catalogue", "move", "Toy shop", "SS26/Coats", "--into", "AW26").stdout == "AW26 > Coats\n"
    into_itself = linesheet("catalogue", "move", "Toy shop", "AW26", "--into", "AW26/Coats")
    assert (into_itself.exit_code, "lies below it" in into_itself.stderr) == (1, True)
