"""Adding a connection: the platform, the account, its credentials or grant, and a test before it is saved."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from linesheet.books.reasons import Refused
from linesheet.sync import connections, grants, registry
from linesheet.sync.called import only_calls_us
from linesheet.sync.connection_checks import Check, Health, try_connection
from linesheet.sync.models import Connection
from linesheet.sync.platform import Platform
from linesheet.sync.sandboxes import running_sandbox
from linesheet.web.access import MemberRequest, operators_only
from linesheet.web.declared import connection_to_configure
from linesheet.web.forms.connections import AddForm

TRY_SECONDS = 12.0
"""As long as a person waits for the answer of a test."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A platform to choose, whether its sandbox runs here, and how many connections there are to it."""

    platform: Platform
    sandbox: bool
    there: int


@require_safe
@operators_only("add connections")
def choose(request: MemberRequest) -> HttpResponse:
    """Every platform that is installed."""
    there = dict(Connection.objects.order_by().values_list("platform").annotate(Count("pk")))
    choices = [
        Choice(platform, running_sandbox(key) is not None, there.get(key, 0))
        for key, platform in registry.platforms().items()
    ]
    return render(request, "web/connections/add.html", {"platforms": choices})


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only("add connections")
def add(request: MemberRequest, platform: str) -> HttpResponseBase:
    """The form; what is sent is tried first, and saved when it works, or when it shall be saved as it is."""
    declared = registry.platforms().get(platform)
    if declared is None:
        raise Http404
    form = AddForm(declared, running_sandbox(platform), request.POST if request.method == "POST" else None)
    checks: list[Check] = []
    if request.method == "POST" and (connection := form.connection()):
        do = request.POST.get("do")
        if do == "grant" and declared.grant:
            return _saved(request, connection, form, "connection_grant") or _form(request, declared, form, [], 422)
        checks = [] if do == "anyway" else try_connection(connection, within=TRY_SECONDS)
        leads_to = "connection_keys" if only_calls_us(declared) else "connection_settings"
        if all(check.health is Health.OK for check in checks) and (
            saved := _saved(request, connection, form, leads_to)
        ):
            return saved
    status = 422 if request.method == "POST" and form.problems else 200
    return _form(request, declared, form, checks, status)


@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Have the platform grant access: ask, approve it there, and enter the code that it shows."""
    connection = connection_to_configure(request, connection_id, "change the credentials")
    try:
        declared = grants.grant_of(connection)
    except Refused:
        raise Http404 from None
    error, begun = "", None
    if request.method == "POST":
        try:
            if request.POST.get("do") != "finish":
                grants.begin(connection)
                return redirect("connection_grant", connection.pk)
            grants.finish(connection, request.POST.get("code", ""))
            messages.success(request, f"{connection} has access now. Test it below.")
            return redirect("connection_settings", connection.pk)
        except Refused as refused:
            error = str(refused)
    try:
        begun = grants.pending(connection)
    except Refused as refused:  # the credentials cannot be decrypted here
        error = str(refused)
    return render(
        request,
        "web/connections/grant.html",
        {"connection": connection, "grant": declared, "begun": begun, "error": error},
        status=422 if error else 200,
    )


def _form(request: MemberRequest, platform: Platform, form: AddForm, checks: list[Check], status: int) -> HttpResponse:
    context = {"platform": platform, "form": form, "checks": checks}
    return render(request, "web/connections/add_to.html", context, status=status)


def _saved(request: MemberRequest, connection: Connection, form: AddForm, leads_to: str) -> HttpResponseBase | None:
    """Where it goes on when the connection is saved; None when another has taken the name meanwhile."""
    try:
        connections.save_named(connection)
    except Refused as refused:
        form.name_error = str(refused)
        return None
    if leads_to == "connection_settings":
        messages.success(request, f"{connection} is added. Look through its settings, then preview a task.")
    elif leads_to == "connection_keys":
        messages.success(request, f"{connection} is added. What is left to set up is said below.")
    if request.htmx:
        return HttpResponseClientRedirect(resolve_url(leads_to, connection.pk))
    return redirect(leads_to, connection.pk)
