"""Forms made from declared settings: what is asked, what was typed, and what is wrong with it, setting by setting."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from linesheet.books.models import Customer, Member, PriceList, Season
from linesheet.sync.platform import Setting, SettingKind
from linesheet.sync.settings import SettingRefused, Typed, entered, read
from linesheet.web.forms.options import Option
from linesheet.web.forms.pairs import Row, rows_of, sent_for

_MANY = frozenset({SettingKind.SEASONS, SettingKind.CHOICES})
_INPUTS: Mapping[SettingKind, str] = {
    SettingKind.TEXT: "text",
    SettingKind.SECRET: "password",
    SettingKind.URL: "url",
    SettingKind.INTEGER: "text",
    SettingKind.DATE: "date",
}


@dataclass(slots=True)
class Field:
    """A setting as a form asks for it. `value` is text as typed; a secret has none, only whether it `is_set`.

    `rows` are those of a setting in pairs, one for each record of the books.
    """

    setting: Setting
    name: str
    value: str = ""
    values: list[str] = field(default_factory=list)
    is_set: bool = False
    options: list[Option] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    error: str = ""

    @property
    def control(self) -> str:
        """How it is entered: `radio`, `checks`, `select`, `yes_no`, `customer`, `pairs`, or else `input`."""
        if self.free:
            return "input"
        match self.setting.kind:
            case SettingKind.CHOICE:
                return "radio"
            case SettingKind.CHOICES | SettingKind.SEASONS:
                return "checks"
            case SettingKind.SEASON | SettingKind.MEMBER | SettingKind.PRICE_LIST:
                return "select"
            case SettingKind.YES_NO | SettingKind.CUSTOMER | SettingKind.PAIRS:
                return str(self.setting.kind)
        return "input"

    @property
    def free(self) -> bool:
        """Whether choices are typed, because the account has not said yet what there is."""
        choice = self.setting.kind in (SettingKind.CHOICE, SettingKind.CHOICES)
        return choice and bool(self.setting.offers) and not self.setting.choices

    @property
    def input_type(self) -> str:
        """The type of a plain input."""
        return _INPUTS.get(self.setting.kind, "text")

    @property
    def numeric(self) -> bool:
        """Whether it takes digits."""
        return self.setting.kind is SettingKind.INTEGER

    @property
    def lacking(self) -> bool:
        """Whether it is needed and has no answer yet."""
        return self.setting.required and not (
            self.value or self.values or self.is_set or any(row.answered for row in self.rows)
        )


class DeclaredForm:
    """Settings with the answers that are stored, or those that were sent.

    `answers` holds what was sent in the form that `sync.connections` takes; secrets that were left empty are not in it
    and so stay as they are. `prefix` keeps the names of two forms on one page apart.
    """

    def __init__(
        self,
        declared: Sequence[Setting],
        stored: Mapping[str, Any],
        sent: QueryDict | None = None,
        *,
        prefix: str = "",
    ) -> None:
        self.answers: dict[str, Typed] = {}
        self.fields = [Field(setting, prefix + setting.key) for setting in declared]
        for each in self.fields:
            each.is_set = each.setting.kind is SettingKind.SECRET and bool(stored.get(each.setting.key))
            if sent is None:
                _fill(each, stored)
            else:
                self._take(each, sent)
            each.options = _options(each)

    @property
    def valid(self) -> bool:
        """Whether every answer can be kept."""
        return not any(each.error for each in self.fields)

    def _take(self, each: Field, sent: QueryDict) -> None:
        given: Typed
        if each.setting.kind is SettingKind.PAIRS:
            given = sent_for(each.setting, each.name, sent)
            each.rows = rows_of(each.setting, each.name, {int(pk): values for pk, values in given.items() if values})
        elif each.setting.kind in _MANY and not each.free:
            each.values = [value for value in sent.getlist(each.name) if value]
            given = each.values
        elif each.setting.kind is SettingKind.YES_NO:
            each.value = given = "yes" if sent.get(each.name) else "no"
        elif each.setting.kind is SettingKind.SECRET:
            given = sent.get(each.name, "").strip()
            if not given:
                return
        else:
            each.value = given = sent.get(each.name, "").strip()
        self.answers[each.setting.key] = given
        try:
            entered(each.setting, given)
        except SettingRefused as refused:
            each.error = str(refused)


def _fill(each: Field, stored: Mapping[str, Any]) -> None:
    """Show what is stored, or the default, as a person would enter it."""
    kind = each.setting.kind
    if kind is SettingKind.SECRET:
        return
    value = read([each.setting], stored)[each.setting.key]
    if kind is SettingKind.PAIRS:
        each.rows = rows_of(each.setting, each.name, value)
    elif kind in _MANY and each.free:
        each.value = ", ".join(value)
    elif kind in _MANY:
        each.values = [str(one) for one in value]
    elif kind is SettingKind.YES_NO:
        each.value = "yes" if value else "no"
    elif kind is SettingKind.MEMBER:
        each.value = value.email if value else ""
    elif value is not None:
        each.value = str(value)


def _options(each: Field) -> list[Option]:
    make = _CHOICES.get(each.setting.kind)
    return make(each) if make else []


def _declared_choices(each: Field) -> list[Option]:
    chosen = each.values or [each.value]
    return [Option(one.value, one.label, one.value in chosen, one.means) for one in each.setting.choices]


def _seasons(each: Field) -> list[Option]:
    """All seasons, the latest first. An archived one is marked, and offered only where it is chosen already."""
    chosen = each.values or [each.value]
    seasons = Season.objects.order_by("-starts_on", "-id")
    return [
        Option(season.name, season.name, season.name in chosen, note="archived" if season.archived else "")
        for season in seasons
        if not season.archived or season.name in chosen
    ]


def _members(each: Field) -> list[Option]:
    members = Member.objects.select_related("user").order_by("user__name", "pk")
    return [Option(one.user.email, str(one.user), one.user.email == each.value) for one in members]


def _price_lists(each: Field) -> list[Option]:
    lists = PriceList.objects.order_by("name")
    return [Option(one.name, one.name, one.name == each.value) for one in lists]


_CHOICES: Mapping[SettingKind, Callable[[Field], list[Option]]] = {
    SettingKind.CHOICE: _declared_choices,
    SettingKind.CHOICES: _declared_choices,
    SettingKind.SEASON: _seasons,
    SettingKind.SEASONS: _seasons,
    SettingKind.MEMBER: _members,
    SettingKind.PRICE_LIST: _price_lists,
}

MOST_FOUND = 12


def customers_like(text: str) -> list[Customer]:
    """A few active customers whose name or account code has the text in it, for a list to choose from."""
    wanted = " ".join(text.split())
    rows = Customer.objects.filter(active=True)
    if wanted:
        rows = rows.filter(name__icontains=wanted) | rows.filter(account_code__istartswith=wanted)
    return list(rows.order_by("name")[:MOST_FOUND])
