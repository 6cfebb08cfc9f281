"""Shopify's product export, as it comes, brought into the books."""

from decimal import Decimal
from pathlib import Path

import pytest

from linesheet.books.files import import_file
from linesheet.books.files.shopify import plain_text, short_handle
from linesheet.books.models import SKU, Location, Price, Product, Season, Stock

pytestmark = pytest.mark.usefixtures("books")

REAL = next(
    (
        folder / "shared/data/shopify-product-csvs"
        for folder in Path(__file__).resolve().parents
        if (folder / "shared/data/shopify-product-csvs").is_dir()
    ),
    None,
)

HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
    "Option3 Name,Option3 Value,Variant SKU,Variant Inventory Qty,Variant Price,Variant Barcode,Image Src,"
    "Variant Image,Cost per item,Status"
)
COAT = (
    'coat,Winter Coat,"<p>Warm.</p><p>Long &amp; soft.</p>",Nord,Coats,"wool, winter",true,Color,Black,Size,S,,,'
    "'0012,5,299.00,'4006381333931,https://x/1.jpg,https://x/black.jpg,80.00,active"
)
COAT_RED = "coat,,,,,,,,Red,,S,,,0013,2,299.00,,https://x/2.jpg,,80.00,"
COAT_PICTURE = "coat,,,,,,,,,,,,,,,,,https://x/3.jpg,,,"


@pytest.fixture
def real_file():
    if REAL is None:
        pytest.skip("the shared Shopify exports are not beside this checkout")
    return lambda name: REAL / name


@pytest.mark.parametrize(
    ("name", "rows", "products", "skus"),
    [("apparel.csv", 22, 20, 22), ("home-and-garden.csv", 21, 20, 21), ("jewelery.csv", 41, 23, 23)],
)
def test_real_exports_go_in_whole_and_a_second_time_change_nothing(real_file, name, rows, products, skus):
    first = import_file("products", real_file(name))

    assert first.refused == 0, [outcome.to_dict() for outcome in first.rows]
    assert (first.created, first.total) == (rows, rows)
    assert (Product.objects.count(), SKU.objects.count()) == (products, skus)
    assert import_file("products", real_file(name)).unchanged == rows


def test_a_real_product_without_options_gets_one_colour_and_one_size(real_file):
    import_file("products", real_file("apparel.csv"))

    shirt = Product.objects.get(style="ocean-blue-shirt")
    assert (shirt.name, shirt.colour, shirt.category) == ("Ocean Blue Shirt", "One colour", "men")
    assert [sku.size for sku in shirt.skus.all()] == ["OS"]
    assert shirt.active
    assert shirt.custom["vendor"] == "partners-demo"


def test_a_real_product_in_two_colours_becomes_two_products_with_the_texts_of_its_first_row(real_file):
    import_file("products", real_file("jewelery.csv"))

    anchors = Product.objects.filter(style="leather-anchor").order_by("colour")
    assert [(p.colour, p.name) for p in anchors] == [
        ("Gold", "Anchor Bracelet Mens"),
        ("Silver", "Anchor Bracelet Mens"),
    ]
    assert len(anchors[0].custom["image_urls"]) == 3


def test_colour_size_and_an_unknown_option_are_found_wherever_they_stand(csv_file):
    path = csv_file(
        "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant Price",
        "shirt,Shirt,Material,Linen,Size,M,Colour,White,80",
        "shirt,,,Cotton,,M,,White,70",
    )

    assert import_file("products", path).created == 2
    assert set(SKU.objects.values_list("product__fabric", "product__colour", "size")) == {
        ("Linen", "White", "M"),
        ("Cotton", "White", "M"),
    }


def test_sku_and_barcode_lose_shopifys_apostrophe_and_html_becomes_text(csv_file):
    import_file("products", csv_file(HEADER, COAT))

    sku = SKU.objects.get()
    assert (sku.code, sku.barcode) == ("0012", "4006381333931")
    assert sku.product.description == "Warm.\nLong & soft."
    assert sku.product.category == "Coats"


def test_a_picture_row_is_created_once_and_then_unchanged(csv_file):
    path = csv_file(HEADER, COAT, COAT_RED, COAT_PICTURE)

    assert import_file("products", path).created == 3
    assert import_file("products", path).unchanged == 3
    black = Product.objects.get(colour="Black")
    assert black.custom["image_urls"] == [
        "https://x/black.jpg",
        "https://x/1.jpg",
        "https://x/2.jpg",
        "https://x/3.jpg",
    ]


