import threading
from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from linesheet.books import barcodes
from linesheet.books.barcodes import (
    BarcodeRefused,
    RangeRefused,
    add_range,
    give_barcodes,
    gtin,
    put_barcode,
    read_barcode,
    retire,
    take_barcode,
)
from linesheet.books.models import SKU, BarcodeRange, Company, Product, RetiredBarcode
from linesheet.books.reasons import NOTE, Reason
from linesheet.books.tenancy import acting_for

EAN = "4006381333931"
UPC = "036000291452"


def skus(count: int, style: str = "COAT", **product) -> list[SKU]:
    coat = Product.objects.create(code=style, style=style, colour="Black", name="Coat", **product)
    return SKU.objects.bulk_create(SKU(product=coat, size=str(n), position=n) for n in range(count))


def numbers() -> list[str]:
    return list(SKU.objects.exclude(barcode="").order_by("position", "id").values_list("barcode", flat=True))


@pytest.mark.parametrize(
    ("written", "barcode"),
    [
        (EAN, EAN),
        (UPC, UPC),
        (" 4006381 333931 ", EAN),
        ("4-006381-333931", EAN),
        ("4\N{EN DASH}006381\N{EN DASH}333931", EAN),
        (f"'{EAN}", EAN),
        (f'="{UPC}"', UPC),
        ("4006381333931.0", EAN),
        ("\N{FULLWIDTH DIGIT FOUR}006381333931", EAN),
        ("36000291452", UPC),
        ("0" + UPC, "0" + UPC),
        ("0" + EAN, EAN),
        ("00" + UPC, "0" + UPC),
        ("1234567895", "001234567895"),
    ],
)
def test_a_barcode_is_read_as_people_and_spreadsheets_write_it(written, barcode):
    assert read_barcode(written) == barcode


@pytest.mark.parametrize(
    ("written", "reason", "tells"),
    [
        ("", barcodes.BARCODE_EMPTY, "no barcode"),
        ("  ' ", barcodes.BARCODE_EMPTY, "no barcode"),
        ("0000000000000", barcodes.BARCODE_EMPTY, "no barcode"),
        ("4.00638E+12", barcodes.BARCODE_SCIENTIFIC, "as text"),
        ("4,00638e+12", barcodes.BARCODE_SCIENTIFIC, "as text"),
        ("5E+12", barcodes.BARCODE_SCIENTIFIC, "as text"),
        ("COAT-BLK-M", barcodes.BARCODE_NOT_DIGITS, "digits only"),
        ("4006381333931.5", barcodes.BARCODE_NOT_DIGITS, "digits only"),
        ("73513537", barcodes.BARCODE_EAN8, "another kind"),
        ("73513536", barcodes.BARCODE_LENGTH, "8 digits"),
        ("123456784", barcodes.BARCODE_LENGTH, "9 digits"),
        ("36000291453", barcodes.BARCODE_LENGTH, "11 digits"),
        ("400638133393112", barcodes.BARCODE_LENGTH, "15 digits"),
        ("14006381333938", barcodes.BARCODE_CARTON, "carton"),
        ("4006381333932", barcodes.BARCODE_CHECK_DIGIT, "should be 1, not 2"),
        ("036000291453", barcodes.BARCODE_CHECK_DIGIT, "should be 2, not 3"),
        ("04006381333932", barcodes.BARCODE_CHECK_DIGIT, "should be 1, not 2"),
    ],
)
def test_what_is_no_barcode_is_refused_with_what_helps(written, reason, tells):
    with pytest.raises(BarcodeRefused) as refused:
        read_barcode(written)

    assert refused.value.reason is reason
    assert tells in f"{refused.value.says} {refused.value.fix}"


@given(st.text(max_size=20))
def test_whatever_is_read_is_a_barcode_and_reads_as_itself(text):
    try:
        barcode = read_barcode(text)
    except BarcodeRefused:
        return
    assert len(barcode) in (12, 13)
    assert ean.is_valid(barcode)
    assert read_barcode(barcode) == barcode


@given(st.integers(min_value=10**7, max_value=10**12 - 1), st.data())
def test_zeros_a_spreadsheet_dropped_come_back(lead, data):
    digits = f"{lead:012d}"
    barcode = digits + ean.calc_check_digit(digits)
    shortened = barcode.lstrip("0")
    if len(shortened) < 10:
        return

    assert gtin(read_barcode(shortened)) == barcode


