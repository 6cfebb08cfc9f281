"""Reading amounts of money as people write them."""

import re
from decimal import Decimal
from functools import lru_cache

from linesheet.books.files.currencies import CODES, currencies_of
from linesheet.books.files.reasons import (
    AMOUNT_AMBIGUOUS,
    AMOUNT_NEGATIVE,
    AMOUNT_PRECISION,
    AMOUNT_TOO_LARGE,
    AMOUNT_UNREADABLE,
    CURRENCY_DISAGREES,
    CURRENCY_UNKNOWN,
)
from linesheet.books.files.rows import Row
from linesheet.books.reasons import Reason

DECIMALS = 4
LARGEST = Decimal(10) ** 10 - Decimal("0.0001")

_PARTS = re.compile(r"(?P<before>[^\d+\-(]*)(?P<figure>[+\-(]?\s*\d[\d.,'\s]*)\)?(?P<after>\D*)")
_GROUPS = re.compile(r"\d{1,3}([,.' ])\d{3}(\1\d{3})*")
_SIGNS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{RIGHT SINGLE QUOTATION MARK}": "'"})


def amount_in(row: Row, field: str, currency: str) -> Decimal | None:
    """The amount in a cell, in `currency` ("" for any), 0 or more with up to 4 decimals; None when absent or empty.

    Takes 1234.5, 1,234.50, 1.234,50, 1 234,50, 1'234.50, and a currency sign or code on either side if it may
    mean `currency`. One sign with three figures behind it (1,234) is refused: it may mean either.
    Raises RowRefused.
    """
    text = row.get(field)
    if not text:
        return None
    read = read_amount(text, currency)
    if isinstance(read, Reason):
        raise row.refuse(read, field, currency=currency, limit=LARGEST if read is AMOUNT_TOO_LARGE else DECIMALS)
    return read


@lru_cache(maxsize=4096)
def read_amount(text: str, currency: str) -> Decimal | Reason:
    """The amount in a text as `amount_in` takes it, or the reason of `files.reasons` why it is none."""
    parts = _PARTS.fullmatch(text.translate(_SIGNS))
    if parts is None:
        return AMOUNT_UNREADABLE
    for sign in (parts["before"].strip(), parts["after"].strip()):
        meant = currencies_of(sign)
        if sign and not meant:
            return AMOUNT_UNREADABLE
        if sign and currency and currency not in meant:
            return CURRENCY_DISAGREES
    figure = parts["figure"].strip()
    return AMOUNT_NEGATIVE if figure[0] in "-(" else _amount(figure.lstrip("+ "))


def currency_in(row: Row, field: str = "currency") -> str | None:
    """The currency code in a cell, in capitals; None when it is absent, "" when it is empty. Raises RowRefused."""
    text = row.get(field)
    if not text:
        return text
    code = text.upper()
    if code not in CODES:
        meant = currencies_of(text)
        if len(meant) != 1:
            raise row.refuse(CURRENCY_UNKNOWN, field)
        (code,) = meant
    return code


def written_amount(amount: Decimal) -> str:
    """An amount as files show it: with two decimals, or with four where it has more than two."""
    cents = amount.quantize(Decimal("0.01"))
    return str(cents) if cents == amount else str(amount.quantize(Decimal("0.0001")))


def _amount(figure: str) -> Decimal | Reason:
    points, commas = figure.count("."), figure.count(",")
    whole, decimals = figure, ""
    if points and commas:
        sign = max(".,", key=figure.rfind)
        whole, _, decimals = figure.rpartition(sign)
        if sign in whole:
            return AMOUNT_UNREADABLE
    elif points + commas == 1:
        whole, _, decimals = figure.replace(",", ".").partition(".")
        if len(decimals) == 3 and len(whole) <= 3 and not whole.startswith("0"):
            return AMOUNT_AMBIGUOUS
    if _GROUPS.fullmatch(whole):
        whole = re.sub(r"\D", "", whole)
    if not re.fullmatch(r"[0-9]+\.[0-9]*", f"{whole}.{decimals}"):
        return AMOUNT_UNREADABLE
    if len(decimals.rstrip("0")) > DECIMALS:
        return AMOUNT_PRECISION
    amount = Decimal(f"{whole}.{decimals[:DECIMALS]}")
    return AMOUNT_TOO_LARGE if amount > LARGEST else amount
