"""The list of products, what is done to many of them, and the page of one."""

import datetime
import io
from decimal import Decimal

import PIL.Image
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linesheet.books.barcodes import add_range
from linesheet.books.images import add_image
from linesheet.books.models import SKU, ChangeSet, Company, Image, Price, PriceList, Product, Season, Visibility
from linesheet.books.prices import make_visible, set_price
from linesheet.sync.models import Connection, Link
from tests.web.conftest import ClientOf

GOOD, OTHER = "4006381333931", "5000000000005"


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    PIL.Image.new("RGB", (40, 50), colour).save(content, "PNG")
    return content.getvalue()


def made(code: str) -> Product:
    product: Product = Product.objects.create(
        code=code, style=code, colour="Black", name=code.title(), category="Coats"
    )
    for position, size in enumerate("SM"):
        SKU.objects.create(product=product, size=size, position=position)
    return product


@pytest.fixture
def seasons(company: Company) -> tuple[Season, Season]:
    first = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    return first, Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1), previous=first)


@pytest.fixture
def wholesale(company: Company) -> PriceList:
    price_list: PriceList = PriceList.objects.create(name="Wholesale", kind="wholesale")
    return price_list


@pytest.fixture
def coat(seasons: tuple[Season, Season], wholesale: PriceList) -> Product:
    coat = made("COAT")
    make_visible([coat], seasons[0])
    set_price(coat, seasons[0], wholesale, Decimal(95), "EUR")
    return coat


@pytest.fixture
def editor(client_of: ClientOf) -> Client:
    return client_of("editor")


def undo(client: Client) -> None:
    client.post(f"/undo/{ChangeSet.objects.filter(undone_at=None).latest('pk').pk}/", {"next": "/"})


def test_the_list_tells_of_barcodes_seasons_and_prices(operator: Client, coat: Product) -> None:
    SKU.objects.filter(product=coat, size="S").update(barcode=GOOD)

    page = operator.get("/products/").content.decode()

    assert "1 of 2" in page
    assert "SS26" in page
    assert "95.00" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=oat", 1),
        ("season={0}", 1),
        ("season={1}", 0),
        ("category=Coats", 2),
        ("state=no-price", 1),
        ("season={0}&state=no-price", 0),
        ("state=inactive", 1),
        ("as=grid&state=no-picture", 2),
    ],
)
def test_filters_narrow_the_list(
    operator: Client, coat: Product, seasons: tuple[Season, Season], query: str, count: int
) -> None:
    hat = made("HAT")
    Product.objects.filter(pk=hat.pk).update(active=False)

    answer = operator.get("/products/?" + query.format(*(season.pk for season in seasons)))

    assert answer.context["count"] == count


def test_products_are_made_visible_with_prices_carried_and_hidden_again_by_undo(
    editor: Client, coat: Product, seasons: tuple[Season, Season]
) -> None:
    chosen = {"do": "visibility", "pick": [coat.pk], "season": seasons[1].pk, "visible": "yes"}

    page = editor.post("/products/", chosen, follow=True).content.decode()

    assert "1 product made visible in AW26." in page
    assert Price.objects.get(season=seasons[1]).carried_from == seasons[0]
    undo(editor)
    assert not Visibility.objects.filter(season=seasons[1]).exists()
    assert not Price.objects.filter(season=seasons[1]).exists()


def test_products_are_hidden_from_a_season(editor: Client, coat: Product, seasons: tuple[Season, Season]) -> None:
    editor.post("/products/", {"do": "visibility", "pick": [coat.pk], "season": seasons[0].pk, "visible": "no"})
    assert not Visibility.objects.exists()
    undo(editor)
    assert Visibility.objects.get().product == coat


@pytest.mark.parametrize(("state", "field", "value"), [("inactive", "active", False), ("withdrawn", "withdrawn", True)])
def test_products_change_their_state_and_back(
    editor: Client, coat: Product, state: str, field: str, value: bool
) -> None:
    editor.post("/products/?q=coat", {"do": "state", "all": "yes", "state": state, "pick": [coat.pk]})
    assert Product.objects.values_list(field, flat=True).get() is value
    undo(editor)
    assert Product.objects.values_list(field, flat=True).get() is not value


def test_barcodes_are_given_and_their_numbers_stay_used_when_that_is_undone(editor: Client, coat: Product) -> None:
    add_range("500000000000", "500000000009")

    page = editor.post("/products/", {"do": "barcodes", "pick": [coat.pk]}, follow=True).content.decode()
    assert "2 SKUs given a barcode." in page
    undo(editor)
    assert not SKU.objects.exclude(barcode="").exists()
    editor.post("/products/", {"do": "barcodes", "pick": [coat.pk]})

    assert [sku.barcode[:12] for sku in SKU.objects.all()] == ["500000000002", "500000000003"]


