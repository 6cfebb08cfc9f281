"""Connections and their runs as far as a member may see them, and what their platforms declare, as pages need it."""

from typing import Any

from django.shortcuts import get_object_or_404

from linesheet.sync import registry
from linesheet.sync.models import Connection, Run
from linesheet.sync.platform import Platform
from linesheet.web.access import MemberRequest


def connections(request: MemberRequest) -> Any:
    """The connections the member may see. Their credentials stay in the database: no page shows or needs them."""
    return request.may.only_seen(Connection.objects.defer("credentials"), by="pk")


def connection_or_404(request: MemberRequest, pk: int) -> Connection:
    """The connection of that id, if it is the company's and the member may see it. Raises Http404."""
    connection: Connection = get_object_or_404(connections(request).select_related("company"), pk=pk)
    return connection


def connection_to_run(request: MemberRequest, pk: int, does: str) -> Connection:
    """The same, for those who may run it. Raises Http404, or MayNot with `does` in "You may not ...".

    Write `does` so that "of Paris" may follow: "start runs", "approve the plan".
    """
    connection = connection_or_404(request, pk)
    request.may.run_or_refuse(connection, does)
    return connection


def connection_to_configure(request: MemberRequest, pk: int, does: str) -> Connection:
    """The same, for those who may configure it: "change the settings" of Paris. Raises Http404 or MayNot."""
    connection = connection_or_404(request, pk)
    request.may.configure_or_refuse(connection, does)
    return connection


def connection_to_match(request: MemberRequest, pk: int, does: str) -> Connection:
    """The same, for those who may match its records: "link records" of Paris. Raises Http404 or MayNot."""
    connection = connection_or_404(request, pk)
    request.may.match_or_refuse(connection, does)
    return connection


def run_or_404(request: MemberRequest, pk: int) -> Run:
    """The run of that id with its connection, if the member may see that. Raises Http404."""
    runs = Run.objects.select_related("connection", "requested_by", "approved_by").defer("connection__credentials")
    run: Run = get_object_or_404(request.may.only_seen(runs), pk=pk)
    return run


def platform_of(connection: Connection) -> Platform | None:
    """The platform of a connection; None when it is no longer installed."""
    return registry.platforms().get(connection.platform)


def task_name(connection: Connection, task: str) -> str:
    """The name of a task; its key when the platform does not declare it any more."""
    platform = platform_of(connection)
    names = {declared.key: declared.name for declared in platform.tasks} if platform else {}
    return names.get(task, task)
