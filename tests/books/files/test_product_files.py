"""Product files: rows in, products and SKUs out."""

from decimal import Decimal

import pytest
from django.db import connection

from linesheet.books.files import FileUnreadable, State, import_file
from linesheet.books.models import SKU, Company, Price, Product, RetiredBarcode, Season, Visibility
from linesheet.books.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("books")

HEADER = "Style,Fabric,Colour,Size,Barcode,SKU"


def counts(report):
    return {str(state): count for state, count in report.counts.items() if count}


def reasons(report):
    return [(outcome.row, outcome.column, outcome.reason) for outcome in report.rows]


def test_rows_of_one_product_make_its_sizes_in_the_order_of_the_file(csv_file):
    path = csv_file(
        HEADER,
        "Coat,Wool,Black,S,4006381333931,C-S",
        "Coat,Wool,Black,M,,C-M",
        "Coat,Wool,Red,S,,",
    )

    report = import_file("products", path)

    assert counts(report) == {"created": 3}
    coat = Product.objects.get(code="COAT-WOOL-BLACK")
    assert [(s.size, s.position, s.barcode, s.code) for s in coat.skus.all()] == [
        ("S", 0, "4006381333931", "C-S"),
        ("M", 1, "", "C-M"),
    ]
    assert Product.objects.count() == 2


def test_the_same_file_again_changes_nothing(csv_file):
    path = csv_file(HEADER, "Coat,Wool,Black,S,4006381333931,C-S", "Coat,Wool,Black,M,,C-M")
    import_file("products", path)

    assert counts(import_file("products", path)) == {"unchanged": 2}


def test_a_dry_run_tells_the_same_and_writes_nothing(csv_file):
    path = csv_file(HEADER, "Coat,Wool,Black,S,4006381333931,", "Coat,Wool,Black,M,4006381333932,")

    dry = import_file("products", path, dry_run=True)

    assert not Product.objects.exists()
    real = import_file("products", path)
    assert dry.to_dict() == {**real.to_dict(), "dry_run": True}


def test_a_refused_row_names_row_column_value_reason_and_fix(csv_file):
    path = csv_file(HEADER, "Coat,Wool,Black,S,4006381333932,", "Coat,Wool,Black,M,,")

    report = import_file("products", path)

    (refused,) = report.rows
    assert (refused.file, refused.row, refused.column) == ("file.csv", 2, "Barcode")
    assert refused.value == "4006381333932"
    assert refused.reason == "barcode_check_digit"
    assert refused.says
    assert refused.fix
    assert counts(report) == {"created": 1, "refused": 1}
    assert list(SKU.objects.values_list("size", flat=True)) == ["M"]


def test_a_product_whose_only_row_is_refused_is_not_created(csv_file):
    import_file("products", csv_file(HEADER, "Coat,Wool,Black,S,123,"))

    assert not Product.objects.exists()


def test_product_columns_must_agree_across_the_rows_of_a_product(csv_file):
    path = csv_file(
        "Style,Colour,Size,Category",
        "Coat,Black,S,Coats",
        "Coat,Black,M,Jackets",
        "Coat,Black,L,",
    )

    report = import_file("products", path)

    assert reasons(report) == [(3, "Category", "disagrees")]
    assert "Coats" in report.rows[0].says
    assert counts(report) == {"created": 2, "refused": 1}
    assert Product.objects.get().category == "Coats"


def test_an_empty_cell_in_the_first_row_is_an_answer_too(csv_file):
    path = csv_file("Style,Colour,Size,Category", "Coat,Black,S,", "Coat,Black,M,Jackets")

    assert reasons(import_file("products", path)) == [(3, "Category", "disagrees")]


