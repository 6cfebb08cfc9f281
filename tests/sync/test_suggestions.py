"""What nobody has linked, what it may be in the books and why, and what accepting that makes of held orders."""

from dataclasses import replace
from decimal import Decimal

import pytest

from linesheet.books.changes import recorded, undo
from linesheet.books.models import SKU, Address, Contact, Customer, Order, Product
from linesheet.sync import match_looks, suggestions
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.known import customers_known
from linesheet.sync.like_customers import Sought, like_customers
from linesheet.sync.like_skus import like_skus
from linesheet.sync.models import InboxRecord, Link, Match, Suggestion
from linesheet.sync.suggestions import SuggestionRefused, accept, look
from tests.sync.toy import ToyOrders

KNOWN = "4000000000000"


@pytest.fixture(autouse=True)
def _telling_more(monkeypatch):
    """The toy platform's orders say who the customer is there, and what a line is."""
    read = ToyOrders.read

    def more(self, payload):
        order = read(self, payload)
        if not isinstance(order, IncomingOrder):
            return order
        lines = tuple(replace(line, **payload.get("words", {})) for line in order.lines)
        return replace(order, lines=lines, **payload.get("who", {}))

    monkeypatch.setattr(ToyOrders, "read", more)


@pytest.fixture
def held(toy, products, work):
    """Two orders of Maison Riwe, whom the books do not know."""
    for id in ("1", "2"):
        toy.order(id, "Maison Riwe", (KNOWN, 1))
    work("orders")


def _line(**known) -> IncomingLine:
    return IncomingLine(**{"barcode": "", "described_as": "", "quantity": 1, "price": Decimal(1), **known})


def test_whom_held_orders_name_is_told_once_with_who_it_may_be(connection, held, buyer):
    Customer.objects.create(name="Galerie Nord")

    look(connection)

    [found] = Suggestion.objects.all()
    assert (found.label, found.kind, found.named_by, found.record_id) == ("Maison Riwe", "customer", 2, str(buyer.pk))
    assert found.because == ["name 91 % alike"]
    assert found.others == []


def test_a_look_again_changes_nothing_but_what_is_new(connection, held, buyer):
    look(connection)
    [before] = Suggestion.objects.values()
    suggestions.set_aside(Suggestion.objects.all(), aside=True)
    buyer.name = "Quite another"
    buyer.save()

    look(connection)

    [after] = Suggestion.objects.values()
    assert (after["id"], after["set_aside"], after["record_id"]) == (before["id"], True, "")


def test_what_is_the_same_speaks_before_what_is_alike(brand):
    alike = Customer.objects.create(name="Maison Riwe")
    code = Customer.objects.create(name="Something Else", account_code="c-1")
    email = Customer.objects.create(name="Third")
    Contact.objects.create(customer=email, name="Ann", email="Ann@Example.com")

    [likes] = like_customers([Sought(name="Maison Rive", code="C-1", email="ann@example.com")])

    assert [like.record_id for like in likes] == [code.pk, email.pk, alike.pk]
    assert [like.because[0] for like in likes[:2]] == [
        "same account code C-1",
        "a contact with the same e-mail Ann@Example.com",
    ]


def test_the_same_postcode_makes_a_similar_name_sure_and_a_strange_one_nothing(brand):
    near = Customer.objects.create(name="Galerie du Nord SARL")
    far = Customer.objects.create(name="Zwölf Apostel")
    for customer in (near, far):
        Address.objects.create(customer=customer, kind=2, line_1="1 rue X", postcode="69 002")

    [likes] = like_customers([Sought(name="Gallery Nord", postcode="69002")])

    assert [(like.record_id, like.because[0]) for like in likes] == [
        (near.pk, "same postcode 69002 and a similar name")
    ]
    assert likes[0].score >= 90


def test_many_grounds_make_it_more_likely_and_never_certain(brand):
    customer = Customer.objects.create(name="Maison Rive", account_code="C1")
    Contact.objects.create(customer=customer, name="Ann", email="ann@rive.example")

    [likes] = like_customers([Sought(name="Maison Rive", code="c1", email="ann@rive.example")])

    assert (likes[0].score, len(likes[0].because)) == (99, 3)


