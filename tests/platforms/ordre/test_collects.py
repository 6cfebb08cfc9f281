"""What ORDRE collects: products, pictures, collections, customers and stock (sheet ordre.md 5.3, 5.4 and 6.2)."""

import datetime
import io
from decimal import Decimal
from typing import Any

import PIL.Image
import pytest

from linesheet.books.images import add_image, order_images
from linesheet.books.models import SKU, Address, Contact, Customer, HoldStatus, Location, PriceList, Product, Season
from linesheet.books.prices import make_visible, set_price
from linesheet.books.stock import set_future_stock, set_stock
from linesheet.sync.catalogue import add_section, place
from tests.platforms.ordre.conftest import BASE, Brand, Ordre, barcodes

pytestmark = pytest.mark.django_db(transaction=True)


def picture(colour: str) -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", (30, 40), colour).save(file, "PNG")
    return file.getvalue()


def since(page: Any) -> str:
    return f"updated_since={page['as_of'].replace('+', '%2B')}"


def test_the_main_picture_is_told_and_sent_until_it_changes(brand: Brand, ordre: Ordre) -> None:
    coat = brand.product("COAT")
    front, back = add_image(coat, picture("navy")), add_image(coat, picture("red"))
    before = ordre.get("/products").json
    told = before["data"][0]["image"]
    assert (told["width"], told["height"], told["url"]) == (30, 40, f"{ordre.http.url}{BASE}/products/{coat.pk}/image")

    first = ordre.http.get(told["url"].removeprefix(ordre.http.url))
    again = ordre.get(f"/products/{coat.pk}/image", If_None_Match=first.headers["ETag"])
    order_images(coat, [back.pk, front.pk])
    changed = ordre.get(f"/products/{coat.pk}/image", If_None_Match=first.headers["ETag"])

    assert (first.status, first.headers["Content-Type"], first.body) == (200, "image/png", picture("navy"))
    assert first.headers["ETag"] == f'"{told["etag"]}"'
    assert (again.status, again.body) == (304, b"")
    assert (changed.status, changed.body) == (200, picture("red"))
    [after] = ordre.get(f"/products?{since(before)}").json["data"]
    assert after["image"]["etag"] != told["etag"]

    brand.set(images=False)
    assert ordre.get(f"/products/{coat.pk}").json["image"] is None
    bare, elsewhere = brand.product("BARE"), brand.product("ELSEWHERE", look=())
    add_image(elsewhere, picture("navy"))
    for product in (coat, bare, elsewhere):
        assert ordre.get(f"/products/{product.pk}/image").status == 404


def test_prices_are_those_of_the_latest_chosen_season_in_which_the_product_is_visible(
    brand: Brand, ordre: Ordre
) -> None:
    coat, _ = brand.product("COAT"), brand.product("SHIRT")
    retail = PriceList.objects.create(name="RRP", kind=PriceList.Kind.RETAIL)
    landed = PriceList.objects.create(name="Landed", kind=PriceList.Kind.OTHER)
    cost = PriceList.objects.create(name="Cost", kind=PriceList.Kind.COST)
    later = Season.objects.create(name="Spring Summer 27", starts_on=datetime.date(2027, 1, 1))
    make_visible([coat], later)
    for price_list, currency, amount in (
        (brand.wholesale, "EUR", 130),
        (brand.wholesale, "USD", 0),
        (retail, "GBP", 310),
        (landed, "EUR", 140),
        (cost, "EUR", 40),
    ):
        set_price(coat, later, price_list, Decimal(amount), currency)

    def prices() -> Any:
        return {
            one["style"]: [
                (price["price_list"], price["currency"], price["wholesale"], price["retail"], price["season"])
                for price in one["prices"]
            ]
            for one in ordre.get("/products").json["data"]
        }

    of_shirt = [("Wholesale", "EUR", "125.00", None, "Autumn Winter 26")]
    assert prices() == {
        "COAT": [
            ("Wholesale", "EUR", "130.00", None, "Spring Summer 27"),
            ("RRP", "GBP", None, "310.00", "Spring Summer 27"),
            ("Landed", "EUR", "140.00", None, "Spring Summer 27"),
        ],
        "SHIRT": of_shirt,
    }
    brand.set(price_seasons=[brand.season.pk])
    assert prices() == {"COAT": of_shirt, "SHIRT": of_shirt}


