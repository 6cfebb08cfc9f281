"""One row of a file, by field, and the refusal of one."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models

from linesheet.books.files.reasons import MISSING, TOO_LONG
from linesheet.books.reasons import Reason, Said

MULTI_LINE = frozenset({"description", "comments", "delivery_address", "accounts_address", "store_address"})
"""Fields whose lines are kept apart."""

_SHOWN = 120


class RowRefused(Exception):
    """This row is not taken; `said` tells why, `column` and `value` where."""

    def __init__(self, said: Said, *, column: str | None = None, value: str = "") -> None:
        self.said = said
        self.column = column
        self.value = shortened(value)
        super().__init__(str(said))


class RowLeft(RowRefused):
    """This row is not taken, and nothing is wrong with it: the books know better by now."""


@dataclass(slots=True)
class Row:
    """A record of the file: its cells by field, cleaned.

    `number` is what a person sees beside it: the line of a CSV file on which it begins, the row of a sheet.
    A field whose column the file does not have, or which a short row does not reach, is not in `cells`.
    """

    number: int
    cells: dict[str, str]
    headers: Mapping[str, str]
    refused: RowRefused | None = None

    def get(self, field: str) -> str | None:
        """Text of the cell; "" when it is empty, None when the row has no such cell."""
        return self.cells.get(field)

    def header(self, field: str) -> str:
        """The header the file has for this field."""
        return self.headers.get(field, field.replace("_", " ").capitalize())

    def refuse(self, reason: Reason, field: str | None = None, **names: object) -> RowRefused:
        """A refusal of this row, for the caller to raise; `column` and `value` are filled in for its sentence."""
        value = self.cells.get(field, "") if field else ""
        column = self.header(field) if field else None
        said = reason.about(**{"column": column, "value": shortened(value), **names})
        return RowRefused(said, column=column, value=value)

    def leave(self, reason: Reason, field: str | None = None, **names: object) -> RowLeft:
        """The same for a row with which nothing is wrong."""
        refused = self.refuse(reason, field, **names)
        return RowLeft(refused.said, column=refused.column, value=refused.value)

    def text(self, field: str, limit: int | None, *, required: bool = False) -> str | None:
        """Text of the cell, no longer than `limit`. Raises RowRefused."""
        value = self.cells.get(field)
        if not value:
            if required:
                raise self.refuse(MISSING, field)
            return value
        if limit is not None and len(value) > limit:
            raise self.refuse(TOO_LONG, field, length=len(value), limit=limit)
        return value


def limit_of(model: type[models.Model], name: str) -> int | None:
    """How many characters a field of the books holds; None for any number."""
    limit: int | None = getattr(model._meta.get_field(name), "max_length", None)
    return limit


def clean(text: str) -> str:
    """Text in one spelling: composed Unicode, no space around it, single spaces within."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def clean_lines(text: str) -> str:
    """The same for text of several lines, whose lines stay apart."""
    return "\n".join(clean(line) for line in text.splitlines()).strip("\n")


def cleaned(field: str, text: str) -> str:
    """The cleaned text of a field."""
    return clean_lines(text) if field in MULTI_LINE else clean(text)


def fold(text: str) -> str:
    """Text without regard to case, letter by letter as PostgreSQL's lower() does it."""
    if text.isascii():
        return text.lower()
    return "".join("i" if sign == "İ" else sign.lower() for sign in text)


def name_key(text: str) -> str:
    """What a name of the books is known by in files, where text is clean and case does not count."""
    return fold(clean(text))


def shortened(value: str) -> str:
    """A value short enough to show."""
    return value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
