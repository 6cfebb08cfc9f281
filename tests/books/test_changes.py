import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linesheet.books import changes, images, undoing
from linesheet.books.barcodes import add_range, give_barcodes, put_barcode
from linesheet.books.models import (
    SKU,
    Change,
    ChangeSet,
    Company,
    Customer,
    Image,
    Location,
    Order,
    OrderLine,
    Price,
    PriceList,
    Product,
    RetiredBarcode,
    Season,
    SizeRange,
    Stock,
    Visibility,
)
from linesheet.books.tenancy import acting_for

UNDOABLE = (Season, SizeRange, Product, SKU, Visibility, PriceList, Price, Customer, Location, Stock, Order, OrderLine)


def season(name: str) -> Season:
    return Season.objects.create(name=name, starts_on=datetime.date(2026, 1, 1))


def product(code: str) -> Product:
    return Product.objects.create(code=code, style=code, colour="Black", name=code.title())


def books() -> dict[str, dict[int, dict[str, object]]]:
    """All rows as they are, without when they were touched."""
    found = {}
    for model in UNDOABLE:
        rows = {row["id"]: row for row in model.objects.values()}
        for row in rows.values():
            row.pop("changed_at", None)
        found[model.__name__] = rows
    return found


def test_what_was_inserted_updated_and_deleted_is_taken_back(company):
    coat, scarf = product("COAT"), product("SCARF")
    sku = SKU.objects.create(product=coat, size="M", barcode="4006381333931")
    before = books()

    with changes.recorded("products", "Tidied the products.") as change_set:
        SKU.objects.create(product=coat, size="L", barcode="12345670")
        Visibility.objects.create(product=coat, season=season("AW26"))
        coat.name, coat.custom = "Winter coat", {"weight": "1.20"}
        coat.save()
        sku.barcode = ""
        sku.save()
        scarf.delete()
    undone = changes.undo(change_set)

    assert books() == before
    assert (undone.taken_back, undone.kept) == (6, [])
    assert SKU.objects.get(pk=sku.pk).gtin == "4006381333931"


def test_nothing_is_written_down_when_nobody_records(company):
    product("COAT")

    assert not Change.objects.exists()


def test_a_change_set_in_which_nothing_happened_is_not_kept(company):
    coat = product("COAT")

    with changes.recorded("products", "Saved the coat.") as change_set:
        coat.save()

    assert change_set.pk is None
    assert not ChangeSet.objects.exists()


def test_the_sentence_may_be_found_while_the_work_is_done(company):
    with changes.recorded("products", "Made products.", subject="connection:7") as change_set:
        product("COAT")
        change_set.says = "Made 1 product."

    assert ChangeSet.objects.get(subject="connection:7").says == "Made 1 product."


def test_a_sentence_that_is_too_long_is_cut(company):
    with changes.recorded("products", "x" * 500) as change_set:
        product("COAT")
        change_set.says = "y" * 500

    assert ChangeSet.objects.get().says == "y" * 299 + "…"


def test_recording_ends_when_the_work_fails(company):
    with pytest.raises(ZeroDivisionError), changes.recorded("products", "Made products."):
        product("COAT")
        raise ZeroDivisionError
    product("SCARF")

    assert ChangeSet.objects.get().changes.count() == 1


def test_recording_ends_when_the_database_refuses(company):
    product("COAT")
    with pytest.raises(IntegrityError), transaction.atomic(), changes.recorded("products", "Made products."):
        product("COAT")
    product("SCARF")

    assert not ChangeSet.objects.exists()
    assert not Change.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_recording_goes_on_over_several_transactions():
    with acting_for(Company.objects.create(name="Atelier Nord", slug="atelier-nord")):
        with changes.recorded("import", "Brought in a file.") as change_set:
            with transaction.atomic():
                product("COAT")
            with pytest.raises(IntegrityError), transaction.atomic():
                product("COAT")
            with transaction.atomic():
                product("SCARF")

        assert changes.undo(change_set).taken_back == 2
        assert not Product.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_work_that_another_session_still_records_is_not_undone():
    with acting_for(Company.objects.create(name="Atelier Nord", slug="atelier-nord")):
        change_set = ChangeSet.objects.create(kind="import", says="Brought in a file.")
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [changes._LOCKS, change_set.pk])
            with pytest.raises(changes.UndoRefused, match="still going on"):
                changes.undo(change_set)
            # The server may notice only later that a connection was closed.
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [changes._LOCKS, change_set.pk])
        other.close()

        changes.undo(change_set)


def test_recording_within_recording_is_an_error(company):
    with changes.recorded("products", "One.") as change_set:
        product("COAT")
        with pytest.raises(changes.AlreadyRecording), changes.recorded("products", "Two."):
            pass
        with pytest.raises(changes.AlreadyRecording):
            changes.undo(change_set)


def test_undoing_works_once(company):
    with changes.recorded("products", "Made a coat.") as change_set:
        product("COAT")
    changes.undo(change_set)

    with pytest.raises(changes.UndoRefused, match="undone already"):
        changes.undo(change_set)


