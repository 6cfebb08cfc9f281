"""What undo keeps it keeps whole, and it does not go round the rules of the books."""

import datetime
from decimal import Decimal
from io import BytesIO

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from linesheet.books import changes, images, imports, orders
from linesheet.books.models import (
    SKU,
    Address,
    Customer,
    Image,
    Import,
    Order,
    OrderLine,
    Price,
    PriceList,
    Product,
    Season,
    Visibility,
)


def range_of(*codes: str) -> dict[str, Product]:
    """Products, each with two SKUs, a price and a season."""
    aw, _ = Season.objects.get_or_create(name="AW26", defaults={"starts_on": datetime.date(2026, 7, 1)})
    prices, _ = PriceList.objects.get_or_create(name="Wholesale", kind="other")
    found = {}
    for code in codes:
        product = Product.objects.create(code=code, style=code, colour="Black", name=code)
        SKU.objects.create(product=product, size="M")
        SKU.objects.create(product=product, size="L")
        Price.objects.create(product=product, season=aw, price_list=prices, currency="EUR", amount=7)
        Visibility.objects.create(product=product, season=aw)
        found[code] = product
    return found


def order(number: int, customer: Customer, season: Season) -> Order:
    made: Order = Order.objects.create(number=number, customer=customer, season=season, currency="EUR")
    sku = SKU.objects.first()
    for position in (1, 2):
        OrderLine.objects.create(order=made, position=position, sku=sku, quantity=2, price=Decimal(10))
    return made


@pytest.fixture
def aw(company) -> Season:
    return Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))


def test_a_product_that_was_changed_since_keeps_all_that_is_part_of_it(company):
    with changes.recorded("import", "Brought in a file.") as change_set:
        range_of("COAT", "SCARF")
    Product.objects.filter(code="COAT").update(category="Coats")

    undone = changes.undo(change_set)

    coat = Product.objects.get()
    assert (coat.code, coat.skus.count(), coat.prices.count(), coat.visibilities.count()) == ("COAT", 2, 1, 1)
    assert undone.kept[0] == "Product COAT was changed since and stays as it is."
    assert not [each for each in undone.kept if "SKU" in each.split()[0]]
    assert Price.objects.count() == 1


def test_a_product_of_which_a_sku_was_changed_since_stays_whole(company):
    with changes.recorded("import", "Brought in a file.") as change_set:
        range_of("COAT", "SCARF")
    SKU.objects.filter(product__code="COAT", size="M").update(barcode="4006381333931")

    undone = changes.undo(change_set)

    coat = Product.objects.get()
    assert (coat.code, coat.skus.count(), coat.prices.count(), coat.visibilities.count()) == ("COAT", 2, 1, 1)
    assert "Product COAT is in use by SKUs that stay and stays as it is." in undone.kept


def test_a_product_that_was_ordered_since_stays_whole(company):
    with changes.recorded("import", "Brought in a file.") as change_set:
        coat = range_of("COAT", "SCARF")["COAT"]
    season = Season.objects.get()
    OrderLine.objects.create(
        order=Order.objects.create(
            number=1, customer=Customer.objects.create(name="Haus Berlin"), season=season, currency="EUR"
        ),
        position=1,
        sku=coat.skus.first(),
        quantity=1,
        price=1,
    )

    changes.undo(change_set)

    assert [each.code for each in Product.objects.all()] == ["COAT"]
    assert (coat.skus.count(), coat.prices.count(), coat.visibilities.count()) == (2, 1, 1)


def test_an_order_that_was_approved_since_keeps_its_lines(aw):
    customer = Customer.objects.create(name="Haus Berlin")
    range_of("COAT")
    with changes.recorded("import", "Brought in orders.") as change_set:
        for number in (1, 2):
            order(number, customer, aw)
    orders.approve(Order.objects.get(number=1))

    undone = changes.undo(change_set)

    assert undone.kept == ["Order SO 1 was changed since and stays as it is."]
    assert undone.taken_back == 3
    assert [(each.number, each.lines.count()) for each in Order.objects.all()] == [(1, 2)]


