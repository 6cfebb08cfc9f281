"""A small brand for a seed: its books, and the edits people make in them while runs are under way."""

import datetime
import io
import resource
from contextlib import suppress
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from PIL import Image as Drawing

from linesheet.books.images import add_image, remove_image
from linesheet.books.models import (
    SKU,
    Address,
    Company,
    Customer,
    Image,
    Location,
    PriceList,
    Product,
    Season,
    Visibility,
)
from linesheet.books.prices import set_price
from linesheet.books.stock import set_future_stock, set_stock
from linesheet.cli.faults.scenario import Scenario
from linesheet.cli.sides.side import Side
from linesheet.cli.sides.words import Placed, Wanted
from linesheet.demo import pair, section_path
from linesheet.sync.catalogue import CatalogueRefused, add_section, place, unplace
from linesheet.sync.models import Connection
from linesheet.sync.platform import Catalogue, SettingKind
from linesheet.sync.registry import platform

CURRENCY = "EUR"
FULL_AFTER_BYTES = 200
SIZES = ("XS", "S", "M", "L")


class Brand:
    """The books of a seed's company; call it with the company in hand."""

    def __init__(self, company: Company, scenario: Scenario, remote: Side) -> None:
        self.company = company
        self._remote = remote
        self.season = Season.objects.create(
            name="SS26",
            starts_on=datetime.date(2026, 1, 15),
            delivery_starts_on=datetime.date(2026, 2, 1),
            delivery_cancels_on=datetime.date(2026, 4, 30),
        )
        self.wholesale = PriceList.objects.create(name="Wholesale", kind=PriceList.Kind.WHOLESALE)
        self.location = Location.objects.create(name="Main warehouse")
        self._barcodes = count(4000000000000)
        default = Customer.objects.create(name="Walk-in", account_code="WALKIN", currency=CURRENCY)
        # Ids of customers by whatever they were known by, since an order may name one that was renamed meanwhile.
        self.customer_ids: dict[str, int] = {remote.customer_key(default): default.pk}
        self.connection: Connection = Connection.objects.create(
            platform=remote.platform,
            name=platform(remote.platform).name,
            base_url=remote.url,
            credentials=remote.credentials,
            settings=self._settings(scenario, default),
        )
        pair(self.connection, platform(remote.platform))
        remote.control("DELETE", "/requests")
        catalogue = platform(remote.platform).catalogue or Catalogue(())
        usual = section_path(catalogue, "SS26", "Women", "Coats")
        self._sections = [add_section(self.connection, path) for path in (usual, *remote.further_sections)]
        for number in range(scenario.products):
            self._add_product(number, scenario.blocked.get(number, ""))
        for number in range(scenario.customers):
            self._add_customer(f"Shop {number}", CURRENCY if number >= scenario.without_currency else "")

    def customer_named(self, number: int | None) -> str:
        """What a customer is known by on the platform, by any number; for None a shop that is in no book."""
        if number is None:
            return self._remote.unknown_customer
        customers = list(Customer.objects.exclude(name="Walk-in").order_by("pk"))
        return self._remote.customer_key(customers[number % len(customers)])

    def customer_keys(self) -> set[str]:
        """What customers are known by on the platform now."""
        return {self._remote.customer_key(customer) for customer in Customer.objects.all()}

    def barcode(self, number: int | None) -> str:
        """A barcode by any number; for None one that is in no book."""
        if number is None:
            return "9999999999994"
        barcodes = list(SKU.objects.exclude(barcode="").order_by("pk").values_list("barcode", flat=True))
        return str(barcodes[number % len(barcodes)])

    def edit(self, what: str, which: int, figure: int) -> None:
        """One edit in the books; the numbers choose the record and the new value."""
        products = list(Product.objects.order_by("pk"))
        product = products[which % len(products)]
        customers = list(Customer.objects.exclude(name="Walk-in").order_by("pk"))
        customer = customers[which % len(customers)]
        sku = product.skus.order_by("pk").first()
        match what:
            case "price":
                self._price(product, figure)
            case "name":
                product.name = f"Coat called {figure}"
                product.save()
            case "withdraw":
                product.withdrawn = True
                product.save()
            case "offer again":
                product.withdrawn = False
                product.save()
            case "add size":
                SKU.objects.get_or_create(
                    product=product, size=f"{figure}", defaults={"barcode": self._barcode(), "position": 9}
                )
            case "unblock":
                self._unblock(product, figure)
            case "stock" if sku:
                set_stock(sku, self.location, self.season, opening=figure)
            case "coming stock" if sku:
                set_future_stock(sku, self.location, self.season, datetime.date(2027, 3, 1), figure % 20)
            case "picture":
                for image in Image.objects.filter(product=product):
                    remove_image(image)
                add_image(product, _picture(figure))
            case "terms":
                customer.payment_terms = f"{figure} days net"
                customer.save()
            case "rename customer":
                customer.name = f"{customer.name} {figure}"
                self.customer_ids[self._remote.customer_key(customer)] = customer.pk
                customer.save()
            case "give currency":
                customer.currency = CURRENCY
                customer.save()
            case "new product":
                self._add_product(len(products), "")
            case "new customer":
                self._add_customer(f"New shop {len(customers)}", CURRENCY)
            case "take out":
                for section in self._sections:
                    unplace(section, [product])
            case "place":
                self._place(product, figure)

    def picture_on_a_full_disk(self, which: int, figure: int) -> bool:
        """Add a picture while no file may grow beyond a few bytes; whether that kept it out of the books."""
        products = list(Product.objects.order_by("pk"))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_AFTER_BYTES, hard))
        try:
            add_image(products[which % len(products)], _picture(figure))
        except OSError:
            return True
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        return False

    def _settings(self, scenario: Scenario, default: Customer) -> dict[str, Any]:
        """What was drawn, of the settings the platform has; and for all that ask for seasons the one there is."""
        answers: dict[str, Any] = {
            "import_approved": True,
            "default_customer": default.pk,
            **scenario.settings,
            **self._remote.settings(),
        }
        for setting in platform(self._remote.platform).all_settings:
            if setting.kind == SettingKind.SEASON:
                answers[setting.key] = self.season.pk
            if setting.kind == SettingKind.SEASONS:
                answers[setting.key] = [self.season.pk]
        declared = {setting.key for setting in platform(self._remote.platform).all_settings}
        return {key: value for key, value in answers.items() if key in declared}

    def _add_product(self, number: int, blocked: str) -> None:
        style, fabric, colour = self._remote.identity(number, twin=blocked == "same as another")
        product = Product.objects.create(
            code=f"{style}-{number}", style=style, fabric=fabric, colour=colour, name=f"Coat {number}",
            withdrawn=blocked == "withdrawn",
        )  # fmt: skip
        SKU.objects.bulk_create(
            SKU(product=product, size=size, position=at, barcode="" if blocked == "no barcode" else self._barcode())
            for at, size in enumerate(SIZES[: 2 + number % 3])
        )
        if blocked != "not visible":
            Visibility.objects.create(product=product, season=self.season)
        if blocked != "no price":
            self._price(product, 50 + number)
        self._place(product, number)
        if number % 4:
            add_image(product, _picture(number))
        for sku in product.skus.all():
            set_stock(sku, self.location, self.season, opening=20 + number)

    def _place(self, product: Product, number: int) -> None:
        """Place a product in the section that its number falls to, and each third one in the first as well."""
        chosen = self._sections[number % len(self._sections)]
        for section in {section.pk: section for section in (chosen, *self._sections[: number % 3 == 0])}.values():
            with suppress(CatalogueRefused):
                place(section, [product])

    def _add_customer(self, name: str, currency: str) -> None:
        code = f"C{Customer.objects.count():03}"
        customer = Customer.objects.create(name=name, account_code=code, currency=currency, payment_terms="30 days net")
        self.customer_ids[self._remote.customer_key(customer)] = customer.pk
        address = {"line_1": "12 Rue des Francs", "city": "Paris", "postcode": "75003", "country": "FR"}
        for kind in (Address.Kind.DELIVERY, Address.Kind.ACCOUNTS):
            Address.objects.create(customer=customer, kind=kind, code=f"A{kind}", **address)

    def _unblock(self, product: Product, figure: int) -> None:
        """Put right whatever keeps a product from the platform, except that it is like another."""
        for sku in product.skus.filter(barcode=""):
            sku.barcode = self._barcode()
            sku.save()
        Visibility.objects.get_or_create(product=product, season=self.season)
        self._price(product, figure)

    def _price(self, product: Product, amount: int) -> None:
        set_price(product, self.season, self.wholesale, Decimal(amount), CURRENCY)

    def _barcode(self) -> str:
        return str(next(self._barcodes))


@cache
def _picture(number: int) -> bytes:
    content = io.BytesIO()
    Drawing.new("RGB", (520, 520), (number * 37 % 256, number * 91 % 256, number * 53 % 256)).save(content, "PNG")
    return content.getvalue()


def as_order(brand: Brand, about: dict[str, Any]) -> Placed:
    """A drawn order as a buyer places it."""
    return Placed(
        customer=brand.customer_named(about["customer"]),
        approved=about["status"] == "approved",
        po=f"PO-{about['number']}",
        currency=CURRENCY,
        ships=(datetime.date(2026, 2, 1), datetime.date(2026, 4, 15)),
        lines=as_lines(brand, about["lines"], prebook=about["prebook"]),
    )


def as_lines(brand: Brand, lines: list[tuple[int | None, int, str]], *, prebook: bool) -> list[Wanted]:
    """Drawn lines as a buyer wants them; prebooked ones are sold ahead."""
    return [
        Wanted(barcode=brand.barcode(size), units=units, price=Decimal(price), ahead=prebook)
        for size, units, price in lines
    ]
