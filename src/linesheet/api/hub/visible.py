"""What of the connections a member may see and run; what they may not see is not there for them."""

from typing import Any

from linesheet.sync import registry
from linesheet.sync.models import Connection, Run
from linesheet.sync.rights import Level, Rights, rights_of
from linesheet.sync.serving.callers import ApiRequest
from linesheet.sync.serving.problems import FORBIDDEN_SCOPE, ApiProblem, not_found


def connections(request: ApiRequest) -> list[Connection]:
    """Those that the member may see and whose platform is there, by name."""
    hidden = _rights(request).hidden
    known = registry.platforms()
    rows = Connection.objects.defer("credentials").exclude(pk__in=hidden).filter(platform__in=known)
    return list(rows.order_by("name"))


def connection_or_404(request: ApiRequest, connection_id: int) -> Connection:
    """One of them. Raises ApiProblem."""
    for one in connections(request):
        if one.pk == connection_id:
            return one
    raise not_found("connection")


def runs(request: ApiRequest) -> Any:
    """Runs of connections that the member may see."""
    return Run.objects.select_related("connection").exclude(connection__in=_rights(request).hidden)


def run_or_404(request: ApiRequest, run_id: int) -> Run:
    """One of them. Raises ApiProblem."""
    run: Run | None = runs(request).filter(pk=run_id).first()
    if run is None:
        raise not_found("run")
    return run


def may_run_or_refuse(request: ApiRequest, connection: Connection) -> None:
    """Raises ApiProblem unless the member may run the connection."""
    if not _rights(request).allow(connection.pk, Level.RUN):
        says = f"{request.auth.member.user} may not run {connection}; who configures it, or an owner, can let them."
        raise ApiProblem(FORBIDDEN_SCOPE, says)


def _rights(request: ApiRequest) -> Rights:
    return rights_of(request.auth.member)
