"""The verbs a platform supplies: one leg of a task, for one kind of record."""

import datetime
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.db.models import QuerySet

from linesheet.books.models import SKU, Customer, Order
from linesheet.books.order_drafts import OrderDraft
from linesheet.books.reasons import Said
from linesheet.sync.incoming import IncomingLine, IncomingOrder

if TYPE_CHECKING:
    from linesheet.sync.database import DatabaseThread
    from linesheet.sync.models import InboxRecord
    from linesheet.sync.platform import Choice

PAGE = 500
BLOCK = 40

R = TypeVar("R")
W = TypeVar("W")

LONGEST_ID = 200
"""Characters of a remote id that links, items and the inbox can keep."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a leg may know of the run it serves.

    `settings` holds the connection's settings in their read form (a season is a Season ...). `client` is None
    where nothing is called: in `explain` and downloads. `public_url` is the hub's own address as the platform
    would reach it, "" when none is configured. `since` is when the latest run of the task that came to its end had
    begun, for legs that ask what changed; None before the first, and outside of runs. Previews that were not approved,
    and runs that were limited to one record, do not count. `offers` is what the account last said there is to choose
    from, by the names that the platform gives it; {} before it was asked.
    """

    connection_id: int
    company_id: int
    settings: Mapping[str, Any]
    client: Any = None
    public_url: str = ""
    since: datetime.datetime | None = None
    offers: "Mapping[str, Sequence[Choice]]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sending:
    """One planned record on its way out; `remote_id` is "" until the platform has given one."""

    record_id: str
    label: str
    payload: Any
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform took the record and knows it by this id; `notes` are what is to be said of it all the same."""

    remote_id: str
    notes: Sequence[Said] = ()


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The platform took others of the same call, but not this record; `says` is what it says of it.

    `remote_id` is that of what is there all the same, as of a record of which a part was taken: it is linked, so that a
    later run finds it, also to take it away, and is sent again.
    """

    says: str
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """One remote record as the platform gave it; `payload` is the decoded JSON, unchanged."""

    remote_id: str
    label: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A remote record that was announced and could not be read."""

    remote_id: str
    says: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A record of the books, or of the platform, and how the two agree about it: None, or what does not match.

    `record_id` is its key in the books as text, or, of what is on the platform only, anything that tells it from the
    others. What is said of a record that comes again is put to what was said of it before. `kind` and `of` are those
    of the leg unless given, and then as the leg declares them; with `of` "-" it is nothing in the books.
    """

    record_id: str
    label: str
    said: Said | None
    remote_id: str = ""
    kind: str = ""
    of: str = ""


class Leg(ABC):
    """One kind of record in one task.

    `kind` names the links and items; `of` names the hub records behind them, where a picture, say, is a
    product's. Ids are those of the `of` records. In a run, `await self.db(function, *arguments)` reads the books in the
    database thread for what runs in the event loop; only there is the company in hand, so queries begin there too.
    """

    kind: ClassVar[str]
    of: ClassVar[str]
    db: "DatabaseThread"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "kind" in vars(cls) and "of" not in vars(cls):
            cls.of = cls.kind

    def __init__(self, context: Context) -> None:
        self.context = context

    @classmethod
    def kinds(cls) -> Mapping[str, str]:
        """The kinds of records that it takes along, each with what the books call them."""
        return {cls.kind: cls.of}

    def ready(self) -> Sequence[Said]:
        """What keeps the whole leg from starting, such as a missing setting."""
        return ()


class Outbound(Leg, Generic[R, W]):
    """Records of the books on their way to a platform.

    R is the hub record with everything `check` and `map` need, W the shape on the wire. `select`, `load`,
    `check` and `map` run in the database thread; `present`, `version`, `weigh`, `send` and `holds` in the event loop.

    A batch weighs at most `batch_size`, and takes `calls_per_batch` calls, of which `reads_per_batch` only read.
    `repeatable`: to send a record again does no harm. It is sent again then where others are read back by `holds`,
    and is planned anew when it was not taken, or a run ended before that was known: a part of it may have arrived.
    `shared`: several records of ours may
    be one there, under one remote id.
    """

    wire: ClassVar[Any]
    batch_size: ClassVar[int] = 1
    calls_per_batch: ClassVar[int] = 1
    reads_per_batch: ClassVar[int] = 0
    repeatable: ClassVar[bool] = False
    shared: ClassVar[bool] = False

    @abstractmethod
    def select(self) -> "QuerySet[Any]":
        """The hub records (`of`) to consider, in no order; one of them is asked for as well as all of them."""

    def gone(self) -> Sequence[str]:
        """Ids of hub records that are gone from the books and go out even so, before the others: `load` knows them."""
        return ()

    @abstractmethod
    def load(self, ids: Sequence[str]) -> Sequence[R]:
        """The records of these ids, in any order; ids that are gone are left out. A constant number of queries."""

    @abstractmethod
    def record_id(self, record: R) -> str:
        """The key of the hub record that `select` or `gone` found, as text."""

    @abstractmethod
    def label(self, record: R) -> str:
        """The name a person knows the record by."""

    @abstractmethod
    def check(self, record: R) -> Sequence[Said]:
        """Every rule the record meets, blockers first; a blocker keeps it from going out."""

    @abstractmethod
    def map(self, record: R) -> W:
        """The record in the platform's words. Called only when `check` found no blocker."""

    @abstractmethod
    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted | NotTaken]:
        """Send the records in one call, and say of each, in their order, by which id the platform knows it, or why not.

        Raises the errors of `sync.errors`; a Refused batch of many is halved until the poison record stands alone.
        """

    def weigh(self, payload: W) -> int:
        """What the record takes of a batch; one that weighs more than a whole batch goes alone."""
        return 1

    async def holds(self, sending: Sending) -> Accepted | None:
        """The record as the platform holds it, if it holds exactly this payload; else None.

        Every leg has it that is not `repeatable`.
        """
        raise NotImplementedError(f"{type(self).__name__} is not repeatable and does not tell what is held there.")

    async def present(self) -> set[str] | None:
        """Remote ids the platform has now, or None where that cannot be asked cheaply."""
        return None

    async def version(self, sending: Sending) -> str:
        """Something that changes when somebody changes the record on the platform; "" where that is not asked.

        A preview notes it for every update, and an approved plan sends nothing over a change made since.
        """
        return ""


