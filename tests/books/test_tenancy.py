import datetime

import pytest

from linesheet.books.models import Company, Season
from linesheet.books.tenancy import Unscoped, acting_for


def test_a_row_takes_the_company_in_hand_and_others_do_not_see_it(company):
    Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    other = Company.objects.create(name="Other", slug="other")

    with acting_for(other):
        assert list(Season.objects.all()) == []
    assert [season.name for season in Season.objects.all()] == ["SS26"]


def test_bulk_rows_take_the_company_in_hand(company):
    Season.objects.bulk_create([Season(name="SS26", starts_on=datetime.date(2026, 1, 1))])

    assert Season.objects.get().company == company


@pytest.mark.django_db
def test_reading_without_a_company_in_hand_is_refused():
    with pytest.raises(Unscoped):
        Season.objects.count()
