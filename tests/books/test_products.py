import pytest
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books.models import SKU, Product
from linesheet.books.products import (
    codes_taken,
    find_products,
    free_code,
    ids_by_key,
    product_code,
    skus_without_barcode,
)


def product(style: str, **fields) -> Product:
    return Product.objects.create(code=style.upper(), style=style, colour="Black", name=style, **fields)


@pytest.mark.parametrize(
    ("style", "fabric", "colour", "code"),
    [
        ("Coat", "Wool", "Black", "COAT-WOOL-BLACK"),
        ("Coat", "", "Off white / Écru", "COAT-OFF-WHITE-ECRU"),
        ("12.345", "Straße", "Rød", "12-345-STRASSE-ROD"),
        ("外套", "", "黒", "PRODUCT"),
        ("S" * 50, "ß" * 20, "Æ" * 30, "S" * 50 + "-" + "S" * 40 + "-" + "AE" * 9),
    ],
)
def test_a_code_is_made_of_style_fabric_and_colour(style, fabric, colour, code):
    assert product_code(style, fabric, colour) == code


@given(st.text(max_size=50), st.text(max_size=20), st.text(max_size=30))
def test_a_code_is_always_plain_and_fits(style, fabric, colour):
    code = product_code(style, fabric, colour)

    assert 0 < len(code) <= 110
    assert code.isascii()
    assert code == product_code(code, "", "")


def test_a_code_that_is_taken_gets_a_number(company):
    Product.objects.create(code="Coat-Black", style="Coat", colour="Black", name="Coat")
    Product.objects.create(code="COAT-BLACK-2", style="COAT.", colour="Black", name="Coat")

    assert free_code("Coat", "", "Black ") == "COAT-BLACK-3"
    assert free_code("Coat", "", "Blue") == "COAT-BLUE"


def test_many_codes_take_one_query(company, django_assert_num_queries):
    product("Coat-Black")

    with django_assert_num_queries(1):
        taken = codes_taken()
        codes = []
        for _ in range(3):
            codes.append(free_code("Coat", "", "Black", taken))
            taken.add(codes[-1])

    assert codes == ["COAT-BLACK-2", "COAT-BLACK-3", "COAT-BLACK-4"]


@pytest.mark.parametrize(
    "key", ["coat-1", "Coat-1 ", "sku-9", "036000291452", "36000291452", "0036000291452", "0-36000-29145-2"]
)
def test_a_product_is_found_by_code_style_sku_or_barcode(company, key):
    coat = Product.objects.create(code="COAT-1", style="Coat-1", colour="Black", name="Coat")
    SKU.objects.create(product=coat, size="S", code="SKU-9", barcode="036000291452")
    SKU.objects.create(product=coat, size="M", code="SKU-9", position=1)
    SKU.objects.create(product=product("Skirt"), size="M")

    assert list(find_products(key)) == [coat]


@pytest.mark.parametrize("key", ["", " ", "0000000000000", "nothing"])
def test_what_is_nowhere_finds_nothing(company, key):
    SKU.objects.create(product=product("Skirt"), size="M")

    assert list(find_products(key)) == []


def test_skus_without_a_barcode_are_told_of_products_on_offer(company):
    whole, bare = product("Coat"), product("Skirt")
    product("Old", active=False)
    product("Gone", withdrawn=True)
    SKU.objects.create(product=whole, size="S", barcode="036000291452")
    without = [SKU.objects.create(product=each, size="M", position=1) for each in (whole, bare)]

    assert list(skus_without_barcode()) == without


def test_many_keys_find_what_each_finds_alone(company):
    coat = Product.objects.create(code="COAT-RED", style="COAT", colour="Red", name="Coat")
    blue = Product.objects.create(code="COAT-BLUE", style="COAT", colour="Blue", name="Coat")
    SKU.objects.create(product=coat, size="38", code="K-38", barcode="4000000000013")
    keys = ["coat-red", "Coat", " k-38", "4000000000013", "400000000001", "nothing", ""]

    found = ids_by_key(keys)

    assert list(found) == keys
    assert found == {key: sorted(find_products(key).values_list("pk", flat=True)) for key in keys}
    assert found["Coat"] == [coat.pk, blue.pk]
