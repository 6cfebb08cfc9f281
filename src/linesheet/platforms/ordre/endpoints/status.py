"""What a key opens, and whether orders can be submitted."""

import datetime

from django.utils import timezone
from ninja import Router

from linesheet.sync.contexts import frugal_context_of
from linesheet.sync.serving.callers import ANY_SCOPE, ApiRequest, scoped
from linesheet.sync.serving.values import Shape

router = Router(tags=["Status"])


class Status(Shape):
    """Whose key it is, what it may be used for, and whether orders can be submitted."""

    company: str
    connection: str
    server_time: datetime.datetime
    scopes: list[str]
    import_season_set: bool
    order_owner_set: bool


@router.get("/status", response=Status, auth=scoped(ANY_SCOPE), summary="Who you are and what you may do")
def status(request: ApiRequest) -> Status:
    """Company, connection and scopes of the key, and whether import season and order owner are set."""
    caller = request.auth
    settings = frugal_context_of(caller.connection).settings
    return Status(
        company=caller.company.name,
        connection=caller.connection.name,
        server_time=timezone.now(),
        scopes=sorted(caller.scopes),
        import_season_set=settings["import_season"] is not None,
        order_owner_set=settings["order_owner"] is not None,
    )
