"""What a platform declares. The doors render it and the engine runs it; neither knows a platform by name."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from linesheet.books.reasons import Reason
from linesheet.sync.endpoints import Endpoints, Watched
from linesheet.sync.legs import Context, Leg
from linesheet.sync.transport import Transport


class SettingKind(StrEnum):
    """How a setting is entered, and what its value is in `Settings`."""

    TEXT = "text"
    SECRET = "secret"
    URL = "url"
    INTEGER = "integer"
    YES_NO = "yes_no"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    SEASON = "season"
    SEASONS = "seasons"
    MEMBER = "member"
    CUSTOMER = "customer"
    PRICE_LIST = "price_list"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a setting, with its label and what it means for a run."""

    value: str
    label: str
    means: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A question a connection must answer; `default` is in the stored form (text, number, list of texts).

    `seasonal` ones are looked at each season and stand together: those that name seasons, and those that say how they
    are used (`about_seasons`).

    `offers` names what the account itself has to choose from, in place of `choices`, which are then those known before
    it was asked. PAIRS ask it for `each` record of a kind of the books, "price_list" or "location": which of the offers
    belong to it, or which `one`; free text where there are no offers of that name. They are read as
    {id of the record: [value, ...]}.

    `refuses` says of a text why it cannot be the answer, and what can, as "has no {number}" and "Write it with one.";
    None when it can be. `shown` names the records of the books that are shown to the platform, "customer" or "product",
    where the answer decides which they are, or what is shown of them (`sync.shown`); `picked` is the answer with which
    only those are that were picked for the connection.
    """

    key: str
    label: str
    kind: SettingKind = SettingKind.TEXT
    help: str = ""
    required: bool = False
    default: Any = None
    choices: tuple[Choice, ...] = ()
    about_seasons: bool = False
    offers: str = ""
    each: str = ""
    one: bool = False
    refuses: Callable[[str], tuple[str, str] | None] | None = None
    shown: str = ""
    picked: str = ""

    @property
    def seasonal(self) -> bool:
        """Whether it is to be looked at when a season begins."""
        return self.about_seasons or self.kind in (SettingKind.SEASON, SettingKind.SEASONS)


CALLS_PER_SECOND = Setting(
    key="calls_per_second",
    label="Calls per second",
    kind=SettingKind.INTEGER,
    help="At most so many calls a second, over all workers. Empty: as many as the platform is known to allow.",
)
CREDITS = Setting(
    key="credits",
    label="Credits a window",
    kind=SettingKind.INTEGER,
    help="Calls cost credits, and there are so many in each window of time, over all workers. "
    "Empty: as many as the platform is known to give.",
)


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the catalogue tree, by the name the platform's people use."""

    name: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Levels from the top; with `free_below`, further sub-sections may follow.

    `once`: one place a product in the whole catalogue, or, with `once_below`, under each section so deep, 1 at the top.
    `seasons` is the key of the setting that names the seasons whose prices are shown, where not those of all active
    ones are; with `each_size`, sizes without a barcode are left out.
    """

    levels: tuple[Level, ...]
    free_below: bool = False
    once: bool = False
    once_below: int = 0
    seasons: str = ""
    each_size: bool = False


class Direction(StrEnum):
    """Which way a task's records travel."""

    OUT = "out"
    IN = "in"
    FILE = "file"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something a connection can do. Its legs run in order, each with its own kind of record."""

    key: str
    name: str
    direction: Direction
    help: str
    legs: tuple[Callable[[Context], Leg], ...]
    after: tuple[str, ...] = ()
    schedulable: bool = True


@dataclass(frozen=True, slots=True)
class Quota:
    """Credits for a window of so many seconds, which the first call opens: a GET costs `read`, any other `write`."""

    credits: int
    seconds: float
    read: int = 1
    write: int = 1

    def cost(self, method: str) -> int:
        """What a call costs."""
        return self.read if method == "GET" else self.write


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRules:
    """Calls a connection may make: at once, per second (None: no known limit), and by windows of time."""

    concurrency: int
    per_second: float | None = None
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of a connection test: what was tried, whether it works, and what to do if not.

    Programs know it by `name`, which stays the same over versions; no two of a test have the same.
    """

    name: str
    ok: bool
    says: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class GrantBegun:
    """A grant that was asked for: what ending it needs, kept encrypted meanwhile, and what a person does there.

    `address` is the page on which they approve it, "" where they have to find it themselves.
    """

    pending: Mapping[str, str]
    says: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """How the platform gives credentials when a person approves Linesheet there, instead of having them copied.

    `needs` and `gives` are keys of credentials: those that must be there before, and those that it brings. `begin` is
    given the client and the name under which to ask; `finish` the client, what was pending and the code that the
    platform showed the person, and returns the credentials. Both raise the errors of `sync.errors`.
    """

    name: str
    help: str
    code_label: str
    needs: tuple[str, ...]
    gives: tuple[str, ...]
    begin: Callable[[Any, str], Awaitable[GrantBegun]]
    finish: Callable[[Any, Mapping[str, str], str], Awaitable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One outside system.

    `client` makes the platform's client from a transport, and the connection's credentials and settings by key, the
    settings in their read form. `check` tries the connection with that client, without changing anything there.
    `grant` is how credentials can be had without copying all of them, where the platform has such a way. `words` says
    what people call the fields that are sent, by their name on the wire, where that is no word of theirs. `offers`
    asks the account what it has to choose from, by the names that settings give it. `page` gives the address of a
    record's own page on the platform, from the connection's address, the kind of its link and its id there; "" where
    it has none that is known. `endpoints` is what the platform calls on us, `watched` what it may be told of by
    webhooks of its own, which a connection has once somebody gave it an address.
    One without a `client` is never called: its connections have no address, and `check` is given None.
    """

    key: str
    name: str
    base_urls: tuple[Choice, ...]
    credentials: tuple[Setting, ...]
    settings: tuple[Setting, ...]
    tasks: tuple[Task, ...]
    reasons: tuple[Reason, ...]
    budget: BudgetRules
    client: Callable[[Transport, Mapping[str, str], Mapping[str, Any]], Any] | None
    check: Callable[[Any, Mapping[str, Any]], Awaitable[Sequence[CheckResult]]]
    catalogue: Catalogue | None = None
    grant: Grant | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    offers: Callable[[Any, Mapping[str, Any]], Awaitable[Mapping[str, Sequence[Choice]]]] | None = None
    page: Callable[[str, str, str], str] = lambda base_url, kind, remote_id: ""
    endpoints: Endpoints | None = None
    watched: tuple[Watched, ...] = ()
    _by_key: dict[str, Task] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_key.update((task.key, task) for task in self.tasks)

    @property
    def is_called(self) -> bool:
        """Whether we call it."""
        return self.client is not None

    @property
    def common_settings(self) -> tuple[Setting, ...]:
        """What is asked of connections to each platform that limits calls as this one does; of none we do not call."""
        if not self.is_called:
            return ()
        return (CALLS_PER_SECOND, CREDITS) if self.budget.quota else (CALLS_PER_SECOND,)

    @property
    def all_settings(self) -> tuple[Setting, ...]:
        """The platform's own settings, and those that every connection has."""
        return (*self.settings, *self.common_settings)

    def setting(self, key: str) -> Setting | None:
        """The setting of that key, of the platform's own."""
        return next((setting for setting in self.settings if setting.key == key), None)

    def reason(self, code: str) -> Reason | None:
        """The declared reason of that code."""
        return next((reason for reason in self.reasons if reason.code == code), None)

    def task(self, key: str) -> Task:
        """The task of that key. Raises KeyError naming the tasks there are."""
        if key not in self._by_key:
            raise KeyError(f"{self.name} has no task {key}; it has {', '.join(self._by_key)}.")
        return self._by_key[key]
