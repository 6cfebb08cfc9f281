"""E-mails about runs: at least once, patiently, and never in the way of a run."""

import datetime
import smtplib
from collections.abc import Iterator

import pytest
from django.db import connection as database
from django.utils import timezone

from linesheet.books.companies import add_member
from linesheet.books.models import Company, Member, User
from linesheet.sync import mailing, notice_mails, notifications, rights, runs
from linesheet.sync.models import Connection, Emailing, Notice, NoticeSeverity, Run
from linesheet.sync.notifications import Wish
from linesheet.sync.rights import Level
from tests.mail_server import MailServer
from tests.processes import until
from tests.sync.test_workers import finished

ADDRESS = "owner@example.com"


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.DEFAULT_FROM_EMAIL = "Linesheet <hub@brand.example>"
    yield server
    server.end()


@pytest.fixture
def owner(brand: Company) -> Member:
    return add_member(brand, ADDRESS, Member.Role.OWNER)


@pytest.fixture
def notice(owner: Member, connection: Connection):
    """Makes a notice whose e-mail is due."""

    def make(
        severity: str = NoticeSeverity.FAILED,
        *,
        emailing: Emailing = Emailing.ONCE,
        task: str = "products",
        member: Member = owner,
        says: str = "Why.",
    ) -> Notice:
        run = Run.objects.create(connection=connection, task=task, state=severity)
        row: Notice = Notice.objects.create(
            member=member,
            connection=connection,
            run=run,
            task=task,
            severity=severity,
            says=says,
            reasons=[{"code": "nameless", "says": "COAT has no name.", "fix": "Name it.", "count": 3}],
            others=2,
            made_at=timezone.now(),
            emailing=emailing,
            mail_due_at=timezone.now(),
        )
        return row

    return make


def later(minutes: float) -> None:
    """Let so many minutes pass for the e-mails that are owed."""
    with database.cursor() as cursor:
        cursor.execute("UPDATE sync_notice SET mail_due_at = mail_due_at - %s * interval '1 minute'", [minutes])


def text_of(message) -> str:
    return message.get_content().replace("\r\n", "\n")


def test_a_mail_says_what_happened_what_helps_and_where_to_look(mail_server, notice, settings):
    settings.PUBLIC_URL = "https://hub.brand.example"
    told = notice()

    assert mailing.deliver() == 1

    [message] = mail_server.messages
    assert message["To"] == ADDRESS
    assert message["From"] == "Linesheet <hub@brand.example>"
    assert message["Subject"] == "Atelier Nord: Products on Toy shop failed"
    assert message["Auto-Submitted"] == "auto-generated"
    text = text_of(message)
    assert "Products on Toy shop failed on " in text
    assert "3 records, for example: COAT has no name.\nWhat helps: Name it." in text
    assert "2 records for other reasons." in text
    assert f"https://hub.brand.example/runs/{told.run_id}/" in text
    assert "https://hub.brand.example/notices/choices/" in text
    told.refresh_from_db()
    assert told.mailed_at is not None
    assert mailing.deliver() == 0


def test_without_an_address_of_its_own_no_link_is_made_up(mail_server, notice):
    told = notice()

    mailing.deliver()

    text = text_of(mail_server.messages[0])
    assert "http" not in text
    assert f"This is run {told.run_id}." in text


def test_the_digest_is_one_mail_with_the_errors_first(mail_server, notice, owner):
    for severity, task in (("done", "products"), ("problems", "orders"), ("failed", "products"), ("done", "products")):
        notice(severity, emailing=Emailing.DIGEST, task=task, says=f"{severity} {task}.")

    assert mailing.deliver() == 1

    [message] = mail_server.messages
    assert message["Subject"].endswith(": 1 run failed, 1 run ended with problems, 2 runs went well")
    text = text_of(message)
    assert text.index("FAILED") < text.index("WITH PROBLEMS") < text.index("\nDONE\n")
    assert "Products on Toy shop, 2 times, last on" in text
    assert Notice.objects.filter(mailed_at=None).count() == 0


def test_nothing_to_say_is_no_mail(mail_server, owner):
    assert mailing.deliver() == 0
    assert mail_server.messages == []


def test_a_mail_server_that_is_away_is_tried_again_ever_later_and_gets_the_mail_when_it_is_back(mail_server, notice):
    told, other = notice(), notice()
    mail_server.go_away()

    assert mailing.deliver() == 0
    told.refresh_from_db()
    other.refresh_from_db()
    assert "cannot be reached" in told.mail_error
    assert (told.mail_tries, other.mail_tries) == (1, 0), "the other was not tried in vain"

    other.delete()
    waits = []
    for _ in range(3):
        later(120)
        mailing.deliver()
        told.refresh_from_db()
        waits.append(told.mail_due_at - timezone.now())
    assert waits == sorted(waits)

    mail_server.start()
    later(120)
    assert mailing.deliver() == 1
    told.refresh_from_db()
    assert (told.mail_error, told.mail_due_at) == ("", None)
    assert len(mail_server.messages) == 1


