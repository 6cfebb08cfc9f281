"""What files say of themselves: reasons with a remedy, and headers that mean one thing."""

from string import Formatter

import pytest

from linesheet.books.files import EXPORTS, IMPORTERS
from linesheet.books.files.columns import recognise
from linesheet.books.files.reasons import REASONS


def test_every_reason_has_a_code_of_its_own():
    codes = [reason.code for reason in REASONS]
    assert len(codes) == len(set(codes)) > 50


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_every_reason_speaks_in_sentences_and_names_a_remedy(reason):
    names = {name: "X" for _, name, _, _ in Formatter().parse(reason.says + reason.fix) if name}
    said = reason.about(**names)

    assert said.says.endswith((".", ")."))
    assert said.fix.endswith(".")
    assert said.says[0].isupper()


@pytest.mark.parametrize("kind", IMPORTERS)
def test_no_header_stands_for_two_fields(kind):
    vocabulary = IMPORTERS[kind].vocabulary
    words = [
        (word, field)
        for field, declared in vocabulary.fields.items()
        for word in {"".join(filter(str.isalnum, name.lower())) for name in declared.headers}
    ]
    assert len(words) == len({word for word, _ in words}), sorted(words)


@pytest.mark.parametrize("kind", EXPORTS)
def test_every_header_an_export_writes_is_recognised(kind):
    vocabulary = IMPORTERS[kind].vocabulary
    titles = [vocabulary.title(name) for name in vocabulary.fields]

    columns = recognise(vocabulary, titles, file="x.csv", price_lists={})
    assert columns.fields == list(vocabulary.fields)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("STYLE_NUMBER", "style"),
        ("style no.", "style"),
        ("Color", "colour"),
        ("Colour Name", "colour"),
        ("UPC", "barcode"),
        ("EAN-13", "barcode"),
        ("Gtin", "barcode"),
        ("WSP EUR", "price:1:EUR"),
        ("Wholesale (EUR)", "price:1:EUR"),
        ("EUR wholesale price", "price:1:EUR"),
        ("RRP GBP", "price:2:GBP"),
        ("Wholesale Price", "price:1:"),
        ("Ex-works EUR", "price:3:EUR"),
        ("Custom: Fit", "custom:Fit"),
    ],
)
def test_headers_are_known_by_many_names(header, field):
    lists = {"wholesale": 1, "retail": 2, "ex-works": 3}
    columns = recognise(IMPORTERS["products"].vocabulary, ["Product code", header], file="x", price_lists=lists)

    assert columns.fields == ["code", field]
