"""Beginning with the demo brand instead of books of one's own."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from linesheet.books.models import Company, Customer, Member, Product, Season, User
from linesheet.books.tenancy import acting_for
from linesheet.demo.brand import seasons_on
from linesheet.sync.stale_seasons import SOON

ANSWERS = {"email": "me@example.com", "password": "a good password", "currency": "EUR", "timezone": "Europe/Paris"}


@pytest.fixture
def visitor(db: None) -> Client:
    return Client()


def test_who_comes_first_may_begin_with_the_demo_brand(visitor: Client) -> None:
    answer = visitor.post("/set-up/", {**ANSWERS, "begin": "demo"})

    assert (answer.status_code, answer["Location"]) == (302, "/")
    company = Company.objects.get()
    with acting_for(company):
        assert Member.objects.get().user.email == "me@example.com"
        assert Product.objects.filter(images__isnull=False).exists()
        assert Customer.objects.count() > 10
        seasons = [season.name for season in seasons_on(timezone.localdate(timezone=company.zone))]
        assert list(Season.objects.order_by("starts_on").values_list("name", flat=True)) == seasons
    assert visitor.get("/").status_code == 200


def test_the_demo_brand_wants_an_e_mail_and_a_password_all_the_same(visitor: Client) -> None:
    answer = visitor.post("/set-up/", {**ANSWERS, "password": "short", "begin": "demo"})

    assert answer.status_code == 422
    assert not User.objects.exists()


def test_without_the_demo_brand_a_company_needs_a_name(visitor: Client) -> None:
    assert visitor.post("/set-up/", ANSWERS).status_code == 422
    assert not Company.objects.exists()


@pytest.mark.parametrize(
    ("today", "names"),
    [
        (datetime.date(2026, 11, 28), ["SS26", "AW26", "SS27"]),
        (datetime.date(2027, 1, 14), ["SS26", "AW26", "SS27"]),
        (datetime.date(2027, 1, 15), ["AW26", "SS27", "AW27"]),
        (datetime.date(2027, 8, 1), ["SS27", "AW27", "SS28"]),
    ],
)
def test_its_seasons_are_those_before_now_now_and_next(today: datetime.date, names: list[str]) -> None:
    assert [season.name for season in seasons_on(today)] == names


def test_its_newest_season_is_never_about_to_end() -> None:
    for days in range(0, 740, 5):
        today = datetime.date(2026, 11, 28) + datetime.timedelta(days=days)
        assert seasons_on(today)[-1].delivered_until > today + SOON