@pytest.mark.parametrize(
    ("barcode", "because"),
    [
        ("04006381333931", "barcode 4006381333931, the same but for leading zeros"),
        ("400638133393", "barcode 4006381333931, the same with its check digit"),
        ("4006381333932", "barcode 4006381333931, the same but for the check digit"),
    ],
)
def test_a_damaged_barcode_is_known_again(brand, connection, barcode, because):
    sku = _sku("M", barcode="4006381333931")

    [likes] = like_skus(connection.pk, [_line(barcode=barcode, size="M")])

    assert [(like.record_id, like.because) for like in likes] == [(sku.pk, (because,))]


def test_leading_zeros_that_a_sheet_ate_are_put_back(brand, connection):
    sku = _sku("M", barcode="012345678905")

    [likes] = like_skus(connection.pk, [_line(barcode="12345678905")])

    assert likes[0].record_id == sku.pk
    assert "leading zeros" in likes[0].because[0]


def _sku(size: str, *, barcode: str = "", style: str = "COAT", colour: str = "Navy") -> SKU:
    product, _ = Product.objects.get_or_create(code=f"{style}-{colour}", style=style, colour=colour, name=style)
    return SKU.objects.create(product=product, size=size, barcode=barcode)


def test_a_line_is_known_by_its_words_the_same_colour_before_a_similar_one(brand, connection):
    similar = _sku("M", colour="Navy blue")
    same = _sku("M")
    _sku("L")

    [likes] = like_skus(connection.pk, [_line(style="coat", colour="NAVY", size="m")])

    assert [like.record_id for like in likes] == [same.pk, similar.pk]
    assert likes[0].because == ("same style, colour and size",)
    assert likes[1].because == ("same style and size, colour Navy blue is similar",)


def test_a_line_is_known_by_the_product_that_is_linked(brand, connection):
    sku = _sku("M")
    Link.objects.create(
        connection=connection,
        kind="product",
        record_id=str(sku.product_id),
        remote_id="p77",
        accepted_at="2026-01-01T00:00Z",
    )

    [likes] = like_skus(connection.pk, [_line(product_id="p77", size="M")])

    assert likes[0].because == ("size M of COAT-Navy, which is linked with p77",)


def test_a_text_that_names_style_and_size_is_a_mere_perhaps(brand, connection):
    sku = _sku("M")

    [likes] = like_skus(connection.pk, [_line(described_as="COAT Navy M")])

    assert [(like.record_id, like.score < 75) for like in likes] == [(sku.pk, True)]


def test_accepted_customers_have_their_held_orders_go_in_from_what_was_kept(connection, held, buyer, toy, work):
    look(connection)
    toy.orders.clear()

    assert accept(Suggestion.objects.get()) == "Maison Rive"
    look(connection)
    assert not Suggestion.objects.exists()
    work("orders")

    assert [order.customer for order in Order.objects.all()] == [buyer, buyer]


def test_an_accepted_size_lets_the_order_in_and_undoing_it_asks_again(connection, toy, buyer, products, work):
    toy.order("1", "Maison Rive", ("4006381333931", 2), words={"style": "p03", "colour": "black", "size": "M"})
    assert work("orders").blocked == 1
    look(connection)
    found = Suggestion.objects.get()
    assert (found.kind, found.record_label) == ("sku", "P03 M")

    with recorded("matches", "Accepted.") as changes:
        accept(found)
    undo(changes)
    look(connection)
    accept(Suggestion.objects.get())
    work("orders")

    line = Order.objects.get().lines.get()
    assert (line.sku.product.code, line.barcode) == ("P03", "4006381333931")
    assert Match.objects.get().remote_key == "barcode:4006381333931"


def test_a_line_without_a_barcode_is_matched_by_its_words(connection, toy, buyer, products, work):
    toy.order("1", "Maison Rive", ("", 2), words={"style": "Old style", "colour": "Noir", "size": "M"})
    work("orders")
    look(connection)
    found = Suggestion.objects.get()
    with pytest.raises(SuggestionRefused, match="Nothing in the books is like"):
        accept(found)

    accept(found, str(SKU.objects.get(barcode=KNOWN).pk))
    work("orders")

    assert Match.objects.get().remote_key == "words:old style|noir|m"
    assert Order.objects.get().lines.get().sku.barcode == KNOWN


def test_products_whose_counterpart_an_order_names_are_suggested_for_a_link(connection, toy, buyer, products, work):
    toy.order("1", "Maison Rive", (KNOWN, 1), words={"product_id": "their-p"})
    work("orders")

    look(connection)

    found = Suggestion.objects.get()
    assert (found.makes, found.kind, found.record_label) == ("link", "product", "P00")
    assert found.because == [f"barcode {KNOWN} of this product is on a line of theirs"]
    accept(found)
    assert Link.objects.get(kind="product").remote_id == "their-p"
    look(connection)
    assert not Suggestion.objects.exists()


