"""Hands the e-mails that notices owe to the mail server: at least once, and patiently while it is away."""

import datetime
import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings as site
from django.core.mail import EmailMessage, get_connection
from django.db import connection as database
from django.db import transaction
from django.db.models import QuerySet

from linesheet.books.models import Member
from linesheet.books.reasons import Reason, Said
from linesheet.books.tenancy import acting_for
from linesheet.sync import notice_mails
from linesheet.sync.errors import one_line
from linesheet.sync.models import Emailing, Notice
from linesheet.sync.notice_mails import Letter
from linesheet.sync.notifications import zone_of
from linesheet.sync.rights import Level, Rights, rights_of
from linesheet.sync.vitals import database_now

log = logging.getLogger(__name__)

MAIL_SERVER_AWAY = Reason(
    "mail_server_away",
    "The mail server {server} cannot be reached: {said}",
    "Check its host name and port in LINESHEET_SMTP_URL, and that it is up and lets this machine in.",
)
MAIL_LOGIN_REFUSED = Reason(
    "mail_login_refused",
    "The mail server {server} refused the log-in of Linesheet: {said}",
    "Check the user name and password in LINESHEET_SMTP_URL.",
)
MAIL_SENDER_REFUSED = Reason(
    "mail_sender_refused",
    "The mail server {server} takes nothing from {sender}: {said}",
    "Give an address that the mail server knows in LINESHEET_MAIL_FROM.",
)
MAIL_ADDRESS_REFUSED = Reason(
    "mail_address_refused",
    "The mail server {server} takes nothing for {address}: {said}",
    "Check the address.",
)
MAIL_REFUSED = Reason(
    "mail_refused",
    "The mail server {server} did not take the message: {said}",
    "Its own log may tell more.",
)

REASONS = (MAIL_SERVER_AWAY, MAIL_LOGIN_REFUSED, MAIL_SENDER_REFUSED, MAIL_ADDRESS_REFUSED, MAIL_REFUSED)

_LOCK = 0x7A6E0FE8
SECONDS_TO_ANSWER = 20
# Longer than the mail server may take over all that is said for one message.
CLAIMED_FOR = datetime.timedelta(minutes=5)
FIRST_WAIT = datetime.timedelta(minutes=1)
LONGEST_WAIT = datetime.timedelta(hours=1)
MOST_TRIES = 48
"""About two days of a mail server that is away; then the message is given up, and stays in the app."""
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """Notices that go to one member in one e-mail, for now this worker's to send."""

    member: Member
    notices: Sequence[Notice]
    tries: int


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a test message."""

    ok: bool
    says: str
    fix: str = ""


def deliver() -> int:
    """Send what is due, of all companies; how many e-mails the mail server took.

    Nothing of the database is held meanwhile. A worker that dies after the server took an e-mail and before that is
    marked leaves it to be sent again: twice is better than never, and it has the same Message-ID. While the server
    is away nothing else is tried in this round.
    """
    sent = 0
    for _ in range(AT_ONCE):
        claim = _claim()
        if claim is None:
            break
        letter = _letter(claim)
        if letter is None:
            _release(claim)
            continue
        try:
            _send(letter, claim.member.user.email, _message_id(claim))
        except Exception as error:
            said = why_not_sent(error, claim.member.user.email)
            _postpone(claim, said, error)
            if said.reason in (MAIL_SERVER_AWAY, MAIL_LOGIN_REFUSED, MAIL_SENDER_REFUSED):
                break
            continue
        _of(claim).update(mailed_at=database_now(), mail_due_at=None, mail_error="")
        sent += 1
    return sent


def send_test(member: Member) -> Tested:
    """Send the member a message now, and say what became of it."""
    address = member.user.email
    try:
        _send(notice_mails.test(member.company.name), address)
    except Exception as error:
        said = why_not_sent(error, address)
        log.warning("a test message was not sent: %s", said)
        return Tested(False, said.says, said.fix)
    if "smtp" not in site.EMAIL_BACKEND:
        return Tested(
            True,
            f"No mail server is set up, so the message for {address} is in the output of the web process.",
            "Whoever runs this installation names one in LINESHEET_SMTP_URL.",
        )
    return Tested(True, f"The mail server {_server()} took a message for {address}. Look into that mailbox.")


def why_not_sent(error: Exception, address: str) -> Said:
    """Why an e-mail was not sent, in words."""
    names = {"server": _server(), "address": address, "sender": site.DEFAULT_FROM_EMAIL}
    match error:
        case smtplib.SMTPAuthenticationError():
            return MAIL_LOGIN_REFUSED.about(said=_answer(error.smtp_code, error.smtp_error), **names)
        case smtplib.SMTPRecipientsRefused():
            code, answer = next(iter(error.recipients.values()), (0, b""))
            return MAIL_ADDRESS_REFUSED.about(said=_answer(code, answer), **names)
        case smtplib.SMTPSenderRefused():
            return MAIL_SENDER_REFUSED.about(said=_answer(error.smtp_code, error.smtp_error), **names)
        case smtplib.SMTPServerDisconnected() | smtplib.SMTPConnectError():
            return MAIL_SERVER_AWAY.about(said=one_line(str(error)), **names)
        case smtplib.SMTPResponseException():
            return MAIL_REFUSED.about(said=_answer(error.smtp_code, error.smtp_error), **names)
        case smtplib.SMTPException():
            return MAIL_REFUSED.about(said=one_line(str(error)), **names)
        case OSError():
            return MAIL_SERVER_AWAY.about(said=one_line(str(error) or type(error).__name__), **names)
    return MAIL_REFUSED.about(said=one_line(f"{type(error).__name__}: {error}"), **names)


@transaction.atomic
def _claim() -> Claim | None:
    """Take the e-mail that has been due longest for this worker; None when none is, or another worker is choosing."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return None
    now = database_now()
    due = Notice.everywhere.select_for_update(of=("self",)).filter(mail_due_at__lte=now)
    first = due.order_by("mail_due_at", "pk").values("pk", "member_id", "emailing").first()
    if first is None:
        return None
    of_first = due.filter(pk=first["pk"])
    if first["emailing"] == Emailing.DIGEST:
        of_first = due.filter(member=first["member_id"], emailing=Emailing.DIGEST)
    related = ("company", "connection", "webhook", "member__user", "member__company")
    without = ("connection__credentials", "webhook__secrets")
    notices = list(of_first.select_related(*related).defer(*without).order_by("pk"))
    claim = Claim(notices[0].member, notices, 1 + max(one.mail_tries for one in notices))
    _of(claim).update(mail_due_at=now + CLAIMED_FOR, mail_tries=claim.tries)
    return claim


