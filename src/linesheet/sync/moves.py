"""Moves: a connection whose base URL leads to another host is one to another account, which knows nothing of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yarl import URL

from linesheet.books.models import ChangeSet
from linesheet.books.reasons import Reason, Refused
from linesheet.books.words import counted
from linesheet.sync.models import Connection, Link, Match, Run
from linesheet.sync.platform import Setting, SettingKind

SECRETS_STAY = Reason(
    "secrets_stay",
    "Base URL: {host} is another place than before, and what is set as {secrets} would be sent there.",
    "Enter {secrets} for the new address in the same step.",
)
MOVED_AT_WORK = Reason(
    "moved_at_work",
    "Base URL: run {run} of {connection} is not over, and what it does is of the account at the present address.",
    "Wait for it, approve it, or cancel it; then change the address.",
)
MOVED_AWAY = Reason(
    "moved_away",
    "{connection} leads to {host} now, and these links are of another account.",
    "Set its former address first, then undo this.",
)

REASONS = (SECRETS_STAY, MOVED_AT_WORK, MOVED_AWAY)

_SUBJECT = 60
"""Letters of a subject of a change set that are kept."""


class MoveRefused(Refused):
    """The connection cannot lead there so; `fix` says what helps."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A connection that leads to another account, and how much of what was known of the former one is forgotten."""

    host: str
    links: int
    matches: int

    @property
    def says(self) -> str:
        """What that means, in sentences."""
        links = counted(self.links, "link")
        matches = f"{counted(self.matches, 'match', 'matches')} of customers by id"
        return (
            f"It leads to another account now, at {self.host}: {links} and {matches} are forgotten, and the next runs "
            "find or create every record anew. Orders that came in stay."
        )


def account_of(base_url: str) -> str:
    """Host and port of a base URL, without the port that its scheme has by itself: another one is another account."""
    url = URL(base_url)
    host = (url.host or "").lower().rstrip(".")
    return host if url.port is None or url.is_default_port() else f"{host}:{url.port}"


def subject_of(connection: Connection) -> str:
    """The subject of a change set that forgets what is known of the account the connection leads to."""
    return f"connection:{connection.pk}:{account_of(connection.base_url)}"[:_SUBJECT]


def check_undo(change_set: ChangeSet) -> None:
    """Raises MoveRefused for links of an account that their connection leads to no more: they would be wrong there."""
    place, _, rest = change_set.subject.partition(":")
    pk, _, account = rest.partition(":")
    if place != "connection" or not account:
        return
    connection = Connection.objects.defer("credentials").filter(pk=int(pk)).first()
    if connection is not None and subject_of(connection) != change_set.subject:
        raise MoveRefused(MOVED_AWAY, connection=connection, host=account_of(connection.base_url))


def check_secrets(
    before: str, after: str, declared: Sequence[Setting], stored: Mapping[str, Any], given: Mapping[str, object]
) -> None:
    """Raises MoveRefused when stored secrets would be sent to another scheme, host or port than they were given for.

    Without that, who may change the address but not read the secrets could have them sent to a place of their own.
    """
    if _origin(before) == _origin(after):
        return
    secret = [each for each in declared if each.kind is SettingKind.SECRET]
    if kept := [each.label for each in secret if stored.get(each.key) and each.key not in given]:
        raise MoveRefused(SECRETS_STAY, host=account_of(after), secrets=" and ".join(kept))


def forget_account(connection: Connection, base_url: str) -> Moved | None:
    """Forget what is known of a connection's account before it leads elsewhere; None where that is the same account.

    Its links are forgotten, and the matches of customers by the account's ids. Those by code and by name stay:
    they are the company's own names for its customers, and mean the same everywhere. So do orders and what came in.
    Raises MoveRefused while a run is at work, or a plan waits that was made for the former account.
    """
    if account_of(base_url) == account_of(connection.base_url):
        return None
    unfinished = Run.objects.filter(connection=connection, state__in=(*Run.UNFINISHED, Run.State.PLANNED))
    if run := unfinished.order_by("pk").first():
        raise MoveRefused(MOVED_AT_WORK, run=run.pk, connection=connection)
    links, _ = Link.objects.filter(connection=connection).delete()
    matches, _ = Match.objects.filter(connection=connection, remote_key__startswith="id:").delete()
    return Moved(account_of(base_url), links, matches)


def _origin(base_url: str) -> tuple[str, str]:
    return URL(base_url).scheme, account_of(base_url)
