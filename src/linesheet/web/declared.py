"""Connections, and what their platforms declare, as pages need it."""

from typing import Any

from django.shortcuts import get_object_or_404

from linesheet.sync import registry
from linesheet.sync.models import Connection
from linesheet.sync.platform import Platform


def connections() -> Any:
    """The company's connections. Their credentials stay in the database: no page shows or needs them."""
    return Connection.objects.defer("credentials")


def connection_or_404(pk: int) -> Connection:
    """The connection of that id, if it is the company's. Raises Http404."""
    connection: Connection = get_object_or_404(connections().select_related("company"), pk=pk)
    return connection


def platform_of(connection: Connection) -> Platform | None:
    """The platform of a connection; None when it is no longer installed."""
    return registry.platforms().get(connection.platform)


def task_name(connection: Connection, task: str) -> str:
    """The name of a task; its key when the platform does not declare it any more."""
    platform = platform_of(connection)
    names = {declared.key: declared.name for declared in platform.tasks} if platform else {}
    return names.get(task, task)
