"""The match workbench: what records of a connection name and nobody has linked; and the matches that were made."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from linesheet.books.changes import recorded
from linesheet.books.kinds import LABELS, called
from linesheet.books.reasons import Refused
from linesheet.sync import match_looks
from linesheet.sync import suggestions as rules
from linesheet.sync.models import Connection, Suggestion
from linesheet.sync.moves import MATCHES, subject_of
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404, connection_to_match, connection_to_run, platform_of
from linesheet.web.match_lists import match_list, open_list
from linesheet.web.undoing import offer_undo

FOUND = 20
OF_THE_LIST = ("q", "kind", "sure", "state", "sort")


@require_http_methods(["GET", "HEAD", "POST"])
def workbench(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """What nobody has linked, as the latest records name it, with what it may be in the books."""
    connection = _connection(request, connection_id)
    context = _context(request, connection)
    found = open_list(connection, may_match=context["may_match"], asked=_asked(request))
    return lists.show(request, found, {**context, **_look(connection)})


@require_http_methods(["GET", "HEAD", "POST"])
def look(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """How a look at what nobody has linked gets on; asked for by POST. What it changed has the page fetched anew."""
    connection = _connection(request, connection_id)
    if request.method == "POST":
        match_looks.ask(connection_to_run(request, connection_id, "look for what nobody has linked"))
    if not request.htmx:
        return redirect("unlinked", connection.pk)
    context = {**_context(request, connection), **_look(connection)}
    answer = render(request, "web/connections/_match_look.html", context)
    last = context["look"]
    if request.method != "POST" and last and not context["working"] and last.changed and not last.says:
        answer["HX-Refresh"] = "true"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def suggestion(request: MemberRequest, connection_id: int, suggestion_id: int) -> HttpResponseBase:
    """All that one thing may be, a search for anything else, and the accepting of one record."""
    if request.method == "POST":
        connection = connection_to_match(request, connection_id, "link records")
    else:
        connection = _connection(request, connection_id)
    found = get_object_or_404(
        Suggestion.objects.filter(connection=connection).select_related("inbox"), pk=suggestion_id
    )
    if request.method == "POST":
        return _accept_one(request, connection, found)
    wanted = request.GET.get("find", "").strip()
    return render(
        request,
        "web/connections/_suggestion.html" if request.htmx else "web/connections/suggestion.html",
        {
            **_context(request, connection),
            "suggestion": found,
            "kind": LABELS.get(found.kind, found.kind),
            "asked": _asked(request),
            "choices": [_best(found), *found.others] if found.record_id else [],
            "wanted": wanted,
            "found": called(found.kind, wanted, FOUND),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def made(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The matches that people made, which go before all that the books say by themselves."""
    connection = _connection(request, connection_id)
    return lists.show(request, match_list(connection), _context(request, connection))


def _asked(request: MemberRequest) -> str:
    """What the list was asked for, as a query string to come back to."""
    kept = {key: value for key in OF_THE_LIST if (value := request.GET.get(key))}
    return f"?{urlencode(kept)}" if kept else ""


def _context(request: MemberRequest, connection: Connection) -> dict[str, Any]:
    return {
        "connection": connection,
        "platform": platform_of(connection),
        "may_match": request.may.match(connection),
        "may_look": request.may.run(connection),
    }


def _look(connection: Connection) -> dict[str, Any]:
    """The last look at what nobody has linked, and whether another is asked for as the page opens."""
    last = match_looks.of(connection)
    if last:
        last.connection = connection
    working = last is not None and match_looks.is_at_work(last)
    changed = last is None or (not working and match_looks.has_changed(last))
    # One that failed is not repeated at every opening of the page.
    return {"look": last, "working": working, "looks_now": changed and not (last and last.says)}


def _connection(request: MemberRequest, connection_id: int) -> Connection:
    connection = connection_or_404(request, connection_id)
    if platform_of(connection) is None:
        raise Http404
    return connection


def _accept_one(request: MemberRequest, connection: Connection, found: Suggestion) -> HttpResponseBase:
    try:
        with recorded(
            "matches", "Linked by a suggestion.", by=request.user, subject=subject_of(connection, MATCHES)
        ) as changes:
            record = rules.accept(found, request.POST.get("record", ""), by=request.user)
            changes.says = f"{found.label} is {record}."
        offer_undo(request, changes, f"{changes.says} {rules.follows(found)}")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(reverse("unlinked", args=[connection.pk]) + _asked(request))


def _best(found: Suggestion) -> dict[str, Any]:
    return {
        "record_id": found.record_id,
        "label": found.record_label,
        "score": found.score,
        "because": found.because,
    }
