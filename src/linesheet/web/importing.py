"""What the pages of an import show: what a column may stand for, and the sum of its rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from linesheet.books.companies import CURRENCIES
from linesheet.books.files.columns import CUSTOM, Columns, missing
from linesheet.books.files.guess import known_export, recognised
from linesheet.books.files.importing import IMPORTERS, mapping_of
from linesheet.books.files.job import Known
from linesheet.books.imports import OPTIONS
from linesheet.books.models import ColumnMapping, Company, Import, Location, PriceList, Season

KINDS: Mapping[str, str] = {
    "products": "Products",
    "prices": "Prices",
    "customers": "Customers",
    "stock": "Stock",
    "barcodes": "Barcodes",
    "orders": "Orders",
}
HOLDS: Mapping[str, str] = {
    "products": "styles, colours, sizes, barcodes, and prices beside them",
    "prices": "amounts by product, season, list and currency",
    "customers": "names, terms, addresses and contacts",
    "stock": "units by size, location and season",
    "barcodes": "numbers for sizes that are there",
    "orders": "one row for each line",
}
OUTCOMES = ("created", "updated", "unchanged", "refused")
_OPTION_IN_TEXT = re.compile(r"--([a-z-]+)")


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that a column may stand for."""

    value: str
    label: str
    holds: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: what it holds, and what it stands for. `position` names it in the form."""

    position: int
    header: str
    examples: list[str]
    chosen: str
    own: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read as one kind: its columns, what they may stand for, and what is still missing.

    `export_of` names whose export it is where that is known; then its columns are as they are.
    """

    kind: str
    columns: list[Column]
    choices: list[tuple[str, list[Choice]]]
    missing: list[str] = field(default_factory=list)
    export_of: str = ""

    @property
    def ignored(self) -> int:
        """How many columns are left out."""
        return sum(not column.chosen for column in self.columns)


def read_as(imported: Import, kind: str, mapping: Mapping[str, str], company: Company) -> Reading:
    """How a file is read as a kind under a mapping. Raises FileUnreadable for a mapping that cannot be."""
    headers = [each["header"] for each in imported.headers]
    known = Known.load()
    export = known_export(kind, headers)
    if export is not None:
        shown = [_column(imported, at, export.fields.get(header, "")) for at, header in enumerate(headers) if header]
        labels = dict.fromkeys(export.fields.values())
        return Reading(kind, shown, [("", [Choice(value, value) for value in labels])], export_of=export.of)
    columns = recognised(kind, headers, file=imported.file_name, known=known, mapping=dict(mapping))
    chosen = mapping_of(columns, known)
    own = CUSTOM if IMPORTERS[kind].vocabulary.custom else ""
    return Reading(
        kind,
        [_column(imported, at, chosen.get(header, ""), own) for at, header in enumerate(headers) if header],
        _choices(kind, set(chosen.values()), company),
        _missing(kind, columns),
    )


def given_columns(imported: Import, form: Mapping[str, str]) -> dict[str, str]:
    """The field of each header as the form of columns gives it."""
    return {each["header"]: form.get(f"column-{at}", "") for at, each in enumerate(imported.headers) if each["header"]}


def options_of(kind: str, company: Company, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What may stand in where rows name nothing, with what there is to choose from and what is chosen."""
    declared: dict[str, tuple[str, str, list[str]]] = {
        "season": ("Season", "of rows that name none", [each.name for each in Season.objects.order_by("-starts_on")]),
        "price_list": ("Price list", "of rows that name none", [each.name for each in PriceList.objects.all()]),
        "currency": ("Currency", "of amounts that name none", _currencies(company)),
        "location": ("Location", "of rows that name none", [each.name for each in Location.objects.all()]),
    }
    return [
        {"name": name, "label": label, "help": told, "choices": choices, "chosen": given.get(name, "")}
        for name in OPTIONS[kind]
        if name in declared
        for label, told, choices in [declared[name]]
    ]


def saved_mappings(kind: str) -> list[str]:
    """Names of the mappings that were saved for a kind."""
    return list(ColumnMapping.objects.filter(kind=kind).order_by("name").values_list("name", flat=True))


def sum_of(imported: Import) -> list[tuple[str, int]]:
    """The outcomes of the rows and how many rows had each, which together are all rows."""
    counts = imported.report.get("counts", {})
    return [(outcome, counts.get(outcome, 0)) for outcome in OUTCOMES]


def to_bring_in(imported: Import) -> int:
    """How many rows would change the books."""
    counts = dict(sum_of(imported))
    return counts["created"] + counts["updated"]


def _column(imported: Import, at: int, chosen: str, own: str = "") -> Column:
    each = imported.headers[at]
    return Column(at, each["header"], each["examples"], chosen, f"{own}{each['header']}" if own else "")


def _choices(kind: str, chosen: set[str], company: Company) -> list[tuple[str, list[Choice]]]:
    """Fields by group: those needed, the others, prices; a field that is chosen is always among them."""
    vocabulary = IMPORTERS[kind].vocabulary
    needed = {name for group in vocabulary.needed for fields in group for name in fields}
    fields = [
        Choice(name, each.headers[0], _in_words(each.holds), name in needed) for name, each in vocabulary.fields.items()
    ]
    groups = [
        ("Needed", [each for each in fields if each.needed]),
        ("May be given", [each for each in fields if not each.needed]),
    ]
    if vocabulary.priced:
        named = {name for name in chosen if ":" in name and not name.startswith(CUSTOM)}
        offered = {
            f"{each.name}:{currency}": f"{each.name} {currency}".strip()
            for each in PriceList.objects.all()
            for currency in ("", *_currencies(company)[:3])
        }
        offered |= {name: name.replace(":", " ").strip() for name in named if name not in offered}
        groups.append(("Prices", [Choice(name, label) for name, label in offered.items()]))
    return [(label, choices) for label, choices in groups if choices]


def _missing(kind: str, columns: Columns) -> list[str]:
    return [", or ".join(alternatives) for alternatives in missing(IMPORTERS[kind].vocabulary, columns)]


def _currencies(company: Company) -> list[str]:
    return list(dict.fromkeys([company.currency, *CURRENCIES]))


def _in_words(holds: str) -> str:
    """What a field holds, with the page's choices in place of the options of the command line."""
    return _OPTION_IN_TEXT.sub(lambda found: f"the {found[1].replace('-', ' ')} chosen below", holds)
