"""The settings of a connection, made from what its platform declares; its test, and its end."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linesheet.books.changes import recorded
from linesheet.books.reasons import Refused
from linesheet.sync import connections, offers
from linesheet.sync.connection_checks import try_connection
from linesheet.sync.models import Connection
from linesheet.sync.moves import MOVED, account_of, subject_of
from linesheet.sync.platform import Platform
from linesheet.sync.sandboxes import running_sandbox
from linesheet.sync.secrets import SecretUnreadable
from linesheet.sync.stale_seasons import stale_seasons
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404, connection_to_configure, platform_of
from linesheet.web.forms.connections import Section, save, seasons_of, sections_of
from linesheet.web.forms.declared import customers_like
from linesheet.web.undoing import offer_undo
from linesheet.web.views.connection_adding import TRY_SECONDS


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Every setting but the seasons, with its help; a part is saved by itself, or shown with what is wrong in it."""
    connection, platform = _asked(request, connection_id)
    sandbox = running_sandbox(platform.key)
    sent = request.POST if request.method == "POST" else None
    sections = sections_of(connection, platform, sandbox, sent)
    if sent is None:
        return _page(request, connection, platform, sections)
    section = next((one for one in sections if one.key == sent.get("section")), None)
    if section is None:
        raise Http404
    says = f"Links and matches of {connection} with {account_of(connection.base_url)} forgotten."
    with recorded(MOVED, says, by=request.user, subject=subject_of(connection)) as changes:
        saved = save(connection, section)
    if not saved:
        return _page(request, connection, platform, sections, status=422)
    if section.moved:
        back = " To have them back, set the former address first, then undo." if changes.pk else ""
        offer_undo(request, changes, f"{section.title}: saved. {section.moved.says}{back}")
    else:
        messages.success(request, f"{section.title}: saved.")
    return redirect("connection_settings", connection.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def seasons(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """What the platform asks about seasons, which is to be looked at whenever one begins; and which are stale."""
    connection, platform = _asked(request, connection_id)
    sent = request.POST if request.method == "POST" else None
    section = seasons_of(connection, platform, sent)
    if section is None:
        raise Http404
    if sent is not None and save(connection, section):
        messages.success(request, "Seasons: saved.")
        return redirect("connection_seasons", connection.pk)
    context = {
        "connection": connection,
        "section": section,
        "missing": connections.missing_answers(connection),
        "stale": stale_seasons([connection], timezone.localdate(timezone=request.company.zone)),
        "may_configure": request.may.configure(connection),
    }
    return render(request, "web/connections/seasons.html", context, status=200 if sent is None else 422)


@require_POST
def try_out(request: MemberRequest, connection_id: int) -> HttpResponse:
    """Ask the platform whether the connection works."""
    connection = connection_to_configure(request, connection_id, "test the settings")
    _platform_or_404(connection)
    _readable(request, connection)
    checks = try_connection(connection, within=TRY_SECONDS)
    return render(request, "web/connections/tried.html", {"connection": connection, "checks": checks})


@require_POST
def ask_offers(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Ask the account once more what it has to choose from, and go back to where that is asked for."""
    connection = connection_to_configure(request, connection_id, "ask the account of")
    if _platform_or_404(connection).offers is None:
        raise Http404
    try:
        messages.success(request, offers.summed(offers.ask(connection, within=TRY_SECONDS)))
    except Refused as refused:
        messages.error(request, str(refused))
    back = "connection_seasons" if request.POST.get("section") == "seasons" else "connection_settings"
    return redirect(back, connection.pk)


@require_POST
def delete(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Delete a connection that nothing was done with."""
    connection = connection_to_configure(request, connection_id, "delete the connection")
    try:
        connections.delete_connection(connection)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("connection_settings", connection.pk)
    messages.success(request, f"{connection} is deleted. Nothing had been done with it.")
    return redirect("connections")


@require_safe
def customer_options(request: MemberRequest) -> HttpResponse:
    """Customers for a list to choose from, by what was typed so far in the field that `field` names."""
    typed = request.GET.get(request.GET.get("field", ""), "")
    return render(request, "web/connections/_customer_options.html", {"customers": customers_like(typed)})


def _asked(request: MemberRequest, connection_id: int) -> tuple[Connection, Platform]:
    """The connection with its platform, to be read or, by a POST, configured. Raises Http404 or MayNot."""
    if request.method == "POST":
        connection = connection_to_configure(request, connection_id, "change the settings")
    else:
        connection = connection_or_404(request, connection_id)
    platform = _platform_or_404(connection)
    _readable(request, connection)
    return connection, platform


def _platform_or_404(connection: Connection) -> Platform:
    platform = platform_of(connection)
    if platform is None:
        raise Http404
    return platform


def _readable(request: MemberRequest, connection: Connection) -> None:
    """Credentials that this machine cannot decrypt show as not set, so that they can be entered anew."""
    try:
        connection.refresh_from_db(fields=["credentials"])
    except SecretUnreadable as error:
        messages.error(request, str(error))
        connection.credentials = {}


def _page(
    request: MemberRequest, connection: Connection, platform: Platform, sections: list[Section], status: int = 200
) -> HttpResponse:
    return render(
        request,
        "web/connections/settings.html",
        {
            "connection": connection,
            "platform": platform,
            "sections": sections,
            "grant": platform.grant,
            "missing": connections.missing_answers(connection),
            "may_configure": request.may.configure(connection),
        },
        status=status,
    )
