"""Seasons and barcodes."""

from decimal import Decimal

from linesheet.books.models import SKU, BarcodeRange, Price, PriceList, Season
from linesheet.books.prices import make_visible, set_price


def test_a_season_is_added_behind_another(linesheet, ss26):
    linesheet(
        "season", "create", "AW26", "--starts", "2026-07-01", "--previous", "ss26", "--delivery-from", "2026-08-01"
    )

    added = Season.objects.named("AW26")
    assert (added.previous, str(added.delivery_starts_on)) == (ss26, "2026-08-01")


def test_a_season_has_a_name_of_its_own(linesheet, ss26):
    result = linesheet("season", "create", " ss26 ", "--starts", "2026-01-01")

    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "There is a season ss26 already.")


def test_making_products_visible_carries_their_prices(linesheet, ss26, coats):
    wholesale = PriceList.objects.create(name="Wholesale", kind="wholesale")
    make_visible(coats, ss26)
    set_price(coats[0], ss26, wholesale, Decimal(100), "EUR")
    Season.objects.create(name="AW26", starts_on="2026-07-01", previous=ss26)

    result = linesheet("season", "make-visible", "AW26", "COAT")

    assert result.stdout == "2 products are visible in AW26, 2 of them newly.\n"
    assert Price.objects.get(season__name="AW26").amount == 100


def test_all_products_on_offer_can_be_made_visible(linesheet, as_json, ss26, coats):
    linesheet("season", "make-visible", "SS26", "--all")

    assert [(row["name"], row["products"]) for row in as_json("season", "list")] == [("SS26", 2)]


def test_products_that_are_not_in_the_books_are_all_named(linesheet, ss26, coats):
    result = linesheet("season", "make-visible", "SS26", "COAT", "HAT", "SOCK")

    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "No product goes by HAT, SOCK.")
    assert not ss26.visibilities.exists()


def test_neither_codes_nor_all_is_wrong_usage(linesheet, ss26):
    assert linesheet("season", "make-visible", "SS26").exit_code == 2


def test_a_season_is_archived_and_taken_back(linesheet, ss26):
    linesheet("season", "archive", "SS26")
    assert Season.objects.get().archived

    linesheet("season", "archive", "SS26", "--undo")
    assert not Season.objects.get().archived


def test_sizes_without_a_barcode_get_one_from_a_range(linesheet, as_json, coats):
    missing = as_json("barcodes", "missing")
    linesheet("barcodes", "add-range", "400638100000", "400638199999", "--warn-below", "10")

    given = as_json("barcodes", "give")

    assert [row["product"] for row in missing] == ["COAT-BLACK", "COAT-RED"]
    assert (given["given"], given["without"], given["left"]) == (2, 0, 99998)
    assert not SKU.objects.filter(barcode="").exists()


def test_a_range_that_runs_out_warns_with_what_helps(linesheet, coats):
    linesheet("barcodes", "add-range", "400638100000", "400638100000", "--random")

    result = linesheet("barcodes", "give")

    assert BarcodeRange.objects.get().method == "random"
    assert "1 barcodes given, 1 sizes still without" in result.stdout
    assert "Add a new range" in result.stdout


def test_a_range_that_is_none_is_refused(linesheet, company):
    result = linesheet("barcodes", "add-range", "abc", "def")

    assert result.exit_code == 1
    assert "cannot begin or end with abc" in result.stderr
