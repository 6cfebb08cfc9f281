"""Who works in a company, what they may do there, and what an owner changes about the company."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linesheet.books.models import Company, Member, User
from linesheet.sync import rights, schedules
from linesheet.sync.models import Connection
from linesheet.sync.rights import Level
from linesheet.web.views.people import members
from tests.web.conftest import ClientOf


@pytest.fixture
def owner(client_of: ClientOf) -> Client:
    return client_of("owner")


def _member(role: str) -> Member:
    member: Member = Member.objects.get(user__email=f"{role}@example.com")
    return member


def test_an_owner_sees_every_member_with_what_they_may_do(owner: Client, connection: Connection) -> None:
    rights.give(_member("viewer"), {connection.pk: Level.RUN})

    page = owner.get("/members/").content.decode()

    assert all(f"{role}@example.com" in page for role in Member.Role.values)
    assert "Paris: see and run" in " ".join(page.split())


@pytest.mark.parametrize("role", ["operator", "editor", "viewer"])
@pytest.mark.parametrize("address", ["/members/", "/company/"])
def test_others_read_who_may_manage_people(client_of: ClientOf, role: str, address: str) -> None:
    answer = client_of(role).get(address)

    assert answer.status_code == 403
    assert "Ask somebody who may" in answer.content.decode()


def test_a_role_and_rights_are_changed_together(owner: Client, connection: Connection) -> None:
    viewer = _member("viewer")

    owner.post(f"/members/{viewer.pk}/", {"role": "editor", f"right_{connection.pk}": "configure"})

    viewer.refresh_from_db()
    assert viewer.role == "editor"
    assert rights.rights_of(viewer).level(connection.pk) == Level.CONFIGURE


def test_who_was_removed_while_their_form_was_filled_in_does_not_come_back(
    owner: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = _member("viewer")
    found = members._member

    def then_removed(pk: int) -> Member:
        member = found(pk)
        Member.objects.filter(pk=pk).delete()
        return member

    monkeypatch.setattr(members, "_member", then_removed)
    answer = owner.post(f"/members/{viewer.pk}/", {"role": "editor", f"right_{connection.pk}": "configure"})

    assert answer.status_code == 422
    assert "is no member of Atelier Nord any more" in answer.content.decode()
    assert not Member.objects.filter(user=viewer.user).exists()


def test_the_only_owner_cannot_step_down(owner: Client) -> None:
    answer = owner.post(f"/members/{_member('owner').pk}/", {"role": "viewer"})

    assert answer.status_code == 422
    assert "is the only owner of Atelier Nord" in answer.content.decode()
    assert _member("owner").role == "owner"


def test_the_only_owner_cannot_be_removed(owner: Client) -> None:
    answer = owner.post(f"/members/{_member('owner').pk}/remove/", follow=True)

    assert "is the only owner of Atelier Nord" in answer.content.decode()
    assert _member("owner")


def test_who_is_removed_is_out_at_once_and_can_be_taken_back_as_they_were(
    owner: Client, client_of: ClientOf, connection: Connection
) -> None:
    viewer, theirs = _member("viewer"), client_of("viewer")
    rights.give(viewer, {connection.pk: Level.RUN})

    page = owner.post(f"/members/{viewer.pk}/remove/", follow=True)

    assert "Viewer is no member any more." in page.content.decode()
    assert theirs.get("/").status_code == 403
    owner.post("/members/back/", {"before": page.context["removed"]["before"]})
    assert theirs.get("/").status_code == 200
    assert rights.rights_of(_member("viewer")).level(connection.pk) == Level.RUN


def test_nobody_is_taken_back_into_another_company(owner: Client, people: dict[str, User]) -> None:
    viewer = _member("viewer")
    page = owner.post(f"/members/{viewer.pk}/remove/", follow=True)
    other = Company.objects.create(name="Second House", slug="second")
    Member.everywhere.create(company=other, user=people["owner"], role=Member.Role.OWNER)
    owner.post("/company/choose/", {"company": other.pk})

    assert owner.post("/members/back/", {"before": page.context["removed"]["before"]}).status_code == 404
    assert owner.post("/members/back/", {"before": "forged"}).status_code == 404
    assert not Member.everywhere.filter(user=people["viewer"]).exists()


def test_an_owner_changes_the_company(owner: Client, company: Company) -> None:
    owner.post(
        "/company/", {"name": "Atelier Sud", "currency": "sek", "timezone": "Europe/Stockholm", "barcode_type": "upca"}
    )

    company.refresh_from_db()
    assert (company.name, company.currency, company.timezone) == ("Atelier Sud", "SEK", "Europe/Stockholm")
    assert (company.barcode_type, company.slug) == ("upca", "atelier-nord")


def test_daily_schedules_move_with_the_companys_zone(owner: Client, connection: Connection, company: Company) -> None:
    row = schedules.set_schedule(connection, "stock", daily_at=datetime.time(6, 30))

    owner.post("/company/", {"name": "Nord", "currency": "EUR", "timezone": "Asia/Tokyo", "barcode_type": "ean13"})

    row.refresh_from_db()
    assert f"{row.due_at.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}" == "06:30"


def test_a_company_keeps_what_it_had_when_the_form_is_wrong(owner: Client, company: Company) -> None:
    answer = owner.post(
        "/company/", {"name": "Atelier Sud", "currency": "12", "timezone": "Europe/Oslo", "barcode_type": "ean13"}
    )

    company.refresh_from_db()
    assert answer.status_code == 422
    assert "12 is not a currency." in answer.content.decode()
    assert (company.name, company.timezone) == ("Atelier Nord", "UTC")


def test_a_person_reads_times_in_their_own_zone(client_of: ClientOf, people: dict[str, User]) -> None:
    viewer = client_of("viewer")
    assert "Times are in UTC" in viewer.get("/").content.decode()

    viewer.post("/account/", {"name": "Vi", "timezone": "Asia/Tokyo"})

    page = viewer.get("/").content.decode()
    assert "Times are in Asia/Tokyo" in page
    assert "Vi" in page
    viewer.post("/account/", {"name": "Vi", "timezone": ""})
    assert "Times are in UTC" in viewer.get("/").content.decode()


def test_no_zone_that_is_none_is_taken(client_of: ClientOf, people: dict[str, User]) -> None:
    assert client_of("viewer").post("/account/", {"timezone": "Mars/Base"}).status_code == 422
    people["viewer"].refresh_from_db()
    assert people["viewer"].timezone == ""


def test_members_are_narrowed_and_sorted(owner: Client) -> None:
    def shown(query: str) -> list[str]:
        return [line.label for line in owner.get(f"/members/{query}").context["lines"]]

    assert shown("") == ["Editor", "Operator", "Owner", "Viewer"]
    assert shown("?q=VIEW") == ["Viewer"]
    assert shown("?role=editor") == ["Editor"]
    assert shown("?sort=-person")[0] == "Viewer"


def test_the_members_page_costs_the_same_for_many_as_for_few(
    owner: Client, company: Company, connection: Connection
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as made:
            assert owner.get("/members/").status_code == 200
        return len(made)

    rights.give(_member("viewer"), {connection.pk: Level.RUN})
    before = queries()
    for number in range(20):
        user = User.objects.create_user(f"more-{number}@example.com", name=f"More {number}")
        rights.give(Member.objects.create(user=user, role=Member.Role.VIEWER), {connection.pk: Level.RUN})

    assert queries() == before


def test_members_of_another_company_are_in_no_file(owner: Client, people: dict[str, User]) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    ada = User.objects.create_user("ada@example.com", name="Ada")
    theirs = Member.everywhere.create(company=other, user=ada, role=Member.Role.OWNER)

    picked = owner.post("/members/", {"do": "csv", "pick": [theirs.pk, _member("viewer").pk]})
    said = b"".join(picked.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Viewer" in said
    assert "Ada" not in said