def test_a_customer_who_was_changed_since_keeps_the_addresses(company):
    with changes.recorded("import", "Brought in customers.") as change_set:
        for name in ("Haus Berlin", "Maison Rive"):
            Address.objects.create(customer=Customer.objects.create(name=name), kind=Address.Kind.DELIVERY)
    Customer.objects.filter(name="Haus Berlin").update(account_code="B1")

    undone = changes.undo(change_set)

    assert undone.kept == ["Customer Haus Berlin was changed since and stays as it is."]
    assert Customer.objects.get().addresses.count() == 1


def test_what_the_set_itself_changed_after_it_was_made_is_as_it_was_left(company):
    with changes.recorded("products", "Made and renamed.") as change_set:
        range_of("COAT")
        Product.objects.update(name="Winter coat")
        Product.objects.update(name="Winter coat, long", custom={"weight": "1.20"})

    assert changes.undo(change_set).kept == []
    assert not Product.objects.exists()


def test_an_order_that_was_locked_since_is_not_changed_back(aw):
    range_of("COAT")
    held = order(1, Customer.objects.create(name="Haus Berlin"), aw)
    with changes.recorded("order", "Revised an order.") as change_set:
        Order.objects.filter(pk=held.pk).update(comments="By lorry")
        OrderLine.objects.filter(order=held, position=1).update(quantity=9)
        OrderLine.objects.filter(order=held, position=2).delete()
        OrderLine.objects.create(order=held, position=3, quantity=1, price=Decimal(7))
    orders.lock(Order.objects.get())

    undone = changes.undo(change_set)

    assert (undone.taken_back, undone.kept) == (0, ["Order SO 1 is locked and stays as it is."])
    held.refresh_from_db()
    assert held.comments == "By lorry"
    assert list(held.lines.values_list("position", "quantity")) == [(1, 9), (3, 1)]


def test_locking_itself_can_be_undone(aw):
    range_of("COAT")
    order(1, Customer.objects.create(name="Haus Berlin"), aw)
    with changes.recorded("orders", "Locked an order.") as change_set:
        Order.objects.update(comments="Last")
        orders.lock(Order.objects.get())

    assert changes.undo(change_set).kept == []

    back = Order.objects.get()
    assert (back.locked, back.comments) == (False, "")


def test_locking_is_not_undone_once_the_erp_has_taken_the_order(aw):
    range_of("COAT")
    held = order(1, Customer.objects.create(name="Haus Berlin"), aw)
    with changes.recorded("orders", "Locked an order.") as change_set:
        orders.lock(held)
    orders.acknowledge(held)

    assert changes.undo(change_set).kept == ["Order SO 1 is locked and stays as it is."]
    assert Order.objects.get().locked


def test_unlocking_that_is_undone_has_the_erp_take_the_order_again(aw):
    range_of("COAT")
    held = order(1, Customer.objects.create(name="Haus Berlin"), aw)
    orders.acknowledge(held)
    with changes.recorded("orders", "Unlocked an order.") as change_set:
        orders.unlock(Order.objects.get())

    assert changes.undo(change_set).kept == []
    back = Order.objects.get()
    assert (back.locked, back.acknowledged_at) == (True, None)


def test_the_file_of_a_picture_goes_when_adding_it_is_undone(company, django_capture_on_commit_callbacks):
    coat = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    content = BytesIO()
    PIL.Image.new("RGB", (8, 8), "red").save(content, "PNG")
    with changes.recorded("pictures", "Pictures added.") as change_set:
        picture = images.add_image(coat, content.getvalue())

    with django_capture_on_commit_callbacks(execute=True):
        changes.undo(change_set)

    assert not Image.objects.exists()
    assert not default_storage.exists(picture.storage_name)


def test_an_import_that_was_brought_in_is_not_discarded(company):
    imported = imports.upload(ContentFile(b"Name\nHaus Berlin\n"), "customers.csv")
    Import.objects.update(state="done")

    with pytest.raises(imports.ImportRefused, match="was brought into the books"):
        imports.discard(imported)

    assert default_storage.exists(imported.stored)


def test_an_upload_is_discarded_with_its_rows_and_its_file(company, django_capture_on_commit_callbacks):
    imported = imports.upload(ContentFile(b"Name\nHaus Berlin\n"), "customers.csv")
    imported.rows.create(number=2, state="created", label="Haus Berlin")

    with django_capture_on_commit_callbacks(execute=True):
        imports.discard(imported)

    assert not Import.objects.exists()
    assert not default_storage.exists(imported.stored)
