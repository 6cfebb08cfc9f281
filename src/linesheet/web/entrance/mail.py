"""Mails that the pages of people send; django-allauth sends its own."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from linesheet.books import invitations
from linesheet.books.models import Invitation
from linesheet.web.entrance.adapters import public_url

log = logging.getLogger(__name__)


def link_of(request: HttpRequest, invitation: Invitation) -> str:
    """The address at which an invitation is accepted."""
    return public_url(request) + reverse("accept_invitation", args=[invitations.token_of(invitation)])


def has_mail_server() -> bool:
    """Whether mails go anywhere: without a mail server they are printed by the web process, for development."""
    return "console" not in settings.EMAIL_BACKEND


def send_invitation(request: HttpRequest, invitation: Invitation) -> str:
    """Send the link; "" when the mail is on its way, else what the mail server said."""
    known = {"invitation": invitation, "link": link_of(request, invitation), "ends_at": invitations.ends_at(invitation)}
    subject = f"{invitation.invited_by} asks you into {invitation.company} on Linesheet"
    try:
        send_mail(subject, render_to_string("web/people/mail/invitation.txt", known), None, [invitation.email])
    except (OSError, smtplib.SMTPException) as error:
        log.warning("the invitation to %s was not sent: %s", invitation.email, error)
        return str(error)
    return ""