def test_rows_that_disagree_are_found_however_far_apart_they_stand(csv_file, monkeypatch):
    monkeypatch.setattr("linesheet.books.files.importer.ROWS_AT_A_TIME", 2)
    path = csv_file(
        "Style,Colour,Size,Category,Barcode",
        "Coat,Black,S,Coats,4006381333931",
        "Hat,Black,OS,Hats,",
        "Hat,Red,OS,Hats,",
        "Coat,Black,M,Jackets,",
        "Coat,Black,S,Coats,4006381333948",
    )

    assert reasons(import_file("products", path)) == [(5, "Category", "disagrees"), (6, "Barcode", "disagrees")]


def test_an_absent_column_leaves_values_alone_and_an_empty_cell_clears_them(csv_file):
    import_file("products", csv_file("Style,Colour,Size,Category,Origin", "Coat,Black,S,Coats,Italy"))

    report = import_file("products", csv_file("Style,Colour,Size,Category", "Coat,Black,S,"))

    assert counts(report) == {"updated": 1}
    product = Product.objects.get()
    assert (product.category, product.origin) == ("", "Italy")


def test_an_empty_barcode_cell_leaves_the_barcode_alone_and_says_so(csv_file):
    import_file("products", csv_file(HEADER, "Coat,Wool,Black,S,4006381333931,"))

    report = import_file("products", csv_file(HEADER, "Coat,Wool,Black,S,,"))

    assert counts(report) == {"unchanged": 1}
    assert SKU.objects.get().barcode == "4006381333931"
    assert [(each.said.reason.code, each.count) for each in report.warnings] == [("barcode_left", 1)]


def test_a_code_stays_when_the_style_is_renamed(csv_file):
    import_file("products", csv_file("Style,Colour,Size", "Coat,Black,S"))

    report = import_file("products", csv_file("Product code,Style,Colour,Size", "coat-black,Long Coat,Black,S"))

    assert counts(report) == {"updated": 1}
    product = Product.objects.get()
    assert (product.code, product.style) == ("COAT-BLACK", "Long Coat")


def test_another_code_for_a_known_style_and_colour_is_refused(csv_file):
    import_file("products", csv_file("Style,Colour,Size", "Coat,Black,S"))

    report = import_file("products", csv_file("Product code,Style,Colour,Size", "C1,Coat,Black,S"))

    assert reasons(report) == [(2, "Product code", "code_stays")]
    assert "COAT-BLACK" in report.rows[0].fix


def test_two_products_that_suggest_the_same_code_get_different_ones(csv_file):
    import_file("products", csv_file("Style,Colour,Size", "Coat A,Black,S", "Coat-A,Black,S"))

    assert set(Product.objects.values_list("code", flat=True)) == {"COAT-A-BLACK", "COAT-A-BLACK-2"}


def test_case_of_style_and_size_does_not_make_another_sku(csv_file):
    import_file("products", csv_file("Style,Colour,Size", "Coat,Élan,s", "COAT,ÉLAN,S"))

    assert SKU.objects.count() == 1


def test_a_barcode_on_another_sku_is_refused_naming_the_holder(csv_file):
    path = csv_file(HEADER, "Coat,Wool,Black,S,4006381333931,", "Coat,Wool,Black,M,4006381333931,")

    report = import_file("products", path)

    assert reasons(report) == [(3, "Barcode", "barcode_taken")]
    assert "COAT-WOOL-BLACK S" in report.rows[0].says


def test_twelve_and_thirteen_digits_of_one_number_are_the_same_barcode(csv_file):
    path = csv_file(HEADER, "Coat,Wool,Black,S,036000291452,", "Coat,Wool,Black,M,0036000291452,")

    assert reasons(import_file("products", path)) == [(3, "Barcode", "barcode_taken")]


def test_a_replaced_barcode_is_retired_and_may_go_to_another_size_below(csv_file):
    import_file("products", csv_file(HEADER, "Coat,Wool,Black,S,4006381333931,", "Coat,Wool,Black,M,,"))

    report = import_file(
        "products",
        csv_file(HEADER, "Coat,Wool,Black,S,4006381333948,", "Coat,Wool,Black,M,4006381333931,"),
    )

    assert counts(report) == {"updated": 2}
    assert dict(SKU.objects.values_list("size", "barcode")) == {"S": "4006381333948", "M": "4006381333931"}
    assert list(RetiredBarcode.objects.values_list("gtin", flat=True)) == ["4006381333931"]


