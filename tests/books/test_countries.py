import pytest

from linesheet.books.countries import country_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FR", "FR"),
        ("fra", "FR"),
        ("France", "FR"),
        ("U.S.A.", "US"),
        ("united states", "US"),
        ("UK", "GB"),
        ("Osterreich", "AT"),
        ("Côte d'Ivoire", "CI"),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_a_country_is_known_by_its_codes_and_names(text, code):
    assert country_code(text) == code