@given(st.integers(min_value=0, max_value=10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_one_mistyped_digit_is_always_found(lead, place, shift):
    digits = f"{lead:012d}"
    barcode = digits + ean.calc_check_digit(digits)
    mistyped = barcode[:place] + str((int(barcode[place]) + shift) % 10) + barcode[place + 1 :]

    with pytest.raises(BarcodeRefused):
        read_barcode(mistyped)


def test_a_reason_speaks_of_a_record_and_insists_on_its_names():
    reason = Reason(code="x", says="{record} is late.", fix="Call {who}.", severity=NOTE)

    assert str(reason.about(record="SO 1", who="Ann")) == "SO 1 is late. Call Ann."
    with pytest.raises(KeyError):
        reason.says_of(who="Ann")


def test_every_reason_has_a_code_of_its_own():
    codes = [reason.code for reason in barcodes.REASONS]

    assert len(codes) == len(set(codes))


def test_a_barcode_another_sku_has_is_refused_by_naming_that_sku(company):
    small, medium = skus(2)
    put_barcode(small, UPC)

    with pytest.raises(BarcodeRefused) as refused:
        put_barcode(medium, "0" + UPC)

    assert refused.value.reason is barcodes.BARCODE_TAKEN
    assert "COAT 0" in refused.value.says
    assert numbers() == [UPC]


def test_another_company_may_have_the_same_barcode(company):
    put_barcode(skus(1)[0], UPC)

    with acting_for(Company.objects.create(name="Other", slug="other")):
        put_barcode(skus(1)[0], UPC)
        assert numbers() == [UPC]


def test_a_barcode_that_is_replaced_or_taken_off_is_retired(company):
    (sku,) = skus(1)
    put_barcode(sku, UPC)
    put_barcode(sku, "0" + UPC)
    put_barcode(sku, EAN)
    take_barcode(sku)
    take_barcode(sku)

    assert (sku.barcode, numbers()) == ("", [])
    assert set(RetiredBarcode.objects.values_list("gtin", flat=True)) == {"0" + UPC, EAN}


@pytest.mark.parametrize(
    ("kind", "first", "last", "leads"),
    [
        ("ean13", "501234500000", "501234500999", (501234500000, 501234500999)),
        ("ean13", "5012345000008", "5012345009995", (501234500000, 501234500999)),
        ("upca", "12345600000", "12345600999", (12345600000, 12345600999)),
        ("upca", "123456000001", "123456009998", (12345600000, 12345600999)),
    ],
)
def test_a_range_is_given_with_or_without_check_digits(company, kind, first, last, leads):
    Company.objects.filter(pk=company.pk).update(barcode_type=kind)

    added = add_range(first, last)

    assert (added.range.first, added.range.last, added.range.next) == (*leads, leads[0])
    assert added.warnings == ()


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("50123450000", "50123450999", barcodes.RANGE_NOT_NUMBERS),
        ("5012345000000", "5012345009995", barcodes.RANGE_NOT_NUMBERS),
        ("50123450000x", "501234500999", barcodes.RANGE_NOT_NUMBERS),
        ("501234500999", "501234500000", barcodes.RANGE_ORDER),
        ("400638133000", "400638133000", barcodes.RANGE_OVERLAP),
        ("400000000000", "499999999999", barcodes.RANGE_OVERLAP),
    ],
)
def test_a_range_that_is_none_or_shares_numbers_is_refused(company, first, last, reason):
    add_range("400638133000", "400638133999")

    with pytest.raises(RangeRefused) as refused:
        add_range(first, last)

    assert refused.value.reason is reason


def test_a_range_that_begins_with_0_comes_with_a_warning(company):
    warning = add_range("012345600000", "012345600999").warnings[0]

    assert warning.reason is barcodes.RANGE_LEADING_ZERO
    assert "spreadsheets drop" in warning.says


def test_barcodes_are_given_one_after_the_other_past_those_that_were_used(company):
    skus(3)
    (other,) = skus(1, "SKIRT")
    put_barcode(other, "5012345000015")
    retire(["5012345000022"])
    add_range("501234500000", "501234500999", warn_below=10)

    came_to = give_barcodes()

    assert numbers()[:1] + numbers()[2:] == ["5012345000008", "5012345000039", "5012345000046"]
    assert (came_to.given, came_to.without, came_to.left, came_to.warnings) == (3, 0, 995, ())


def test_upc_barcodes_have_twelve_digits(company):
    Company.objects.filter(pk=company.pk).update(barcode_type="upca")
    skus(1)
    add_range("12345600000", "12345600999")

    give_barcodes()

    assert numbers() == ["123456000001"]


def test_a_range_that_does_not_fit_upc_is_passed_over_with_a_warning(company):
    skus(1)
    add_range("501234500000", "501234500999")
    Company.objects.filter(pk=company.pk).update(barcode_type="upca")

    came_to = give_barcodes()

    assert (came_to.given, came_to.without) == (0, 1)
    assert [warning.reason for warning in came_to.warnings] == [
        barcodes.RANGE_OTHER_TYPE,
        barcodes.RANGE_USED_UP,
    ]


