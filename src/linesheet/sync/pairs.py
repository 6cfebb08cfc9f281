"""Settings in pairs: for each record of one kind of the books, which of what the account has belongs to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from django.db.models import QuerySet

from linesheet.books.models import Location, PriceList
from linesheet.books.reasons import Refused
from linesheet.sync.platform import Setting

Record = PriceList | Location
Refuse = Callable[[str, str, str], Refused]
"""Given what was typed, what is wrong with it and what helps."""

_RECORDS: Mapping[str, Callable[[], "QuerySet[Record]"]] = {
    "price_list": lambda: PriceList.objects.all(),
    "location": lambda: Location.objects.all(),
}


def records_of(setting: Setting) -> list[Record]:
    """Every record of the books that the setting may be answered for."""
    return list(_RECORDS[setting.each]().order_by("pk"))


def asked_of(setting: Setting, answered: Iterable[int]) -> list[Record]:
    """The records that it is asked for: those in use, and those that were `answered` before (by id)."""
    before = set(answered)
    return [record for record in records_of(setting) if record.pk in before or _in_use(record)]


def entered(setting: Setting, typed: str | Sequence[str] | Mapping[str, Sequence[str]], refuse: Refuse) -> object:
    """The stored form, {id of the record as text: [value, ...]}; records without a value are left out.

    Typed as `Wholesale=22+23, US wholesale=24`, or given as a list of such parts, or by the records' ids. Values may be
    given by their labels too.
    """
    records = records_of(setting)
    stored: dict[str, list[str]] = {}
    for record, texts in _given(setting, typed, records, refuse):
        values = [_value(setting, text.strip(), refuse) for text in texts if text.strip()]
        values = list(dict.fromkeys([*stored.get(str(record.pk), []), *values]))
        if setting.one and len(values) > 1:
            raise refuse(" and ".join(values), "are too many", f"Give one for {record}.")
        if values:
            stored[str(record.pk)] = values
    return stored


def read(setting: Setting, stored: Mapping[str, Sequence[str]] | None) -> dict[int, list[str]]:
    """{id of the record: [value, ...]} of those that are still in the books, in their order."""
    if not stored:
        return {}
    ids = _RECORDS[setting.each]().filter(pk__in=list(stored)).order_by("pk").values_list("pk", flat=True)
    return {pk: list(stored[str(pk)]) for pk in ids}


def as_text(setting: Setting, stored: Mapping[str, Sequence[str]] | None) -> str:
    """What is stored as a person types it."""
    values = read(setting, stored)
    return ", ".join(f"{record}={'+'.join(values[record.pk])}" for record in records_of(setting) if record.pk in values)


def _in_use(record: Record) -> bool:
    """What something costs us is told to nobody, and where nothing is kept any more is no place."""
    return record.active if isinstance(record, Location) else record.kind != PriceList.Kind.COST


def _given(
    setting: Setting,
    typed: str | Sequence[str] | Mapping[str, Sequence[str]],
    records: Sequence[Record],
    refuse: Refuse,
) -> Iterator[tuple[Record, Sequence[str]]]:
    if isinstance(typed, Mapping):
        by_id = {str(record.pk): record for record in records}
        yield from ((by_id[pk], texts) for pk, texts in typed.items() if pk in by_id)
        return
    for part in _parts(typed, records) if isinstance(typed, str) else typed:
        if not part.strip():
            continue
        record = next((one for one in records if _begins_with(part, one)), None)
        if record is None:
            name, equals, _ = part.partition("=")
            what = setting.each.replace("_", " ")
            if not equals:
                example = f"{records[0] if records else 'Name'}=value"
                raise refuse(name.strip(), f"is not paired with any {what}", f"Write it as {example}.")
            names = ", ".join(map(str, records)) or "none yet"
            raise refuse(name.strip(), f"is no {what}", f"There are: {names}.")
        text = part.strip()[len(record.name) :].lstrip().removeprefix("=").strip()
        known = {choice.label.casefold() for choice in setting.choices}
        yield record, [text] if setting.one or text.casefold() in known else text.split("+")


def _parts(text: str, records: Sequence[Record]) -> list[str]:
    """The text at its commas, but for those within the name of a record or within a value."""
    parts: list[str] = []
    pieces = text.split(",")
    while pieces:
        rest = ",".join(pieces)
        named = next((one.name.count(",") for one in records if _begins_with(rest, one)), None)
        if named is None and parts and "=" not in pieces[0]:
            parts[-1] += f",{pieces.pop(0)}"
            continue
        taken = 1 + (named or 0)
        parts.append(",".join(pieces[:taken]))
        del pieces[:taken]
    return parts


def _begins_with(part: str, record: Record) -> bool:
    name = record.name.casefold()
    text = part.strip().casefold()
    return text.startswith(name) and text[len(name) :].lstrip().startswith("=")


def _value(setting: Setting, text: str, refuse: Refuse) -> str:
    if not setting.choices:
        return text
    for choice in setting.choices:
        if text == choice.value:
            return text
    for choice in setting.choices:
        if text.casefold() == choice.label.casefold():
            return choice.value
    known = ", ".join(
        choice.value if choice.label == choice.value else f"{choice.value} ({choice.label})"
        for choice in setting.choices
    )
    raise refuse(text, "is not a choice", f"Choose from: {known}.")