def test_a_picture_whose_variants_were_all_refused_is_refused_too(csv_file):
    path = csv_file(HEADER, COAT.replace("4006381333931", "123"), COAT_PICTURE)

    report = import_file("products", path)

    assert [(row.row, row.column, row.reason) for row in report.rows] == [
        (2, "Variant Barcode", "barcode_length"),
        (3, "Handle", "image_without_product"),
    ]
    assert not Product.objects.exists()


def test_a_refused_first_row_still_names_the_options_of_the_rows_below(csv_file):
    path = csv_file(HEADER, COAT.replace("4006381333931", "123"), COAT_RED)

    report = import_file("products", path)

    assert (report.created, report.refused) == (1, 1)
    assert Product.objects.get().colour == "Red"
    assert Product.objects.get().name == "Winter Coat"


def test_prices_and_stock_come_in_when_season_currency_and_location_are_chosen(csv_file):
    path = csv_file(HEADER, COAT, COAT_RED)

    report = import_file("products", path, season="SS26", currency="EUR", location="MAIN")

    assert not report.warnings
    amounts = Price.objects.filter(product__colour="Red").values_list("price_list__kind", "currency", "amount")
    assert set(amounts) == {("retail", "EUR", Decimal("299.0000")), ("cost", "EUR", Decimal("80.0000"))}
    assert Product.objects.filter(seasons=Season.objects.named("SS26")).count() == 2
    assert set(Stock.objects.values_list("sku__code", "location__name", "opening")) == {
        ("0012", "Main warehouse", 5),
        ("0013", "Main warehouse", 2),
    }
    assert import_file("products", path, season="SS26", currency="EUR", location="MAIN").unchanged == 2


def test_without_season_and_currency_prices_and_stock_are_left_with_a_warning(csv_file):
    report = import_file("products", csv_file(HEADER, COAT))

    assert [each.said.reason.code for each in report.warnings] == [
        "shopify_prices_left",
        "shopify_prices_left",
        "shopify_stock_left",
    ]
    assert not Price.objects.exists()
    assert not Stock.objects.exists()
    assert Location.objects.count() == 1


@pytest.mark.parametrize(
    ("published", "status", "active"),
    [("true", "active", True), ("false", "active", False), ("true", "draft", False), ("true", "archived", False)],
)
def test_drafts_archived_and_unpublished_products_are_inactive(csv_file, published, status, active):
    line = COAT.replace(",true,", f",{published},").replace(",active", f",{status}")
    import_file("products", csv_file(HEADER, line))

    assert Product.objects.get().active is active


def test_the_newer_wording_of_the_headers_is_known_as_well(csv_file):
    path = csv_file(
        "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,"
        "Option1 name,Option1 value,Price,Inventory quantity,Product image URL",
        "Coat,coat,Warm,Nord,Apparel > Coats,,,TRUE,Active,C-S,4006381333931,Size,S,299,4,https://x/1.jpg",
    )

    report = import_file("products", path)

    assert report.created == 1, report.to_dict()
    product = Product.objects.get()
    assert (product.style, product.category, product.active) == ("coat", "Coats", True)


def test_a_long_handle_is_shortened_the_same_way_every_time(csv_file):
    long = "a-very-long-handle-that-goes-on-" * 3
    report = import_file("products", csv_file(HEADER, COAT.replace("coat,", f"{long},", 1)))

    style = Product.objects.get().style
    assert len(style) == 50
    assert style == short_handle(long) != short_handle(long + "x")
    assert "handle_shortened" in [each.said.reason.code for each in report.warnings]


def test_rows_torn_from_their_handle_are_refused(csv_file):
    other = COAT.replace("coat,", "hat,", 1).replace("4006381333931", "").replace("0012", "9")
    report = import_file("products", csv_file(HEADER, COAT, other, COAT_RED))

    assert [(row.row, row.reason) for row in report.rows] == [(4, "handle_scattered")]


def test_html_is_read_as_a_browser_shows_it():
    assert plain_text("<style>p{}</style><ul><li>One</li><li>Two</li></ul>a &lt; b<!-- no -->") == "One\nTwo\na < b"
