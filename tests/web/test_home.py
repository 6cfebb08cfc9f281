"""Home: how every connection is doing."""

import datetime
import re

from django.db import connection as database
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from linesheet.books import barcodes
from linesheet.books.models import Company, Customer, Member, Order, Product, Season, User
from linesheet.sync import rights
from linesheet.sync.models import Connection, InboxRecord, Link, Problem, Run, Schedule
from linesheet.sync.rights import Level
from linesheet.web.templatetags.show import NOTHING
from tests.web.conftest import ClientOf


def test_without_a_connection_it_says_how_to_make_one(operator: Client) -> None:
    text = operator.get("/").content.decode()

    assert "No connection yet." in text
    assert 'href="/connections/add/"' in text


def test_a_connection_shows_its_last_and_next_run_its_problems_and_held_orders(
    operator: Client, connection: Connection
) -> None:
    _much(connection)

    text = " ".join(operator.get("/").content.decode().split())

    assert "Galerie Invisible" in text
    assert "Done with problems</span> Stock export" in text
    assert "Catalogue export <span" in text
    assert f'href="/connections/{connection.pk}/problems/">3</a>' in text
    assert f'href="/connections/{connection.pk}/inbox/?state=held">1</a>' in text


def test_problems_of_one_reason_are_one_line(operator: Client, connection: Connection) -> None:
    _much(connection)

    text = " ".join(operator.get("/").content.decode().split())

    assert "COAT-0 has no barcode." in text
    assert "and 2 more like it" in text
    assert "COAT-2 has no barcode." not in text
    assert f"/connections/{connection.pk}/problems/?reason=no_barcode" in text


def test_a_record_that_two_tasks_tell_of_counts_once_and_both_are_named(
    operator: Client, connection: Connection
) -> None:
    _much(connection)
    again = Problem.objects.get(label="COAT-0")
    again.pk, again.task = None, "catalogue"
    again.save()

    text = " ".join(operator.get("/").content.decode().split())

    assert "and 2 more like it" in text
    assert f'href="/connections/{connection.pk}/problems/">3</a>' in text
    assert "Catalogue export and Stock export</a> run again" in text
    assert f'<a href="/connections/{connection.pk}/readiness/">Readiness</a>' in text


def test_the_line_of_a_reason_is_of_the_record_that_has_it_longest(operator: Client, connection: Connection) -> None:
    _much(connection)
    Problem.objects.filter(label="COAT-1").update(first_seen_at=timezone.now() - datetime.timedelta(days=2))

    assert "COAT-1 has no barcode." in operator.get("/").content.decode()


def test_the_number_of_queries_does_not_grow(
    operator: Client, company: Company, connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _much(connection)
    for number in range(5):
        _much(Connection.objects.create(platform="made-up", name=f"C{number}", base_url="https://api.example"))

    with django_assert_num_queries(32):
        operator.get("/")


def test_an_empty_installation_says_what_to_do_next(operator: Client, client_of: ClientOf) -> None:
    text = operator.get("/").content.decode()
    assert "What to do next" in text
    assert "Bring your products in." in text
    assert "The last 30 days" not in text

    assert "Owners and operators add one." in client_of("viewer").get("/").content.decode()


def test_what_to_do_next_stays_until_something_went_out_and_something_came_in(
    operator: Client, connection: Connection
) -> None:
    Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    text = operator.get("/").content.decode()
    assert "What to do next" in text
    assert "on Paris, then run it." in text
    assert "Take in the first order from Paris." in text

    Link.objects.create(connection=connection, kind="product", record_id="1", remote_id="a", accepted_at=timezone.now())
    text = operator.get("/").content.decode()
    assert "then run it." not in text
    assert "Take in the first order from Paris." in text

    InboxRecord.objects.create(connection=connection, kind="order", remote_id="1", content_hash="1", payload={})
    assert "What to do next" not in operator.get("/").content.decode()


def test_what_is_not_set_up_says_what_it_lacks_and_leads_there(operator: Client, connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(credentials={}, settings={})

    text = " ".join(operator.get("/").content.decode().split())

    assert "Finish setting up Paris." in text
    assert "It needs an answer to: " in text
    assert re.search(rf'<a href="/connections/{connection.pk}/settings/"> ?<span class="badge[^>]*>Not set up', text)


def test_what_needs_a_person_comes_first(operator: Client, connection: Connection) -> None:
    season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1), archived=True)
    connection.settings = {"season": season.pk}
    connection.save()
    barcodes.add_range("400000000000", "400000000009")
    run = Run.objects.create(connection=connection, task="catalogue", state=Run.State.PLANNED, preview=True)
    InboxRecord.objects.create(
        connection=connection,
        kind="order",
        remote_id="1",
        content_hash="1",
        state="held",
        payload={"number": "1", "shop": "M", "po": "", "currency": "JPY", "price": "48000", "lines": [["400", 2]]},
    )

    text = " ".join(operator.get("/").content.decode().split())

    wants = text[text.index("What needs you") : text.index('id="connections"')]
    assert f'<a href="/runs/{run.pk}/">Catalogue export on Paris</a>: its plan waits' in wants
    assert "1 order of Paris</a> waits for somebody to decide" in wants
    assert "96,000" in wants
    assert "JPY" in wants
    assert "Season of Paris is SS26, which is archived." in wants
    assert "Only 10 barcodes are left to give." in wants


