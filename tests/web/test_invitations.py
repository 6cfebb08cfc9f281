"""Invitations: from the owner's form, by mail, to a person at work in the books."""

import datetime
import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from linesheet.books import invitations
from linesheet.books.models import Company, Invitation, Member, User
from tests.web.conftest import ClientOf

GOOD = {"name": "Bo", "password": "correct horse battery"}


@pytest.fixture
def owner(client_of: ClientOf) -> Client:
    return client_of("owner")


def _invite(owner: Client, email: str = "Bo@example.com", role: str = "editor") -> str:
    """Invite by the form; the path of the link in the mail."""
    owner.post("/members/invite/", {"email": email, "role": role})
    found = re.search(r"http://testserver(/invitations/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_new_person_joins_with_a_name_and_a_password(owner: Client, company: Company) -> None:
    link = _invite(owner)
    assert mail.outbox[-1].to == ["bo@example.com"]
    assert mail.outbox[-1].subject == "Owner asks you into Atelier Nord on Linesheet"
    person = Client()

    assert "Join Atelier Nord" in person.get(link).content.decode()
    assert person.post(link, GOOD)["Location"] == "/"

    assert "Bo" in person.get("/").content.decode()
    member = Member.objects.get(user__email="bo@example.com")
    assert (member.role, member.user.name) == ("editor", "Bo")
    assert not Invitation.objects.exists()


def test_a_password_that_is_too_weak_is_refused(owner: Client) -> None:
    link = _invite(owner)

    answer = Client().post(link, {"name": "Bo", "password": "password12"})

    assert answer.status_code == 422
    assert "too common" in answer.content.decode()
    assert not User.objects.filter(email="bo@example.com").exists()


def test_a_person_who_is_logged_in_joins_with_a_click(owner: Client, company: Company) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    ada = User.objects.create_user("ada@example.com", name="Ada")
    Member.everywhere.create(company=other, user=ada, role=Member.Role.OWNER)
    link, hers = _invite(owner, "ada@example.com", "viewer"), Client()
    hers.force_login(ada)

    assert "You are logged in as" in hers.get(link).content.decode()
    hers.post(link)

    assert "<h1>Atelier Nord</h1>" in hers.get("/").content.decode()
    assert Member.objects.get(user=ada).role == "viewer"


def test_a_person_who_is_known_logs_in_first(owner: Client) -> None:
    User.objects.create_user("ada@example.com", "correct horse battery")
    link = _invite(owner, "ada@example.com")

    page = Client().get(link).content.decode()
    Client().post(link, GOOD)

    assert f'href="/login/?next={link.replace(":", "%3A")}"' in page
    assert not Member.objects.filter(user__email="ada@example.com").exists()
    assert User.objects.get(email="ada@example.com").check_password("correct horse battery")


def test_a_link_works_once(owner: Client) -> None:
    link = _invite(owner)
    Client().post(link, GOOD)

    answer = Client().get(link)

    assert answer.status_code == 410
    assert "This invitation is no longer open" in answer.content.decode()


def test_a_link_that_was_altered_leads_nowhere(owner: Client) -> None:
    link = _invite(owner)

    assert Client().get(link[:-3] + "xx/").status_code == 410


def test_a_link_holds_for_seven_days_and_for_seven_more_when_sent_again(owner: Client) -> None:
    link = _invite(owner)
    Invitation.objects.update(sent_at=timezone.now() - datetime.timedelta(days=7, minutes=1))

    assert "was open for 7 days" in Client().get(link).content.decode()
    assert Client().post(link, GOOD).status_code == 410

    owner.post("/members/invitations/", {"do": "send", "pick": Invitation.objects.get().pk})
    assert len(mail.outbox) == 2
    assert Client().get(link).status_code == 200


def test_an_invitation_that_was_taken_back_leads_nowhere(owner: Client) -> None:
    link = _invite(owner)
    owner.post("/members/invitations/", {"do": "revoke", "pick": Invitation.objects.get().pk})

    assert Client().post(link, GOOD).status_code == 410
    assert not User.objects.filter(email="bo@example.com").exists()


def test_a_member_is_not_invited_again(owner: Client) -> None:
    answer = owner.post("/members/invite/", {"email": "viewer@example.com", "role": "owner"})

    assert answer.status_code == 422
    assert "is a member already" in answer.content.decode()
    assert not mail.outbox


@pytest.mark.parametrize("role", ["owner", "viewer"])
def test_an_invitation_is_for_who_was_invited_and_nobody_else(owner: Client, company: Company, role: str) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    eve = User.objects.create_user("eve@example.com", name="Eve")
    Member.everywhere.create(company=other, user=eve, role=Member.Role.OWNER)
    link, hers = _invite(owner, role=role), Client()
    hers.force_login(eve)

    for answer in (hers.get(link), hers.post(link)):
        assert answer.status_code == 403
        assert "Only the one who was invited can join" in answer.content.decode()
    with pytest.raises(invitations.InvitationRefused, match=r"went to bo@example\.com, and you are logged in as eve"):
        invitations.join_as(Invitation.objects.get(), eve)

    assert not Member.objects.filter(user=eve).exists()
    assert Client().post(link, GOOD)["Location"] == "/"


def test_a_member_who_opens_an_invitation_keeps_their_role(owner: Client, people: dict[str, User]) -> None:
    link = _invite(owner, role="viewer")
    Invitation.objects.update(email="owner@example.com")
    owner.post(link)

    assert Member.objects.get(user=people["owner"]).role == "owner"


def test_inviting_twice_changes_the_role_and_sends_again(owner: Client) -> None:
    _invite(owner, role="viewer")
    _invite(owner, role="operator")

    assert [one.role for one in Invitation.objects.all()] == ["operator"]
    assert len(mail.outbox) == 2


def test_when_no_mail_goes_out_the_owner_is_told_and_has_the_link(owner: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    page = owner.post("/members/invite/", {"email": "bo@example.com", "role": "viewer"}, follow=True).content.decode()

    assert "could not be sent" in page
    assert f"/invitations/{invitations.token_of(Invitation.objects.get())}/" in page


@pytest.mark.parametrize("role", ["operator", "editor", "viewer"])
def test_only_owners_invite(client_of: ClientOf, role: str) -> None:
    answer = client_of(role).post("/members/invite/", {"email": "bo@example.com", "role": "owner"})

    assert answer.status_code == 403
    assert not Invitation.objects.exists()


def test_several_are_sent_again_or_taken_back_at_once(owner: Client) -> None:
    for name in ("ada", "bo", "cy"):
        _invite(owner, f"{name}@example.com")
    ada, bo, _ = Invitation.objects.order_by("email")

    owner.post("/members/invitations/", {"do": "send", "pick": [ada.pk, bo.pk]})
    assert [mail.outbox[at].to for at in (3, 4)] == [["ada@example.com"], ["bo@example.com"]]
    page = owner.post("/members/invitations/?q=o@", {"do": "revoke", "all": "yes", "pick": ada.pk}, follow=True)
    assert "The invitation to bo@example.com is taken back." in page.content.decode()
    assert set(Invitation.objects.values_list("email", flat=True)) == {"ada@example.com", "cy@example.com"}


def test_more_mails_than_can_wait_are_not_sent(owner: Client, people: dict[str, User]) -> None:
    Invitation.objects.bulk_create(
        Invitation(email=f"{at}@example.com", role="viewer", sent_at=timezone.now()) for at in range(51)
    )
    first = Invitation.objects.all()[0]

    page = owner.post("/members/invitations/", {"do": "send", "all": "yes", "pick": first.pk}, follow=True)

    assert "More than 50 invitations are selected" in page.content.decode()
    assert not mail.outbox


def test_invitations_of_another_company_are_left_alone(owner: Client, company: Company) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    theirs = Invitation.everywhere.create(company=other, email="zoe@example.com", role="viewer", sent_at=timezone.now())

    owner.post("/members/invitations/", {"do": "revoke", "pick": theirs.pk})
    owner.post("/members/invitations/", {"do": "send", "pick": theirs.pk})

    assert Invitation.everywhere.get() == theirs
    assert not mail.outbox
    assert "zoe@" not in owner.get("/members/invitations/").content.decode()


def test_where_no_mail_server_is_set_up_that_is_said_with_the_link_to_give(owner: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

    said = owner.post("/members/invite/", {"email": "bo@example.com", "role": "editor"}, follow=True).content.decode()

    assert "no mail server is set up, so no mail went out" in said
    assert re.search(r"holds for 7 days: http://testserver/invitations/\S+", said)


def test_what_each_role_may_do_is_told_where_somebody_is_invited(owner: Client) -> None:
    assert "<b>Viewers</b> look at all of it" in owner.get("/members/").content.decode()