def _letter(claim: Claim) -> Letter | None:
    """What the e-mail says; None when there is nothing the member is still to be told."""
    if not claim.member.user.is_active:
        return None
    with acting_for(claim.member.company_id):
        rights = rights_of(claim.member)
        notices = [one for one in claim.notices if _is_for(one, claim.member, rights)]
        zone = zone_of(claim.member)
    if not notices:
        return None
    if claim.notices[0].emailing == Emailing.DIGEST:
        return notice_mails.digest(notices, zone)
    if notices[0].webhook:
        return notice_mails.of_webhook(notices[0], notices[0].webhook)
    return notice_mails.of_one_run(notices[0], zone)


def _is_for(notice: Notice, member: Member, rights: Rights) -> bool:
    """Whether the member may still know of what the notice is about."""
    if notice.connection_id is None:
        return member.role in Member.OWNERS
    return rights.allow(notice.connection_id, Level.SEE)


def _send(letter: Letter, address: str, message_id: str = "") -> None:
    headers = {"Auto-Submitted": "auto-generated", **({"Message-ID": message_id} if message_id else {})}
    server = get_connection(timeout=site.EMAIL_TIMEOUT or SECONDS_TO_ANSWER)
    EmailMessage(letter.subject, letter.body, to=[address], headers=headers, connection=server).send()


def _message_id(claim: Claim) -> str:
    """The same for the same notices, so that a mailbox can tell a repetition."""
    domain = site.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    return f"<notice-{claim.notices[0].pk}-{claim.notices[-1].pk}-{len(claim.notices)}@{domain}>"


def _release(claim: Claim) -> None:
    _of(claim).update(mail_due_at=None, mail_error="")


def _postpone(claim: Claim, said: Said, error: Exception) -> None:
    """Try again later, twice as late each time, until it has been tried often enough or the address is refused."""
    refused_for_good = isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        code >= 500 for code, _ in error.recipients.values()
    )
    over = refused_for_good or claim.tries >= MOST_TRIES
    wait = min(FIRST_WAIT * 2 ** min(claim.tries - 1, 10), LONGEST_WAIT)
    _of(claim).update(mail_due_at=None if over else database_now() + wait, mail_error=str(said))
    log.warning("an e-mail to member %s %s: %s", claim.member.pk, "is given up" if over else "waits", said)


def _of(claim: Claim) -> "QuerySet[Notice]":
    return Notice.everywhere.filter(pk__in=[one.pk for one in claim.notices])


def _server() -> str:
    return f"{site.EMAIL_HOST}:{site.EMAIL_PORT}"


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(f"{code} {text}")
