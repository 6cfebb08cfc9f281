"""The Undo button after an action."""

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.http import require_POST

from linesheet.books import changes
from linesheet.books.models import ChangeSet, Company, Import, Product
from linesheet.books.tenancy import acting_for
from linesheet.site.urls import urlpatterns as pages
from linesheet.web.access import MemberRequest
from linesheet.web.undoing import offer_undo
from tests.web.conftest import ClientOf


def product(code: str) -> Product:
    made: Product = Product.objects.create(code=code, style=code, colour="Black", name=code.title())
    return made


@require_POST
def make_coat(request: MemberRequest) -> HttpResponse:
    with changes.recorded("products", "Made a coat.", by=request.user) as change_set:
        if not Product.objects.exists():
            product("COAT")
    offer_undo(request, change_set, "There is a coat.")
    return HttpResponse(status=204)


urlpatterns = [*pages, path("make-coat/", make_coat)]


@pytest.fixture
def made(client_of: ClientOf) -> ChangeSet:
    with changes.recorded("products", "Made a coat.") as change_set:
        product("COAT")
    return change_set


@override_settings(ROOT_URLCONF="tests.web.test_undo")
def test_an_action_is_followed_by_a_message_that_can_undo_it(client_of: ClientOf) -> None:
    editor = client_of("editor")
    editor.post("/make-coat/")

    page = editor.get("/?a=b").content.decode()

    change_set = ChangeSet.objects.get()
    assert "There is a coat." in page
    assert f'action="/undo/{change_set.pk}/"' in page
    assert 'name="next" value="/?a=b"' in page
    assert "Undo" not in editor.get("/").content.decode()


@override_settings(ROOT_URLCONF="tests.web.test_undo")
def test_nothing_done_is_nothing_to_undo(client_of: ClientOf) -> None:
    product("HAT")
    editor = client_of("editor")
    editor.post("/make-coat/")

    page = editor.get("/").content.decode()

    assert "There is a coat." in page
    assert "/undo/" not in page


def test_undoing_tells_and_goes_back_to_where_one_was(client_of: ClientOf, made: ChangeSet) -> None:
    editor = client_of("editor")

    answer = editor.post(f"/undo/{made.pk}/", {"next": "/?undone=yes"}, follow=True)

    assert answer.redirect_chain == [("/?undone=yes", 302)]
    assert "Undone: “Made a coat.”" in answer.content.decode()
    assert not Product.objects.exists()
    made.refresh_from_db()
    assert made.undone_by is not None
    assert made.undone_by.email == "editor@example.com"
    again = editor.post(f"/undo/{made.pk}/", {"next": "/"}, follow=True)
    assert "This was undone already: Made a coat." in again.content.decode()


def test_what_was_kept_is_named_with_the_reason(client_of: ClientOf, made: ChangeSet) -> None:
    Product.objects.update(name="Better coat")

    page = client_of("owner").post(f"/undo/{made.pk}/", follow=True).content.decode()

    assert "Nothing was undone: Product COAT was changed since and stays as it is." in page


def test_one_is_not_sent_to_other_sites(client_of: ClientOf, made: ChangeSet) -> None:
    answer = client_of("editor").post(f"/undo/{made.pk}/", {"next": "https://elsewhere.example/"})

    assert answer["Location"] == "/"


@pytest.mark.parametrize(
    ("subject", "role", "may"),
    [
        ("", "editor", True),
        ("", "operator", False),
        ("", "viewer", False),
        ("connection:7", "operator", True),
        ("connection:7", "editor", False),
        ("held:7", "owner", True),
        ("held:7", "editor", False),
        ("held:7", "operator", False),
    ],
)
def test_who_may_make_such_changes_may_undo_them(
    client_of: ClientOf, made: ChangeSet, subject: str, role: str, may: bool
) -> None:
    ChangeSet.objects.update(subject=subject)

    answer = client_of(role).post(f"/undo/{made.pk}/")

    assert Product.objects.exists() is not may
    assert answer.status_code == (302 if may else 404)


def test_what_an_import_did_is_undone_by_a_worker(client_of: ClientOf, made: ChangeSet) -> None:
    imported = Import.objects.create(file_name="range.csv", bytes=1, state="done", change_set=made)
    ChangeSet.objects.update(subject=f"import:{imported.pk}")

    answer = client_of("editor").post(f"/undo/{made.pk}/", {"next": "/"})

    assert answer["Location"] == f"/imports/{imported.pk}/"
    assert Product.objects.exists()
    imported.refresh_from_db()
    assert imported.state == "undoing"
    assert client_of("operator").post(f"/undo/{made.pk}/").status_code == 404


def test_what_an_import_did_that_is_kept_no_more_is_not_undone_in_a_request(
    client_of: ClientOf, made: ChangeSet
) -> None:
    ChangeSet.objects.update(subject="import:7")

    assert client_of("editor").post(f"/undo/{made.pk}/").status_code == 404
    assert Product.objects.exists()


def test_another_companys_change_set_is_not_there(client_of: ClientOf, made: ChangeSet) -> None:
    with acting_for(Company.objects.create(name="Other", slug="other")):
        with changes.recorded("products", "Made a hat.") as theirs:
            product("HAT")
        assert client_of("owner").post(f"/undo/{theirs.pk}/").status_code == 404
        assert Product.objects.exists()
