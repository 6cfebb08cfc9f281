import pytest
from aiohttp import web
from django.db import connection as database

from linesheet.books.models import SKU, Customer, Order, Season
from linesheet.sync import runs, storing
from linesheet.sync.acknowledging import ACKNOWLEDGED_AT_ONCE
from linesheet.sync.models import InboxRecord, Item, Run
from tests.sync.test_outbound import counts, resumed

pytestmark = pytest.mark.usefixtures("products", "buyer")

KNOWN, OTHER, UNKNOWN = "400000000000" + "0", "400000000000" + "1", "4099999999999"


def inbox(remote_id):
    return InboxRecord.objects.filter(remote_id=remote_id).order_by("revision").last()


def test_an_order_is_stored_whole_then_acknowledged(toy, work, season):
    toy.order("7", "Maison Rive", (KNOWN, 3), (OTHER, 2))

    run = work("orders")

    order = Order.objects.get()
    assert run.state == Run.State.DONE, run.says
    assert counts(run) == {"selected": 1, "created": 1}
    assert (order.reference, order.customer.name, order.season) == ("N7", "Maison Rive", season)
    assert order.approved
    assert [(line.sku.barcode, line.quantity) for line in order.lines.all()] == [(KNOWN, 3), (OTHER, 2)]
    assert toy.orders["7"]["seen"]
    assert inbox("7").acknowledged_at


def test_an_empty_queue_of_orders_is_normal(toy, work):
    run = work("orders")

    assert (run.state, counts(run)) == (Run.State.DONE, {})


def test_an_order_that_could_not_be_acknowledged_is_not_doubled_and_told_again(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3))
    toy.before.append(lambda request: web.json_response({}, status=404) if request.method == "POST" else None)
    first = work("orders")
    assert (first.state, Order.objects.count()) == (Run.State.PROBLEMS, 1)
    assert first.items.get().notes[0]["code"] == "not_acknowledged"
    toy.before.clear()

    second = work("orders")

    assert counts(second) == {"selected": 1, "unchanged": 1}
    assert (second.state, Order.objects.count()) == (Run.State.DONE, 1)
    assert toy.orders["7"]["seen"]


def test_what_was_told_before_a_run_broke_off_is_not_told_again(toy, work):
    for number in range(2 * ACKNOWLEDGED_AT_ONCE + 5):
        toy.order(str(number), "Maison Rive", (KNOWN, 1))
    told = []

    def refuse(request):
        if request.method == "POST":
            told.append(request.path)
            return web.json_response({}, status=401) if len(told) > 2 * ACKNOWLEDGED_AT_ONCE else None
        return None

    toy.before.append(refuse)

    run = work("orders")

    assert (run.state, run.reason_code) == (Run.State.FAILED, "unauthorised")
    assert InboxRecord.objects.filter(acknowledged_at__isnull=False).count() >= 2 * ACKNOWLEDGED_AT_ONCE
    assert run.exchanges.filter(method="POST", status=200).count() >= 2 * ACKNOWLEDGED_AT_ONCE


def test_an_order_announced_twice_is_stored_once(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3))
    toy.orders["again"] = toy.orders["7"]

    run = work("orders")

    assert (counts(run), Order.objects.count()) == ({"selected": 1, "created": 1}, 1)


def test_an_order_of_an_unknown_customer_is_held_and_taken_in_once_the_customer_is_known(toy, work):
    toy.order("7", "Nobody & Sons", (KNOWN, 3))

    first = work("orders")

    assert (first.state, counts(first)) == (Run.State.PROBLEMS, {"selected": 1, "blocked": 1})
    assert inbox("7").reason_code == "unknown_customer"
    assert "Nobody & Sons" in inbox("7").says
    assert "seen" not in toy.orders["7"]

    Customer.objects.create(name="nobody & sons")
    second = work("orders")
    assert counts(second) == {"selected": 1, "created": 1}
    assert toy.orders["7"]["seen"]


