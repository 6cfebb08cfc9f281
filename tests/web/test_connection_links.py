"""Links of a connection, the workbench for what nobody has linked, and the matches that were made."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from linesheet.books.models import ChangeSet, Company, Customer, Member, Order, Product, Season
from linesheet.platforms.nuorder.platform import PLATFORM
from linesheet.sync import match_looks, matches, reasons, registry
from linesheet.sync.models import Connection, ConnectionRight, InboxRecord, Link, Match, MatchLook, Suggestion
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
            {"product": {"season": "SS26"}, "sizes": [{"size": "S", "upc": "4000000000099", "quantity": 1, "price": 9}]}
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
    assert "Nobody asked there whether that id exists. The next run updates that record" in answer.content.decode()
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


def _unlinked(connection: Connection) -> str:
    return f"/connections/{connection.pk}/unlinked/"


def test_an_unknown_customer_is_matched_by_a_suggestion(operator: Client, books: Books) -> None:
    customer = Customer.objects.create(name="Maison Rive")
    _held(books.connection, "1", "Maison Rivé SARL")
    _held(books.connection, "2", "Maison Rivé SARL")
    page = _unlinked(books.connection)
    match_looks.look_now(books.connection)

    text = _text(operator, f"{page}?kind=customer")
    assert "and 1 more" in text
    assert "% alike" in text
    found = Suggestion.objects.get(kind="customer")
    answer = operator.post(f"{page}{found.pk}/", {"record": customer.pk}, follow=True)

    assert Match.objects.get().record_id == str(customer.pk)
    shown = answer.content.decode()
    assert "What is held for that goes in with the next run" in shown
    assert "Undo" in shown
    assert not Suggestion.objects.filter(kind="customer").exists()


def test_many_are_accepted_at_once_and_what_has_no_suggestion_stays(operator: Client, books: Books) -> None:
    Customer.objects.create(name="Maison Rive")
    _held(books.connection, "1", "Maison Rivé SARL")
    _held(books.connection, "2", "Quite Unheard Of")
    page = _unlinked(books.connection)
    match_looks.look_now(books.connection)

    answer = operator.post(f"{page}?kind=customer", {"do": "accept", "all": "yes"}, follow=True)

    assert Match.objects.get().remote_label == "Maison Rivé SARL"
    assert "1 suggestion accepted." in answer.content.decode()
    assert "Nothing in the books is like Quite Unheard Of." in answer.content.decode()
    undo = answer.content.decode().partition('action="/undo/')[2].partition('"')[0]
    operator.post(f"/undo/{undo}")
    assert not Match.objects.exists()
    match_looks.look_now(books.connection)
    assert "Maison Rivé SARL" in _text(operator, page)


def test_what_is_set_aside_is_asked_about_no_more(operator: Client, books: Books) -> None:
    _held(books.connection, "1", "Quite Unheard Of")
    page = _unlinked(books.connection)
    match_looks.look_now(books.connection)
    found = Suggestion.objects.get(kind="customer")
    assert "Take up again" not in _text(operator, page)

    answer = operator.post(page, {"do": "aside", "pick": [found.pk]}, follow=True)

    undo = answer.content.decode().partition('action="/undo/')[2].partition('"')[0]
    assert "Quite Unheard Of" not in _text(operator, f"{page}?kind=customer")
    assert "Quite Unheard Of" in _text(operator, f"{page}?state=aside")
    operator.post(f"/undo/{undo}")
    assert "Quite Unheard Of" in _text(operator, f"{page}?kind=customer")
    operator.post(page, {"do": "aside", "pick": [found.pk]})
    operator.post(f"{page}?state=aside", {"do": "take_up", "pick": [found.pk]})
    assert "Quite Unheard Of" in _text(operator, page)


def test_opening_the_workbench_writes_nothing_and_asks_for_a_look_when_something_changed(
    client_of: ClientOf, books: Books
) -> None:
    client, viewer, page = client_of("operator"), client_of("viewer"), _unlinked(books.connection)
    _held(books.connection, "1", "Maison Rive")

    assert "Nobody has looked yet." in _text(client, page)
    assert "load, submit" in _text(client, page)
    assert "load, submit" not in _text(viewer, page)
    assert viewer.post(f"{page}look/").status_code == 403
    assert not Suggestion.objects.exists()
    assert not MatchLook.objects.exists()
    assert "Looking" in client.post(f"{page}look/", HTTP_HX_REQUEST="true").content.decode()
    match_looks.look_now(books.connection)

    assert client.get(f"{page}look/", HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"
    assert "Maison Rive" in _text(client, page)
    assert "HX-Refresh" not in client.get(page)


@pytest.mark.parametrize(("unknown", "suggested"), [("default", False), ("hold", True)])
def test_a_link_is_suggested_with_who_an_order_is_from_and_never_with_a_stand_in(
    books: Books, unknown: str, suggested: bool
) -> None:
    customer = Customer.objects.create(name="Various customers" if unknown == "default" else "Boutique Unknown")
    _held(books.connection, "1", "Boutique Unknown")
    order = Order.objects.create(number=77, season=Season.objects.all()[0], customer=customer, currency="EUR")
    books.connection.settings |= {
        "unknown_customer": unknown,
        "default_customer": customer.pk if not suggested else None,
    }
    books.connection.save()
    InboxRecord.objects.update(state=InboxRecord.State.STORED, order=order)

    match_looks.look_now(books.connection)

    found = Suggestion.objects.filter(makes="link", kind="customer")
    assert [(each.remote_key, each.score) for each in found] == ([("r-Boutique Unknown", 95)] if suggested else [])


def test_what_somebody_said_meanwhile_is_not_overwritten(operator: Client, books: Books) -> None:
    alike, right = Customer.objects.create(name="Maison Rive"), Customer.objects.create(name="Right One")
    _held(books.connection, "1", "Maison Rivé SARL")
    match_looks.look_now(books.connection)
    found = Suggestion.objects.get(kind="customer")
    matches.remember(books.connection, found.remote_key, found.label, right)
    page = _unlinked(books.connection)

    one = operator.post(f"{page}{found.pk}/", {"record": alike.pk}, follow=True)
    many = operator.post(f"{page}?kind=customer", {"do": "accept", "all": "yes"}, follow=True)

    for answer in (one, many):
        assert "Maison Rivé SARL is settled by now." in answer.content.decode()
    assert Match.objects.get().record_id == str(right.pk)


def test_what_is_accepted_in_bulk_is_what_was_shown(operator: Client, books: Books) -> None:
    Customer.objects.create(name="Maison Riv")
    _held(books.connection, "1", "Maison Rive SARL")
    match_looks.look_now(books.connection)
    found = Suggestion.objects.get(kind="customer")
    shown = f"{found.pk}:{found.record_id}"
    page = f"{_unlinked(books.connection)}?kind=customer"
    assert f'name="shown" value="{shown}"' in _text(operator, page)
    Customer.objects.create(name="Maison Rive")
    match_looks.look_now(books.connection)

    answer = operator.post(page, {"do": "accept", "all": "yes", "shown": [shown]}, follow=True)

    assert "which is not what you were shown" in answer.content.decode()
    assert not Match.objects.exists()


@pytest.mark.parametrize(("role", "level", "may"), [("operator", "", 302), ("editor", "run", 302), ("editor", "", 403)])
def test_who_may_match_may_in_both_places_and_undo_it(
    client_of: ClientOf, books: Books, role: str, level: str, may: int
) -> None:
    customer = Customer.objects.create(name="Maison Rive")
    _held(books.connection, "1", "Maison Rivé SARL")
    match_looks.look_now(books.connection)
    found, record = Suggestion.objects.get(kind="customer"), InboxRecord.objects.get()
    client = client_of(role)
    if level:
        member = Member.objects.get(role=role)
        ConnectionRight.objects.create(member=member, connection=books.connection, level=level)

    held = client.post(reverse("customer_of_held", args=[record.pk]), {"customer": customer.pk})
    assert held.status_code == may
    assert Match.objects.exists() == (may == 302)
    if may == 302:
        client.post(f"/undo/{ChangeSet.objects.latest('pk').pk}/")
        assert not Match.objects.exists()
    answer = client.post(f"{_unlinked(books.connection)}{found.pk}/", {"record": customer.pk})
    assert answer.status_code == may
    assert Match.objects.exists() == (may == 302)


def test_another_record_is_looked_for_and_chosen(operator: Client, books: Books, product: Product) -> None:
    _held(books.connection, "1", "Maison Rive")
    page = _unlinked(books.connection)
    match_looks.look_now(books.connection)
    found = Suggestion.objects.get(kind="sku")
    sku = product.skus.order_by("pk")[0]

    assert f"COAT-BLACK {sku.size}" in _text(operator, f"{page}{found.pk}/?find=coat-black")
    operator.post(f"{page}{found.pk}/", {"record": sku.pk})

    assert Match.objects.get(kind="sku").remote_key == "barcode:4000000000099"
    assert "COAT-BLACK" in _text(operator, f"/connections/{books.connection.pk}/matches/")


def test_the_workbench_is_a_file_too(operator: Client, books: Books) -> None:
    _held(books.connection, "1", "Maison Rive")
    page = _unlinked(books.connection)
    match_looks.look_now(books.connection)

    answer = operator.get(f"{page}?export=csv")

    assert b"Maison Rive,Customer" in b"".join(answer)  # type: ignore[arg-type]


def test_a_match_is_taken_back(operator: Client, books: Books) -> None:
    customer = Customer.objects.create(name="Maison Rive")
    match = Match.objects.create(
        connection=books.connection, kind="customer", remote_key="id:1", remote_label="Riwe", record_id=str(customer.pk)
    )
    page = f"/connections/{books.connection.pk}/matches/"
    assert "Maison Rive" in _text(operator, page)

    answer = operator.post(page, {"do": "take_back", "pick": [match.pk]}, follow=True)

    assert "Riwe is matched no more." in answer.content.decode()
    assert not Match.objects.exists()


def test_an_order_is_linked_by_hand_and_what_would_double_it_is_refused(operator: Client, books: Books) -> None:
    customer = Customer.objects.create(name="Maison Rive")
    season = Season.objects.all()[0]
    for number in (41, 42):
        Order.objects.create(number=number, customer=customer, season=season, currency="EUR")
    _held(books.connection, "n-1", "Maison Rive")
    page = f"/connections/{books.connection.pk}/links/"

    answer = operator.post(f"{page}add/", {"kind": "order", "record": "SO 41", "remote_id": "n-1"}, follow=True)
    assert "it is taken for this one and not stored a second time" in answer.content.decode()
    again = operator.post(f"{page}add/", {"kind": "order", "record": "SO 42", "remote_id": "n-1"}, follow=True)

    assert "n-1 is linked with SO 41 already." in again.content.decode()
    assert "SO 41" in _text(operator, page)
    assert Link.objects.get(kind="order").remote_id == "n-1"


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_who_may_not_configure_only_looks(client_of: ClientOf, books: Books, product: Product, role: str) -> None:
    _link(books.connection, product, "5f3a")
    _held(books.connection, "1", "Maison Rive")
    client, page = client_of(role), f"/connections/{books.connection.pk}/"

    assert "COAT-BLACK" in _text(client, f"{page}links/")
    assert "Unlink" not in _text(client, f"{page}links/")
    match_looks.look_now(books.connection)
    assert "Accept the likeliest" not in _text(client, f"{page}unlinked/")
    found = Suggestion.objects.get(kind="customer")
    assert "This one" not in _text(client, f"{page}unlinked/{found.pk}/")
    assert client.post(f"{page}unlinked/{found.pk}/", {"record": "1"}).status_code == 403
    given = {"kind": "product", "record": "x", "remote_id": "y"}
    assert client.post(f"{page}links/add/", given).status_code == 403
    operator_only = client.post(f"{page}links/", {"do": "unlink", "pick": [Link.objects.get().pk]}, follow=True)
    assert "That cannot be done here, or not by you." in operator_only.content.decode()
    assert Link.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_suggestion_is_accepted_with_one_click_and_undone_with_another(owner_page: Page, books: Books) -> None:
    Customer.objects.create(name="Maison Rive")
    _held(books.connection, "1", "Maison Rivé SARL")
    page = owner_page
    match_looks.look_now(books.connection)
    page.goto(f"{_unlinked(books.connection)}?kind=customer")

    page.get_by_role("button", name="Details of Maison Rivé SARL").click()
    expect(page.get_by_role("list", name="What Maison Rivé SARL may be")).to_be_visible()
    page.get_by_role("button", name="Accept Maison Rive as Maison Rivé SARL").click()
    expect(page.get_by_text("Maison Rivé SARL is Maison Rive.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"unlinked/\?kind=customer$"))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone:")).to_be_visible()
    match_looks.look_now(books.connection)
    page.reload()

    expect(page.get_by_role("button", name="Accept Maison Rive as Maison Rivé SARL")).to_be_visible()
    assert not Match.objects.exists()
