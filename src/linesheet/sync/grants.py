"""Access that a platform grants when a person approves Linesheet there: asked for, then ended with the code shown."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from django.db import transaction

from linesheet.books.reasons import Reason, Refused
from linesheet.site.hiding import hide_too
from linesheet.sync import registry
from linesheet.sync.errors import TravelError
from linesheet.sync.models import Connection
from linesheet.sync.platform import Grant, GrantBegun
from linesheet.sync.talking import answers_of, talking_to

T = TypeVar("T")

GRANT_SECONDS = 10.0
PENDING = "_grant"
"""Where a connection's credentials keep what an unfinished grant needs; no declared credential has this key."""

NO_GRANT = Reason("no_grant", "{platform} grants no access in this way.", "Enter the credentials by hand.")
GRANT_LACKS = Reason(
    "grant_lacks", "{platform} can only be asked with {labels}.", "Enter {labels}, save, and ask again."
)
GRANT_NOT_BEGUN = Reason("grant_not_begun", "{platform} was not asked yet.", "Ask it first.")
GRANT_REFUSED = Reason(
    "grant_refused",
    "{platform} did not agree: {said}",
    "Check the credentials and the code, and that Linesheet was approved there; then try again.",
)
NO_CODE = Reason("grant_without_code", "The code is missing.", "Copy it from {platform}, where you approved Linesheet.")

REASONS = (NO_GRANT, GRANT_LACKS, GRANT_NOT_BEGUN, GRANT_REFUSED, NO_CODE)


class GrantDenied(Refused):
    """There is no access yet; `fix` says what helps."""


def begin(connection: Connection) -> GrantBegun:
    """Ask the platform for access, and keep what ending it needs. Raises GrantDenied."""
    grant = grant_of(connection)
    lacking = _lacking(connection, grant)
    if lacking:
        platform = registry.platform(connection.platform)
        raise GrantDenied(GRANT_LACKS, platform=platform.name, labels=" and ".join(lacking))
    begun = _asked(connection, lambda client: grant.begin(client, f"Linesheet {connection.name}"))
    pending = {"keys": dict(begun.pending), "says": begun.says, "address": begun.address}
    _keep(connection, {**connection.credentials, PENDING: pending})
    return begun


def pending(connection: Connection) -> GrantBegun | None:
    """What was asked for and has not ended yet."""
    kept = connection.credentials.get(PENDING)
    return GrantBegun(kept["keys"], kept["says"], kept["address"]) if kept else None


def finish(connection: Connection, code: str) -> None:
    """End what was begun with the code that the platform showed, and keep the credentials. Raises GrantDenied."""
    grant, begun = grant_of(connection), pending(connection)
    platform = registry.platform(connection.platform)
    if begun is None:
        raise GrantDenied(GRANT_NOT_BEGUN, platform=platform.name)
    if not code.strip():
        raise GrantDenied(NO_CODE, platform=platform.name)
    given = _asked(connection, lambda client: grant.finish(client, begun.pending, code.strip()), begun.pending)
    credentials = {**connection.credentials, **{key: given[key] for key in grant.gives}}
    credentials.pop(PENDING, None)
    _keep(connection, credentials)


def grant_of(connection: Connection) -> Grant:
    """The grant of the connection's platform. Raises UnknownPlatform, or GrantDenied when it has none."""
    platform = registry.platform(connection.platform)
    if platform.grant is None:
        raise GrantDenied(NO_GRANT, platform=platform.name)
    return platform.grant


def _lacking(connection: Connection, grant: Grant) -> list[str]:
    declared = {each.key: each for each in registry.platform(connection.platform).credentials}
    return [declared[key].label for key in grant.needs if not connection.credentials.get(key)]


def _asked(connection: Connection, ask: Callable[[Any], Awaitable[T]], secrets: Mapping[str, str] = {}) -> T:
    answers = answers_of(connection)
    name = registry.platform(connection.platform).name

    async def talk() -> T:
        async with asyncio.timeout(GRANT_SECONDS), talking_to(connection, answers) as client:
            hide_too(secrets.values())
            return await ask(client)

    try:
        return asyncio.run(talk())
    except TravelError as error:
        raise GrantDenied(GRANT_REFUSED, platform=name, said=error.says) from None
    except TimeoutError:
        said = f"no answer came within {GRANT_SECONDS:.0f} seconds."
        raise GrantDenied(GRANT_REFUSED, platform=name, said=said) from None


@transaction.atomic
def _keep(connection: Connection, credentials: dict[str, Any]) -> None:
    Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
    connection.credentials = credentials
    connection.save(update_fields=["credentials"])