def test_a_held_order_is_taken_in_from_the_inbox_when_the_platform_no_longer_lists_it(toy, work):
    toy.order("7", "Nobody & Sons", (KNOWN, 3))
    work("orders")
    toy.orders["7"]["seen"] = True
    Customer.objects.create(name="Nobody & Sons")

    run = work("orders")

    assert (counts(run), Order.objects.count()) == ({"selected": 1, "created": 1}, 1)


def test_an_order_of_an_unknown_customer_goes_to_the_default_customer_by_policy(toy, work, connection):
    default = Customer.objects.create(name="To sort out")
    connection.settings |= {"unknown_customer": "default", "default_customer": default.pk}
    connection.save()
    toy.order("7", "Nobody & Sons", (KNOWN, 3))

    run = work("orders")

    assert Order.objects.get().customer == default
    assert [note["code"] for note in run.items.get().notes] == ["defaulted_customer"]


def test_an_order_with_an_unknown_barcode_is_held_and_names_it(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3), (UNKNOWN, 1))

    run = work("orders")

    assert (counts(run), Order.objects.count()) == ({"selected": 1, "blocked": 1}, 0)
    assert UNKNOWN in inbox("7").says


def test_an_order_with_an_unknown_barcode_is_imported_short_and_flagged_by_policy(toy, work, connection):
    connection.settings["unknown_lines"] = "short"
    connection.save()
    toy.order("7", "Maison Rive", (KNOWN, 3), (UNKNOWN, 1))

    run = work("orders")

    order = Order.objects.get()
    assert order.short
    assert [(line.sku and line.sku.barcode, line.barcode) for line in order.lines.all()] == [
        (KNOWN, KNOWN),
        (None, UNKNOWN),
    ]
    assert [note["code"] for note in run.items.get().notes] == ["imported_short"]


def test_an_order_without_any_known_line_is_held_even_when_short_orders_are_let_in(toy, work, connection):
    connection.settings["unknown_lines"] = "short"
    connection.save()
    toy.order("7", "Maison Rive", (UNKNOWN, 1))

    work("orders")

    assert inbox("7").reason_code == "no_known_line"


def test_a_twelve_digit_barcode_finds_its_thirteen_digit_form(toy, work):
    SKU.objects.filter(barcode=KNOWN).update(barcode="0123456789012")
    toy.order("7", "Maison Rive", ("123456789012", 3))

    work("orders")

    assert Order.objects.get().lines.get().sku.barcode == "0123456789012"


def test_a_change_after_import_is_held_as_a_revision(toy, work):
    order = toy.order("7", "Maison Rive", (KNOWN, 3))
    work("orders")
    order.update(lines=[[KNOWN, 5]], seen=False)

    run = work("orders")

    assert counts(run) == {"selected": 1, "blocked": 1}
    assert (inbox("7").revision, inbox("7").reason_code) == (2, "changed_after_import")
    assert "Quantity from 3 to 5" in inbox("7").says
    assert Order.objects.get().lines.get().quantity == 3


def test_a_change_after_import_is_applied_by_setting(toy, work, connection):
    connection.settings["revisions"] = "apply"
    connection.save()
    order = toy.order("7", "Maison Rive", (KNOWN, 3))
    work("orders")
    order.update(lines=[[KNOWN, 5]], seen=False)

    run = work("orders")

    assert counts(run) == {"selected": 1, "updated": 1}
    assert Order.objects.get().lines.get().quantity == 5
    assert [row.state for row in InboxRecord.objects.order_by("revision")] == ["superseded", "stored"]


def test_a_change_that_is_undone_there_is_undone_here(toy, work, connection):
    connection.settings["revisions"] = "apply"
    connection.save()
    order = toy.order("7", "Maison Rive", (KNOWN, 3))
    work("orders")
    for quantity in (5, 3):
        order.update(lines=[[KNOWN, quantity]], seen=False)
        work("orders")

    assert Order.objects.get().lines.get().quantity == 3


