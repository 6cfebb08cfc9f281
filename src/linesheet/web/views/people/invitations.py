"""Accepting an invitation: by its signed link, as a new person or as one who is known."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from linesheet.books import invitations
from linesheet.books.models import Invitation, User
from linesheet.books.reasons import Refused
from linesheet.web.entrance.coming_in import come_in
from linesheet.web.forms.people import PasswordForm


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def accept(request: HttpRequest, token: str) -> HttpResponseBase:
    """Who was invited and is logged in joins with a click; who is known logs in first; who is new gives a password."""
    try:
        invitation = invitations.invitation_of(token)
        if isinstance(request.user, User):
            return _join(request, invitation, request.user)
        if invitations.is_known(invitation):
            return _page(request, invitation, "log_in", PasswordForm())
        return _join_anew(request, invitation)
    except Refused as refused:
        return render(request, "web/people/invitation_gone.html", {"refused": refused}, status=410)


def _join(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponseBase:
    if not invitations.is_for(invitation, user):
        return _page(request, invitation, "other", PasswordForm(), status=403)
    if request.method != "POST":
        return _page(request, invitation, "join", PasswordForm())
    member = invitations.join_as(invitation, user)
    request.session["company"] = invitation.company_id
    messages.success(request, f"You are in {invitation.company} now, as {member.get_role_display().lower()}.")
    return redirect("home")


def _join_anew(request: HttpRequest, invitation: Invitation) -> HttpResponseBase:
    form = PasswordForm(request.POST or None)
    if not form.is_valid():
        return _page(request, invitation, "new", form)
    member = invitations.join_anew(invitation, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
    come_in(request, member.user, invitation.company)
    return redirect("home")


def _page(request: HttpRequest, invitation: Invitation, how: str, form: PasswordForm, status: int = 0) -> HttpResponse:
    return render(
        request,
        "web/people/invitation.html",
        {"invitation": invitation, "how": how, "form": form},
        status=status or (422 if form.is_bound else 200),
    )