def test_a_spreadsheet_number_gets_its_lost_zero_back(xlsx_file):
    path = xlsx_file(("Style", "Colour", "Size", "Barcode"), ("Coat", "Black", 38, 36000291452.0))

    assert counts(import_file("products", path)) == {"created": 1}
    assert SKU.objects.values_list("size", "barcode").get() == ("38", "036000291452")


def test_a_barcode_shortened_by_a_spreadsheet_is_refused_with_the_remedy(csv_file):
    report = import_file("products", csv_file(HEADER, "Coat,Wool,Black,S,4.00638E+12,"))

    assert reasons(report) == [(2, "Barcode", "barcode_scientific")]
    assert "text" in report.rows[0].fix


def test_prices_stand_beside_the_products_of_a_season(csv_file):
    path = csv_file(
        "Style,Colour,Size,Wholesale EUR,RRP GBP,Season",
        'Coat,Black,S,"1.234,50",£ 99.90,ss26',
        "Coat,Black,M,1234.5,,SS26",
    )

    report = import_file("products", path)

    assert counts(report) == {"created": 2}
    prices = Price.objects.values_list("price_list__name", "currency", "amount", "season__name")
    assert set(prices) == {
        ("Wholesale", "EUR", Decimal("1234.5000"), "SS26"),
        ("Retail", "GBP", Decimal("99.9000"), "SS26"),
    }
    assert Visibility.objects.count() == 1


def test_prices_of_one_product_must_agree(csv_file):
    path = csv_file("Style,Colour,Size,Wholesale EUR", "Coat,Black,S,100", "Coat,Black,M,120")

    report = import_file("products", path, season="SS26")

    assert reasons(report) == [(3, "Wholesale EUR", "disagrees")]
    assert Price.objects.get().amount == 100


def test_prices_without_a_season_are_not_read_at_all(csv_file):
    with pytest.raises(FileUnreadable, match="Season"):
        import_file("products", csv_file("Style,Colour,Size,Wholesale EUR", "Coat,Black,S,100"))


def test_seasons_named_in_the_file_are_the_ones_a_product_is_visible_in(csv_file):
    import_file("products", csv_file("Style,Colour,Size,Seasons", "Coat,Black,S,SS26; AW26"))
    assert Visibility.objects.count() == 2

    report = import_file("products", csv_file("Style,Colour,Size,Seasons", "Coat,Black,S,AW26"))

    assert counts(report) == {"updated": 1}
    assert [visible.season.name for visible in Visibility.objects.all()] == ["AW26"]


def test_making_a_product_visible_carries_prices_of_the_season_before(csv_file):
    import_file("products", csv_file("Style,Colour,Size,Wholesale EUR", "Coat,Black,S,100"), season="SS26")

    import_file("products", csv_file("Style,Colour,Size,Seasons", "Coat,Black,S,SS26;AW26"))

    carried = Price.objects.get(season=Season.objects.named("AW26"))
    assert (carried.amount, carried.carried_from.name) == (100, "SS26")


def test_an_unknown_season_is_refused_naming_those_there_are(csv_file):
    report = import_file("products", csv_file("Style,Colour,Size,Seasons", "Coat,Black,S,SS99"))

    assert reasons(report) == [(2, "Seasons", "unknown")]
    assert "SS26, AW26" in report.rows[0].says


def test_custom_columns_are_kept_on_the_product(csv_file):
    import_file("products", csv_file("Style,Colour,Size,Custom: Fit,Custom: Care", "Coat,Black,S,Slim,Dry clean"))
    import_file("products", csv_file("Style,Colour,Size,Custom: Fit", "Coat,Black,S,"))

    assert Product.objects.get().custom == {"Care": "Dry clean"}