def test_a_row_that_was_changed_since_is_kept_and_told_of(company):
    coat, scarf = product("COAT"), product("SCARF")
    with changes.recorded("products", "Renamed two.") as change_set:
        Product.objects.update(name="Renamed")
        product("HAT")
    Product.objects.filter(pk=coat.pk).update(name="Better")
    Product.objects.filter(code="HAT").update(category="Hats")

    undone = changes.undo(change_set)

    assert sorted(undone.kept) == [
        "Product COAT was changed since and stays as it is.",
        "Product HAT was changed since and stays as it is.",
    ]
    assert (undone.taken_back, undone.kept_rows) == (1, 2)
    assert dict(Product.objects.values_list("code", "name")) == {"COAT": "Better", "SCARF": "Scarf", "HAT": "Hat"}
    assert Product.objects.filter(pk=scarf.pk, name="Scarf").exists()


def test_a_later_change_of_another_field_does_not_stand_in_the_way(company):
    coat = product("COAT")
    with changes.recorded("products", "Renamed the coat.") as change_set:
        coat.name = "Renamed"
        coat.save()
    coat.category = "Coats"
    coat.save()

    assert changes.undo(change_set).kept == []

    coat.refresh_from_db()
    assert (coat.name, coat.category) == ("Coat", "Coats")


def test_a_row_that_others_came_to_use_is_kept(company):
    with changes.recorded("products", "Made two.") as change_set:
        coat, _ = product("COAT"), product("SCARF")
    SKU.objects.create(product=coat, size="M")

    undone = changes.undo(change_set)

    assert undone.kept == ["Product COAT is in use by SKUs that came since and stays as it is."]
    assert [each.code for each in Product.objects.all()] == ["COAT"]


def test_a_row_whose_place_was_taken_does_not_come_back(company):
    coat, _ = product("COAT"), product("SCARF")
    with changes.recorded("products", "Deleted all.") as change_set:
        Product.objects.all().delete()
    product("COAT")

    undone = changes.undo(change_set)

    assert undone.kept == ["Product COAT has had its place taken by another."]
    assert sorted(each.code for each in Product.objects.all()) == ["COAT", "SCARF"]
    assert not Product.objects.filter(pk=coat.pk).exists()


def test_an_updated_row_that_is_gone_is_told_of_and_an_inserted_one_is_no_matter(company):
    coat = product("COAT")
    with changes.recorded("products", "Worked on two.") as change_set:
        coat.name = "Renamed"
        coat.save()
        product("SCARF")
    Product.objects.all().delete()

    assert changes.undo(change_set).kept == ["Product Coat was deleted since."]


def test_no_more_sentences_are_told_than_one_reads(company, monkeypatch):
    monkeypatch.setattr(undoing, "MOST_TOLD", 2)
    with changes.recorded("products", "Made three.") as change_set:
        for code in ("A", "B", "C"):
            product(code)
    Product.objects.update(category="Taken over")

    undone = changes.undo(change_set)

    assert (len(undone.kept), undone.kept_rows, undone.taken_back) == (2, 3, 0)


def test_values_that_went_round_come_back(company):
    coat = product("COAT")
    first, second = (SKU.objects.create(product=coat, size=size, barcode=size * 8) for size in "12")
    before = books()
    with changes.recorded("products", "Swapped two barcodes.") as change_set:
        SKU.objects.filter(pk=first.pk).update(barcode="")
        SKU.objects.filter(pk=second.pk).update(barcode=first.barcode)
        SKU.objects.filter(pk=first.pk).update(barcode=second.barcode)

    assert changes.undo(change_set).kept == []
    assert books() == before


def test_a_picture_comes_back_with_its_file_and_the_file_goes_when_it_no_longer_can(
    company, django_capture_on_commit_callbacks
):
    coat = product("COAT")
    content = _png()
    with django_capture_on_commit_callbacks(execute=True):
        picture = images.add_image(coat, content)
        with changes.recorded("products", "Removed a picture.") as change_set:
            images.remove_image(picture)
    changes.undo(change_set)
    assert images.open_image(Image.objects.get()) == content

    with django_capture_on_commit_callbacks(execute=True), changes.recorded("products", "Removed it again."):
        images.remove_image(Image.objects.get())
    changes.forget(timezone.now())

    with pytest.raises(FileNotFoundError):
        images.open_image(picture)


