"""Which header of a file stands for which field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from linesheet.books.files.currencies import CODES
from linesheet.books.files.reasons import (
    HEADER_MISSING,
    HEADER_SECOND,
    HEADERS_TWICE,
    IMAGES_NOT_READ,
    MAPPED_HEADER_ABSENT,
    MAPPING_FIELD,
    MAPPING_TWICE,
    PRICE_LIST_ABSENT,
)
from linesheet.books.files.report import FileUnreadable
from linesheet.books.files.rows import clean, fold
from linesheet.books.reasons import Said

CUSTOM = "custom:"
PRICE = "price:"

_PRICE_WORDS = {
    "wholesale": ("wholesale", "wholesaleprice", "wsp", "whs", "whsprice", "tradeprice"),
    "retail": ("retail", "retailprice", "rrp", "srp", "msrp", "suggestedretail", "suggestedretailprice"),
    "cost": ("cost", "costprice", "unitcost"),
}
_KIND_OF = {word: kind for kind, words in _PRICE_WORDS.items() for word in words}
_IMAGE_WORDS = re.compile(r"^(main)?(image|picture|photo)s?(url|src|file|filename|link|\d+)*$")


@dataclass(frozen=True, slots=True)
class Field:
    """What a column may stand for: the headers it goes by, the first of which exports write, and what it holds."""

    headers: tuple[str, ...]
    holds: str


@dataclass(frozen=True)
class Vocabulary:
    """The fields of one kind of file.

    `needed`: of each group at least one alternative must have all of its fields in the file.
    `priced`: headers that name a price list, alone or with a currency, are fields too. `custom`: so are `Custom: X`.
    `examples`: rows for people to begin from, by field. Taken in the order of `IMPORTERS`, those of all kinds go into
    the books of a new company.
    """

    kind: str
    fields: Mapping[str, Field]
    needed: tuple[tuple[tuple[str, ...], ...], ...]
    examples: tuple[Mapping[str, str], ...]
    priced: bool = False
    custom: bool = False

    def title(self, name: str) -> str:
        """The header exports write for a field; of a price, `wholesale:EUR`, one that names list and currency."""
        if name in self.fields:
            return self.fields[name].headers[0]
        price_list, _, currency = name.partition(":")
        return f"{price_list.capitalize()} {currency}"

    def titles(self, alternatives: Iterable[Iterable[str]]) -> list[str]:
        """Alternatives as a person reads them, such as `Style and Colour`."""
        return [" and ".join(self.title(name) for name in fields) for fields in alternatives]

    def mappable(self) -> list[str]:
        """The fields a column mapping may send a header to."""
        extra = ["wholesale:EUR", "retail:EUR"] if self.priced else []
        return [*self.fields, *extra, *([CUSTOM + "..."] if self.custom else [])]


@dataclass(slots=True)
class Columns:
    """A file's header row as read: the field of each column (None where it is not read)."""

    fields: list[str | None]
    headers: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    warnings: list[Said] = field(default_factory=list)

    @property
    def read(self) -> dict[str, str]:
        """Field by header, of the headers that are read."""
        return {header: name for name, header in self.headers.items()}

    def __contains__(self, name: str) -> bool:
        return name in self.headers


def recognise(
    vocabulary: Vocabulary,
    headers: Sequence[str],
    *,
    file: str,
    price_lists: Mapping[str, int],
    mapping: Mapping[str, str] | None = None,
    whole: bool = True,
) -> Columns:
    """Tell what each header stands for: by `mapping` (header to field, "" to leave it out) first, else by its name.

    Case, spaces and punctuation do not count. `price_lists` gives the id of a price list by its kind and by its
    name. Raises FileUnreadable for headers that appear twice, a wrong mapping, or, if the file must be `whole`, when
    what is needed is missing.
    """
    _refuse_twins(headers, file)
    price_lists = {_word(name): pk for name, pk in price_lists.items()}
    columns = Columns([None] * len(headers))
    by_word = {_word(header): name for name, field in vocabulary.fields.items() for header in field.headers}
    mapped = _mapped(vocabulary, headers, mapping or {}, price_lists, by_word, columns)
    for position, header in enumerate(headers):
        if not header:
            continue
        name: str | None
        if position in mapped:
            name = mapped[position]
        else:
            name = by_word.get(_word(header)) or _declared(vocabulary, header, price_lists, columns)
        if name and name in columns.headers:
            taken = columns.headers[name]
            if position in mapped:
                raise FileUnreadable(MAPPING_TWICE, first=taken, second=header, field=name)
            columns.warnings.append(HEADER_SECOND.about(header=header, taken=taken, field=name))
            name = ""
        if not name:
            columns.ignored.append(header)
            continue
        columns.fields[position] = name
        columns.headers[name] = header
    if whole:
        _need(vocabulary, columns, headers, file)
    return columns


