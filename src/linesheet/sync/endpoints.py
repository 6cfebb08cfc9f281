"""What a platform that calls us declares: its endpoints, and what it may be told of by webhooks of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ninja import Router

    from linesheet.sync.models import Connection


@dataclass(frozen=True, slots=True)
class Scope:
    """Something a key may be used for, by the name programs give; `roles` may have it, None for every role."""

    key: str
    says: str
    roles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What a test order is of: one unit of a size by its barcode, at a price, by a customer who may not be known.

    `described` and `currency` are "" where the books do not have them.
    """

    barcode: str
    described: str
    price: Decimal
    currency: str
    customer: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the platform would be told of an order, "error" or "warning", and what it is about."""

    severity: str
    code: str
    says: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would become of a test order: whether it is taken in, in a sentence, what it would be, and what is wrong."""

    ok: bool
    says: str
    facts: tuple[tuple[str, str], ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What a platform calls on us, at `/api/<platform>/<version>`, with keys of its connections.

    `routers` makes django-ninja's routers, each with the path it is mounted at; endpoints are made of what
    `sync.serving` has. `says` describes it all in the interactive documentation, in Markdown. `rehearse` takes a test
    order the whole way, and tells what became of it; its caller undoes what it did (`sync.rehearsals`).
    """

    version: str
    scopes: tuple[Scope, ...]
    routers: "Callable[[], Sequence[tuple[str, Router]]]"
    says: str = ""
    rehearse: "Callable[[Connection, Sample], Rehearsal] | None" = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something the platform may be told of a record: what it is called, and which change of its state it is.

    `happened` is asked with the state before and the one now; "" is that the record is not there.
    """

    key: str
    label: str
    happened: Callable[[str, str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Records of a kind whose states are watched for a connection's webhook (`sync.watching`).

    `changes` are the kinds under which `books.versions` knows that one changed. `states` says how the records of these
    ids are, or with None all of them, leaving out those that are not there; `about` what is told of them.
    """

    kind: str
    events: tuple[Event, ...]
    changes: "Callable[[Connection], Sequence[str]]"
    states: "Callable[[Connection, Sequence[int] | None], Mapping[int, str]]"
    about: "Callable[[Connection, Sequence[int]], Mapping[int, Mapping[str, Any]]]"
