"""A connection's settings: from what is typed to what is stored, and from what is stored to what a run uses."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from linesheet.books.customers import find_customer
from linesheet.books.models import Customer, Member, PriceList, Season, User
from linesheet.books.reasons import Reason, Refused
from linesheet.sync import pairs
from linesheet.sync.platform import Setting, SettingKind

UNKNOWN_SETTING = Reason("unknown_setting", "{name} is not a setting of {platform}.", "It has these: {known}.")
BAD_VALUE = Reason("bad_setting", "{label}: {value} {problem}.", "{remedy}")
MISSING = Reason("missing_setting", "{label} is not set.", "Set {key} in the settings of {connection}.")

_YES = {"yes", "true", "1", "on", "y"}
_NO = {"no", "false", "0", "off", "n", ""}

REASONS = (UNKNOWN_SETTING, BAD_VALUE, MISSING)

Typed = str | Sequence[str] | Mapping[str, Sequence[str]]
"""What a person typed or ticked; of pairs, also by the id of each record as text."""


def secret_values(declared: Sequence[Setting], stored: Mapping[str, Any]) -> list[str]:
    """The values that nobody may read, of what is stored."""
    return [str(stored[one.key]) for one in declared if one.kind is SettingKind.SECRET and stored.get(one.key)]


class SettingRefused(Refused):
    """A setting cannot take this value; `fix` names what it can take."""


def entered(setting: Setting, text: Typed) -> Any:
    """The stored form of what a person typed or ticked. Raises SettingRefused, naming the values there are.

    Lists are given as a sequence or as comma-separated text. Seasons, customers and price lists are given by name,
    members by e-mail; they are stored by id. Pairs are given as `pairs.entered` says.
    """
    if setting.kind is SettingKind.PAIRS:

        def refuse(value: str, problem: str, remedy: str) -> SettingRefused:
            return SettingRefused(BAD_VALUE, label=setting.label, value=value, problem=problem, remedy=remedy)

        return pairs.entered(setting, text, refuse)
    if setting.kind in (SettingKind.SEASONS, SettingKind.CHOICES):
        parts = text.split(",") if isinstance(text, str) else text
        given = [part.strip() for part in parts if part.strip()]
        one = SettingKind.SEASON if setting.kind is SettingKind.SEASONS else SettingKind.CHOICE
        return [_entered_one(setting, one, part) for part in given]
    if not isinstance(text, str):
        raise SettingRefused(BAD_VALUE, label=setting.label, value=text, problem="is a list", remedy="Give one value.")
    return _entered_one(setting, setting.kind, text.strip())


def _entered_one(setting: Setting, kind: SettingKind, text: str) -> Any:
    def refuse(problem: str, remedy: str) -> SettingRefused:
        return SettingRefused(BAD_VALUE, label=setting.label, value=text, problem=problem, remedy=remedy)

    if kind is SettingKind.YES_NO:
        if text.lower() in _YES | _NO:
            return text.lower() in _YES
        raise refuse("is neither yes nor no", "Write yes or no.")
    if not text:
        return None
    match kind:
        case SettingKind.INTEGER:
            if not text.isdecimal():
                raise refuse("is no whole number", "Write digits only.")
            return int(text)
        case SettingKind.DATE:
            try:
                return datetime.date.fromisoformat(text).isoformat()
            except ValueError:
                raise refuse("is no date", "Write it as YYYY-MM-DD.") from None
        case SettingKind.URL:
            parts = urlsplit(text)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise refuse("is no web address", "Begin it with https://.")
            return text.rstrip("/")
        case SettingKind.CHOICE:
            values = [choice.value for choice in setting.choices]
            if text not in values and (values or not setting.offers):
                raise refuse("is not a choice", f"Choose from: {', '.join(values)}.")
            return text
        case SettingKind.SEASON:
            season = Season.objects.named(text)
            if season is None:
                names = ", ".join(Season.objects.values_list("name", flat=True))
                raise refuse("is no season", f"There are: {names or 'none yet'}.")
            return season.pk
        case SettingKind.CUSTOMER:
            customer = find_customer(text)
            if customer is None:
                raise refuse("is no customer", "Give the name of a customer in the books.")
            return customer.pk
        case SettingKind.MEMBER:
            member = Member.objects.filter(user__email__iexact=text).first()
            if member is None:
                raise refuse("is no member", "Give the e-mail of a member of the company.")
            return member.user_id
        case SettingKind.PRICE_LIST:
            price_list = PriceList.objects.filter(name__iexact=text).first()
            if price_list is None:
                names = ", ".join(PriceList.objects.values_list("name", flat=True))
                raise refuse("is no price list", f"There are: {names or 'none yet'}.")
            return price_list.pk
    if setting.refuses and (refused := setting.refuses(text)):
        raise refuse(*refused)
    return text


def read(settings: Sequence[Setting], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Every declared setting in the form a run uses: objects of the books and users, dates, lists in order.

    What was deleted since it was chosen reads as not set. Seasons come oldest first.
    """
    return {setting.key: _read_one(setting, _stored(setting, stored)) for setting in settings}