def missing(vocabulary: Vocabulary, columns: Columns) -> list[list[str]]:
    """What a file still needs, as people read it: of each group one of the alternatives."""
    return [
        vocabulary.titles(alternatives)
        for alternatives in vocabulary.needed
        if not any(all(name in columns for name in fields) for fields in alternatives)
    ]


def _refuse_twins(headers: Sequence[str], file: str) -> None:
    seen: dict[str, int] = {}
    for position, header in enumerate(headers, start=1):
        word = header if _custom(header) else _word(header)
        if word and word in seen:
            raise FileUnreadable(HEADERS_TWICE, file=file, header=header, first=seen[word], second=position)
        seen[word] = position


def _mapped(
    vocabulary: Vocabulary,
    headers: Sequence[str],
    mapping: Mapping[str, str],
    price_lists: Mapping[str, int],
    by_word: Mapping[str, str],
    columns: Columns,
) -> dict[int, str]:
    """Field by position of the headers the mapping speaks of; they come before any that go by their name."""
    places = {_word(header): position for position, header in enumerate(headers)}
    mapped: dict[int, str] = {}
    for header, name in mapping.items():
        position = places.get(_word(header))
        known = name == "" or name in vocabulary.fields
        if not known and vocabulary.custom and name.startswith(CUSTOM):
            known = True
        if not known and vocabulary.priced:
            kind, _, currency = name.partition(":")
            if currency.upper() in CODES | {""} and _word(kind) in price_lists:
                name, known = f"{PRICE}{price_lists[_word(kind)]}:{currency.upper()}", True
        if not known:
            raise FileUnreadable(
                MAPPING_FIELD,
                header=header,
                field=name,
                kind=vocabulary.kind,
                known=", ".join(vocabulary.mappable()),
            )
        if position is None:
            if name:
                columns.warnings.append(MAPPED_HEADER_ABSENT.about(header=header))
            continue
        mapped[position] = name
    taken = {name: position for position, name in mapped.items() if name}
    for position, header in enumerate(headers):
        # A header that goes by its name gives way to the one the mapping names for the same field.
        if position not in mapped and by_word.get(_word(header)) in taken:
            mapped[position] = ""
    return mapped


def _declared(vocabulary: Vocabulary, header: str, price_lists: Mapping[str, int], columns: Columns) -> str | None:
    """The field of a header that is made up of what the books declare: custom fields and price lists."""
    if vocabulary.custom and (custom := _custom(header)):
        return CUSTOM + custom
    if vocabulary.priced:
        words, currency = _split_currency(header)
        word = _word(words)
        kind = _KIND_OF.get(word)
        price_list = price_lists.get(word) or (price_lists.get(kind) if kind else None)
        if price_list:
            return f"{PRICE}{price_list}:{currency}"
        if kind:
            columns.warnings.append(PRICE_LIST_ABSENT.about(header=header))
            return None
    if _IMAGE_WORDS.match(_word(header)):
        columns.warnings.append(IMAGES_NOT_READ.about(header=header))
    return None


def _split_currency(header: str) -> tuple[str, str]:
    """A header without the currency code it begins or ends with, and that code or ""."""
    words = [word for word in re.split(r"[\s_\-/()\[\]:]+", header) if word]
    for position in (-1, 0):
        if len(words) > 1 and words[position].upper() in CODES:
            code = words.pop(position).upper()
            return " ".join(words), code
    return " ".join(words), ""


def _custom(header: str) -> str:
    """What follows `Custom:` in a header, or ""."""
    start, colon, rest = header.partition(":")
    return clean(rest) if colon and _word(start) == "custom" else ""


def _need(vocabulary: Vocabulary, columns: Columns, headers: Iterable[str], file: str) -> None:
    for alternatives in missing(vocabulary, columns):
        found = ", ".join(header for header in headers if header)
        raise FileUnreadable(HEADER_MISSING, file=file, missing=", or for ".join(alternatives), found=found)


def _word(header: str) -> str:
    """A header as it is compared: letters and digits only, in lower case."""
    return re.sub(r"[\W_]+", "", fold(header))
