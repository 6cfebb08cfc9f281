"""Who Linesheet is to JOOR: the log-in of v4, and the static token of v2 (sheet joor.md 1)."""

import asyncio
import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from linesheet.platforms.joor.wire import Json
from linesheet.site.hiding import hide_too
from linesheet.sync.errors import Nonsense, Refused, Unauthorised
from linesheet.sync.transport import Transport

# A token is renewed so many seconds before its end, so that it holds for calls that wait for new credits.
EARLY_SECONDS = 600
# How long a token is used whose answer does not tell; JOOR's last ten hours.
UNTOLD_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Credentials:
    """What JOOR's integration manager hands out: the application, a user of the brand, and its account."""

    client_id: str = ""
    client_secret: str = ""
    username: str = ""
    password: str = ""
    account_id: str = ""
    v2_token: str = ""

    @classmethod
    def among(cls, given: Mapping[str, str]) -> "Credentials":
        """Those of a connection; what is missing is ""."""
        return cls(**{name: given.get(name) or "" for name in cls.__slots__})


class Scheme(StrEnum):
    """The word before the token of v2: JOOR documents the first, some accounts are served with the second."""

    OAUTH2 = "OAuth2"
    BEARER = "Bearer"


def v2_authorization(scheme: Scheme, token: str) -> str:
    """The header `Authorization` of v2."""
    return f"{scheme.value} {base64.b64encode(token.encode()).decode()}"


class Tokens:
    """The token of v4: got when it is first needed, renewed shortly before its end.

    Log-ins cost none of the credits. `transport` leads to the log-in page itself. `clock` counts seconds.
    """

    def __init__(
        self, transport: Transport, credentials: Credentials, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._transport = transport
        self._credentials = credentials
        self._clock = clock
        self._access = ""
        self._until = 0.0
        self._refresh = ""
        self._refresh_until = 0.0
        self._asking = asyncio.Lock()

    async def token(self, instead_of: str = "") -> str:
        """A token that holds, another than `instead_of`, which was refused. Raises the errors of `sync.errors`."""
        async with self._asking:
            if not self._access or self._access == instead_of or self._clock() >= self._until:
                self._take(await self._asked(by_password=bool(instead_of) and self._access == instead_of))
            return self._access

    async def _asked(self, *, by_password: bool) -> Json:
        """The answer to the refresh token where one still holds, else to the password."""
        if not by_password and self._refresh and self._clock() < self._refresh_until:
            try:
                return await self._post(grant_type="refresh_token", refresh_token=self._refresh)
            except (Refused, Unauthorised, Nonsense):
                self._refresh = ""
        return await self._post(
            grant_type="password", username=self._credentials.username, password=self._credentials.password
        )

    async def _post(self, **fields: str) -> Json:
        application = {"client_id": self._credentials.client_id, "client_secret": self._credentials.client_secret}
        answer: Json = await self._transport.call(
            "POST", "/", type=Json, form={**application, **fields}, counted=False, repeatable=True, empty={}
        )
        if not isinstance(answer.get("access_token"), str) or not answer["access_token"]:
            raise Nonsense("JOOR's log-in answered without an access_token.")
        return answer

    def _take(self, answer: Json) -> None:
        now = self._clock()
        self._access = answer["access_token"]
        self._until = now + _used(answer.get("expires_in"))
        refresh = answer.get("refresh_token")
        self._refresh = refresh if isinstance(refresh, str) else ""
        self._refresh_until = now + _used(answer.get("refresh_expires_in"))
        hide_too(filter(None, (self._access, self._refresh)))


def _used(told: Any) -> float:
    """For how many seconds a token is used that is told to hold so long."""
    try:
        seconds = float(told)
    except (TypeError, ValueError, OverflowError):
        seconds = 0
    if not 0 < seconds < 10**9:
        seconds = UNTOLD_SECONDS
    return max(seconds - EARLY_SECONDS, seconds / 2)
