"""Rows of a setting in pairs: for each record of the books, what of the account belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from linesheet.books.models import Location, PriceList
from linesheet.sync import pairs
from linesheet.sync.offers import GONE
from linesheet.sync.platform import Setting
from linesheet.web.forms.options import Option

BETWEEN = "+"
"""What stands between values that are typed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record, as it is asked for: with options to choose from, or with a `value` to type.

    `about` says what it is besides its label; `note` marks one that is not in use any more.
    """

    name: str
    label: str
    about: str = ""
    note: str = ""
    value: str = ""
    options: list[Option] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        """Whether it has any value."""
        return bool(self.value) or any(option.chosen for option in self.options)


def rows_of(setting: Setting, name: str, values: Mapping[int, Sequence[str]]) -> list[Row]:
    """A row for each record that the setting is asked for, with the values it has."""
    rows = []
    for record in pairs.asked_of(setting, values):
        chosen = values.get(record.pk, ())
        rows.append(
            Row(
                name=f"{name}-{record.pk}",
                label=record.name,
                about=_about(record),
                note="not in use" if isinstance(record, Location) and not record.active else "",
                value="" if setting.choices else BETWEEN.join(chosen),
                options=[
                    Option(one.value, one.label, one.value in chosen, one.means)
                    for one in setting.choices
                    if one.value in chosen or one.means != GONE
                ],
            )
        )
    return rows


def _about(record: Location | PriceList) -> str:
    """What is to be known of a record besides its name: its code, or its kind where the name does not say it."""
    if isinstance(record, Location):
        return record.code
    kind: str = record.get_kind_display()
    return "" if kind.casefold() in record.name.casefold() else kind


def sent_for(setting: Setting, name: str, sent: QueryDict) -> dict[str, list[str]]:
    """What was chosen or typed in the rows, by the id of each record as text."""
    given = {}
    for record in pairs.records_of(setting):
        values = sent.getlist(f"{name}-{record.pk}")
        if not setting.choices and not setting.one:
            values = [part for value in values for part in value.split(BETWEEN)]
        given[str(record.pk)] = [value.strip() for value in values if value.strip()]
    return given
