"""Who calls: the key of a request, what it may be used for, and what is known of the call itself."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, cast

from django.http import HttpRequest
from ninja.security import APIKeyHeader, HttpBearer

from linesheet.books.models import Company, Member
from linesheet.books.tenancy import acting_for
from linesheet.site.hiding import hide_too
from linesheet.site.logs import about_too
from linesheet.sync import api_keys
from linesheet.sync.models import ApiKey, Connection
from linesheet.sync.scopes import scopes_of
from linesheet.sync.serving import bodies
from linesheet.sync.serving.problems import (
    FORBIDDEN_SCOPE,
    HTTPS_REQUIRED,
    IP_NOT_ALLOWED,
    MAINTENANCE,
    RATE_LIMITED,
    UNAUTHORISED,
    ApiProblem,
)

ANY_SCOPE = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was let in, with what they may do."""

    key: ApiKey
    scopes: frozenset[str]

    @property
    def company(self) -> Company:
        """Whose books they work in."""
        return self.key.company

    @property
    def connection(self) -> Connection:
        """The connection whose platform calls; of a member's key there is none."""
        assert self.key.connection is not None, "the key opens what a platform calls"
        return self.key.connection

    @property
    def member(self) -> Member:
        """The member whose program calls; of a connection's key there is none."""
        assert self.key.member is not None, "the key opens the hub's own API"
        return self.key.member

    @property
    def owner(self) -> str:
        """On whose behalf they call, as kept answers and collects have it."""
        return f"connection:{self.key.connection_id}" if self.key.connection_id else f"member:{self.key.member_id}"


@dataclass(slots=True)
class Call:
    """What is known of a call while it is answered.

    `private` is whether nobody on the way could read it. `opens` is the platform whose API was called, "" for the hub's
    own; `most_bytes` is how long a body may be there, `known` the parameters that the query may have, None where others
    are passed over. `key` is known of some calls that are refused, too. `collected` is how many records a page of a
    collect had, `row` the id of the call's row in Activity where that is written already (`serving.activity`).
    """

    request_id: str
    address: str
    private: bool
    opens: str = ""
    most_bytes: int = bodies.MOST_BYTES
    known: frozenset[str] | None = None
    route: str = ""
    began: float = field(default_factory=time.monotonic)
    key: ApiKey | None = None
    collected: int | None = None
    row: int | None = None
    refused: ApiProblem | None = None
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def milliseconds(self) -> int:
        """How long it has taken so far."""
        return round((time.monotonic() - self.began) * 1000)


class ApiRequest(HttpRequest):
    """A request that a key has let in, with its company in hand."""

    auth: Caller
    call: Call


class Bearer(HttpBearer):
    """The key as `Authorization: Bearer <key>`."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        return _let_in(cast(ApiRequest, request), token.strip(), self.scope)


class Header(APIKeyHeader):
    """The key as `X-API-Key: <key>`."""

    param_name = "X-API-Key"

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        return _let_in(cast(ApiRequest, request), key.strip(), self.scope) if key else None


def scoped(scope: str) -> Sequence[Callable[[HttpRequest], Any]]:
    """For an endpoint's `auth`: lets in keys that have the scope, ANY_SCOPE for every key."""
    return [Bearer(scope), Header(scope)]


def _let_in(request: ApiRequest, secret: str, scope: str) -> Caller:
    """Who calls, with their company in hand to the end of the call, and only then the body. Raises ApiProblem."""
    call = request.call
    hide_too([secret])
    key = api_keys.shown(secret)
    if key is None:
        raise _no_valid_key("The key is not known.")
    call.key = key
    about_too(company=key.company_id, key=key.prefix)
    call.held.enter_context(acting_for(key.company_id))
    _check(key, call)
    caller = Caller(key, scopes_of(key))
    if scope != ANY_SCOPE and scope not in caller.scopes:
        raise ApiProblem(
            FORBIDDEN_SCOPE, f"{key.prefix} does not have the scope {scope}, or its member may not use it."
        )
    if call.known is not None:
        bodies.refuse_unknown(request, call.known)
    bodies.read_body(request, call.most_bytes)
    return caller


def _check(key: ApiKey, call: Call) -> None:
    if key.revoked_at:
        raise _no_valid_key("The key was revoked.")
    if key.member and not key.member.user.is_active:
        raise _no_valid_key("The key's member is switched off.")
    if not call.private:
        says = f"{key.prefix} was sent where others can read it. Use https, and exchange the key for a new one."
        raise ApiProblem(HTTPS_REQUIRED, says)
    if not api_keys.may_come_from(key, call.address):
        raise ApiProblem(IP_NOT_ALLOWED, f"{key.prefix} may not be used from {call.address}.")
    use = api_keys.count_call(key, call.address)
    if use is None:
        raise _no_valid_key("The key is not known.")
    if use.calls > api_keys.CALLS_A_MINUTE:
        says = f"{key.prefix} has made its {api_keys.CALLS_A_MINUTE} calls of this minute."
        raise ApiProblem(RATE_LIMITED, says, headers={"Retry-After": str(use.seconds)})
    opens = key.connection.platform if key.connection else ""
    if opens != call.opens:
        raise ApiProblem(FORBIDDEN_SCOPE, f"{key.prefix} opens another API than this.")
    if key.connection and not key.connection.active:
        raise ApiProblem(MAINTENANCE, f"{key.connection} is switched off.", headers={"Retry-After": "300"})


def _no_valid_key(says: str) -> ApiProblem:
    return ApiProblem(UNAUTHORISED, says, headers={"WWW-Authenticate": "Bearer"})