def test_a_product_that_is_gone_is_told_once_it_was_there_with_the_reason(brand: Brand, ordre: Ordre) -> None:
    gone = {
        name: brand.product(name.upper(), look=("Main", "Look 1"))
        for name in ("inactive", "withdrawn", "no_barcode", "deleted")
    }
    kept, never = brand.product("KEPT"), brand.product("NEVER", look=())
    before = ordre.get("/products").json

    Product.objects.filter(pk=gone["inactive"].pk).update(active=False)
    Product.objects.filter(pk=gone["withdrawn"].pk).update(withdrawn=True)
    SKU.objects.filter(product=gone["no_barcode"]).update(barcode="")
    ids = {str(product.pk): name for name, product in gone.items()}
    gone["deleted"].delete()
    Product.objects.filter(pk=never.pk).update(name="Changed")
    place(add_section(brand.connection, ("Resort", "Look 2")), [kept], take=True)

    page = ordre.get(f"/products?include_removed=true&{since(before)}").json
    assert {ids[one["id"]]: one["reason"] for one in page["removed"]} == {name: name for name in gone}
    [moved] = page["data"]
    assert (moved["id"], moved["collection"]["name"], moved["look"]["name"]) == (str(kept.pk), "Resort", "Look 2")
    whole = ordre.get("/products?include_removed=true").json
    assert {one["id"] for one in whole["removed"]} == set(ids)


def test_collections_are_told_in_order_with_what_can_be_collected_of_them(brand: Brand, ordre: Ordre) -> None:
    brand.product("COAT", look=("Main", "Look 1"))
    brand.product("SHIRT", look=("Main", "Look 2"))
    brand.product("BARE", look=("Main", "Look 2"), barcoded="")
    add_section(brand.connection, ("Resort", "Empty"))

    main, resort = ordre.get("/collections").json["data"]

    counts = [(look["name"], look["position"], look["product_count"]) for look in main["looks"]]
    assert (main["product_count"], counts) == (2, [("Look 1", 0, 1), ("Look 2", 1, 1)])
    assert (resort["position"], resort["product_count"], resort["looks"][0]["product_count"]) == (1, 0, 0)
    looked = ordre.get(f"/products?look_id={main['looks'][1]['id']}").json["data"]
    assert [one["style"] for one in looked] == ["SHIRT"]
    assert ordre.get(f"/products?collection_id={resort['id']}").json["data"] == []


def test_customers_are_told_without_what_is_nobody_elses_business(brand: Brand, ordre: Ordre) -> None:
    hold = HoldStatus.objects.create(name="Pays late")
    shop = Customer.objects.create(
        name="Maison Exemple", account_code="M1", currency="EUR", price_list=brand.wholesale, hold_status=hold
    )
    Address.objects.create(customer=shop, kind=Address.Kind.STORE, line_1="1 rue Exemple", country="France")
    Contact.objects.create(customer=shop, name="Ada Martin", email="ada@example.com", is_default=True)
    bare = Customer.objects.create(name="No Code", type=Customer.Type.CONSIGNMENT)
    Customer.objects.create(name="Passer-by", type=Customer.Type.RETAIL)
    away = Customer.objects.create(name="Away", active=False)

    page = ordre.get("/customers").json
    assert [one["name"] for one in page["data"]] == ["Maison Exemple", "No Code"]
    told = page["data"][0]
    [address], [contact] = told["addresses"], told["contacts"]
    assert (address["kind"], address["line1"], address["country"]) == ("store", "1 rue Exemple", "FR")
    assert (contact["first_name"], contact["last_name"]) == ("Ada", "Martin")
    assert "Pays late" not in str(told)
    assert told["created_at"].endswith("Z")
    assert ordre.get(f"/customers/{shop.pk}").json == told
    assert ordre.get(f"/customers/{away.pk}").json["active"] is False
    everybody = ordre.get("/customers?include_inactive=true").json["data"]
    assert {one["name"] for one in everybody} == {"Maison Exemple", "No Code", "Away"}

    Customer.objects.filter(pk=shop.pk).update(active=False)
    after = ordre.get(f"/customers?include_removed=true&{since(page)}").json
    assert [(one["id"], one["reason"]) for one in after["removed"]] == [(str(shop.pk), "inactive")]
    brand.set(customers="code")
    assert ordre.get("/customers").json["data"] == []
    assert ordre.get(f"/customers/{bare.pk}").status == 404


def test_stock_is_told_where_the_settings_say_so(brand: Brand, ordre: Ordre) -> None:
    coat = brand.product("COAT", sizes="SML", barcoded="SM")
    brand.product("ELSEWHERE", look=())
    small, medium = coat.skus.exclude(barcode="").order_by("position")
    here = Location.objects.create(name="Main")
    set_stock(small, here, brand.season, opening=12)
    set_future_stock(medium, here, brand.season, datetime.date(2026, 12, 1), 5)
    assert ordre.get("/inventory").status == 404

    brand.set(stock=True)
    whole = ordre.get("/inventory").json
    first = ordre.get("/inventory?limit=1").json
    second = ordre.get(f"/inventory?limit=1&cursor={first['next_cursor']}").json

    one, two = barcodes(coat)
    assert [(each["barcode"], each["available"], each["available_from"]) for each in whole["data"]] == [
        (one, 12, None),
        (two, 0, None),
        (two, 5, "2026-12-01"),
    ]
    assert whole["next_cursor"] is None
    assert first["data"] + second["data"] == whole["data"]
    assert second["next_cursor"] is None
    assert ordre.get("/inventory?cursor=c3RhbGU").json["code"] == "invalid_parameter"
