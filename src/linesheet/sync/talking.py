"""Talking to a platform outside of runs: to try a connection, or to be granted access."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from linesheet.site.addresses import guarded_connector
from linesheet.site.hiding import hiding
from linesheet.site.logs import about
from linesheet.sync import registry, settings
from linesheet.sync.database import DatabaseThread
from linesheet.sync.models import Connection
from linesheet.sync.platform import Quota
from linesheet.sync.quota import quota_of, spend
from linesheet.sync.transport import Gate, Transport

TRY_SECONDS = 15.0
PAUSE_AT_MOST_SECONDS = 5.0


def answers_of(row: Connection) -> dict[str, Any]:
    """The connection's settings in the form its platform reads; asked for with its company in hand."""
    return settings.read(registry.platform(row.platform).all_settings, row.settings)


@asynccontextmanager
async def talking_to(row: Connection, answers: Mapping[str, Any]) -> AsyncIterator[Any]:
    """The client of a connection, which need not be saved; None where its platform is never called.

    Its credentials are blotted out of what is written. Its calls wait for nobody, but are counted where the platform
    gives so many credits a window.
    """
    platform = registry.platform(row.platform)
    if platform.client is None:
        yield None
        return
    quota = quota_of(row.settings, platform)
    hidden = hiding(settings.secret_values(platform.credentials, row.credentials))
    with hidden, about(connection=row.pk, connection_name=row.name):
        async with (
            aiohttp.ClientSession(connector=guarded_connector(this_machine=True)) as session,
            DatabaseThread(row.company_id) as db,
        ):
            transport = Transport(
                row.base_url,
                session,
                gate=_Counting(row.pk, quota, db) if row.pk and quota else None,
                timeout=TRY_SECONDS,
                attempts=2,
                most_wait=PAUSE_AT_MOST_SECONDS,
            )
            yield platform.client(transport, row.credentials, answers)


class _Counting(Gate):
    """Counts calls among those of the connection's runs, and lets them through at once."""

    def __init__(self, connection_id: int, quota: Quota, db: DatabaseThread) -> None:
        self._connection_id = connection_id
        self._quota = quota
        self._db = db

    async def enter(self, method: str, *, counted: bool = True) -> None:
        if counted:
            await self._db(spend, self._connection_id, self._quota, self._quota.cost(method), anyway=True)
