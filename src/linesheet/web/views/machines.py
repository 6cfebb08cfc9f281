"""What machines ask of a web process: whether it lives, and whether it can serve.

They come without a log-in and by whatever name they reach the process, so the answers tell nothing else.
"""

import logging
from collections.abc import Callable, Mapping

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from linesheet.site import schema

log = logging.getLogger(__name__)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives; asks nothing of the database."""
    return _plain("ok")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has this version's schema; else 503 says which of the two is not so."""
    try:
        missing = schema.missing_changes()
    except Error as error:
        log.warning("not ready: %s", error)
        return _plain("The database does not answer.", status=503)
    if missing:
        log.warning("not ready: the schema lacks %s", ", ".join(missing))
        return _plain(f"The database lacks {len(missing)} changes of this version's schema.", status=503)
    return _plain("ready")


def _plain(says: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{says}\n", status=status, content_type="text/plain; charset=utf-8")


BY_PATH: Mapping[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
}
