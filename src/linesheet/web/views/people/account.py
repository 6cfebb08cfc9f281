"""One's own account: name and time zone, and everything that lets one in."""

import ipaddress

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linesheet.books import companies
from linesheet.web.access import MemberRequest
from linesheet.web.entrance import sessions
from linesheet.web.entrance.adapters import has_second_factor
from linesheet.web.forms.people import PersonForm


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: MemberRequest) -> HttpResponseBase:
    """The page, and saving name and zone."""
    form = PersonForm(request.user, request.company, request.POST or None)
    if form.is_valid():
        companies.change_person(request.user, name=form.cleaned_data["name"], timezone=form.cleaned_data["timezone"])
        messages.success(request, "Saved.")
        return redirect("account")
    keys = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    by_type = {key.type: key.wrap() for key in keys}
    codes = by_type.get(Authenticator.Type.RECOVERY_CODES)
    return render(
        request,
        "web/people/account.html",
        {
            "form": form,
            "new_address": EmailAddress.objects.filter(user=request.user, verified=False).first(),
            "app": next((key for key in keys if key.type == Authenticator.Type.TOTP), None),
            "passkeys": [key for key in keys if key.type == Authenticator.Type.WEBAUTHN],
            "codes_left": len(codes.get_unused_codes()) if codes else None,
            "second_factor": has_second_factor(request.user),
            "places": sessions.places_of(request, request.user),
            "passkeys_possible": not _is_number(request.get_host()),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def log_out_elsewhere(request: MemberRequest) -> HttpResponseBase:
    """End every session of this person but the one that asks."""
    ended = sessions.log_out(request, request.user)
    others = f"{ended} other browser{'s' if ended != 1 else ''}"
    messages.success(request, f"You are logged out of {others}." if ended else "You are logged in nowhere else.")
    return redirect("account")


@require_POST
def log_out_there(request: MemberRequest, session_id: int) -> HttpResponseBase:
    """End one other session of this person."""
    if not sessions.log_out(request, request.user, only=session_id):
        raise Http404
    messages.success(request, "You are logged out there.")
    return redirect("account")


def _is_number(host: str) -> bool:
    """Whether a host is a bare network address; browsers make no passkeys for those."""
    name = host[1 : host.index("]")] if host.startswith("[") else host.partition(":")[0]
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
