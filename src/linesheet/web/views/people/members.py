"""Who works in the company, what they may do, and who was asked in."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linesheet.books import companies, invitations
from linesheet.books.models import Invitation, Member, User
from linesheet.books.reasons import Refused
from linesheet.sync import rights
from linesheet.sync.models import Connection, ConnectionRight
from linesheet.web.access import MemberRequest, owners_only
from linesheet.web.entrance.mail import link_of, send_invitation
from linesheet.web.forms.people import InviteForm, MemberForm

MOST = 500
_REMOVED = "linesheet.removed_member"
_UNDO_SECONDS = 3600


@require_safe
@owners_only("manage members")
def show(request: MemberRequest) -> HttpResponse:
    """Members and open invitations."""
    return _list(request, InviteForm())


@require_POST
@owners_only("invite people")
def invite(request: MemberRequest) -> HttpResponseBase:
    """Ask somebody in by e-mail."""
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation = invitations.invite(
                form.cleaned_data["email"], Member.Role(form.cleaned_data["role"]), by=request.user
            )
        except Refused as refused:
            form.add_error("email", str(refused))
        else:
            _send(request, invitation)
            return redirect("members")
    return _list(request, form)


@require_POST
@owners_only("invite people")
def send_again(request: MemberRequest, invitation_id: int) -> HttpResponseBase:
    """Send an invitation once more; its link holds for another 7 days."""
    invitation = get_object_or_404(Invitation.objects.select_related("company", "invited_by"), pk=invitation_id)
    invitations.send_again(invitation)
    _send(request, invitation)
    return redirect("members")


@require_POST
@owners_only("take invitations back")
def revoke(request: MemberRequest, invitation_id: int) -> HttpResponseBase:
    """Take an invitation back."""
    invitation = get_object_or_404(Invitation.objects.all(), pk=invitation_id)
    invitations.revoke(invitation)
    messages.success(request, f"The invitation to {invitation.email} is taken back. Its link leads nowhere any more.")
    return redirect("members")


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only("manage members")
def one(request: MemberRequest, member_id: int) -> HttpResponseBase:
    """A member's role and their rights by connection, and saving them."""
    member = _member(member_id)
    connections = list(Connection.objects.defer("credentials"))
    given = rights.Rights(member.role, rights.given_to(member))
    form = MemberForm(member, given, connections, request.POST or None)
    if form.is_valid():
        try:
            with transaction.atomic():
                companies.change_role(member, Member.Role(form.cleaned_data["role"]))
                rights.give(member, form.levels)
        except Refused as refused:
            form.add_error("role", str(refused))
        else:
            messages.success(request, f"What {member.user} may do is saved.")
            return redirect("member", member.pk)
    known = {"member": member, "form": form, "connections": connections}
    return render(request, "web/people/member.html", known, status=422 if form.is_bound else 200)


@require_POST
@owners_only("remove members")
def remove(request: MemberRequest, member_id: int) -> HttpResponseBase:
    """Let a member go; the next page offers to take them back as they were."""
    member = _member(member_id)
    before: dict[str, Any] = {
        "company": request.company.pk,
        "user": member.user_id,
        "role": member.role,
        "rights": list(ConnectionRight.objects.filter(member=member).values_list("connection", "level")),
    }
    try:
        companies.remove_member(member)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("member", member_id)
    if member.user_id == request.user.pk:
        return redirect("home")
    request.session["removed_member"] = {"name": str(member.user), "before": signing.dumps(before, salt=_REMOVED)}
    return redirect("members")


@require_POST
@owners_only("take members back")
def take_back(request: MemberRequest) -> HttpResponseBase:
    """Undo a removal, within an hour."""
    try:
        before = signing.loads(request.POST.get("before", ""), salt=_REMOVED, max_age=_UNDO_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    if before["company"] != request.company.pk:
        raise Http404
    user = get_object_or_404(User, pk=before["user"])
    with transaction.atomic():
        member = companies.add_member(request.company, user.email, Member.Role(before["role"]))
        rights.give(member, {pk: rights.Level(level) for pk, level in before["rights"]})
    messages.success(request, f"{user} is a member again.")
    return redirect("members")


def _list(request: MemberRequest, form: InviteForm) -> HttpResponse:
    special: dict[int, list[ConnectionRight]] = {}
    for right in ConnectionRight.objects.select_related("connection").defer("connection__credentials")[:MOST]:
        special.setdefault(right.member_id, []).append(right)
    members = Member.objects.select_related("user").order_by("user__name", "user__email")[:MOST]
    open_ones = Invitation.objects.select_related("company", "invited_by")[:MOST]
    return render(
        request,
        "web/people/members.html",
        {
            "form": form,
            "members": [(member, special.get(member.pk, [])) for member in members],
            "invitations": [(one, invitations.ends_at(one), link_of(request, one)) for one in open_ones],
            "removed": request.session.pop("removed_member", None),
        },
        status=422 if form.is_bound else 200,
    )


def _send(request: MemberRequest, invitation: Invitation) -> None:
    error = send_invitation(request, invitation)
    if error:
        messages.error(
            request,
            f"The mail to {invitation.email} could not be sent: {error} Give them the link below instead.",
        )
    else:
        messages.success(request, f"{invitation.email} is invited; the link holds for 7 days.")


def _member(pk: int) -> Member:
    member: Member = get_object_or_404(Member.objects.select_related("user", "company"), pk=pk)
    return member
