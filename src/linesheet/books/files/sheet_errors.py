"""The cells of an XLSX sheet that hold the error of a formula, which the reader of workbooks hands over as empty."""

import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

Attributes = dict[str, str]

_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def errors_in(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    """The errors of the sheet of this name, such as `#N/A`: by row, of which the first is 1, and by column, from 1 too.

    Raises ValueError for a workbook that is not in order, and what `zipfile` raises.
    """
    errors: dict[int, dict[int, str]] = defaultdict(dict)
    row = column = 0
    in_error = in_value = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal row, column, in_error, in_value
        if name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif name == "c":
            row, column = _place(attributes["r"]) if "r" in attributes else (row, column + 1)
            in_error = attributes.get("t") == "e"
        in_value = in_error and name == "v"

    def text(said: str) -> None:
        if in_value:
            errors[row][column] = errors[row].get(column, "") + said

    with zipfile.ZipFile(path) as parts:
        _read(parts, _part_of(parts, sheet), start, text)
    return errors


def column_number(letters: str) -> int:
    """The number of a column by its letters; A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _place(reference: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(reference)
    if found is None:
        raise ValueError(f"{reference} is no cell")
    return int(found[2]), column_number(found[1])


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str:
    """The name of the part that holds a sheet."""
    ids: list[str] = []
    targets: dict[str, str] = {}

    def sheets(name: str, attributes: Attributes) -> None:
        if name == "sheet" and attributes.get("name") == sheet:
            ids.append(attributes.get("id", ""))

    def relations(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _read(parts, "xl/workbook.xml", sheets)
    _read(parts, "xl/_rels/workbook.xml.rels", relations)
    target = next((targets[each] for each in ids if each in targets), None)
    if target is None:
        raise ValueError(f"the sheet {sheet} is not in it")
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _read(
    parts: zipfile.ZipFile,
    name: str,
    start: Callable[[str, Attributes], None],
    text: Callable[[str], None] = lambda said: None,
) -> None:
    """Go through a part; the names of elements and attributes are handed over without prefixes. Raises ValueError."""

    def bare(name: str) -> str:
        return name.rpartition(":")[2]

    def refuse(*declared: object) -> None:
        raise ValueError(f"{name} declares a document type")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda element, attributes: start(
        bare(element), {bare(key): value for key, value in attributes.items()}
    )
    parser.CharacterDataHandler = text
    known = {part.lower(): part for part in parts.namelist()}
    if name.lower() not in known:
        raise ValueError(f"{name} is missing")
    with parts.open(known[name.lower()]) as content:
        try:
            parser.ParseFile(content)
        except expat.ExpatError as error:
            raise ValueError(f"{name}: {error}") from error