def test_a_text_that_is_too_long_names_column_and_limit(csv_file):
    report = import_file("products", csv_file("Style,Colour,Size", f"{'x' * 51},Black,S"))

    assert reasons(report) == [(2, "Style", "too_long")]
    assert "50" in report.rows[0].says


def test_flags_are_read_in_several_languages_and_nonsense_is_refused(csv_file):
    path = csv_file("Style,Colour,Size,Active", "Coat,Black,S,nein", "Hat,Black,S,TRUE", "Cap,Black,S,perhaps")

    assert reasons(import_file("products", path)) == [(4, "Active", "not_a_flag")]
    assert dict(Product.objects.values_list("style", "active")) == {"Coat": False, "Hat": True}


def test_a_file_without_sizes_brings_in_products_alone_with_a_warning(csv_file):
    report = import_file("products", csv_file("Style,Colour,Category", "Coat,Black,Coats"))

    assert counts(report) == {"created": 1}
    assert [each.said.reason.code for each in report.warnings] == ["no_sizes"]
    assert not SKU.objects.exists()


def test_a_row_without_fabric_means_the_only_fabric_there_is(csv_file):
    import_file("products", csv_file("Style,Fabric,Colour,Size", "Coat,Wool,Black,S"))

    assert counts(import_file("products", csv_file("Style,Colour,Size", "Coat,Black,S"))) == {"unchanged": 1}


def test_what_the_database_refuses_is_found_row_by_row_and_its_own_words_go_to_the_log(csv_file, caplog):
    """A rule of the database that the importer does not know stands in for a write by somebody else meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE books_product ADD CONSTRAINT no_hats CHECK (style <> 'Hat')")
    path = csv_file("Style,Colour,Size", "Coat,Black,S", "Hat,Black,S", "Coat,Black,M", "Cap,Red,S", "Hat,Red,S")

    report = import_file("products", path)

    assert reasons(report) == [(3, None, "database_refused"), (6, None, "database_refused")]
    assert report.rows[0].says == "The row could not be stored (code 23514)."
    assert "no_hats" in caplog.text
    assert counts(report) == {"created": 3, "refused": 2}
    assert Product.objects.get(style="Coat").code == "COAT-BLACK"


def test_an_import_that_breaks_off_writes_nothing(csv_file, monkeypatch):
    monkeypatch.setattr("linesheet.books.files.importer.ROWS_AT_A_TIME", 1)
    path = csv_file("Style,Colour,Size", "Coat,Black,S", "Hat,Black,S")
    calls = []

    def break_off(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("the power is gone")

    monkeypatch.setattr("linesheet.books.files.shelf.Shelf._save_visibility", break_off)

    with pytest.raises(RuntimeError):
        import_file("products", path)
    assert not Product.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(csv_file, django_assert_max_num_queries):
    header = "Style,Colour,Size,Category,Seasons,Wholesale EUR,Season"
    path = csv_file(header, *(f"Coat {n // 4},Black,{n % 4},Coats,SS26,100,SS26" for n in range(1000)), name="many.csv")

    with django_assert_max_num_queries(40):
        assert import_file("products", path).created == 1000


def test_a_company_sees_and_changes_its_own_products_only(csv_file):
    path = csv_file(HEADER, "Coat,Wool,Black,S,4006381333931,")
    import_file("products", path)
    with acting_for(Company.objects.create(name="Other", slug="other")):
        assert counts(import_file("products", path)) == {"created": 1}
    assert SKU.everywhere.count() == 2


def test_every_outcome_adds_up_to_the_rows_read(csv_file):
    path = csv_file(HEADER, "Coat,Wool,Black,S,1,", "Coat,Wool,Black,M,,", "", "Coat,Wool,Black,L,,", ",,,,,")

    report = import_file("products", path)

    assert report.total == 3
    assert State.REFUSED in report.counts
    assert report.to_dict()["counts"] == {"created": 2, "updated": 0, "unchanged": 0, "refused": 1}
