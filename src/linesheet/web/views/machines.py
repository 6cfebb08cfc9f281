"""What machines ask of a web process: whether it lives, whether it can serve, and the installation's figures.

They come without a log-in and by whatever name they reach the process. So probes tell nothing else, and figures want
a token.
"""

import logging
from collections.abc import Callable, Mapping

from django.conf import settings as site
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from linesheet.site import schema
from linesheet.sync.metrics import Figures

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


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for the bearer of LINESHEET_METRICS_TOKEN; 404 while that is not set."""
    if not site.METRICS_TOKEN:
        return _plain("Set LINESHEET_METRICS_TOKEN to have metrics.", status=404)
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {site.METRICS_TOKEN}"):
        refusal = _plain("Send LINESHEET_METRICS_TOKEN as a bearer token.", status=401)
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    figures = CollectorRegistry(auto_describe=False)
    figures.register(Figures())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    try:
        return HttpResponse(encode(figures), content_type=content_type)
    except Error as error:
        log.warning("no metrics: %s", error)
        return _plain("The database does not answer.", status=503)


def _plain(says: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{says}\n", status=status, content_type="text/plain; charset=utf-8")


BY_PATH: Mapping[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}