def test_an_order_cancelled_there_is_inactivated_by_setting(toy, work, connection):
    connection.settings["revisions"] = "apply"
    connection.save()
    order = toy.order("7", "Maison Rive", (KNOWN, 3))
    work("orders")
    order.update(cancelled=True, seen=False)

    work("orders")

    assert not Order.objects.get().active


def test_an_order_cancelled_before_import_is_ignored(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3), cancelled=True)

    run = work("orders")

    assert counts(run) == {"selected": 1, "unchanged": 1}
    assert inbox("7").state == InboxRecord.State.IGNORED


def test_an_edit_between_reading_and_acknowledgement_is_seen(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3))

    def edit(request):
        if request.method == "POST":
            toy.orders["7"]["lines"] = [[KNOWN, 4]]

    toy.before.append(edit)
    work("orders")
    toy.before.clear()

    run = work("orders")

    assert counts(run) == {"selected": 1, "blocked": 1}
    assert inbox("7").reason_code == "changed_after_import"


def test_a_record_that_cannot_be_read_fails_alone(toy, work):
    toy.orders["6"] = {"id": "6", "broken": "it answered 404"}
    toy.order("7", "Maison Rive", (KNOWN, 3))

    run = work("orders")

    assert counts(run) == {"selected": 2, "created": 1, "failed": 1}
    assert run.items.get(state=Item.State.FAILED).reason_code == "record_unreadable"


def test_an_order_that_makes_no_sense_is_held(toy, work):
    toy.order("7", "Maison Rive")

    run = work("orders")

    assert counts(run) == {"selected": 1, "blocked": 1}
    assert inbox("7").says == "Order N7 has no lines."


def test_a_preview_of_orders_shows_what_would_be_held_and_stores_nothing(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3))
    toy.order("8", "Nobody & Sons", (KNOWN, 3))

    run = work("orders", preview=True)

    assert (run.state, run.selected, Order.objects.count()) == (Run.State.PLANNED, 2, 0)
    assert [[note["code"] for note in item.notes] for item in run.items.order_by("label")] == [
        [],
        ["unknown_customer"],
    ]
    assert not any(request.startswith("POST") for request in toy.requests)


def test_orders_of_a_page_are_resolved_with_few_queries(toy, work, django_assert_max_num_queries):
    from linesheet.sync.incoming import IncomingLine, IncomingOrder
    from linesheet.sync.resolve import Resolver

    orders = [
        IncomingOrder(
            remote_id=str(number),
            number=str(number),
            customer_name="Maison Rive",
            customer_code="",
            currency="EUR",
            lines=tuple(IncomingLine(barcode=KNOWN, described_as="", quantity=1, price=1) for _ in range(5)),
        )
        for number in range(50)
    ]
    with django_assert_max_num_queries(4):
        resolver = Resolver({}, orders, 0)
    with django_assert_max_num_queries(0):
        for order in orders:
            resolver.resolve(order, "", "")


def test_an_order_that_we_stumble_over_is_held_alone(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, "three"))
    toy.order("8", "Maison Rive", (KNOWN, 3))

    run = work("orders")

    assert counts(run) == {"selected": 2, "created": 1, "blocked": 1}
    assert inbox("7").reason_code == "stumbled"
    assert [order.reference for order in Order.objects.all()] == ["N8"]


@pytest.fixture
def applying(connection):
    """Changes on the platform are applied to imported orders."""
    connection.settings["revisions"] = "apply"
    connection.save()


def test_a_held_change_that_was_undone_is_gone(toy, work, connection):
    order = toy.order("7", "Maison Rive", (KNOWN, 3))
    work("orders")
    for quantity in (5, 3):
        order.update(lines=[[KNOWN, quantity]], seen=False)
        run = work("orders")
    assert counts(run) == {"selected": 1, "unchanged": 1}

    connection.settings["revisions"] = "apply"
    connection.save()
    work("orders")

    assert Order.objects.get().lines.get().quantity == 3


