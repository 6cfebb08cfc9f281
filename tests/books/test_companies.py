import datetime

import pytest

from linesheet.books import companies
from linesheet.books.companies import CompanyRefused, MemberRefused, add_member, create_company
from linesheet.books.models import Company, Location, Member, PriceList, Season, User
from linesheet.books.tenancy import acting_for

pytestmark = pytest.mark.django_db


def test_a_new_company_has_an_owner_and_what_one_needs_to_begin():
    company = create_company(
        " Atelier  Nord ", owner_email=" Ann@Example.com", password="correct horse", currency="gbp"
    )

    assert (company.name, company.slug, company.currency) == ("Atelier Nord", "atelier-nord", "GBP")
    with acting_for(company):
        owner = Member.objects.get()
        assert (owner.user.email, owner.role) == ("ann@example.com", Member.Role.OWNER)
        assert owner.user.check_password("correct horse")
        assert [(season.name, season.starts_on) for season in Season.objects.all()] == [
            ("Standard", datetime.datetime.now(datetime.UTC).date())
        ]
        assert [(each.name, each.kind) for each in PriceList.objects.all()] == [
            ("Wholesale", "wholesale"),
            ("Retail", "retail"),
        ]
        assert Location.objects.get().name == "Main warehouse"


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("Atelier Nord", ["atelier-nord", "atelier-nord-2", "atelier-nord-3"]),
        ("外套", ["company", "company-2", "company-3"]),
        ("A" * 100, ["a" * 40, "a" * 40 + "-2", "a" * 40 + "-3"]),
    ],
)
def test_companies_of_one_name_get_addresses_of_their_own(name, slugs):
    made = [create_company(name, owner_email="ann@example.com") for _ in range(3)]

    assert [company.slug for company in made] == slugs


@pytest.mark.parametrize(
    ("given", "refusal", "reason"),
    [
        ({"name": " "}, CompanyRefused, companies.COMPANY_NAME),
        ({"name": "x" * 101}, CompanyRefused, companies.COMPANY_NAME),
        ({"currency": "euro"}, CompanyRefused, companies.COMPANY_CURRENCY),
        ({"timezone": "Mars"}, CompanyRefused, companies.COMPANY_TIME_ZONE),
        ({"owner_email": "ann"}, MemberRefused, companies.MEMBER_EMAIL),
    ],
)
def test_a_company_that_cannot_be_is_not_half_made(given, refusal, reason):
    with pytest.raises(refusal) as refused:
        create_company(**{"name": "Atelier Nord", "owner_email": "ann@example.com", **given})

    assert refused.value.reason is reason
    assert (Company.objects.count(), User.objects.count()) == (0, 0)


def test_someone_known_joins_another_company_with_the_password_they_have():
    create_company("Atelier Nord", owner_email="ann@example.com", password="correct horse")
    create_company("Atelier Sud", owner_email="ANN@example.com", password="battery staple")

    ann = User.objects.get()
    assert ann.check_password("correct horse")
    assert Member.everywhere.filter(user=ann).count() == 2


def test_without_a_password_a_new_member_cannot_log_in_yet():
    company = create_company("Atelier Nord", owner_email="ann@example.com")

    assert not add_member(company, "bob@example.com", Member.Role.VIEWER).user.has_usable_password()


def test_a_member_can_get_another_role_but_the_last_owner_stays():
    company = create_company("Atelier Nord", owner_email="ann@example.com")
    add_member(company, "bob@example.com", Member.Role.VIEWER)

    with pytest.raises(MemberRefused) as refused:
        add_member(company, "ann@example.com", Member.Role.EDITOR)
    assert refused.value.reason is companies.LAST_OWNER

    add_member(company, "bob@example.com", Member.Role.OWNER)
    assert add_member(company, "ann@example.com", Member.Role.EDITOR).role == Member.Role.EDITOR
