"""Moves: a connection whose base URL leads to another host is one to another account, which knows nothing of ours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yarl import URL

from linesheet.books.models import Change, ChangeSet
from linesheet.books.reasons import Reason, Refused
from linesheet.books.vetoes import Veto
from linesheet.books.words import counted
from linesheet.sync.models import Connection, Link, Match, Run, Suggestion
from linesheet.sync.platform import Setting, SettingKind

SECRETS_STAY = Reason(
    "secrets_stay",
    "{label}: {host} is another place than before, and what is set as {secrets} would be sent there.",
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

MOVED = "moved"
"""The kind of change sets in which connections move."""
BY_ID = "id:"
"""What the keys begin with under which the account itself knows a record; others mean the same in every account."""

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
        matches = f"{counted(self.matches, 'match', 'matches')} by id"
        return (
            f"It leads to another account now, at {self.host}: {links} and {matches} are forgotten, and the next runs "
            "find or create every record anew. Orders that came in stay."
        )


def account_of(base_url: str) -> str:
    """Host and port of a base URL, without the port that its scheme has by itself: another one is another account."""
    url = URL(base_url)
    host = (url.host or "").lower().rstrip(".")
    return host if url.port is None or url.is_default_port() else f"{host}:{url.port}"


MATCHES = "match"
"""The place of change sets that say which records of the books and of a platform are the same."""


def subject_of(connection: Connection, place: str = "connection") -> str:
    """The subject of a change set about what is known of the account that the connection leads to.

    `place` is what comes before the connection's id, by which is told who may undo it.
    """
    return f"{place}:{connection.pk}:{account_of(connection.base_url)}"[:_SUBJECT]


def check_undo(change_set: ChangeSet) -> None:
    """Raises MoveRefused for links of an account that their connection leads to no more: they would be wrong there."""
    place, _, rest = change_set.subject.partition(":")
    pk, _, account = rest.partition(":")
    if place not in ("connection", MATCHES) or not account:
        return
    connection = Connection.objects.defer("credentials").filter(pk=int(pk)).first()
    if connection is not None and subject_of(connection, place) != change_set.subject:
        raise MoveRefused(MOVED_AWAY, connection=connection, host=account_of(connection.base_url))


def of_former_accounts(
    model: type[Link] | type[Match], change_set: ChangeSet, changes: Sequence[int], rows: Sequence[int]
) -> Mapping[int, Veto]:
    """Links, or matches by the platform's ids, that would come back though their connection leads elsewhere by now.

    Matches by code and by name mean the same in every account.
    """
    key = "remote_key" if model is Match else "remote_id"
    there: Any = model.objects.filter(pk__in=rows).order_by()
    tied = {pk: rest for pk, *rest in there.values_list("pk", "connection_id", key)}
    gone = Change.objects.filter(pk__in=changes, operation=Change.Operation.DELETE).order_by()
    tied |= {pk: rest for pk, *rest in gone.values_list("row", "before__connection_id", f"before__{key}")}
    tied = {pk: rest for pk, rest in tied.items() if model is Link or rest[1].startswith(BY_ID)}
    why = {connection_id: _elsewhere(change_set, connection_id) for connection_id in {of for of, _ in tied.values()}}
    return {pk: Veto(why[of]) for pk, (of, _) in tied.items() if why[of]}


def _elsewhere(change_set: ChangeSet, connection_id: int) -> str:
    """Why what was known of a connection when a set was made is not true any more; "" where it is."""
    connection = Connection.objects.defer("credentials").filter(pk=connection_id).first()
    if connection is None:
        return ""
    now = account_of(connection.base_url)
    # Of a set that does not say it, the next move of the connection tells from which account that was.
    moves = ChangeSet.objects.filter(kind=MOVED, subject__startswith=f"connection:{connection_id}:")
    later = moves.filter(made_at__gte=change_set.made_at).order_by("made_at", "pk").first()
    for one in (change_set, later):
        place, _, rest = (one.subject if one else "").partition(":")
        of, _, account = rest.partition(":")
        if place and of == str(connection_id) and account:
            here = subject_of(connection, place) == (one.subject if one else "")
            return "" if here else f"is of the account at {account}, while {connection} leads to {now}"
    return ""


def check_secrets(
    before: str, after: str, declared: Sequence[Setting], stored: Mapping[str, Any], given: Mapping[str, object]
) -> None:
    """Raises MoveRefused when stored secrets would be sent to another scheme, host or port than they were given for.

    `before` and `after` are base URLs; addresses among the credentials, which stand beside it, count alike. Without
    that, who may change the address but not read the secrets could have them sent to a place of their own.
    """
    secret = [each for each in declared if each.kind is SettingKind.SECRET]
    kept = [each.label for each in secret if stored.get(each.key) and each.key not in given]
    for label, old, new in _addresses(before, after, declared, stored, given):
        if kept and _origin(old) != _origin(new):
            raise MoveRefused(SECRETS_STAY, label=label, host=account_of(new), secrets=" and ".join(kept))


def former_addresses(
    before: str, after: str, declared: Sequence[Setting], given: Mapping[str, object]
) -> dict[str, str]:
    """Addresses among the credentials that another account takes away, as empty answers: those it is not given with."""
    if account_of(before) == account_of(after):
        return {}
    return {each.key: "" for each in declared if each.kind is SettingKind.URL and each.key not in given}


def forget_account(connection: Connection, base_url: str) -> Moved | None:
    """Forget what is known of a connection's account before it leads elsewhere; None where that is the same account.

    Its links are forgotten, and the matches by the account's ids. Those by code and by name stay:
    they are the company's own names for its customers, and mean the same everywhere. So do orders and what came in.
    Raises MoveRefused while a run is at work, or a plan waits that was made for the former account.
    """
    if account_of(base_url) == account_of(connection.base_url):
        return None
    unfinished = Run.objects.filter(connection=connection, state__in=(*Run.UNFINISHED, Run.State.PLANNED))
    if run := unfinished.order_by("pk").first():
        raise MoveRefused(MOVED_AT_WORK, run=run.pk, connection=connection)
    links, _ = Link.objects.filter(connection=connection).delete()
    matches, _ = Match.objects.filter(connection=connection, remote_key__startswith=BY_ID).delete()
    Suggestion.objects.filter(connection=connection).delete()
    return Moved(account_of(base_url), links, matches)


def _addresses(
    before: str, after: str, declared: Sequence[Setting], stored: Mapping[str, Any], given: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    """Every address of a connection by its label, as it was and as it will be; one that is not set is the base URL."""
    yield "Base URL", before, after
    for each in declared:
        if each.kind is SettingKind.URL:
            old = stored.get(each.key)
            yield each.label, old or before, str(given.get(each.key, old) or "").strip() or after


def _origin(base_url: str) -> tuple[str, str]:
    return URL(base_url).scheme, account_of(base_url)
