"""What reading the catalogue costs the database on its way out: the same for many records as for few."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linesheet.books.models import Image, Product
from linesheet.platforms.joor.images import Images
from linesheet.platforms.joor.linesheets import Linesheets
from linesheet.platforms.joor.placed import linked_styles
from linesheet.platforms.joor.placed_linesheets import live_linesheets
from linesheet.platforms.joor.products import Products
from linesheet.sync.legs import Outbound, in_pages
from linesheet.sync.models import Connection, Link, Section
from tests.platforms.joor.conftest import Books

FEW, MANY = 2, 9
Leg = type[Outbound[object, object]]


def link(books: Books, kind: str, record_id: int, remote_id: str) -> None:
    Link.objects.create(
        connection=books.connection,
        kind=kind,
        record_id=str(record_id),
        remote_id=remote_id,
        payload={"name": "Old", "season": "SS26"},
        accepted_at=timezone.now(),
    )


def fill(books: Books, count: int) -> None:
    """Styles of two colours each, each on two linesheets, with pictures; half of them are on JOOR."""
    Product.objects.all().delete()
    Link.objects.all().delete()
    Section.objects.all().delete()
    for number in range(count):
        for colour in ("black", "red"):
            product = books.product(f"COAT{number}-{colour}", placed=(f"Sheet {number}", "SS26", "WOMEN"))
            books.place(product, f"Sheet {number}", "AW26")
            shape = {"format": "jpg", "width": 900, "height": 900, "bytes": 500}
            Image.objects.create(product=product, content_hash=f"{product.pk:064}", **shape)
            if number % 2:
                link(books, "product", product.pk, f"there-{number}")
    for section in Section.objects.filter(parent__name="Sheet 1"):
        link(books, "linesheet", section.pk, f"sheet-{section.pk}")
    for gone in range(count):
        link(books, "linesheet", 10_000_000 + gone, f"gone-{gone}")


def read(books: Books, kind: Leg) -> tuple[int, int]:
    """How many records were planned with, and in how many queries."""
    leg = books.leg(kind)
    with CaptureQueriesContext(database) as made:
        ids = [*leg.gone(), *(pk for page in in_pages(leg.select()) for pk in page)]
        loaded = leg.load(ids)
        for record in loaded:
            if not [said for said in leg.check(record) if said.reason.severity == "blocker"]:
                leg.map(record)
    return len(loaded), len(made)


@pytest.mark.parametrize(("kind", "most"), [(Products, 15), (Linesheets, 15), (Images, 6)])
def test_reading_costs_the_same_for_many_as_for_few(books: Books, kind: Leg, most: int) -> None:
    fill(books, FEW)
    few, queries = read(books, kind)
    fill(books, MANY)
    many, same = read(books, kind)

    assert many > few >= FEW
    assert same == queries <= most


def test_what_is_asked_while_sending_costs_the_same(books: Books) -> None:
    def cost(count: int) -> tuple[int, int]:
        fill(books, count)
        with CaptureQueriesContext(database) as styles:
            linked_styles(books.connection.pk, [f"there-{number}" for number in range(count)])
        with CaptureQueriesContext(database) as sheets:
            live_linesheets(books.connection.pk)
        return len(styles), len(sheets)

    assert cost(FEW) == cost(MANY) == (2, 2)


def test_another_connections_catalogue_is_not_read(books: Books) -> None:
    fill(books, FEW)
    other = Connection.objects.create(platform="joor", name="Other", base_url="http://127.0.0.1")
    Link.objects.update(connection=other)

    leg = books.leg(Products)
    ids = [pk for page in in_pages(leg.select()) for pk in page]
    assert [record.colourway.remote_id for record in leg.load(ids)] == [""] * len(ids)
