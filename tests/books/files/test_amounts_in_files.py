"""Amounts as people write them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books.files.amounts import LARGEST, amount_in, currency_in, written_amount
from linesheet.books.files.rows import Row, RowRefused


def read(text, currency="EUR"):
    return amount_in(Row(2, {"amount": text}, {"amount": "Price"}), "amount", currency)


def refusal(text, currency="EUR"):
    with pytest.raises(RowRefused) as refused:
        read(text, currency)
    return refused.value.said.reason.code


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1\N{RIGHT SINGLE QUOTATION MARK}234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("12,50", "12.50"),
        ("12.5", "12.5"),
        ("0.125", "0.125"),
        ("1.2345", "1.2345"),
        ("12.50000", "12.50"),
        ("€ 12.50", "12.50"),
        ("12,50 EUR", "12.50"),
        ("eur12", "12"),
        ("+5", "5"),
        ("12.", "12"),
        ("0", "0"),
    ],
)
def test_amounts_are_read_as_meant(text, amount):
    assert read(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,234", "amount_ambiguous"),
        ("12.345", "amount_ambiguous"),
        ("-5", "amount_negative"),
        ("\N{MINUS SIGN}5", "amount_negative"),
        ("€ -5", "amount_negative"),
        ("(5)", "amount_negative"),
        ("nan", "amount_unreadable"),
        ("Infinity", "amount_unreadable"),
        ("1E3", "amount_unreadable"),
        ("12 50", "amount_unreadable"),
        ("1.23.45", "amount_unreadable"),
        ("1,23.45", "amount_unreadable"),
        ("12 EUR on request", "amount_unreadable"),
        ("free", "amount_unreadable"),
        (".5", "amount_unreadable"),
        ("٣", "amount_unreadable"),
        ("12.34567", "amount_precision"),
        ("99999999999", "amount_too_large"),
        ("£12.50", "currency_disagrees"),
        ("12.50 USD", "currency_disagrees"),
    ],
)
def test_what_is_no_amount_is_refused(text, reason):
    assert refusal(text) == reason


@pytest.mark.parametrize(
    ("text", "currency"), [("$10", "USD"), ("$10", "CAD"), ("kr. 100", "SEK"), ("¥100", "JPY"), ("10 zł", "PLN")]
)
def test_a_sign_may_stand_for_several_currencies(text, currency):
    assert read(text, currency) in (10, 100)


def test_an_empty_cell_holds_no_amount():
    assert read("") is None


def test_a_currency_is_a_code_or_a_sign_of_one_currency_only():
    def currency(text):
        return currency_in(Row(2, {"currency": text}, {}))

    assert [currency("eur"), currency("€"), currency("")] == ["EUR", "EUR", ""]
    for text in ("$", "EURO", "XXX"):
        with pytest.raises(RowRefused):
            currency(text)


AMOUNTS = st.decimals(min_value=0, max_value=LARGEST, places=4)


@given(AMOUNTS)
def test_written_amounts_read_back(amount):
    assert read(written_amount(amount)) == amount


@given(st.decimals(min_value=0, max_value=LARGEST, places=2), st.sampled_from(["en", "de", "fr", "ch"]))
def test_amounts_grouped_in_the_ways_of_several_countries_read_back(amount, country):
    english = f"{amount:,.2f}"
    signs = {"en": (",", "."), "de": (".", ","), "fr": (" ", ","), "ch": ("'", ".")}[country]
    text = english.replace(",", "\0").replace(".", signs[1]).replace("\0", signs[0])

    assert read(text) == amount


@given(st.text(max_size=30))
def test_any_text_is_an_amount_in_range_or_refused(text):
    with suppress(RowRefused):
        amount = read(text)
        assert amount is None or 0 <= amount <= LARGEST