def test_the_sums_of_an_order_follow_its_lines_when_these_are_taken_back(company):
    customer, aw = Customer.objects.create(name="Haus Berlin"), season("AW26")
    sku = SKU.objects.create(product=product("COAT"), size="M")
    order = Order.objects.create(number=1, customer=customer, season=aw, currency="EUR")
    OrderLine.objects.create(order=order, position=1, sku=sku, quantity=2, price=Decimal(10))
    before = books()
    with changes.recorded("orders", "Worked on orders.") as change_set:
        Order.objects.filter(pk=order.pk).update(discount_percent=10)
        OrderLine.objects.create(order=order, position=2, sku=sku, quantity=3, price=Decimal(10))
        other = Order.objects.create(number=2, customer=customer, season=aw, currency="EUR")
        OrderLine.objects.create(order=other, position=1, quantity=1, price=Decimal(7))
    OrderLine.objects.create(order=order, position=3, sku=sku, quantity=1, price=Decimal(10))

    assert changes.undo(change_set).kept == []

    order.refresh_from_db()
    assert (order.units, order.amount, order.total) == (3, 30, 30)
    OrderLine.objects.filter(position=3).delete()
    assert books() == before

    with changes.recorded("orders", "Deleted an order.") as change_set:
        Order.objects.get().delete()
    changes.undo(change_set)
    assert books() == before


def test_old_change_sets_are_forgotten(company):
    with changes.recorded("products", "Made a coat.") as old:
        product("COAT")
    with changes.recorded("products", "Made a scarf.") as young:
        product("SCARF")
    ChangeSet.objects.filter(pk=old.pk).update(made_at=timezone.now() - datetime.timedelta(days=200))

    assert changes.forget(timezone.now() - datetime.timedelta(days=180)) == 1

    assert list(ChangeSet.objects.all()) == [young]
    assert set(Change.objects.values_list("change_set", flat=True)) == {young.pk}


def test_another_companys_change_set_is_not_found(company):
    with changes.recorded("products", "Made a coat.") as change_set:
        product("COAT")

    with acting_for(Company.objects.create(name="Other", slug="other")), pytest.raises(ChangeSet.DoesNotExist):
        changes.undo(change_set)


names = st.sampled_from("abcdef")
edits = st.lists(
    st.tuples(
        st.sampled_from(
            ["product", "sku", "visible", "price", "stock", "rename", "barcode", "custom", "delete", "season", "order"]
        ),
        names,
        names,
        st.booleans(),
    ),
    max_size=25,
)


def _edit(what: str, one: str, other: str, flag: bool) -> None:
    """One edit as a page would make it; those the books refuse are let go."""
    coat = Product.objects.filter(code=one).first()
    aw = Season.objects.first()
    sku = SKU.objects.filter(product=coat, size=other).first() if coat else None
    match what:
        case "product":
            product(one)
        case "season":
            season(other)
        case "sku" if coat:
            SKU.objects.create(product=coat, size=other)
        case "visible" if coat and aw:
            Visibility.objects.create(product=coat, season=aw)
        case "price" if coat and aw:
            price_list, _ = PriceList.objects.get_or_create(name=other, kind="other")
            Price.objects.create(
                product=coat, season=aw, price_list=price_list, currency="EUR", amount=Decimal("10.5") if flag else 7
            )
        case "stock" if sku and aw:
            location, _ = Location.objects.get_or_create(name="Main")
            Stock.objects.create(sku=sku, location=location, season=aw, opening=3)
        case "rename" if coat:
            coat.code = coat.style = other
            coat.save()
        case "barcode" if sku:
            sku.barcode = one * 8 if flag else ""
            sku.save()
        case "custom" if coat:
            coat.custom = {one: {other: flag}}
            coat.save()
        case "order" if aw:
            customer, _ = Customer.objects.get_or_create(name=one)
            Order.objects.create(number=ord(other), customer=customer, season=aw, currency="EUR")
        case "delete":
            Product.objects.filter(code=one).delete()
            if flag:
                Stock.objects.all().delete()
                SKU.objects.filter(size=other).delete()


def _edits(sequence) -> None:
    for each in sequence:
        try:
            with transaction.atomic():
                _edit(*each)
        except IntegrityError:
            continue


@given(before=edits, recorded=edits)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_was_done_is_taken_back_to_the_last_field(company, before, recorded):
    with transaction.atomic():
        _edits(before)
        was = books()
        with changes.recorded("products", "Did all sorts.") as change_set:
            _edits(recorded)

        if change_set.pk:
            assert changes.undo(change_set).kept == []
        assert books() == was
        transaction.set_rollback(True)


def _png() -> bytes:
    from io import BytesIO

    import PIL.Image

    file = BytesIO()
    PIL.Image.new("RGB", (8, 8), "navy").save(file, "PNG")
    return file.getvalue()


def test_a_barcode_that_undo_takes_off_is_never_given_again(company):
    coat = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    _, typed = (SKU.objects.create(product=coat, size=size) for size in "SM")
    put_barcode(typed, "4006381333931")
    add_range("500000000000", "500000000000")
    with changes.recorded("barcodes", "Gave barcodes.") as change_set:
        give_barcodes()
        put_barcode(typed, "036000291452")

    changes.undo(change_set)

    assert [each.barcode for each in SKU.objects.order_by("pk")] == ["", "4006381333931"]
    assert set(RetiredBarcode.objects.values_list("gtin", flat=True)) == {"5000000000005", "0036000291452"}
    assert give_barcodes().given == 0
