"""Who works in the company, what they may do, and who was asked in."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linesheet.books import companies, invitations
from linesheet.books.models import Invitation, Member, User
from linesheet.books.reasons import Refused
from linesheet.sync import rights
from linesheet.sync.models import Connection, ConnectionRight
from linesheet.web import lists
from linesheet.web.access import MemberRequest, owners_only
from linesheet.web.forms.people import InviteForm, MemberForm
from linesheet.web.people_lists import invitations_of, members_of, told_to

_REMOVED = "linesheet.removed_member"
_UNDO_SECONDS = 3600


@owners_only("manage members")
def show(request: MemberRequest) -> HttpResponseBase:
    """Members, with a form to ask others in."""
    context = {"form": InviteForm(), "waiting": _waiting(), "removed": request.session.pop("removed_member", None)}
    return lists.show(request, members_of(request), context)


@owners_only("invite people")
def show_invitations(request: MemberRequest) -> HttpResponseBase:
    """Invitations that nobody has come by yet; they are sent again and taken back there."""
    return lists.show(request, invitations_of(request), {"form": InviteForm(), "waiting": _waiting()})


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
            told_to(request, invitation)
            return redirect("invitations")
    return render(request, "web/people/invite.html", {"form": form, "waiting": _waiting()}, status=422)


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


def _waiting() -> int:
    waiting: int = Invitation.objects.count()
    return waiting


def _member(pk: int) -> Member:
    member: Member = get_object_or_404(Member.objects.select_related("user", "company"), pk=pk)
    return member
