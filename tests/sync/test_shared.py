"""Records of ours that are one on the platform, and those that go out although they are gone from the books."""

import dataclasses
from collections.abc import Sequence

import pytest
from django.utils import timezone

from linesheet.books.models import Product
from linesheet.sync import links, registry
from linesheet.sync.catalogue import add_section
from linesheet.sync.legs import Accepted, Sending
from linesheet.sync.models import Link, Run
from linesheet.sync.platform import Direction, Task
from tests.sync.toy import TOY, ToyProducts, ToyWire


class ToyStyles(ToyProducts):
    """Products by their colour: all of one colour are one there. The gone ones go out as nothing."""

    batch_size = 100
    shared = True
    gone_ids: Sequence[str] = ()

    def gone(self) -> Sequence[str]:
        return self.gone_ids

    def load(self, ids: Sequence[str]) -> Sequence[Product]:
        gone = [Product(pk=int(pk), code=f"gone {pk}", name="gone") for pk in ids if pk in self.gone_ids]
        return [*gone, *super().load(ids)]

    def map(self, record: Product) -> ToyWire:
        return ToyWire(id=record.colour or "none", name=record.name, colour=record.colour)

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted]:
        await self.context.client.put(list({each.payload.id: each.payload for each in batch}.values()))
        return [Accepted(each.payload.id) for each in batch]


@pytest.fixture
def styles(monkeypatch: pytest.MonkeyPatch) -> type[ToyStyles]:
    task = Task(key="styles", name="Styles", direction=Direction.OUT, help="", legs=(ToyStyles,))
    shared = dataclasses.replace(TOY, tasks=(task,))
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": shared})
    monkeypatch.setattr(ToyStyles, "gone_ids", ())
    return ToyStyles


def test_several_records_that_are_one_there_are_no_short_listing(products, toy, work, styles):
    Product.objects.update(colour="Red")
    assert work("styles").created == len(products)

    run = work("styles")

    assert (run.state, run.unchanged) == (Run.State.DONE, len(products))


def test_a_listing_with_less_than_half_of_what_is_there_is_still_short(products, toy, work, styles):
    Product.objects.filter(pk__gt=products[4].pk).update(colour="Blue")
    for at, product in enumerate(products[:5]):
        Product.objects.filter(pk=product.pk).update(colour=f"Red {at}")
    work("styles")
    for colour in list(toy.products)[:4]:
        del toy.products[colour]

    assert work("styles").reason_code == "listing_short"


def test_several_records_may_be_linked_by_hand_with_one_there(connection, products, styles):
    for code in ("P00", "P01"):
        links.link_by_hand(connection, "product", code, "Red")

    assert Link.objects.filter(remote_id="Red").count() == 2


def test_links_of_sections_are_named_by_their_place_in_the_catalogue(connection):
    section = add_section(connection, ["Main", "SS26"])
    for record_id in (section.pk, section.pk + 1000):
        Link.objects.create(
            connection=connection,
            kind="linesheet",
            record_id=str(record_id),
            remote_id=f"there {record_id}",
            accepted_at=timezone.now(),
        )

    found = links.with_labels(Link.objects.order_by("pk"), {"linesheet": links.SECTION})

    assert [each.label for each in found] == ["Main > SS26", ""]


def test_what_is_gone_from_the_books_goes_out_before_the_others(connection, products, toy, work, styles, monkeypatch):
    last = str(products[-1].pk + 1000)
    monkeypatch.setattr(styles, "gone_ids", (last,))
    Link.objects.create(
        connection=connection, kind="product", record_id=last, remote_id="none", accepted_at=timezone.now()
    )
    toy.products["none"] = {"id": "none", "name": "", "colour": ""}

    run = work("styles")

    first = run.items.order_by("pk").first()
    assert (first.record_id, first.action, first.label) == (last, "update", f"gone {last}")
    assert run.created == len(products)


def test_a_run_of_one_record_leaves_the_gone_ones_alone(connection, products, toy, work, styles, monkeypatch):
    monkeypatch.setattr(styles, "gone_ids", (str(products[-1].pk + 1000),))

    run = work("styles", only=("product", str(products[0].pk)))

    assert [item.record_id for item in run.items.all()] == [str(products[0].pk)]