@pytest.mark.parametrize("method", list(BarcodeRange.Method))
def test_when_a_range_is_used_up_the_next_goes_on_and_then_it_is_said(company, method):
    skus(5)
    retire(["5012345000015"])
    add_range("501234500000", "501234500002", method)
    add_range("601234500000", "601234500001", method)

    came_to = give_barcodes()

    assert (came_to.given, came_to.without, came_to.left) == (4, 1, 0)
    assert [number[:1] for number in numbers()] == ["5", "5", "6", "6"]
    assert came_to.warnings[0].reason is barcodes.RANGE_USED_UP
    assert "still without one: 1" in came_to.warnings[0].says
    assert give_barcodes().given == 0


def test_without_any_range_it_is_said_that_nothing_was_given(company):
    skus(2)

    came_to = give_barcodes()

    assert (came_to.given, came_to.without, came_to.left) == (0, 2, 0)
    assert came_to.warnings[0].reason is barcodes.RANGE_NONE


def test_a_range_that_runs_low_is_said(company):
    skus(2)
    add_range("501234500000", "501234500009", warn_below=9)

    assert [warning.says for warning in give_barcodes().warnings] == ["Only 8 barcodes are left to give."]


def test_random_barcodes_never_repeat_a_number_on_a_sku_or_retired(company):
    skus(90)
    retire([f"50123450000{n}{ean.calc_check_digit(f'50123450000{n}')}" for n in range(10)])
    add_range("501234500000", "501234500999", BarcodeRange.Method.RANDOM)

    give_barcodes()
    skus(900, "SKIRT")
    came_to = give_barcodes()

    assert len(set(numbers())) == 990
    assert (came_to.given, came_to.without, came_to.left) == (900, 0, 0)
    assert not any(number.startswith("50123450000") for number in numbers())


def test_inactive_and_withdrawn_products_get_barcodes_only_when_asked(company):
    skus(1)
    skus(1, "OLD", active=False)
    skus(1, "GONE", withdrawn=True)
    add_range("501234500000", "501234500999")

    assert give_barcodes().given == 1
    assert give_barcodes(include_inactive=True).given == 2


def test_barcodes_are_given_to_the_skus_asked_for_only(company):
    skus(1)
    skus(1, "SKIRT")
    add_range("501234500000", "501234500999")

    assert give_barcodes(SKU.objects.filter(product__style="SKIRT")).given == 1
    assert SKU.objects.exclude(barcode="").get().product.style == "SKIRT"


def test_thousands_of_barcodes_take_a_handful_of_queries(company, django_assert_max_num_queries):
    skus(5_000)
    add_range("501234500000", "501234599999")

    with django_assert_max_num_queries(10):
        came_to = give_barcodes()

    assert came_to.given == 5_000


def at_once(*calls: Callable[[], object]) -> None:
    """Run each call in a thread and connection of its own."""

    def run(call):
        call()
        connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_give_one_number_twice():
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        skus(400)
        add_range("501234500000", "501234500999")
    start, came_to = threading.Barrier(2), []

    def give():
        with acting_for(company):
            start.wait()
            came_to.append(give_barcodes())

    at_once(give, give)

    with acting_for(company):
        assert len(set(numbers())) == 400
    assert sum(each.given for each in came_to) == 400
    assert {each.without for each in came_to} == {0}


@pytest.mark.django_db(transaction=True)
def test_a_number_typed_in_while_it_is_given_stays_where_it_is(monkeypatch):
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    used = barcodes._used

    def type_in():
        with acting_for(company):
            put_barcode(second, "5012345000008")

    def typed_in_meanwhile(*span):
        found = used(*span)
        monkeypatch.setattr(barcodes, "_used", used)
        at_once(type_in)
        return found

    with acting_for(company):
        first, second = skus(2)
        add_range("501234500000", "501234500999")
        monkeypatch.setattr(barcodes, "_used", typed_in_meanwhile)
        came_to = give_barcodes(SKU.objects.filter(pk=first.pk))

        assert numbers() == ["5012345000015", "5012345000008"]
    assert came_to.given == 1


def test_ranges_run_low_when_fewer_numbers_are_left_than_they_want(company):
    assert barcodes.running_low() is None

    barcodes.add_range("400000000000", "400000000099", warn_below=50)
    product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    SKU.objects.bulk_create(SKU(product=product, size=str(size)) for size in range(50))
    barcodes.give_barcodes()
    assert barcodes.running_low() is None

    barcodes.put_barcode(SKU.objects.create(product=product, size="XL"), "4000000000709")
    low = barcodes.running_low()
    assert low is not None
    assert low.says == "Only 49 barcodes are left to give."


def test_numbers_given_at_random_are_counted_once(company):
    barcodes.add_range("400000000000", "400000000009", BarcodeRange.Method.RANDOM, warn_below=10)
    product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    sku = SKU.objects.create(product=product, size="M")
    barcodes.give_barcodes()
    given = sku.__class__.objects.get(pk=sku.pk).barcode
    barcodes.take_barcode(sku)
    barcodes.put_barcode(sku, given)

    low = barcodes.running_low()

    assert low is not None
    assert low.says == "Only 9 barcodes are left to give."
