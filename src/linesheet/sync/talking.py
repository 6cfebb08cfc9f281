"""Talking to a platform outside of runs: to try a connection, or to be granted access."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from linesheet.site.addresses import guarded_connector
from linesheet.site.hiding import hiding
from linesheet.site.logs import about
from linesheet.sync import registry, settings
from linesheet.sync.models import Connection
from linesheet.sync.transport import Transport

TRY_SECONDS = 15.0
PAUSE_AT_MOST_SECONDS = 5.0


def answers_of(row: Connection) -> dict[str, Any]:
    """The connection's settings in the form its platform reads; asked for with its company in hand."""
    return settings.read(registry.platform(row.platform).all_settings, row.settings)


@asynccontextmanager
async def talking_to(row: Connection, answers: Mapping[str, Any]) -> AsyncIterator[Any]:
    """The client of a connection, which need not be saved; its credentials are blotted out of what is written."""
    platform = registry.platform(row.platform)
    hidden = hiding(settings.secret_values(platform.credentials, row.credentials))
    with hidden, about(connection=row.pk, connection_name=row.name):
        async with aiohttp.ClientSession(connector=guarded_connector(this_machine=True)) as session:
            transport = Transport(
                row.base_url, session, timeout=TRY_SECONDS, attempts=2, most_wait=PAUSE_AT_MOST_SECONDS
            )
            yield platform.client(transport, row.credentials, answers)
