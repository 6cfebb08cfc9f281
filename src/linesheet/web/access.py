"""Who may do what: the request of a member, what its member may do, and the page that says who may instead."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from linesheet.books.models import Company, Member, User
from linesheet.sync import rights
from linesheet.sync.models import Connection
from linesheet.sync.rights import Level, Rights

P = ParamSpec("P")


class MayNot(Exception):
    """The member may not do this; `CompanyInHand` answers with the page that names who may.

    `does` ends the sentence "You may not ..."; `members` are those who may.
    """

    def __init__(self, does: str, members: Iterable[Member]) -> None:
        self.does = does
        self.members = list(members)
        super().__init__(f"You may not {does}.")


class May:
    """What a member may do. Of a connection, ask with the connection or its id.

    The first question about a connection costs one query (none for an owner); everything else costs nothing.
    """

    def __init__(self, member: Member) -> None:
        self._member = member

    @property
    def edit_books(self) -> bool:
        """Change products, prices, customers, stock, orders and so on."""
        return self._member.role in Member.EDITORS

    @property
    def manage_people(self) -> bool:
        """Invite, remove, and say who may what; change the company."""
        return self._member.role in Member.OWNERS

    @property
    def add_connections(self) -> bool:
        """Make new connections."""
        return self._member.role in Member.OPERATORS

    def see(self, connection: Connection | int) -> bool:
        """Know that there is this connection, and look at everything of it but secrets."""
        return self._allows(connection, Level.SEE)

    def run(self, connection: Connection | int) -> bool:
        """Start, approve and cancel its runs; resolve what they hold."""
        return self._allows(connection, Level.RUN)

    def configure(self, connection: Connection | int) -> bool:
        """Change its settings, schedules and catalogue; switch it on and off."""
        return self._allows(connection, Level.CONFIGURE)

    def match(self, connection: Connection | int) -> bool:
        """Say which records of the books and of the platform are the same, by links and by matches."""
        return self._rights.match(connection if isinstance(connection, int) else connection.pk)

    def only_seen(self, rows: Any, by: str = "connection") -> Any:
        """The rows of a queryset whose connection (named by field `by`; "pk" of connections) one may see."""
        return rows.exclude(**{f"{by}__in": self._rights.hidden}) if self._rights.hidden else rows

    @property
    def hidden(self) -> frozenset[int]:
        """The ids of connections of which they may know nothing."""
        return self._rights.hidden

    def run_or_refuse(self, connection: Connection, does: str) -> None:
        """Raises MayNot unless one may run it. `does` ends the sentence "You may not ..."."""
        self._or_refuse(connection, Level.RUN, does)

    def configure_or_refuse(self, connection: Connection, does: str) -> None:
        """Raises MayNot unless one may configure it. `does` ends the sentence "You may not ..."."""
        self._or_refuse(connection, Level.CONFIGURE, does)

    def match_or_refuse(self, connection: Connection, does: str) -> None:
        """Raises MayNot unless one may match its records. `does` ends the sentence "You may not ..."."""
        if not self.match(connection):
            raise MayNot(f"{does} of {connection}", rights.who_may_match(connection))

    def _or_refuse(self, connection: Connection, needed: Level, does: str) -> None:
        if not self._allows(connection, needed):
            raise MayNot(f"{does} of {connection}", rights.who_may(needed, connection))

    def _allows(self, connection: Connection | int, needed: Level) -> bool:
        return self._rights.allow(connection if isinstance(connection, int) else connection.pk, needed)

    @cached_property
    def _rights(self) -> Rights:
        return rights.rights_of(self._member)


class MemberRequest(HttpRequest):
    """A request of a member, with their company in hand; `CompanyInHand` makes it one."""

    htmx: HtmxDetails
    held: ExitStack
    user: User
    member: Member
    memberships: list[Member]
    company: Company
    may: May


View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def may_edit_books(request: MemberRequest) -> bool:
    """Whether an action on the books is offered to a member, as lists ask."""
    return request.may.edit_books


class Guard(Protocol):
    """What lets only some members at a view."""

    def __call__(self, view: View[P], /) -> View[P]: ...


def editors_only(does: str) -> Guard:
    """Let owners and editors in; others see who may. `does` ends the sentence "You may not ..."."""
    return _only(Member.EDITORS, does)


def operators_only(does: str) -> Guard:
    """Let owners and operators in, for what is of no connection yet. For one there is, ask `request.may`."""
    return _only(Member.OPERATORS, does)


def owners_only(does: str) -> Guard:
    """Let owners in; others see who may. `does` ends the sentence "You may not ..."."""
    return _only(Member.OWNERS, does)


def refused(request: MemberRequest, error: MayNot) -> HttpResponse:
    """The page that names those who may."""
    return render(request, "web/refused.html", {"does": error.does, "members": error.members}, status=403)


def _only(roles: Iterable[str], does: str) -> Guard:
    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.member.role not in roles:
                raise MayNot(does, Member.objects.filter(role__in=roles).select_related("user").order_by("pk"))
            return view(request, *args, **kwargs)

        return guarded

    return decorate