class ReadWhenAsked(Mapping[str, Any]):
    """The same, each setting read when it is first asked for, and not at all when it is not."""

    def __init__(self, settings: Sequence[Setting], stored: Mapping[str, Any]) -> None:
        self._by_key = {setting.key: setting for setting in settings}
        self._stored = stored
        self._read: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._read:
            self._read.update(read([self._by_key[key]], self._stored))
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)


def missing(settings: Sequence[Setting], stored: Mapping[str, Any]) -> list[Setting]:
    """Required settings that have no value."""
    required = [setting for setting in settings if setting.required]
    values = read(required, stored)
    return [setting for setting in required if values[setting.key] in _UNSET]


def which_lack(asked: Iterable[tuple[int, Sequence[Setting], Mapping[str, Any]]]) -> set[int]:
    """The ids of which a required setting has no value, as `missing` tells of one.

    Three queries at most, and one for each setting of pairs that is answered.
    """
    required = [
        (of, setting, _stored(setting, stored))
        for of, declared, stored in asked
        for setting in declared
        if setting.required
    ]
    there = {kinds: _there(kinds, required) for kinds in _OF_RECORDS}
    lacking = set()
    for of, setting, value in required:
        records = next((found for kinds, found in there.items() if setting.kind in kinds), None)
        is_set = _read_one(setting, value) not in _UNSET if records is None else not records.isdisjoint(_ids(value))
        if not is_set:
            lacking.add(of)
    return lacking


_UNSET: tuple[Any, ...] = (None, "", [], {})

_OF_RECORDS: Mapping[frozenset[SettingKind], Callable[[set[int]], Any]] = {
    frozenset({SettingKind.SEASON, SettingKind.SEASONS}): (
        lambda ids: Season.objects.filter(pk__in=ids).values_list("pk")
    ),
    frozenset({SettingKind.CUSTOMER}): lambda ids: Customer.objects.filter(pk__in=ids).values_list("pk"),
    frozenset({SettingKind.MEMBER}): lambda ids: Member.objects.filter(user__in=ids).values_list("user"),
    frozenset({SettingKind.PRICE_LIST}): lambda ids: PriceList.objects.filter(pk__in=ids).values_list("pk"),
}
"""How the ids of records of ours that settings name are looked up, by the kinds of these settings."""


def _there(kinds: frozenset[SettingKind], required: Iterable[tuple[int, Setting, Any]]) -> set[int]:
    """Which of the records that settings of these kinds name are in the books."""
    ids = {pk for _, setting, value in required if setting.kind in kinds for pk in _ids(value)}
    return {pk for (pk,) in _OF_RECORDS[kinds](ids).order_by()} if ids else set()


def _ids(value: Any) -> list[int]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _stored(setting: Setting, stored: Mapping[str, Any]) -> Any:
    value = stored.get(setting.key)
    return setting.default if value is None else value


def _read_one(setting: Setting, value: Any) -> Any:
    kind = setting.kind
    if kind is SettingKind.PAIRS:
        return pairs.read(setting, value)
    if kind is SettingKind.SEASONS:
        return list(Season.objects.filter(pk__in=value or []))
    if kind is SettingKind.CHOICES:
        return list(value or [])
    if kind is SettingKind.YES_NO:
        return bool(value)
    if value is None:
        return "" if kind in (SettingKind.TEXT, SettingKind.SECRET, SettingKind.URL) else None
    match kind:
        case SettingKind.SEASON:
            return Season.objects.filter(pk=value).first()
        case SettingKind.CUSTOMER:
            chosen = Customer.objects.select_related("hold_status", "merged_into__hold_status").filter(pk=value).first()
            return chosen.meant if chosen else None
        case SettingKind.PRICE_LIST:
            return PriceList.objects.filter(pk=value).first()
        case SettingKind.MEMBER:
            return User.objects.filter(pk=value, memberships__in=Member.objects.all()).first()
        case SettingKind.DATE:
            return datetime.date.fromisoformat(value)
    return value
