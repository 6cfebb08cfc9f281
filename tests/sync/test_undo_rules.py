"""What undo asks `sync` before it takes something back."""

from dataclasses import replace

import pytest
from django.utils import timezone

from linesheet.books import changes
from linesheet.books.models import SKU, Address, Customer, Product
from linesheet.sync import registry
from linesheet.sync.catalogue import add_section, add_under, place, unplace
from linesheet.sync.models import Connection, Link, Match, Placement
from linesheet.sync.platform import Catalogue, Level
from tests.sync.toy import TOY

ONCE = Catalogue(levels=(Level("Collection"),), once=True)
FREELY = Catalogue(levels=(Level("Collection"),))


@pytest.fixture
def shop(company) -> Connection:
    connection: Connection = Connection.objects.create(platform="toy", name="Toy shop", base_url="http://127.0.0.1")
    return connection


def products(*codes: str) -> list[Product]:
    return [Product.objects.create(code=code, style=code, colour="Black", name=code) for code in codes]


def link(shop: Connection, kind: str, record: object) -> None:
    Link.objects.create(
        connection=shop, kind=kind, record_id=str(record.pk), remote_id=f"r{record.pk}", accepted_at=timezone.now()
    )


@pytest.mark.parametrize(("catalogue", "places"), [(ONCE, ["New"]), (FREELY, ["New", "Old"])])
def test_a_product_does_not_come_back_to_a_second_place_where_one_is_all_it_may_have(
    shop, monkeypatch, catalogue, places
):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": replace(TOY, catalogue=catalogue)})
    coat, scarf = products("COAT", "SCARF")
    old, new = (add_under(shop, None, name, catalogue) for name in ("Old", "New"))
    place(old, [coat, scarf], rules=catalogue)
    with changes.recorded("catalogue", "Took two products out.") as change_set:
        unplace(old, [coat, scarf])
    place(new, [coat], rules=catalogue)

    undone = changes.undo(change_set)

    where = Placement.objects.filter(product=coat).order_by("section__name")
    assert list(where.values_list("section__name", flat=True)) == places
    assert Placement.objects.get(product=scarf).section == old
    assert (undone.kept_rows, undone.taken_back) == ((1, 1) if catalogue.once else (0, 2))
    assert all("holds a product once" in each for each in undone.kept)


def test_a_product_comes_back_to_a_section_of_its_own_level_and_not_to_a_second_place_below_one(shop, monkeypatch):
    below = Catalogue(levels=(Level("Linesheet"), Level("Category", required=False)), once=True, once_below=1)
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": replace(TOY, catalogue=below)})
    coat, scarf = products("COAT", "SCARF")
    main, coats, sale = (add_section(shop, path) for path in (["Main"], ["Main", "Coats"], ["Sale"]))
    place(coats, [coat, scarf], rules=below)
    with changes.recorded("catalogue", "Took two products out.") as change_set:
        unplace(coats, [coat, scarf])
    place(main, [coat], rules=below)
    place(sale, [scarf], rules=below)

    undone = changes.undo(change_set)

    (kept,) = undone.kept
    assert "is elsewhere in a Linesheet of the catalogue of Toy shop by now" in kept
    assert Placement.objects.filter(product=scarf).count() == 2


def test_moving_products_in_such_a_catalogue_is_still_undone(shop, monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": replace(TOY, catalogue=ONCE)})
    [coat] = products("COAT")
    old, new = (add_under(shop, None, name, ONCE) for name in ("Old", "New"))
    place(old, [coat], rules=ONCE)
    with changes.recorded("catalogue", "Moved a product.") as change_set:
        place(new, [coat], take=True, rules=ONCE)

    assert changes.undo(change_set).kept == []
    assert Placement.objects.get().section == old


def test_records_that_were_linked_or_matched_since_stay_with_what_is_part_of_them(shop, monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": TOY})
    with changes.recorded("import", "Brought in files.") as change_set:
        coat, scarf = products("COAT", "SCARF")
        for product in (coat, scarf):
            SKU.objects.create(product=product, size="M")
        linked, matched, other = (Customer.objects.create(name=name) for name in ("Linked", "Matched", "Other"))
        for customer in (linked, matched, other):
            Address.objects.create(customer=customer, kind=Address.Kind.DELIVERY)
    link(shop, "product", coat)
    link(shop, "customer", linked)
    Match.objects.create(
        connection=shop, kind="customer", remote_key="id:7", remote_label="M", record_id=str(matched.pk)
    )

    undone = changes.undo(change_set)

    assert sorted(undone.kept) == [
        "Customer Linked is linked on Toy shop and stays as it is.",
        "Customer Matched is matched on Toy shop and stays as it is.",
        "Product COAT is linked on Toy shop and stays as it is.",
    ]
    assert list(Customer.objects.order_by("name").values_list("name", flat=True)) == ["Linked", "Matched"]
    assert (Address.objects.count(), SKU.objects.get().product) == (2, coat)


def test_a_link_that_was_made_with_the_record_goes_back_with_it(shop, monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": TOY})
    with changes.recorded("matches", "Made a customer and matched it.") as change_set:
        link(shop, "customer", Customer.objects.create(name="Haus Berlin"))

    assert changes.undo(change_set).kept == []
    assert not Link.objects.exists()
    assert not Customer.objects.exists()
