"""Explaining a record: every rule it meets, without calling anybody."""

import dataclasses

import pytest

from linesheet.books.models import SKU, Customer, Product
from linesheet.books.reasons import WARNING, Reason
from linesheet.sync import explain, registry
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.explain_order import explain_orders
from linesheet.sync.models import InboxRecord
from linesheet.sync.platform import Catalogue, Direction, Level, Setting, SettingKind, Task
from tests.sync.test_inbound import KNOWN, UNKNOWN
from tests.sync.toy import TOY, ToyProducts

DULL = Reason("dull", "{record} is dull.", "Brighten it.", WARNING)


class RedProducts(ToyProducts):
    """Pictures of red products: another kind, of the same records, and with a rule about the whole."""

    kind = "picture"
    of = "product"

    def ready(self):
        return [DULL.about(record="The server")]

    def select(self):
        return Product.objects.filter(colour="Red")

    def check(self, record: Product):
        return [DULL.about(record=record.code), *super().check(record)]


PICTURES = Task(key="pictures", name="Pictures", direction=Direction.OUT, help="", legs=(RedProducts,))


@pytest.fixture
def pictures(monkeypatch, connection):
    """The toy platform with a second kind of product record, a catalogue and a required setting."""
    platform = dataclasses.replace(
        TOY,
        tasks=(
            *TOY.tasks,
            Task(key="pictures", name="Pictures", direction=Direction.OUT, help="", legs=(RedProducts,)),
        ),
        catalogue=Catalogue(levels=(Level("Season"),)),
        credentials=(Setting(key="token", label="Token", kind=SettingKind.SECRET, required=True),),
    )
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": platform})


@pytest.fixture
def coat(products) -> Product:
    return products[3]


def ways(explanation, task="products"):
    return next(way for way in explanation.ways if way.task == task)


def codes(way):
    return [finding.code for finding in way.findings]


def test_a_product_that_never_went_out_would_be_created(connection, coat):
    way = ways(explain.explain_product("p03"))

    assert (way.outlook, way.findings, way.link, way.last_item) == ("create", (), None, None)


@pytest.mark.parametrize("key", ["P03", "p03", "P03-M", "4006381333931"])
def test_a_product_is_known_by_code_sku_code_or_barcode(connection, coat, key):
    coat.skus.update(code="P03-M", barcode="4006381333931")

    assert explain.explain_product(key).label == "P03"


def test_a_product_that_is_there_shows_its_link_and_what_would_change(work, coat):
    run = work("products")
    coat.name = "Long coat"
    coat.save()

    way = ways(explain.explain_product("P03"))

    assert (way.outlook, way.link.remote_id) == ("update", "P03")
    assert way.changes == [{"field": "name", "old": "Coat 3", "new": "Long coat"}]
    assert (way.last_item.run, way.last_item.state) == (run.pk, "created")


def test_a_product_that_has_not_changed_has_nothing_to_do(work, coat):
    first, second = work("products"), work("products")

    way = ways(explain.explain_product("P03"))

    assert (way.outlook, way.last_item.run, way.last_run.run) == ("nothing", first.pk, second.pk)


def test_a_blocked_product_shows_the_rule_and_the_open_problem(work, coat):
    Product.objects.filter(pk=coat.pk).update(name="")
    work("products")
    work("products")

    way = ways(explain.explain_product("P03"))

    assert (way.outlook, codes(way)) == ("blocked", ["nameless"])
    assert [(problem.says, problem.times) for problem in way.problems] == [("P03 has no name.", 2)]
    assert way.last_item.fix == "Name it."


def test_a_mended_product_no_longer_meets_the_rule_that_its_last_run_told(work, coat):
    Product.objects.filter(pk=coat.pk).update(name="")
    work("products")
    Product.objects.filter(pk=coat.pk).update(name="Coat")

    way = ways(explain.explain_product("P03"))

    assert (way.outlook, way.findings, way.last_item.state) == ("create", (), "blocked")


def test_what_stops_a_record_comes_before_what_only_warns(pictures, coat):
    Product.objects.filter(pk=coat.pk).update(name="")

    way = ways(explain.explain_product("P03"), "pictures")

    assert codes(way) == ["setting_missing", "not_in_selection", "nameless", "dull", "dull"]
    assert (way.kind, way.selected, way.outlook) == ("picture", False, "blocked")
    assert way.findings[1].says == "P03 is not among the records that Pictures on Toy shop selects."


