"""What a key opens, and what time it is here."""

import datetime
from importlib.metadata import version

from django.utils import timezone
from ninja import Router

from linesheet.sync.serving.callers import ANY_SCOPE, ApiRequest, scoped
from linesheet.sync.serving.values import Shape

router = Router(tags=["Status"])


class Status(Shape):
    """Whose key it is, and what it may be used for."""

    company: str
    member: str
    role: str
    scopes: list[str]
    server_time: datetime.datetime
    version: str


@router.get("/status", response=Status, auth=scoped(ANY_SCOPE), summary="Who you are and what you may do")
def status(request: ApiRequest) -> Status:
    """Company, member and scopes of the key, and the server's time."""
    caller = request.auth
    return Status(
        company=caller.company.name,
        member=str(caller.member.user),
        role=caller.member.role,
        scopes=sorted(caller.scopes),
        server_time=timezone.now(),
        version=version("linesheet"),
    )
