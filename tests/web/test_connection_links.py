"""Links of a connection, and the workbench for customers that held orders name."""

import pytest
from django.test import Client

from linesheet.books.models import Company, Customer, Product
from linesheet.platforms.nuorder.platform import PLATFORM
from linesheet.sync import reasons, registry
from linesheet.sync.models import Connection, InboxRecord, Link, Match
from tests.platforms.nuorder.conftest import Books, filled
from tests.web.conftest import ClientOf


@pytest.fixture
def books(company: Company, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setattr(registry, "platforms", lambda: {"nuorder": PLATFORM})
    return filled(company)


@pytest.fixture
def product(books: Books) -> Product:
    return books.product("COAT-BLACK")


def _text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def _link(connection: Connection, product: Product, remote_id: str) -> None:
    from linesheet.sync.links import link_by_hand

    link_by_hand(connection, "product", product.code, remote_id)


def _held(connection: Connection, number: str, name: str) -> None:
    payload = {
        "_id": number,
        "order_number": number,
        "status": "approved",
        "currency_code": "EUR",
        "retailer": {"_id": f"r-{name}", "retailer_name": name, "retailer_code": "", "buyer_email": "ann@example.com"},
        "line_items": [
            {"product": {"season": "SS26"}, "sizes": [{"size": "S", "upc": "4000000000000", "quantity": 1, "price": 9}]}
        ],
    }
    InboxRecord.objects.create(
        connection=connection,
        kind="order",
        remote_id=number,
        content_hash=number,
        payload=payload,
        state=InboxRecord.State.HELD,
        reason_code=reasons.UNKNOWN_CUSTOMER.code,
    )


def test_links_tell_both_sides_and_are_searched_by_either(operator: Client, books: Books, product: Product) -> None:
    _link(books.connection, product, "5f3a")
    page = f"/connections/{books.connection.pk}/links/"

    for text in ("", "coat", "5f3"):
        shown = _text(operator, f"{page}?text={text}")
        assert "COAT-BLACK" in shown
        assert "5f3a" in shown
    assert "COAT-BLACK" not in _text(operator, f"{page}?text=nothing")


def test_a_link_is_made_by_hand_and_what_follows_is_said(operator: Client, books: Books, product: Product) -> None:
    page = f"/connections/{books.connection.pk}/links/"

    given = {"kind": "product", "record": "coat-black", "remote_id": "5f3a"}
    answer = operator.post(f"{page}add/", given, follow=True)

    assert Link.objects.get().remote_id == "5f3a"
    assert "The next run updates that record there" in answer.content.decode()
    again = operator.post(f"{page}add/", given, follow=True)
    assert "COAT-BLACK is linked with 5f3a already." in again.content.decode()


def test_links_are_taken_away_and_brought_back(operator: Client, books: Books, product: Product) -> None:
    _link(books.connection, product, "5f3a")
    before = list(Link.objects.values())
    page = f"/connections/{books.connection.pk}/links/"

    answer = operator.post(page, {"do": "unlink", "pick": [before[0]["id"]]}, follow=True)
    assert not Link.objects.exists()
    assert "The next run finds or creates these records anew." in answer.content.decode()
    undo = answer.content.decode().partition('action="/undo/')[2].partition('"')[0]
    operator.post(f"/undo/{undo}")

    assert list(Link.objects.values()) == before


def test_an_unknown_customer_is_matched_by_a_suggestion(operator: Client, books: Books) -> None:
    customer = Customer.objects.create(name="Maison Rive")
    _held(books.connection, "1", "Maison Rivé SARL")
    _held(books.connection, "2", "Maison Rivé SARL")
    page = f"/connections/{books.connection.pk}/matches/"

    text = _text(operator, page)
    assert "2 held orders" in text
    assert "% alike" in text
    answer = operator.post(page, {"key": "id:r-Maison Rivé SARL", "customer": "Maison Rive"}, follow=True)

    assert Match.objects.get().record_id == str(customer.pk)
    assert "The 2 orders that are held go in with the next run" in answer.content.decode()
    assert "Every order that is held names a customer of the books." in answer.content.decode()


def test_a_match_is_taken_back(operator: Client, books: Books) -> None:
    customer = Customer.objects.create(name="Maison Rive")
    match = Match.objects.create(
        connection=books.connection, kind="customer", remote_key="id:1", remote_label="Riwe", record_id=str(customer.pk)
    )

    operator.post(f"/connections/{books.connection.pk}/matches/", {"do": "take_back", "match": match.pk})

    assert not Match.objects.exists()


def test_matching_with_somebody_who_is_not_in_the_books_is_refused(operator: Client, books: Books) -> None:
    _held(books.connection, "1", "Maison Rive")

    page = f"/connections/{books.connection.pk}/matches/"
    answer = operator.post(page, {"key": "id:r-Maison Rive", "customer": "Nobody"}, follow=True)

    assert "There is no customer Nobody in the books." in answer.content.decode()
    assert not Match.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_who_may_not_configure_only_looks(client_of: ClientOf, books: Books, product: Product, role: str) -> None:
    _link(books.connection, product, "5f3a")
    _held(books.connection, "1", "Maison Rive")
    client, page = client_of(role), f"/connections/{books.connection.pk}/"

    assert "COAT-BLACK" in _text(client, f"{page}links/")
    assert "Unlink" not in _text(client, f"{page}links/")
    assert "This one" not in _text(client, f"{page}matches/")
    assert client.post(f"{page}matches/", {"key": "x", "customer": "y"}).status_code == 403
    given = {"kind": "product", "record": "x", "remote_id": "y"}
    assert client.post(f"{page}links/add/", given).status_code == 403
    operator_only = client.post(f"{page}links/", {"do": "unlink", "pick": [Link.objects.get().pk]}, follow=True)
    assert "That cannot be done here, or not by you." in operator_only.content.decode()
    assert Link.objects.exists()
