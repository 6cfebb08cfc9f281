"""Members and open invitations as lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join

from linesheet.books import invitations
from linesheet.books.models import Invitation, Member
from linesheet.books.reasons import Reason, Refused
from linesheet.sync.models import ConnectionRight
from linesheet.web.access import MemberRequest
from linesheet.web.entrance.mail import has_mail_server, link_of, send_invitation
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists.declared import Rows
from linesheet.web.templatetags import show as shown

MOST_MAILS = 50

TOO_MANY_MAILS = Reason(
    "too_many_invitations",
    "More than {most} invitations are selected, and each is a mail.",
    "Select fewer of them, and take the rest after.",
)


@dataclass(frozen=True, slots=True)
class Person:
    """A member, with the rights on single connections that differ from those of their role."""

    member: Member
    special: Sequence[ConnectionRight]


def members_of(request: MemberRequest) -> RecordList:
    """The members of the company as a list, by name."""

    def person(row: Person) -> str:
        return render_to_string(
            "web/people/person.html", {"member": row.member, "you": row.member.user_id == request.user.pk}
        )

    return RecordList(
        key="members",
        one="member",
        many="members",
        rows=lambda request: Member.objects.select_related("user"),
        load=_with_rights,
        columns=(
            Column(
                key="person", label="Person", value=lambda row: str(row.member.user), cell=person, sort="user__name"
            ),
            Column(
                key="email", label="E-mail", value=lambda row: row.member.user.email, sort="user__email", usual=False
            ),
            Column(key="role", label="Role", value=lambda row: row.member.get_role_display(), sort="role"),
            Column(key="connections", label="Connections", value=_rights_in_words, cell=_rights),
            Column(key="seen", label="Last log-in", value=lambda row: row.member.user.last_login, cell=_seen),
        ),
        filters=(Filter(key="q", label="Name or e-mail", narrow=_called), _of_role()),
        order="user__name",
        label=lambda row: str(row.member.user),
        template="web/people/members.html",
    )


def invitations_of(request: MemberRequest) -> RecordList:
    """The open invitations of the company as a list, those that were sent first coming first."""

    def link(row: Invitation) -> str:
        return render_to_string("web/people/invitation_link.html", {"link": link_of(request, row)})

    return RecordList(
        key="invitations",
        one="invitation",
        many="invitations",
        rows=lambda request: Invitation.objects.select_related("company", "invited_by"),
        columns=(
            Column(key="email", label="E-mail", value=lambda row: row.email, cell=_email, sort="email"),
            Column(key="role", label="Role", value=lambda row: row.get_role_display(), sort="role"),
            Column(key="by", label="Invited by", value=lambda row: str(row.invited_by or "")),
            Column(key="until", label="Open until", value=invitations.ends_at, cell=_until, sort="sent_at"),
            Column(key="link", label="Link", value=lambda row: link_of(request, row), cell=link),
        ),
        filters=(
            Filter(key="q", label="E-mail", narrow=lambda rows, text: rows.filter(email__icontains=text)),
            _of_role(),
        ),
        actions=(
            Action(key="send", label="Send again", do=_send_again),
            Action(key="revoke", label="Take back", do=_revoke),
        ),
        order="sent_at",
        label=lambda row: row.email,
        template="web/people/invitations.html",
        empty="Invite somebody: their invitation is listed here until they have come, or it is taken back.",
    )


def told_to(request: MemberRequest, invitation: Invitation) -> None:
    """Send an invitation, and say whether its mail went out."""
    error = send_invitation(request, invitation)
    if error:
        messages.error(
            request, f"The mail to {invitation.email} could not be sent: {error} Give them the link below instead."
        )
    elif not has_mail_server():
        messages.warning(
            request,
            f"{invitation.email} is invited, but no mail server is set up, so no mail went out. "
            f"Give them this link, which holds for 7 days: {link_of(request, invitation)}",
        )
    else:
        messages.success(request, f"{invitation.email} is invited by mail; the link in it holds for 7 days.")


def _send_again(request: MemberRequest, rows: Rows) -> None:
    chosen = list(rows[: MOST_MAILS + 1])
    if len(chosen) > MOST_MAILS:
        raise Refused(TOO_MANY_MAILS, most=MOST_MAILS)
    for invitation in chosen:
        invitations.send_again(invitation)
        told_to(request, invitation)


def _revoke(request: MemberRequest, rows: Rows) -> None:
    chosen = list(rows)
    for invitation in chosen:
        invitations.revoke(invitation)
    if len(chosen) == 1:
        messages.success(
            request, f"The invitation to {chosen[0].email} is taken back. Its link leads nowhere any more."
        )
    else:
        messages.success(request, f"{len(chosen):,} invitations are taken back. Their links lead nowhere any more.")


def _with_rights(members: list[Member]) -> list[Person]:
    special: dict[int, list[ConnectionRight]] = {}
    rights = ConnectionRight.objects.filter(member__in=members).select_related("connection")
    for right in rights.defer("connection__credentials"):
        special.setdefault(right.member_id, []).append(right)
    return [Person(member, special.get(member.pk, ())) for member in members]


def _of_role() -> Filter:
    return Filter(
        key="role",
        label="Role",
        narrow=lambda rows, value: rows.filter(role=value),
        choices=lambda: Member.Role.choices,
    )


def _called(rows: Rows, text: str) -> Rows:
    return rows.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text))


def _rights_in_words(row: Person) -> str:
    if row.member.role == Member.Role.OWNER:
        return "Everything"
    told = (f"{right.connection}: {right.get_level_display().lower()}" for right in row.special)
    return "; ".join(told) or "As the role"


def _rights(row: Person) -> str:
    if row.member.role == Member.Role.OWNER or not row.special:
        return format_html('<span class="quiet">{}</span>', _rights_in_words(row))
    told = ((right.connection, right.get_level_display().lower()) for right in row.special)
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", told))


def _seen(row: Person) -> str:
    return format_html('<span class="nowrap">{}</span>', shown.when(row.member.user.last_login))


def _email(row: Invitation) -> str:
    return format_html('<span class="strong breaks">{}</span>', row.email)


def _until(row: Invitation) -> str:
    return format_html('<span class="nowrap">{}</span>', shown.when(invitations.ends_at(row)))