def test_places_in_the_catalogue_are_told(pictures, connection, coat):
    place(add_section(connection, ["SS26"]), [coat])

    assert explain.explain_product("P03").places == (explain.Place("Toy shop", ("SS26",)),)


def test_only_connections_that_are_on_count_unless_one_is_named(connection, coat):
    connection.active = False
    connection.save()

    assert explain.explain_product("P03").ways == ()
    named = ways(explain.explain_product("P03", connection))
    assert (codes(named), named.outlook) == (["connection_inactive"], "blocked")


def test_several_products_of_a_style_are_named(connection, coat):
    Product.objects.create(code="P03-RED", style="P03", colour="Red", name="Coat")

    assert explain.explain_product("P03").label == "P03"
    Product.objects.filter(pk=coat.pk).update(code="P03-BLACK")
    with pytest.raises(explain.ExplainRefused, match="P03-BLACK, P03-RED"):
        explain.explain_product("P03")


def test_what_is_not_in_the_books_is_refused(connection):
    for ask in (explain.explain_product, explain.explain_customer, explain_orders):
        with pytest.raises(explain.ExplainRefused, match="nowhere"):
            ask("nowhere")


def test_a_customer_is_known_by_account_code_or_name(connection, buyer):
    Customer.objects.filter(pk=buyer.pk).update(account_code="MR1")

    assert [explain.explain_customer(key).label for key in ("MR1", "maison rive")] == ["Maison Rive"] * 2
    assert explain.explain_customer("MR1").ways == ()  # the toy platform takes no customers along


@pytest.fixture
def imported(toy, work, products, buyer):
    toy.order("7", "Maison Rive", (KNOWN, 3))
    return work("orders")


@pytest.mark.parametrize("key", ["1", "SO 1", "n7", "7"])
def test_an_order_is_known_by_its_numbers_here_and_there(imported, key):
    (found,) = explain_orders(key)

    assert (found.remote_id, found.order.number, found.order.units) == ("7", 1, 3)
    assert [revision.state for revision in found.revisions] == ["stored"]
    assert found.revisions[0].acknowledged_at
    assert (found.runs, found.exchanges) == ((imported.pk,), 1)


def test_a_held_order_says_what_is_missing_today_not_what_was(toy, work, products):
    toy.order("7", "Maison Rive", (KNOWN, 3), (UNKNOWN, 1))
    work("orders")

    (held,) = explain_orders("7")
    assert held.revisions[0].kept.code == "unknown_customer"
    assert [finding.code for finding in held.revisions[0].today] == ["unknown_customer"]

    Customer.objects.create(name="Maison Rive")
    (held,) = explain_orders("7")
    assert [finding.code for finding in held.revisions[0].today] == ["unknown_barcodes"]

    SKU.objects.filter(product=products[0]).update(barcode=UNKNOWN)
    SKU.objects.filter(product=products[1]).update(barcode=KNOWN)
    (held,) = explain_orders("7")
    assert (held.revisions[0].today, held.order) == ((), None)


def test_a_change_that_is_held_stays_so_until_the_settings_apply_it(imported, toy, work, connection):
    toy.order("7", "Maison Rive", (KNOWN, 5))
    work("orders")

    (changed,) = explain_orders("7")
    assert [finding.code for finding in changed.revisions[-1].today] == ["changed_after_import"]

    connection.settings["revisions"] = "apply"
    connection.save()
    (changed,) = explain_orders("7")
    assert changed.revisions[-1].today == ()


def test_an_order_that_makes_no_sense_says_so(toy, work, products):
    toy.order("7", "Maison Rive")
    work("orders")

    (found,) = explain_orders("N7")

    assert [finding.code for finding in found.revisions[0].today] == ["empty_order"]


def test_an_order_of_our_own_has_no_revisions(imported, season, buyer):

    InboxRecord.objects.all().delete()

    (own,) = explain_orders("SO1")

    assert (own.connection, own.revisions, own.order.number) == ("", (), 1)


def test_an_explanation_is_plain_data(work, coat):
    work("products")

    plain = explain.explain_product("P03").to_dict()

    assert plain["ways"][0]["link"]["remote_id"] == "P03"
    assert isinstance(plain["ways"][0]["link"]["accepted_at"], str)