def test_what_orders_brought_and_left_is_told_and_makes_the_health(operator: Client, connection: Connection) -> None:
    ended = {"state": Run.State.PROBLEMS, "reason_code": "lines_left_out"}
    Run.objects.create(connection=connection, task="orders", **ended)
    season = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 8, 1))
    new = Customer.objects.create(name="Galerie", unreviewed=True)
    given = {"customer": new, "season": season, "currency": "EUR"}
    orders = [Order.objects.create(number=number, **given) for number in range(1, 6)]
    Order.objects.filter(number=5).update(active=False)
    for order, label in zip(orders, ("ON-1", "ON-2", "ON-2", "", ""), strict=True):
        InboxRecord.objects.create(
            connection=connection, kind="order", remote_id=str(order), label=label, content_hash=str(order), payload={},
            state="stored", order=order, notes=[{"severity": "blocker"}] if order.number in (1, 5) else [],
        )  # fmt: skip

    text = " ".join(operator.get("/").content.decode().split())

    wants = text[text.index("What needs you") : text.index('id="connections"')]
    its_orders = f'<a href="/connections/{connection.pk}/orders/'
    short = f'{its_orders}?came=short&amp;active=yes">1 order of Paris</a> came in without some of its lines'
    again = f'{its_orders}?came=again&amp;active=yes">1 order of Paris</a> was submitted again, and more than one'
    waiting = f'{its_orders}?approved=no&amp;active=yes">4 orders of Paris</a> wait for approval'
    assert [each for each in (short, again, waiting) if each not in wants] == []
    assert '<a href="/customers/?from=new">1 new customer</a> came with orders' in wants
    assert "Has problems" in text
    assert "1 order short</a>" in text
    assert "1 order short</a>" in operator.get("/connections/").content.decode()

    Order.objects.filter(number=1).update(active=False)
    assert "Has problems" not in operator.get("/").content.decode()


def test_when_nothing_needs_a_person_nothing_is_said(operator: Client, connection: Connection) -> None:
    assert "What needs you" not in operator.get("/").content.decode()


def test_what_is_at_risk_is_said_by_reason_and_a_dash_where_nothing_can_be_said(
    operator: Client, connection: Connection
) -> None:
    _much(connection)
    payload = {"number": "1", "shop": "M", "po": "", "currency": "EUR", "price": "125.50", "lines": [["400", 2]]}
    InboxRecord.objects.filter(state="held").update(payload=payload)
    Problem.objects.filter(label="COAT-0").update(kind="order", record_id="held", reason_code="unknown_customer")

    text = " ".join(operator.get("/").content.decode().split())

    cells = re.findall(r'<td data-label="Value at risk" class="num">(.*?)</td>', text)
    assert [re.sub(r"<.*?>", "", cell).split() for cell in cells] == [[NOTHING], ["251.00", "EUR"]]


def test_charts_are_told_in_words_and_as_tables(operator: Client, connection: Connection) -> None:
    run = Run.objects.create(connection=connection, task="stock", state="done", created=1, updated=2, calls=40)
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now())

    text = " ".join(operator.get("/").content.decode().split())

    assert 'role="img" aria-label="Calls to platforms from ' in text
    assert ": 40 in all, most on " in text
    table = text[text.index("Day by day, and what is counted") :]
    assert table.count('<th scope="row">') == 30
    assert '<td class="num">0</td><td class="num">0</td><td class="num">3</td><td class="num">40</td>' in table
    assert "691,200" in text, "eight a second, all day"
    assert "under 0.1%" in text


def test_connections_that_are_hidden_from_a_member_do_not_show_on_home(
    client_of: ClientOf, people: dict[str, User], connection: Connection
) -> None:
    _much(connection)
    Run.objects.create(connection=connection, task="catalogue", state=Run.State.PLANNED)
    rights.give(Member.objects.get(user=people["viewer"]), {connection.pk: Level.NONE})

    text = client_of("viewer").get("/").content.decode()

    assert "Paris" not in text
    assert "COAT" not in text


def test_a_connection_whose_key_was_lost_still_shows(operator: Client, connection: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE sync_connection SET credentials = 'spoilt'")

    assert operator.get("/").status_code == 200
    text = operator.get(f"/connections/{connection.pk}/").content.decode()
    assert "cannot be decrypted" in text
    answer = operator.post(f"/connections/{connection.pk}/tasks/stock/start/", follow=True)
    assert "cannot be decrypted" in answer.content.decode()


def _much(connection: Connection) -> None:
    now = timezone.now()
    Run.objects.create(connection=connection, task="orders", state=Run.State.DONE)
    run = Run.objects.create(connection=connection, task="stock", state=Run.State.PROBLEMS, selected=3, blocked=3)
    for task, hours in (("stock", 2), ("catalogue", 1)):
        Schedule.objects.create(
            connection=connection, task=task, every_minutes=60, due_at=now + datetime.timedelta(hours=hours)
        )
    for number in range(3):
        Problem.objects.create(
            connection=connection,
            task="stock",
            kind="product",
            record_id=str(number),
            label=f"COAT-{number}",
            reason_code="no_barcode",
            says=f"COAT-{number} has no barcode.",
            fix="Give it one.",
            last_run=run,
            first_seen_at=now,
            last_seen_at=now,
        )
    for state in ("held", "stored"):
        InboxRecord.objects.create(
            connection=connection, kind="order", remote_id=state, content_hash=state, payload={}, state=state
        )
