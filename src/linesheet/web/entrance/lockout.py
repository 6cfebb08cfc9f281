"""Wrong passwords: who tried, from where, and the page that says when to try again."""

from collections.abc import Mapping
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from linesheet.site.origin import address_of


def who(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The address somebody tried to log in with."""
    given = (credentials or {}).get("email") or request.POST.get("login") or ""
    return str(given).strip().lower()


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Say for how long, and that a reset of the password lets one in at once."""
    cool_off = get_cool_off(request)
    last = (
        AccessAttempt.objects.filter(username=who(request, credentials), ip_address=address_of(request))
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    again = (last or timezone.now()) + cool_off
    minutes = max(1, -(-int((again - timezone.now()).total_seconds()) // 60))
    return render(
        request,
        "account/locked_out.html",
        {"minutes": minutes, "again": again, "tries": settings.AXES_FAILURE_LIMIT},
        status=429,
    )