class Inbound(Leg):
    """Orders of a platform on their way into the books.

    Without `tells`, the platform is told of nothing, as one that hands its orders to us has its answer at once. With
    `gives_codes`, a new customer takes the account code that the order names.

    `fetch`, `acknowledge` and `acknowledge_many` run in the event loop, `read` in the database thread. A leg has one of
    the two: with `acknowledge_many` the platform is told of up to `acknowledge_batch` orders at once.
    """

    acknowledge_batch: ClassVar[int] = 1
    tells: ClassVar[bool] = True
    gives_codes: ClassVar[bool] = True

    @abstractmethod
    def fetch(self, known: Callable[[str], bool]) -> AsyncIterator[Sequence[Received | Unreadable]]:
        """Pages of remote records that may need storing.

        `known` tells whether a remote id is that of an order which waits in the inbox, kept or held, or which is
        stored and active. Those come again when they were changed or cancelled there.
        """

    @abstractmethod
    def read(self, payload: dict[str, Any]) -> IncomingOrder | Said:
        """What the payload means, in the hub's words; why not, when it makes no sense."""

    def remarks(self, order: IncomingOrder, customer: Customer) -> Sequence[Said]:
        """What a person should know of an order of this customer, by rules of the platform's own. Asks nothing."""
        return ()

    def advise(
        self, order: IncomingOrder, draft: OrderDraft, sku_of: "Callable[[IncomingLine], SKU | None]"
    ) -> Sequence[Said]:
        """What a person should know of what the order comes to in the books; may ask them."""
        return ()

    def placed(self, orders: "Sequence[tuple[InboxRecord, Order]]") -> None:
        """Do what else is to be done once records have become orders of the books, in the same transaction."""
        return

    def alike(self, one: dict[str, Any], other: dict[str, Any]) -> bool:
        """Whether two payloads surely mean the same, as can be told without reading them. Costs next to nothing."""
        return one == other

    async def acknowledge(self, remote_id: str, order_number: int) -> dict[str, Any] | None:
        """Tell the platform that the order is stored; may be repeated.

        Returns the order as the platform has it then, where it says, so that an edit in between is seen.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how orders are acknowledged.")

    async def acknowledge_many(self, orders: Sequence[tuple[str, int]]) -> Sequence[dict[str, Any] | NotTaken | None]:
        """Tell the platform in one call that these orders, each with its number here, are stored; may be repeated.

        Returns for each, in their order, what `acknowledge` does, or why the platform would not hear of it. A Refused
        call for many is halved.
        """
        return [await self.acknowledge(remote_id, number) for remote_id, number in orders]


class Comparison(Leg):
    """What is on the platform beside what the books have: read, compared and told, with nothing written there.

    It comes after every sending of its task. `compare` runs in the event loop. `also` declares further kinds of records
    that it tells of, each with what the books call them.
    """

    also: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def kinds(cls) -> Mapping[str, str]:
        """The kinds of records that it tells of, each with what the books call them."""
        return {cls.kind: cls.of, **cls.also}

    @abstractmethod
    def compare(self) -> AsyncIterator[Sequence[Compared]]:
        """Pages of records that were compared, those that agree as well.

        Raises the errors of `sync.errors`, which end the run.
        """


def in_pages(records: "QuerySet[Any]") -> Iterator[list[str]]:
    """The ids of selected records in pages, lowest first, so that the order is the same every time.

    They are read a block of pages at a time: a filter over other tables costs as much for one page as for many.
    """
    last = 0
    while block := list(records.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[: PAGE * BLOCK]):
        for start in range(0, len(block), PAGE):
            yield [str(pk) for pk in block[start : start + PAGE]]
        last = block[-1]


class Download(Leg, Generic[R]):
    """Records of the books written to a file that a person downloads."""

    @abstractmethod
    def columns(self) -> Sequence[str]:
        """The header of the file."""

    @abstractmethod
    def select(self) -> "QuerySet[Any]":
        """As for Outbound."""

    @abstractmethod
    def load(self, ids: Sequence[str]) -> Sequence[R]:
        """As for Outbound."""

    @abstractmethod
    def record_id(self, record: R) -> str:
        """As for Outbound."""

    @abstractmethod
    def label(self, record: R) -> str:
        """As for Outbound."""

    @abstractmethod
    def check(self, record: R) -> Sequence[Said]:
        """As for Outbound."""

    @abstractmethod
    def rows(self, record: R) -> Sequence[Mapping[str, str]]:
        """The record's rows, by column."""
