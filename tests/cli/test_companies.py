"""Companies: opening their books, letting people in, and saying which one is meant."""

import pytest

from linesheet.books.models import Company, Member, User
from linesheet.books.tenancy import acting_for


@pytest.mark.django_db
def test_a_company_is_opened_with_an_owner_whose_password_is_shown_once(linesheet):
    result = linesheet("company", "create", "Atelier Nord", "--owner", "Ada@example.com", "--currency", "SEK")

    company = Company.objects.get()
    password = result.stdout.split("Password of Ada@example.com: ")[1].split()[0]
    assert (result.exit_code, company.slug, company.currency) == (0, "atelier-nord", "SEK")
    assert User.objects.get(email="ada@example.com").check_password(password)


@pytest.mark.django_db
def test_a_person_who_is_known_keeps_their_password(linesheet):
    ada = User.objects.create_user("ada@example.com", "correct horse battery")

    result = linesheet("company", "create", "Atelier Nord", "--owner", "ada@example.com")

    ada.refresh_from_db()
    assert "Password" not in result.stdout
    assert ada.check_password("correct horse battery")


@pytest.mark.django_db
def test_a_password_can_be_asked_for(linesheet):
    secret = "correct horse battery"

    linesheet("company", "create", "Nord", "--owner", "a@example.com", "--ask-password", input=f"{secret}\n{secret}\n")

    assert User.objects.get().check_password(secret)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--currency", "euro", "EURO is not a currency."),
        ("--timezone", "Mars/Base", "Mars/Base is not a time zone."),
        ("--password", "short", "too short"),
    ],
)
def test_what_a_company_cannot_have_is_told_in_two_lines(linesheet, option, value, said):
    result = linesheet("company", "create", "Nord", "--owner", "ada@example.com", option, value)

    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 2
    assert not Company.objects.exists()


@pytest.mark.django_db
def test_without_a_company_the_error_says_how_to_create_one(linesheet):
    result = linesheet("season", "list")

    assert result.exit_code == 1
    assert "linesheet company create" in result.stderr


def test_of_several_companies_one_must_be_named(linesheet, company, other_company):
    result = linesheet("season", "list")

    assert result.exit_code == 1
    assert "atelier-nord, bottega-sud" in result.stderr


@pytest.mark.parametrize("how", [{"LINESHEET_COMPANY": "bottega-sud"}, {}])
def test_the_company_is_named_by_option_or_environment(linesheet, company, other_company, how):
    arguments = [] if how else ["--company", "bottega-sud"]

    linesheet("company", "add-member", "bo@example.com", "--role", "editor", *arguments, **how)

    with acting_for(other_company):
        assert Member.objects.get().user.email == "bo@example.com"


def test_an_unknown_company_is_told_with_those_there_are(linesheet, company):
    result = linesheet("season", "list", "--company", "nowhere")

    assert result.stderr == "There is no company nowhere.\nThere are: atelier-nord.\n"


def test_companies_are_listed(as_json, company, other_company):
    assert [row["slug"] for row in as_json("company", "list")] == ["atelier-nord", "bottega-sud"]


def test_the_only_owner_stays_one(linesheet, company):
    linesheet("company", "add-member", "ada@example.com", "--role", "owner")

    result = linesheet("company", "add-member", "ada@example.com", "--role", "viewer")

    assert result.exit_code == 1
    assert "the only owner" in result.stderr
