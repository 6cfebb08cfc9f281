"""Links and matches made by hand, and what the next run makes of them."""

import pytest

from linesheet.books.changes import recorded, undo
from linesheet.books.models import Customer, Order
from linesheet.sync import links
from linesheet.sync.models import Link, Match

KNOWN = "4000000000000"


def test_a_record_linked_by_hand_is_updated_there_by_the_next_run(connection, products, toy, work):
    toy.products["theirs"] = {"id": "theirs", "name": "Old", "colour": "Old"}
    links.link_by_hand(connection, "product", "p00", "theirs")

    run = work("products", preview=True)

    item = run.items.get(record_id=str(products[0].pk))
    assert (item.action, item.remote_id) == ("update", "theirs")


def test_a_link_by_hand_to_what_the_platform_does_not_have_is_created_anew(connection, products, toy, work):
    toy.products["other"] = {"id": "other", "name": "Other", "colour": "Old"}
    links.link_by_hand(connection, "product", "P00", "gone")

    run = work("products", preview=True)

    assert run.items.get(record_id=str(products[0].pk)).action == "create"


@pytest.mark.parametrize(
    ("kind", "key", "remote_id", "code"),
    [
        ("product", "P01", "a", "linked_already"),
        ("product", "P02", "A", "remote_linked_already"),
        ("product", "nothing", "b", "no_record_to_link"),
        ("product", "P02", "", "no_remote_id"),
        ("shoe", "P02", "b", "not_linkable"),
    ],
)
def test_a_link_that_cannot_be_is_refused(connection, products, kind, key, remote_id, code):
    links.link_by_hand(connection, "product", "P01", "A")

    with pytest.raises(links.LinkRefused) as refused:
        links.link_by_hand(connection, kind, key, remote_id)

    assert refused.value.reason.code == code
    assert Link.objects.count() == 1


def test_links_are_found_by_our_name_and_by_their_id(connection, products):
    for number in range(3):
        links.link_by_hand(connection, "product", f"P0{number}", f"their-{number}")
    kinds = links.kinds_of(connection)
    rows = Link.objects.filter(connection=connection)

    assert [one.label for one in links.with_labels(links.searched(rows, "coat 1", kinds), kinds)] == ["P01"]
    assert [one.label for one in links.with_labels(links.searched(rows, "their-2", kinds), kinds)] == ["P02"]
    assert not links.searched(rows, "nothing", kinds)


def test_a_link_that_was_taken_away_comes_back_as_it_was(connection, products, work):
    work("products")
    before = list(Link.objects.order_by("pk").values())

    with recorded("links", "Links taken away.") as changes:
        Link.objects.filter(record_id=str(products[0].pk)).delete()
    assert Link.objects.count() == 9
    undo(changes)

    assert list(Link.objects.order_by("pk").values()) == before


def test_what_a_person_said_goes_before_the_name(connection, toy, products, buyer, work):
    other = Customer.objects.create(name="Rive Paris")
    Match.objects.create(
        connection=connection,
        kind="customer",
        remote_key="name:maison rive",
        remote_label="Maison Rive",
        record_id=str(other.pk),
    )
    toy.order("1", "Maison Rive", (KNOWN, 1))

    work("orders")

    assert Order.objects.get().customer == other


def test_a_match_whose_customer_is_gone_counts_for_nothing(connection, toy, products, buyer, work):
    Match.objects.create(
        connection=connection, kind="customer", remote_key="name:maison rive", remote_label="x", record_id="987654"
    )
    toy.order("1", "Maison Rive", (KNOWN, 1))

    work("orders")

    assert Order.objects.get().customer == buyer
