"""Asking people into a company by e-mail: who is asked, the signed link they get, and what accepting it does.

Sending the mail is a door's business; it asks here for the token its link holds.
"""

import datetime

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from linesheet.books.companies import MEMBER_EMAIL, add_member
from linesheet.books.models import Invitation, Member, User
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import acting_for, company_in_hand
from linesheet.books.words import day_in_words

VALID = datetime.timedelta(days=7)

IS_MEMBER = Reason(
    code="is_member",
    says="{email} is a member already.",
    fix="Change what they may do on their page.",
)
INVITATION_GONE = Reason(
    code="invitation_gone",
    says="This invitation is no longer open: it was accepted or taken back, or the link is not whole.",
    fix="Log in if you have joined already; else ask whoever invited you to do it again.",
)
INVITATION_EXPIRED = Reason(
    code="invitation_expired",
    says="This invitation to {company} was open for 7 days, until {until}.",
    fix="Ask whoever invited you to send it again.",
)
LOG_IN_FIRST = Reason(
    code="log_in_first",
    says="{email} is known here already.",
    fix="Log in with that address, and open the link again.",
)
NOT_YOURS = Reason(
    code="invitation_not_yours",
    says="This invitation to {company} went to {email}, and you are logged in as {other}.",
    fix="Log in with the address that was invited, or ask whoever invited you to invite {other}.",
)

REASONS: tuple[Reason, ...] = (IS_MEMBER, INVITATION_GONE, INVITATION_EXPIRED, LOG_IN_FIRST, NOT_YOURS)

_signer = Signer(salt="linesheet.invitation")


class InvitationRefused(Refused):
    """This invitation cannot be made, or not be accepted."""


def invite(email: str, role: Member.Role, *, by: User) -> Invitation:
    """Ask a person into the company in hand; who was asked before is asked anew, with this role.

    Raises InvitationRefused when the address is none or a member's.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise InvitationRefused(MEMBER_EMAIL, email=email or "Nothing") from None
    if Member.objects.filter(user__email=address).exists():
        raise InvitationRefused(IS_MEMBER, email=address)
    invitation: Invitation
    invitation, _ = Invitation.objects.update_or_create(
        email=address,
        company_id=company_in_hand(),
        defaults={"role": role, "invited_by": by, "sent_at": timezone.now()},
    )
    return invitation


def send_again(invitation: Invitation) -> None:
    """Let its link hold for another 7 days."""
    invitation.sent_at = timezone.now()
    invitation.save(update_fields=["sent_at"])


def revoke(invitation: Invitation) -> None:
    """Take it back; its link leads nowhere any more."""
    invitation.delete()


def ends_at(invitation: Invitation) -> datetime.datetime:
    """Until when its link holds."""
    return invitation.sent_at + VALID


def token_of(invitation: Invitation) -> str:
    """What the link holds; nobody can make one without this installation's signing key."""
    return _signer.sign(str(invitation.pk))


def invitation_of(token: str) -> Invitation:
    """The open invitation of a link, of whatever company. Raises InvitationRefused."""
    try:
        pk = int(_signer.unsign(token))
    except (BadSignature, ValueError):
        raise InvitationRefused(INVITATION_GONE) from None
    found: Invitation | None = Invitation.everywhere.select_related("company", "invited_by").filter(pk=pk).first()
    if found is None:
        raise InvitationRefused(INVITATION_GONE)
    if ends_at(found) < timezone.now():
        raise InvitationRefused(
            INVITATION_EXPIRED, company=found.company, until=day_in_words(timezone.localtime(ends_at(found)), year=True)
        )
    return found


def is_known(invitation: Invitation) -> bool:
    """Whether whoever was invited is a user here already, so that they join by logging in."""
    return User.objects.filter(email=invitation.email).exists()


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether it is this person who was invited."""
    return user.email.lower() == invitation.email.lower()


@transaction.atomic
def join_anew(invitation: Invitation, *, name: str, password: str) -> Member:
    """Make a user of the invited person, and a member of the user. Raises InvitationRefused."""
    taken = _take(invitation)
    if is_known(taken):
        raise InvitationRefused(LOG_IN_FIRST, email=taken.email)
    user = User.objects.create_user(taken.email, password, name=" ".join(name.split())[:100])
    return _join(taken, user)


@transaction.atomic
def join_as(invitation: Invitation, user: User) -> Member:
    """Make a member of a person who is logged in with the address that was invited. Raises InvitationRefused.

    Whoever else holds the link, to which a mail may have been passed on, is not who was meant. A member already keeps
    their role: an invitation is no way to lose one.
    """
    taken = _take(invitation)
    if not is_for(taken, user):
        raise InvitationRefused(NOT_YOURS, company=taken.company, email=taken.email, other=user.email)
    return _join(taken, user)


def _take(invitation: Invitation) -> Invitation:
    """The invitation, locked: of two who accept at once, the second finds it gone."""
    taken: Invitation | None = (
        Invitation.everywhere.select_for_update(of=("self",))
        .select_related("company")
        .filter(pk=invitation.pk, sent_at__gte=timezone.now() - VALID)
        .first()
    )
    if taken is None:
        raise InvitationRefused(INVITATION_GONE)
    return taken


def _join(invitation: Invitation, user: User) -> Member:
    with acting_for(invitation.company):
        member: Member | None = Member.objects.filter(user=user).first()
        if member is None:
            member = add_member(invitation.company, user.email, Member.Role(invitation.role))
        invitation.delete()
    return member
