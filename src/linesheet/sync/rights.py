"""Who may see, run and configure which connection.

An owner may do everything, always. Else the right a member was given for a connection counts; without one, their
role's: operators configure every connection, editors and viewers see every one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from linesheet.books.models import Member
from linesheet.sync.models import Connection, ConnectionRight

Level = ConnectionRight.Level

_ORDER = (Level.NONE, Level.SEE, Level.RUN, Level.CONFIGURE)
_BY_ROLE: Mapping[str, Level] = {
    Member.Role.OWNER: Level.CONFIGURE,
    Member.Role.OPERATOR: Level.CONFIGURE,
    Member.Role.EDITOR: Level.SEE,
    Member.Role.VIEWER: Level.SEE,
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role and the rights given beside it come to; `given` is by id of the connection."""

    role: str
    given: Mapping[int, Level] = field(default_factory=dict)

    def level(self, connection_id: int) -> Level:
        """The most one may do with a connection."""
        if self.role == Member.Role.OWNER:
            return Level.CONFIGURE
        return self.given.get(connection_id, _BY_ROLE[self.role])

    def match(self, connection_id: int) -> bool:
        """Whether one may say which records of the books and of the platform are the same.

        Who configures the connection may, and who changes the books and runs it: a held order wants it of them.
        """
        return self.allow(connection_id, Level.CONFIGURE) or (
            self.role in Member.EDITORS and self.allow(connection_id, Level.RUN)
        )

    def allow(self, connection_id: int, needed: Level) -> bool:
        """Whether that is enough for what needs `needed`."""
        return _ORDER.index(self.level(connection_id)) >= _ORDER.index(needed)

    @property
    def hidden(self) -> frozenset[int]:
        """Connections one may not even see."""
        return frozenset(one for one in self.given if not self.allow(one, Level.SEE))


def default_of(role: str) -> Level:
    """What a role gives for every connection."""
    return _BY_ROLE[role]


def rights_of(member: Member) -> Rights:
    """The rights of a member. One query; none for an owner, whom nothing given beside the role can hold back."""
    if member.role == Member.Role.OWNER:
        return Rights(member.role)
    return Rights(member.role, given_to(member))


def given_to(member: Member) -> dict[int, Level]:
    """The rights a member was given beside their role, whatever that role is, by id of the connection."""
    return _given(ConnectionRight.objects.filter(member=member).values_list("connection", "level"))


def who_may(needed: Level, connection: Connection) -> list[Member]:
    """The members who may do what needs `needed` with a connection, in the order they came."""
    return [member for member, rights in _all(connection) if rights.allow(connection.pk, needed)]


def who_may_match(connection: Connection) -> list[Member]:
    """The members who may say which records are the same, in the order they came."""
    return [member for member, rights in _all(connection) if rights.match(connection.pk)]


def _all(connection: Connection) -> Iterator[tuple[Member, Rights]]:
    given = _given(ConnectionRight.objects.filter(connection=connection).values_list("member", "level"))
    for member in Member.objects.select_related("user").order_by("pk"):
        yield member, Rights(member.role, {connection.pk: given[member.pk]} if member.pk in given else {})


@transaction.atomic
def give(member: Member, levels: Mapping[int, Level | None]) -> None:
    """Set a member's rights by id of the connection; None takes a right back, so that the role's default counts.

    Ids that are no connections of the company in hand are passed over.
    """
    kept = [ConnectionRight(member=member, connection_id=pk, level=level) for pk, level in levels.items() if level]
    ours = set(Connection.objects.filter(pk__in=levels).values_list("pk", flat=True))
    ConnectionRight.objects.filter(member=member, connection__in=ours).delete()
    ConnectionRight.objects.bulk_create([right for right in kept if right.connection_id in ours])


def _given(rows: Iterable[tuple[int, str]]) -> dict[int, Level]:
    return {of: Level(level) for of, level in rows}
