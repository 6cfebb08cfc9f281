"""Notices: the bell, what one was told, and choosing what one is told."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.fixtures import Settings

from linesheet.books.models import Company, Member, User
from linesheet.books.tenancy import acting_for
from linesheet.sync import mailing, notifications, rights
from linesheet.sync.models import Connection, Notice, NoticeChoice, Run
from linesheet.sync.rights import Level
from tests.mail_server import MailServer
from tests.web.conftest import ClientOf

Tell = Callable[..., Notice]


@pytest.fixture
def tell(people: dict[str, User], connection: Connection) -> Tell:
    """Tells a member of a run in the app."""

    def of(severity: str = "failed", *, role: str = "operator", read: bool = False, days: int = 0) -> Notice:
        made = timezone.now() - datetime.timedelta(days=days)
        notice: Notice = Notice.objects.create(
            member=Member.objects.get(user=people[role]),
            connection=connection,
            run=Run.objects.create(connection=connection, task="stock", state=severity),
            task="stock",
            severity=severity,
            says="12 records selected: 9 created, 3 blocked.",
            reasons=[{"code": "no_barcode", "says": "COAT has no barcode.", "fix": "Give it one.", "count": 3}],
            made_at=made,
            in_app=True,
            read_at=made if read else None,
        )
        return notice

    return of


def text_of(client: Client, page: str) -> str:
    return " ".join(client.get(page).content.decode().split())


def test_the_bell_counts_what_is_unread_up_to_99(operator: Client, tell: Tell) -> None:
    assert "unread</span>" not in text_of(operator, "/")
    tell()
    tell(read=True)
    tell(role="owner")
    assert '1 <span class="hidden">unread' in text_of(operator, "/")

    row = Notice.objects.values().first()
    assert row
    runs = Run.objects.bulk_create(
        Run(connection_id=row["connection_id"], task="stock", state="failed") for _ in range(101)
    )
    member = Notice.objects.get(pk=tell().pk).member
    Notice.objects.bulk_create(
        Notice(
            member=member, connection_id=row["connection_id"], run=run, task="stock", severity="failed", says="x",
            made_at=timezone.now(), in_app=True,
        )
        for run in runs
    )  # fmt: skip
    assert '99+ <span class="hidden">unread' in text_of(operator, "/")


def test_notices_say_what_happened_and_what_helps_the_latest_first(operator: Client, tell: Tell) -> None:
    tell("problems")
    earlier = tell("done", days=3, read=True)
    latest = tell()

    text = text_of(operator, "/notices/")

    pks = [line.pk for line in operator.get("/notices/").context["lines"]]
    assert (pks[0], pks[-2]) == (latest.pk, earlier.pk)
    assert "Stock export on Paris" in text
    assert "12 records selected: 9 created, 3 blocked." in text
    assert "3 records, for example:" in text
    assert "COAT has no barcode." in text
    assert "Give it one." in text
    assert "Done with problems</span>" in text


def test_without_notices_the_page_says_what_comes_here(operator: Client) -> None:
    text = text_of(operator, "/notices/")

    assert "There are no notices yet." in text
    assert "/notices/choices/" in text


def test_opening_the_run_of_a_notice_reads_it(operator: Client, tell: Tell) -> None:
    notice = tell()

    answer = operator.get(f"/notices/{notice.pk}/")

    assert answer["Location"] == f"/runs/{notice.run_id}/"
    assert Notice.objects.get().read_at


def test_a_notice_is_marked_as_read_and_as_unread_again(operator: Client, tell: Tell) -> None:
    notice = tell()

    operator.post(f"/notices/{notice.pk}/read/", {"read": "yes"})
    assert Notice.objects.get().read_at
    operator.post(f"/notices/{notice.pk}/read/", {"read": "no"})
    assert Notice.objects.get().read_at is None


def test_all_are_marked_as_read_and_that_can_be_undone(operator: Client, tell: Tell) -> None:
    earlier, first, second = tell(read=True), tell(), tell()
    seen = operator.get("/notices/")
    assert f'name="until" value="{second.pk}"' in seen.content.decode()
    later = tell()

    answer = operator.post("/notices/read/", {"until": second.pk}, follow=True)
    unread = set(Notice.objects.filter(read_at=None).values_list("pk", flat=True))
    assert unread == {later.pk}, "what came after the page was made is still unread"
    assert "Undo" in answer.content.decode()

    operator.post("/notices/unread/", {"read": answer.context["undo"].isoformat()})
    unread = set(Notice.objects.filter(read_at=None).values_list("pk", flat=True))
    assert unread == {first.pk, second.pk, later.pk}
    assert Notice.objects.get(pk=earlier.pk).read_at


def test_nobody_reads_what_another_member_was_told(client_of: ClientOf, tell: Tell) -> None:
    notice = tell(role="owner")
    viewer = client_of("viewer")

    assert viewer.get(f"/notices/{notice.pk}/").status_code == 404
    assert viewer.post(f"/notices/{notice.pk}/read/").status_code == 404
    assert viewer.post("/notices/read/", {"until": notice.pk}).status_code == 302
    assert "COAT" not in text_of(viewer, "/notices/")
    assert Notice.objects.get().read_at is None


def test_what_was_told_of_a_connection_that_is_hidden_since_is_not_shown(operator: Client, tell: Tell) -> None:
    notice = tell()
    rights.give(notice.member, {notice.connection_id: Level.NONE})

    text = text_of(operator, "/notices/")

    assert "There are no notices yet." in text
    assert "unread</span>" not in text
    assert operator.get(f"/notices/{notice.pk}/").status_code == 404


@pytest.mark.parametrize("given", ["", "x", "-1", "2026-99-99T00:00:00Z"])
def test_made_up_marks_lead_nowhere(operator: Client, tell: Tell, given: str) -> None:
    tell()

    assert operator.post("/notices/read/", {"until": given}).status_code == 404
    assert operator.post("/notices/unread/", {"read": given}).status_code == 404
    assert operator.get("/notices/", {"read": given}).status_code == 200


def test_the_choices_show_the_defaults_of_the_role(client_of: ClientOf, connection: Connection) -> None:
    operator, viewer = (text_of(client_of(role), "/notices/choices/") for role in ("operator", "viewer"))

    assert operator.count("checked") == 2
    assert operator.count('<option value="digest" selected>') == 2
    assert viewer.count("checked") == 0
    assert viewer.count('<option value="" selected>') == 3


def test_choices_are_kept_for_each_connection_and_severity(
    operator: Client, people: dict[str, User], connection: Connection
) -> None:
    other = Connection.objects.create(platform="made-up", name="Rome", base_url="https://api.example")
    given = {
        f"app-{connection.pk}-failed": "on",
        f"mail-{connection.pk}-failed": "once",
        f"mail-{other.pk}-done": "digest",
        "digest_at": "06:45",
    }

    assert operator.post("/notices/choices/", given)["Location"] == "/notices/choices/"

    member = Member.objects.get(user=people["operator"])
    wishes = notifications.wishes_of(member, [connection, other])
    assert wishes[connection.pk]["failed"] == notifications.Wish(True, notifications.Emailing.ONCE)
    assert wishes[connection.pk]["problems"] == notifications.NOTHING
    assert wishes[other.pk]["done"] == notifications.Wish(False, notifications.Emailing.DIGEST)
    assert notifications.digest_time(member) == datetime.time(6, 45)


def test_a_time_that_is_none_is_said_and_nothing_is_lost(operator: Client, connection: Connection) -> None:
    answer = operator.post("/notices/choices/", {f"mail-{connection.pk}-done": "once", "digest_at": "half past"})

    assert answer.status_code == 422
    text = " ".join(answer.content.decode().split())
    assert "such as 07:00" in text
    assert '<option value="once" selected>' in text
    assert not NoticeChoice.objects.exists()


def test_connections_of_others_cannot_be_chosen(
    operator: Client, people: dict[str, User], connection: Connection
) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    with acting_for(other):
        theirs = Connection.objects.create(platform="made-up", name="Rome", base_url="https://api.example")
    rights.give(Member.objects.get(user=people["operator"]), {connection.pk: Level.NONE})

    given = {f"app-{pk}-done": "on" for pk in (theirs.pk, connection.pk)}
    operator.post("/notices/choices/", {**given, "digest_at": "07:00"})

    assert not NoticeChoice.everywhere.exists()


def test_a_test_message_is_really_sent_and_the_page_says_what_happened(operator: Client, settings: Settings) -> None:
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    try:
        sent = operator.post("/notices/test/", follow=True).content.decode()
        server.refuses["operator@example.com"] = "550 no such mailbox"
        refused = operator.post("/notices/test/", follow=True).content.decode()
    finally:
        server.end()
    away = operator.post("/notices/test/", follow=True).content.decode()

    assert "took a message for operator@example.com" in sent
    assert len(server.messages) == 1
    assert "550 no such mailbox" in refused
    assert "cannot be reached" in away


def test_links_in_mails_lead_to_pages(operator: Client, tell: Tell, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://hub.example"
    notice = tell()
    body = mailing.notice_mails.of_one_run(notice, notice.company.zone).body
    paths = [word.removeprefix("https://hub.example") for word in body.split() if word.startswith("https://")]

    assert len(paths) == 2
    assert [operator.get(path).status_code for path in paths] == [200, 200]


@pytest.mark.browser
def test_with_the_keyboard_one_chooses_and_reads(operator_page: Page, tell: Tell, connection: Connection) -> None:
    tell()
    operator_page.goto("/notices/choices/")
    tick = operator_page.get_by_label("Paris: tell me in the app of a run that ended so: Done", exact=True)
    tick.focus()
    operator_page.keyboard.press("Space")
    operator_page.get_by_role("button", name="Save").press("Enter")
    operator_page.get_by_text("Saved.").wait_for()
    assert tick.is_checked()

    operator_page.get_by_role("link", name="Notices 1 unread").click()
    operator_page.get_by_role("button", name="Mark all as read").press("Enter")
    operator_page.get_by_role("button", name="Undo").press("Enter")
    assert operator_page.get_by_role("link", name="Notices 1 unread").is_visible()


def test_selected_notices_are_read_which_is_undone_and_nobody_elses(operator: Client, tell: Tell) -> None:
    first, second, theirs = tell(), tell("problems"), tell(role="owner")

    answer = operator.post("/notices/?ended=failed", {"do": "read", "pick": [first.pk, theirs.pk]}, follow=True)
    assert set(Notice.objects.filter(read_at=None)) == {second, theirs}
    assert answer.context["asked"].query.dict() == {"ended": "failed"}, "what offers to undo is asked once"

    operator.post("/notices/unread/", {"read": answer.context["undo"].isoformat()})
    assert Notice.objects.filter(read_at=None).count() == 3


def test_all_that_pass_the_filters_are_marked(operator: Client, tell: Tell) -> None:
    failed, done = tell(), tell("done")

    operator.post("/notices/?ended=failed", {"do": "read", "all": "yes", "pick": failed.pk})
    assert set(Notice.objects.filter(read_at=None)) == {done}
    operator.post("/notices/?show=read", {"do": "unread", "all": "yes", "pick": failed.pk})
    assert Notice.objects.filter(read_at=None).count() == 2


def test_notices_are_narrowed_and_taken_out_as_a_file(operator: Client, tell: Tell, connection: Connection) -> None:
    old, new = tell(days=9, read=True), tell("problems")

    def shown(query: str) -> list[int]:
        return [line.pk for line in operator.get(f"/notices/{query}").context["lines"]]

    day = timezone.localdate() - datetime.timedelta(days=5)
    assert shown("?show=unread") == [new.pk]
    assert shown(f"?to={day}") == [old.pk]
    assert shown(f"?connection={connection.pk}&ended=failed") == [old.pk]
    said = b"".join(operator.get("/notices/?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert said.count("Stock export on Paris") == 2