def test_what_is_gone_from_the_books_meanwhile_is_refused(connection, held, buyer):
    look(connection)
    buyer.delete()

    with pytest.raises(SuggestionRefused, match="not in the books any more"):
        accept(Suggestion.objects.get())


def test_what_helps_to_find_a_size_makes_no_order_look_changed():
    plain = IncomingOrder(
        remote_id="1", number="1", customer_name="", customer_code="", currency="EUR", lines=(_line(barcode="1"),)
    )
    told = replace(plain, lines=(_line(barcode="1", product_id="p", style="s", colour="c", size="m"),))

    assert told.content_hash() == plain.content_hash()


def test_several_there_that_lead_to_one_of_ours_are_not_sure(connection, toy, buyer, products, work):
    for id in ("1", "2"):
        toy.order(id, "Maison Rive", (KNOWN, 1), words={"product_id": f"their-{id}"})
    work("orders")

    look(connection)

    found = list(Suggestion.objects.filter(kind="product").order_by("remote_key"))
    assert [each.score for each in found] == [60, 60]
    assert found[0].because[1] == "so does product their-2 of theirs"


def test_one_there_that_leads_to_several_of_ours_is_not_sure(connection, toy, buyer, products, work):
    other = SKU.objects.exclude(product__code="P00").exclude(barcode="")[0]
    toy.order("1", "Maison Rive", (KNOWN, 1), (other.barcode, 1), words={"product_id": "their-p"})
    work("orders")

    look(connection)

    found = Suggestion.objects.get(kind="product")
    assert (found.score, len(found.others)) == (60, 1)
    assert "others of their orders lead to another" in found.because


def test_what_is_set_aside_is_remembered_while_nothing_names_it(connection, held, buyer):
    look(connection)
    suggestions.set_aside(Suggestion.objects.all(), aside=True)
    InboxRecord.objects.update(state="ignored")
    look(connection)
    assert not suggestions.listed(connection, aside=True).exists()
    InboxRecord.objects.update(state="held")

    look(connection)

    [found] = suggestions.listed(connection, aside=True)
    assert (found.label, found.named_by) == ("Maison Riwe", 2)


def test_what_the_books_know_by_now_is_not_matched_with_another(connection, held, buyer):
    look(connection)
    Customer.objects.create(name="Maison Riwe")

    with pytest.raises(SuggestionRefused, match="settled by now"):
        accept(Suggestion.objects.get())

    assert not Match.objects.exists()


def test_an_id_that_is_too_long_for_a_link_is_not_suggested_for_one(connection, toy, buyer, products, work):
    toy.order("1", "Maison Rive", (KNOWN, 1), words={"product_id": "p" * 300})
    work("orders")

    look(connection)

    assert not Suggestion.objects.exists()


def test_two_long_descriptions_are_two_keys():
    one, other = (_line(described_as="coat " * 60 + colour) for colour in ("black", "blue"))

    assert one.keys != other.keys
    assert {len(key) for key in one.keys + other.keys} == {200}


def test_a_persons_word_by_code_goes_before_a_link_by_id(connection, buyer):
    linked = Customer.objects.create(name="Linked")
    Link.objects.create(connection=connection, kind="customer", record_id=str(linked.pk), remote_id="c-9",
                        accepted_at="2026-01-01T00:00Z")  # fmt: skip
    Match.objects.create(connection=connection, kind="customer", remote_key="code:RV", record_id=str(buyer.pk))
    order = IncomingOrder(remote_id="1", number="1", customer_name="Riwe", customer_code="RV", currency="EUR",
                          lines=(), customer_id="c-9")  # fmt: skip

    assert customers_known(connection.pk, [order]).of(order) == buyer
    assert (
        customers_known(connection.pk, [replace(order, customer_code="")]).of(replace(order, customer_code=""))
        == linked
    )


def test_a_look_is_asked_once_and_follows_what_changed(connection, held, buyer):
    first = match_looks.ask(connection)
    assert match_looks.is_at_work(first)
    assert match_looks.ask(connection).asked_at == first.asked_at
    match_looks.look_now(connection)
    last = match_looks.of(connection)
    assert (match_looks.is_at_work(last), last.changed) == (False, 1)
    assert not match_looks.has_changed(last)

    InboxRecord.objects.filter(remote_id="1").update(state="ignored")

    assert match_looks.has_changed(last)