def test_it_is_said_that_there_is_no_range_of_barcodes(editor: Client, coat: Product) -> None:
    page = editor.post("/products/", {"do": "barcodes", "pick": [coat.pk]}, follow=True).content.decode()

    assert "There is no range of numbers to give barcodes from; sizes without one: 2." in page


def test_who_may_not_edit_changes_nothing(client_of: ClientOf, coat: Product, wholesale: PriceList) -> None:
    viewer = client_of("viewer")
    sku, season = coat.skus.all()[0], Season.objects.get(name="SS26")
    viewer.post("/products/", {"do": "state", "state": "inactive", "pick": [coat.pk]})
    addresses = [
        f"/products/{coat.pk}/facts/",
        f"/products/{coat.pk}/skus/{sku.pk}/barcode/",
        f"/products/{coat.pk}/pictures/add/",
        f"/products/{coat.pk}/pictures/order/",
        f"/products/{coat.pk}/pictures/1/remove/",
        f"/products/{coat.pk}/prices/{season.pk}/{wholesale.pk}/EUR/",
    ]

    assert {viewer.post(address, {"name": "Other"}).status_code for address in addresses} == {403}
    page = viewer.get(f"/products/{coat.pk}/").content.decode()
    assert "cell__input" not in page
    assert "Upload" not in page
    assert not ChangeSet.objects.exists()


def test_facts_and_seasons_are_saved_and_undone(editor: Client, coat: Product, seasons: tuple[Season, Season]) -> None:
    form = {"name": "Long coat", "category": "Outerwear", "active": "on", "seasons": [seasons[1].pk]}
    form["initial-seasons"] = [seasons[0].pk]

    editor.post(f"/products/{coat.pk}/facts/", form)

    coat.refresh_from_db()
    assert (coat.name, coat.category) == ("Long coat", "Outerwear")
    assert list(coat.seasons.all()) == [seasons[1]]
    assert Price.objects.filter(season=seasons[1]).count() == 1
    undo(editor)
    assert list(coat.seasons.all()) == [seasons[0]]


def test_facts_leave_what_others_changed_while_the_form_was_open(
    editor: Client, coat: Product, seasons: tuple[Season, Season]
) -> None:
    page = editor.get(f"/products/{coat.pk}/").content.decode()
    assert f'<input type="hidden" name="initial-seasons" value="{seasons[0].pk}"' in page
    assert f'<input type="hidden" name="initial-name" value="{coat.name}"' in page
    shown = {"initial-name": coat.name, "initial-active": "True", "initial-seasons": [seasons[0].pk]}
    Product.objects.filter(pk=coat.pk).update(name="Theirs")
    make_visible([coat], seasons[1])

    form = {"name": coat.name, "category": "Outerwear", "active": "on", "seasons": []}
    editor.post(f"/products/{coat.pk}/facts/", {**form, **shown})

    coat.refresh_from_db()
    assert (coat.name, coat.category, coat.active) == ("Theirs", "Outerwear", True)
    assert list(coat.seasons.all()) == [seasons[1]]


def test_facts_that_cannot_be_are_shown_with_what_is_wrong(editor: Client, coat: Product) -> None:
    answer = editor.post(f"/products/{coat.pk}/facts/", {"name": "", "category": "Kept as typed"})

    assert answer.status_code == 422
    assert "Fill this in." in answer.content.decode()
    assert "Kept as typed" in answer.content.decode()


HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/products/7/"}


def test_a_barcode_is_put_taken_and_refused_in_place(editor: Client, coat: Product) -> None:
    small, medium = coat.skus.all()

    def save(sku: SKU, text: str) -> tuple[int, str]:
        address = f"/products/{coat.pk}/skus/{sku.pk}/barcode/"
        answer = editor.post(address, {f"barcode-{sku.pk}": text}, headers=HTMX)
        return answer.status_code, answer.content.decode()

    status, cell = save(small, "4006381 333931")
    assert (status, f'value="{GOOD}"' in cell, "Undo" in cell) == (200, True, True)
    status, cell = save(medium, GOOD)
    assert (status, "is already on COAT S." in cell) == (422, True)
    status, cell = save(medium, "4006381333932")
    assert (status, "is mistyped somewhere" in cell) == (422, True)
    assert save(small, "")[0] == 200
    assert not SKU.objects.exclude(barcode="").exists()


def test_without_scripts_a_barcode_is_saved_by_its_button(editor: Client, coat: Product) -> None:
    sku = coat.skus.all()[0]
    address = f"/products/{coat.pk}/skus/{sku.pk}/barcode/"

    assert editor.post(address, {f"barcode-{sku.pk}": GOOD})["Location"] == f"/products/{coat.pk}/"
    assert "is not a barcode" in editor.post(address, {f"barcode-{sku.pk}": "x"}, follow=True).content.decode()
    assert SKU.objects.get(pk=sku.pk).barcode == GOOD


