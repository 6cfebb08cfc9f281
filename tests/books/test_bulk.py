import datetime
from decimal import Decimal

import pytest
from django.db import DataError, connection

from linesheet.books.bulk import insert, look_anew, save_changed, save_new
from linesheet.books.companies import create_company
from linesheet.books.models import SKU, Company, Price, PriceList, Product, Season, SizeRange
from linesheet.books.tenancy import acting_for


@pytest.fixture
def coats(company: Company) -> list[Product]:
    return [Product.objects.create(code=f"COAT-{number}", style=f"COAT-{number}") for number in range(3)]


def test_changed_records_keep_the_values_of_every_kind_of_field(coats):
    black, blue, red = coats
    black.name, black.custom, black.active = 'Coat "Rue\\Roi" {1,2}', {"fit": ["slim", None], "note": 'é "x"'}, False
    blue.name, blue.custom = "NULL", {}

    save_changed(coats, ["name", "custom", "active"])

    assert list(Product.objects.order_by("code").values_list("name", "custom", "active")) == [
        ('Coat "Rue\\Roi" {1,2}', {"fit": ["slim", None], "note": 'é "x"'}, False),
        ("NULL", {}, True),
        (red.name, red.custom, True),
    ]


def test_changed_records_keep_amounts_dates_links_and_nothing(coats):
    ss26, aw26 = (Season.objects.create(name=name, starts_on="2026-01-01") for name in ("SS26", "AW26"))
    wholesale, _ = PriceList.objects.get_or_create(name="Wholesale", kind=PriceList.Kind.WHOLESALE)
    prices = [
        Price.objects.create(
            product=coat, season=ss26, price_list=wholesale, currency="EUR", amount=1, carried_from=aw26
        )
        for coat in coats
    ]
    ss26.delivery_starts_on, aw26.delivery_starts_on = datetime.date(2026, 2, 1), None
    prices[0].amount, prices[0].carried_from = Decimal("19.95"), None

    save_changed([ss26, aw26], ["delivery_starts_on"])
    save_changed(prices, ["amount", "carried_from"])

    assert list(Season.objects.order_by("-name").values_list("delivery_starts_on", flat=True)) == [
        datetime.date(2026, 2, 1),
        None,
    ]
    assert list(Price.objects.order_by("id").values_list("amount", "carried_from")) == [
        (Decimal("19.95"), None),
        (Decimal(1), aw26.pk),
        (Decimal(1), aw26.pk),
    ]


def test_only_the_named_fields_are_saved(coats):
    coats[0].name, coats[0].style = "Parka", "OTHER"

    save_changed(coats, ["name"])

    coats[0].refresh_from_db()
    assert (coats[0].name, coats[0].style) == ("Parka", "COAT-0")


def test_a_changed_record_tells_when_it_changed(coats):
    before = coats[0].changed_at

    save_changed(coats[:1], ["name"])

    coats[0].refresh_from_db()
    assert coats[0].changed_at > before


def test_choices_are_saved_as_what_they_stand_for(company):
    lists = [PriceList.objects.create(name=name, kind=PriceList.Kind.COST) for name in ("A", "B")]
    lists[0].kind, lists[1].kind = PriceList.Kind.WHOLESALE, "retail"

    save_changed(lists, ["kind"])

    assert [PriceList.objects.get(name=name).kind for name in ("A", "B")] == ["wholesale", "retail"]


def test_a_record_of_another_company_stays_as_it_is(coats):
    coats[0].name = "Theirs now"

    with acting_for(create_company("Other", owner_email="other@linesheet.example")):
        save_changed(coats, ["name"])

    assert not Product.objects.filter(name="Theirs now").exists()


def test_of_two_models_of_one_record_the_last_is_saved(coats):
    first, last = (Product.objects.get(pk=coats[0].pk) for _ in range(2))
    first.name, last.name = "First", "Last"

    save_changed([first, coats[1], last], ["name"])
    assert Product.objects.get(pk=first.pk).name == "Last"

    save_changed([last, coats[1], first], ["name"])
    assert Product.objects.get(pk=first.pk).name == "First"


def test_a_record_deleted_meanwhile_stays_away(coats):
    Product.objects.filter(pk=coats[0].pk).delete()

    save_changed(coats, ["name"])

    assert Product.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_too_long_is_refused_and_not_cut_off(coats):
    coats[0].style = "x" * 1000

    with pytest.raises(DataError):
        save_changed(coats, ["style"])
    with pytest.raises(DataError):
        insert(SKU, ("product", "size", "position", "code", "barcode"), [(coats[0].pk, "x" * 1000, 0, "", "")])


def test_new_records_get_their_ids_and_what_the_database_computes(coats):
    sizes = [SKU(product=coat, size="M", barcode=f"0{number}2345678905") for number, coat in enumerate(coats)]

    save_new(sizes)

    assert [(sku.pk, sku.gtin) for sku in sizes] == list(SKU.objects.order_by("pk").values_list("pk", "gtin"))
    assert [sku.product_id for sku in sizes] == [coat.pk for coat in coats]


def test_a_new_record_may_point_to_one_that_was_saved_after_it_was_made(company):
    coat = Product(code="COAT", style="COAT")
    size = SKU(product=coat, size="M")

    save_new([coat])
    save_new([size])

    assert SKU.objects.get().product == coat


def test_new_records_keep_arrays_of_any_length(company):
    sizes = [["36", "38"], [], ['S "slim"', "{M}", "L\\XL", "NULL", ""]]

    save_new(SizeRange(name=str(number), sizes=each) for number, each in enumerate(sizes))

    assert list(SizeRange.objects.order_by("name").values_list("sizes", flat=True)) == sizes


def test_saving_takes_one_query_however_many_records(coats, django_assert_num_queries):
    with django_assert_num_queries(1):
        save_changed(coats, ["name"])
    with django_assert_num_queries(0):
        save_changed([], ["name"])


def test_the_database_knows_how_many_rows_came_as_soon_as_it_looked_anew(company):
    Product.objects.bulk_create(Product(code=f"COAT-{number}", style=f"COAT-{number}") for number in range(300))

    look_anew("books")

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'books_product'::regclass")
        assert cursor.fetchone() == (300,)