@pytest.mark.usefixtures("applying")
def test_an_order_reopened_there_is_active_again(toy, work):
    order = toy.order("7", "Maison Rive", (KNOWN, 3))
    work("orders")
    for cancelled in (True, False):
        order.update(cancelled=cancelled, seen=False)
        work("orders")

    assert Order.objects.get().active


@pytest.mark.usefixtures("applying")
def test_a_second_cancellation_is_seen(toy, work):
    order = toy.order("7", "Maison Rive", (KNOWN, 3), cancelled=True)
    work("orders")
    for cancelled in (False, True):
        order.update(cancelled=cancelled, seen=False)
        work("orders")

    assert not Order.objects.get().active


@pytest.mark.usefixtures("applying")
def test_an_old_plan_does_not_undo_a_newer_version(toy, work):
    order = toy.order("7", "Maison Rive", (KNOWN, 3))
    preview = work("orders", preview=True)
    order.update(lines=[[KNOWN, 5]])
    work("orders")

    runs.approve(preview)
    run = resumed(preview)

    assert Order.objects.get().lines.get().quantity == 5
    assert run.items.get().reason_code == "moved_on_platform"


def test_a_held_order_that_is_cancelled_there_never_becomes_an_order(toy, work):
    order = toy.order("7", "Nobody & Sons", (KNOWN, 3))
    work("orders")
    order.update(cancelled=True)
    work("orders")
    Customer.objects.create(name="Nobody & Sons")

    work("orders")

    assert not Order.objects.exists()
    assert inbox("7").state == InboxRecord.State.IGNORED


def test_an_order_with_a_long_number_lets_the_others_in(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3))["number"] = "N" * 300
    toy.order("8", "Maison Rive", (KNOWN, 3))

    run = work("orders")

    assert counts(run) == {"selected": 2, "created": 1, "blocked": 1}
    assert Order.objects.get().reference == "N8"


def test_an_acknowledgement_that_keeps_failing_stays_a_problem(toy, work):
    toy.order("7", "Maison Rive", (KNOWN, 3))
    toy.before.append(lambda request: web.json_response({}, status=404) if request.method == "POST" else None)
    work("orders")

    run = work("orders")

    assert (run.state, run.reason_code, run.unchanged) == (Run.State.PROBLEMS, "unacknowledged", 1)


def test_what_a_preview_foresaw_is_not_said_of_an_order_that_went_in(toy, work):
    toy.order("7", "Nobody & Sons", (KNOWN, 3))
    preview = work("orders", preview=True)
    Customer.objects.create(name="Nobody & Sons")

    runs.approve(preview)
    run = resumed(preview)

    assert (run.items.get().state, run.items.get().notes) == (Item.State.CREATED, [])


def test_the_season_on_the_platform_counts_only_by_setting(toy, work, connection, season):
    later = Season.objects.create(name="AW26", starts_on="2026-08-01")
    toy.order("7", "Maison Rive", (KNOWN, 3), season="aw26")
    work("orders")
    connection.settings["match_season"] = True
    connection.save()
    toy.order("8", "Maison Rive", (KNOWN, 3), season="aw26")
    work("orders")

    assert [order.season for order in Order.objects.order_by("number")] == [season, later]


def test_long_orders_are_stored_few_at_a_time_so_that_the_lease_can_be_renewed_between_them(toy, work, monkeypatch):
    monkeypatch.setattr(storing, "MOST_LINES", 4)
    for number in range(5):
        toy.order(str(number), "Maison Rive", (KNOWN, 1), (OTHER, 2))

    run = work("orders")

    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM books_order GROUP BY xmin::text ORDER BY 1")
        by_transaction = [count for (count,) in cursor.fetchall()]
    assert (counts(run), by_transaction) == ({"selected": 5, "created": 5}, [1, 2, 2])