def test_pictures_are_uploaded_and_what_is_none_is_told(editor: Client, coat: Product) -> None:
    files = [
        SimpleUploadedFile("front.png", picture("red")),
        SimpleUploadedFile("back.png", picture("blue")),
        SimpleUploadedFile("notes.pdf", b"%PDF"),
    ]

    page = editor.post(f"/products/{coat.pk}/pictures/add/", {"pictures": files}, follow=True).content.decode()

    assert "2 pictures added to COAT." in page
    assert "The file for COAT, notes.pdf, is not a JPEG or PNG picture." in page
    assert Image.objects.filter(product=coat).count() == 2


def test_pictures_are_put_in_order_removed_and_brought_back(editor: Client, coat: Product) -> None:
    first, second, third = (add_image(coat, picture(colour)) for colour in ("red", "green", "blue"))
    order = f"/products/{coat.pk}/pictures/order/"

    editor.post(order, {"picture": [third.pk, first.pk, second.pk]})
    assert list(Image.objects.filter(product=coat)) == [third, first, second]
    editor.post(order, {"picture": [third.pk, first.pk, second.pk], "move": f"{second.pk}:earlier"}, headers=HTMX)
    assert list(Image.objects.filter(product=coat)) == [third, second, first]
    part = editor.post(f"/products/{coat.pk}/pictures/{third.pk}/remove/", headers=HTMX).content.decode()
    assert f"earlier-{third.pk}" not in part
    assert 'id="edited"' in part
    undo(editor)
    assert list(Image.objects.filter(product=coat)) == [third, second, first]


def test_a_picture_of_another_product_is_not_put_in_order(editor: Client, coat: Product) -> None:
    own, foreign = add_image(coat, picture("red")), add_image(made("HAT"), picture("blue"))

    editor.post(f"/products/{coat.pk}/pictures/order/", {"picture": [foreign.pk, own.pk]})

    assert list(Image.objects.filter(product=coat)) == [own]


def test_small_pictures_are_for_members_of_the_company_only(operator: Client, coat: Product) -> None:
    image = add_image(coat, picture("red"))

    answer = operator.get(f"/products/pictures/{image.pk}/96/")

    assert answer["Content-Type"] == "image/jpeg"
    assert "private" in answer["Cache-Control"]
    assert operator.get(f"/products/pictures/{image.pk}/97/").status_code == 404
    assert Client().get(f"/products/pictures/{image.pk}/96/").status_code == 302
    Image.everywhere.filter(pk=image.pk).update(company=Company.objects.create(name="Second House", slug="second"))
    assert operator.get(f"/products/pictures/{image.pk}/96/").status_code == 404


def test_a_product_of_another_company_cannot_be_reached(
    editor: Client, coat: Product, wholesale: PriceList, seasons: tuple[Season, Season]
) -> None:
    sku, image = coat.skus.all()[0], add_image(coat, picture("red"))
    other = Company.objects.create(name="Second House", slug="second")
    for model in (Product, SKU, Image):
        model.everywhere.update(company=other)  # type: ignore[attr-defined]  # each of them is owned
    below = f"/products/{coat.pk}/"
    addresses = [
        f"{below}facts/",
        f"{below}skus/{sku.pk}/barcode/",
        f"{below}pictures/add/",
        f"{below}pictures/order/",
        f"{below}pictures/{image.pk}/remove/",
        f"{below}prices/{seasons[0].pk}/{wholesale.pk}/EUR/",
    ]

    assert editor.get(below).status_code == 404
    assert {editor.post(address).status_code for address in addresses} == {404}


def test_the_page_tells_where_a_product_is_linked(operator: Client, coat: Product, connection: Connection) -> None:
    Link.objects.create(
        connection=connection, kind="product", record_id=str(coat.pk), remote_id="R-1", accepted_at=timezone.now()
    )

    page = operator.get(f"/products/{coat.pk}/").content.decode()

    # The made-up platform takes no products along.
    assert "No connection takes products along." in page
    assert f'href="/explain/product/{coat.pk}/"' in page


@pytest.mark.parametrize("page", ["/products/", "/products/?as=grid"])
def test_many_products_take_no_more_queries_than_few(
    operator: Client, coat: Product, seasons: tuple[Season, Season], wholesale: PriceList, page: str
) -> None:
    counted = []
    for number in (1, 20):
        for each in range(number):
            product = made(f"HAT-{number}-{each}")
            make_visible([product], seasons[each % 2])
            set_price(product, seasons[each % 2], wholesale, Decimal(5), "EUR")
            add_image(product, picture("red"))
        with CaptureQueriesContext(database) as captured:
            operator.get(page)
        counted.append(len(captured))

    assert counted[0] == counted[1]


def test_what_is_done_to_many_is_asked_in_dialogs_of_the_one_page(client_of: ClientOf, company: Company) -> None:
    Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")

    page = client_of("editor").get("/products/").content.decode()

    assert page.count("<main") == 1
    assert "Inactive and withdrawn products too" in page