def test_it_is_not_tried_for_ever(mail_server, notice):
    told = notice()
    Notice.objects.update(mail_tries=mailing.MOST_TRIES - 1)
    mail_server.go_away()

    mailing.deliver()

    told.refresh_from_db()
    assert told.mail_due_at is None
    assert told.mailed_at is None
    assert "cannot be reached" in told.mail_error


def test_an_address_that_is_refused_for_good_is_given_up_and_the_others_go_out(mail_server, notice, brand):
    mail_server.refuses[ADDRESS] = "550 no such mailbox"
    refused, taken = notice(), notice(member=add_member(brand, "second@example.com", Member.Role.OPERATOR))

    assert mailing.deliver() == 1

    refused.refresh_from_db()
    taken.refresh_from_db()
    assert refused.mail_due_at is None
    assert "550 no such mailbox" in refused.mail_error
    assert [message["To"] for message in mail_server.messages] == ["second@example.com"]
    assert taken.mailed_at


def test_a_refusal_for_now_is_tried_again(mail_server, notice):
    mail_server.says = ["451 try later"]
    told = notice()

    assert mailing.deliver() == 0
    told.refresh_from_db()
    assert "451 try later" in told.mail_error

    later(2)
    assert mailing.deliver() == 1


def test_a_worker_that_dies_between_sending_and_marking_sends_again_with_the_same_id(mail_server, notice, monkeypatch):
    told = notice()
    with monkeypatch.context() as patched:
        patched.setattr(mailing, "_of", _dies(mailing._of))
        with pytest.raises(KeyboardInterrupt):
            mailing.deliver()
    assert mailing.deliver() == 0, "another worker does not send what may be on its way"

    later(6)
    assert mailing.deliver() == 1

    told.refresh_from_db()
    assert told.mailed_at
    assert len({message["Message-ID"] for message in mail_server.messages}) == 1
    assert len(mail_server.messages) == 2


def _dies(work):
    calls = []

    def dies_the_second_time(claim):
        calls.append(claim)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return work(claim)

    return dies_the_second_time


def test_who_was_switched_off_gets_no_mail(mail_server, notice):
    notice()
    User.objects.update(is_active=False)

    assert mailing.deliver() == 0
    assert mail_server.messages == []
    assert Notice.objects.get().mail_due_at is None


def test_who_may_not_see_the_connection_any_more_gets_no_mail(mail_server, notice, brand, connection):
    member = add_member(brand, "second@example.com", Member.Role.VIEWER)
    notice(member=member)
    rights.give(member, {connection.pk: Level.NONE})

    assert mailing.deliver() == 0
    assert Notice.objects.get().mail_due_at is None


def test_a_subject_is_one_line_whatever_a_company_is_called(notice, settings, mailoutbox):
    Company.objects.update(name="Atelier\nNord")
    notice()

    assert mailing.deliver() == 1
    assert mailoutbox[0].subject.startswith("Atelier Nord: ")


def test_a_mail_server_that_hangs_does_not_keep_a_run_waiting(
    mail_server, owner, products, connection, workers, toy, monkeypatch
):
    """The worker speaks to a mail server that takes a connection and says nothing."""
    notifications.choose(owner, {(connection.pk, "done"): Wish(emailing=Emailing.ONCE)})
    monkeypatch.setenv("TOY_MAIL_PORT", str(mail_server.port))
    mail_server.silent = True
    first, _ = runs.start(connection, "products")
    workers.start()
    until(lambda: finished(first))
    until(lambda: mail_server.held)

    second, _ = runs.start(connection, "products")
    until(lambda: finished(second), 10)

    assert second.state == Run.State.DONE


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (smtplib.SMTPAuthenticationError(535, b"bad password"), "refused the log-in of Linesheet: 535 bad password"),
        (smtplib.SMTPSenderRefused(550, b"who?", "x"), "takes nothing from hub@brand.example: 550 who?"),
        (smtplib.SMTPServerDisconnected("closed"), "cannot be reached: closed"),
        (TimeoutError("timed out"), "cannot be reached: timed out"),
        (smtplib.SMTPNotSupportedError("no STARTTLS"), "did not take the message: no STARTTLS"),
        (ValueError("odd"), "did not take the message: ValueError: odd"),
    ],
)
def test_errors_are_told_in_words(error, says, settings):
    settings.DEFAULT_FROM_EMAIL = "hub@brand.example"

    assert says in mailing.why_not_sent(error, ADDRESS).says


def test_a_test_message_says_what_became_of_it(mail_server, owner):
    sent = mailing.send_test(owner)
    assert sent.ok
    assert ADDRESS in sent.says
    assert mail_server.messages[0]["Subject"] == "Atelier Nord: a test message"

    mail_server.go_away()
    failed = mailing.send_test(owner)
    assert not failed.ok
    assert "cannot be reached" in failed.says
    assert failed.fix


def test_a_mail_is_read_in_the_zone_of_the_company(notice):
    Company.objects.update(timezone="Asia/Tokyo")
    told = Notice.objects.select_related("company", "connection").get(pk=notice().pk)
    told.made_at = datetime.datetime(2026, 3, 1, 20, 30, tzinfo=datetime.UTC)

    assert "on 2 March at 05:30 (Asia/Tokyo)" in notice_mails.of_one_run(told, told.company.zone).body
