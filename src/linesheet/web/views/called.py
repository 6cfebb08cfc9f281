"""Where a connection's platform calls us, with what and what it called last; and a test order."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from linesheet.books.reasons import BLOCKER, Refused
from linesheet.sync import called
from linesheet.sync.models import ApiCall, Connection
from linesheet.sync.rehearsals import rehearse as rehearsed
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_to_run, platform_of


@dataclass(frozen=True, slots=True)
class Collected:
    """The latest collect of one kind of record, and what that kind is called."""

    what: str
    call: ApiCall


def facts_of(connection: Connection) -> dict[str, Any]:
    """What the page tells of being called, besides keys. Raises Http404 where the platform never calls."""
    platform = platform_of(connection)
    if platform is None or platform.endpoints is None:
        raise Http404
    latest = called.latest_of(connection)
    steps = called.steps_of(connection)
    return {
        "platform": platform,
        "address": called.address_for(platform),
        "steps": [] if all(step.done for step in steps) else steps,
        "collects": list(_named(latest.collects)),
        "submitted": latest.submitted,
        "submitting_call": latest.submitting,
        "left_out": sum(note["severity"] == BLOCKER for note in latest.submitted.notes) if latest.submitted else 0,
        "latest_call": latest.call,
        "rehearses": platform.endpoints.rehearse is not None,
    }


@require_POST
def rehearse(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Take a test order the whole way, and tell what would have become of it."""
    connection = connection_to_run(request, connection_id, "send a test order")
    platform = platform_of(connection)
    if platform is None or platform.endpoints is None or platform.endpoints.rehearse is None:
        raise Http404
    given = {key: request.POST.get(key, "") for key in ("barcode", "customer")}
    context: dict[str, Any] = {"connection": connection, "platform": platform, "given": given}
    status = HTTPStatus.OK
    try:
        context["rehearsal"] = rehearsed(connection, **given)
    except Refused as refused:
        context["refused"], status = refused, HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "web/api/rehearsal.html", context, status=status)


def _named(calls: list[ApiCall]) -> Iterator[Collected]:
    """By the last part of the address that is no id."""
    for call in calls:
        words = [part for part in call.route.split("/") if part and not part.startswith(("{", "<"))]
        yield Collected(words[-1].replace("-", " ").capitalize() if words else call.route, call)
