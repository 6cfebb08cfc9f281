"""What is wrong with placed products, counted for the whole tree."""

import datetime

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from linesheet.books.models import SKU, Company, Image, Price, PriceList, Product, Season, Visibility
from linesheet.sync.catalogue import add_section, place, read_tree
from linesheet.sync.catalogue.picking import Filters, Placed, first_of, found_by, pickable
from linesheet.sync.catalogue.warnings import Warn, tallies, warnings_of, with_those_below
from linesheet.sync.models import Connection, Placement
from linesheet.sync.platform import Catalogue, Level

FREE = Catalogue(levels=(Level("Season"), Level("Department")), free_below=True)


@pytest.fixture
def shop(company: Company) -> Connection:
    connection: Connection = Connection.objects.create(platform="any", name="Shop", base_url="http://127.0.0.1")
    return connection


@pytest.fixture
def seasons(company: Company) -> list[Season]:
    days = (("AW25", "2025-07-01"), ("SS26", "2026-01-01"), ("OLD", "2027-01-01"))
    made = [Season.objects.create(name=name, starts_on=datetime.date.fromisoformat(day)) for name, day in days]
    made[2].active = False
    made[2].save()
    return made


def perfect(code: str, season: Season, amount: str = "95") -> Product:
    product: Product = Product.objects.create(code=code, style=code, colour="Red", name=code, category="Coats")
    SKU.objects.create(product=product, size="36")
    SKU.objects.create(product=product, size="38", barcode=f"400000{product.pk:06}")
    Visibility.objects.create(product=product, season=season)
    wholesale, _ = PriceList.objects.get_or_create(name="Wholesale", kind=PriceList.Kind.WHOLESALE)
    Price.objects.create(product=product, season=season, price_list=wholesale, currency="EUR", amount=amount)
    Image.objects.create(
        product=product, content_hash=f"{product.pk:064}", format="jpg", width=9, height=9, bytes=9, position=1
    )
    return product


def test_a_product_that_has_everything_has_no_warning(shop: Connection, seasons: list[Season]) -> None:
    assert warnings_of([perfect("COAT", seasons[1]).pk]) == {}
    assert warnings_of([]) == {}


def test_each_lack_is_a_warning(shop: Connection, seasons: list[Season]) -> None:
    bare = Product.objects.create(code="BARE", style="BARE", colour="Red", name="Bare", active=False, withdrawn=True)
    cheap = perfect("CHEAP", seasons[1], "0")

    assert warnings_of([bare.pk, cheap.pk]) == {
        bare.pk: (Warn.INACTIVE, Warn.WITHDRAWN, Warn.NOT_VISIBLE, Warn.NO_BARCODE, Warn.NO_PICTURE),
        cheap.pk: (Warn.NO_PRICE,),
    }


def test_the_price_of_the_latest_active_season_counts(shop: Connection, seasons: list[Season]) -> None:
    coat = perfect("COAT", seasons[0])
    assert warnings_of([coat.pk]) == {}

    Visibility.objects.create(product=coat, season=seasons[2])
    assert warnings_of([coat.pk]) == {}
    Visibility.objects.create(product=coat, season=seasons[1])
    assert warnings_of([coat.pk]) == {coat.pk: (Warn.NO_PRICE,)}


def test_sections_count_what_is_below_them(shop: Connection, seasons: list[Season]) -> None:
    coat, hat = perfect("COAT", seasons[1]), perfect("HAT", seasons[1], "0")
    women, men = (add_section(shop, ["SS26", name]) for name in ("Women", "Men"))
    place(women, [coat, hat], FREE)
    place(men, [hat], FREE)

    with CaptureQueriesContext(database) as made:
        own = tallies(shop.pk)
    tree = read_tree(shop.pk)
    total = with_those_below(tree, own)

    assert len([each for each in made if "books_product" in each["sql"]]) == 1
    assert {tree.by_id[pk].name: (tally.places, tally.warned) for pk, tally in total.items()} == {
        "SS26": (3, {Warn.NO_PRICE: 2}),
        "Women": (2, {Warn.NO_PRICE: 1}),
        "Men": (1, {Warn.NO_PRICE: 1}),
    }


def test_another_connections_products_are_not_counted(shop: Connection, seasons: list[Season]) -> None:
    other = Connection.objects.create(platform="any", name="Other", base_url="http://127.0.0.1")
    place(add_section(other, ["SS26", "Women"]), [perfect("COAT", seasons[1])], FREE)

    assert tallies(shop.pk) == {}


def test_the_picker_leaves_what_its_filters_ask_for(shop: Connection, seasons: list[Season]) -> None:
    coat, cheap = perfect("COAT", seasons[1]), perfect("CHEAP", seasons[0], "0")
    bare = Product.objects.create(code="BARE", style="B1", colour="Ivory", name="Bare Coat", category="Dresses")
    Product.objects.create(code="GONE", style="G", colour="Red", name="Gone", withdrawn=True)
    here, other = (add_section(shop, ["SS26", name]) for name in ("Women", "Men"))
    place(here, [coat], FREE)
    place(other, [cheap], FREE)

    def found(**asked: object) -> list[Product]:
        return list(pickable(here, Filters(**asked)))  # type: ignore[arg-type]

    assert found() == [bare, cheap, coat]
    assert found(season_id=seasons[1].pk) == [coat]
    assert found(category="Dresses") == [bare]
    assert found(text="coat ivo") == [bare]
    assert found(barcode=True) == [cheap, coat]
    assert found(picture=False) == [bare]
    assert found(price=True) == [coat]
    assert found(price=False, season_id=seasons[0].pk) == [cheap]
    assert found(placed=Placed.NOWHERE) == [bare]
    assert found(placed=Placed.ELSEWHERE) == [cheap]
    assert found(placed=Placed.HERE) == [coat]
    assert len(found(on_offer=False)) == 4
    assert Placement.objects.count() == 2


def test_the_first_products_come_with_how_many_there_are(shop: Connection, seasons: list[Season]) -> None:
    here = add_section(shop, ["SS26", "Women"])
    made = [perfect(f"P{number}", seasons[1]) for number in range(5)]

    assert first_of(here, Filters(), 2) == (made[:2], 5)
    assert first_of(here, Filters(price=True), 2) == (made[:2], 5)
    assert first_of(here, Filters(price=False), 2) == ([], 0)


def test_codes_are_read_whole_first_and_then_word_by_word(shop: Connection) -> None:
    made = [
        Product.objects.create(code=code, style=f"S{code}", colour="Red", name=code)
        for code in ("BIG COAT", "HAT", "CAP")
    ]

    found = found_by("big coat\nhat  cap , what ever; HAT")

    assert (found.ids, found.unknown) == ([each.pk for each in made], ["what ever"])
    assert found_by(" \n,").codes == 0
