"""How long the details of what happened are kept."""

import datetime
import os

from django.db.models import Q
from django.utils import timezone

from linesheet.sync.models import Exchange

KEEP_BODIES_DAYS = int(os.environ.get("LINESHEET_KEEP_BODIES_DAYS", "30"))
KEEP_EXCHANGES_DAYS = int(os.environ.get("LINESHEET_KEEP_EXCHANGES_DAYS", "180"))
PAGE = 5000


def tidy() -> int:
    """Empty the bodies of old exchanges and delete older ones, in all companies; how many were touched."""
    now = timezone.now()
    touched = 0
    old = Exchange.everywhere.filter(started_at__lt=now - datetime.timedelta(days=KEEP_EXCHANGES_DAYS))
    while ids := list(old.values_list("pk", flat=True)[:PAGE]):
        touched += Exchange.everywhere.filter(pk__in=ids).delete()[0]
    with_body = Exchange.everywhere.filter(
        ~Q(request_body="") | ~Q(response_body=""),
        started_at__lt=now - datetime.timedelta(days=KEEP_BODIES_DAYS),
    )
    while ids := list(with_body.values_list("pk", flat=True)[:PAGE]):
        touched += Exchange.everywhere.filter(pk__in=ids).update(request_body="", response_body="")
    return touched
