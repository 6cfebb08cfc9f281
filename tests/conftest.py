"""What every test of the hub may ask for."""

from collections.abc import Iterator

import pytest

from linesheet.books.models import Company
from linesheet.books.tenancy import acting_for


@pytest.fixture
def company(db: None) -> Iterator[Company]:
    """A company, in hand for the length of the test."""
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        yield company
