"""Products (style + fabric + colour), their sizes, and the seasons they are visible in."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Lower, LPad

from linesheet.books.models.seasons import Season
from linesheet.books.tenancy import CompanyOwned


class SizeRange(CompanyOwned):
    """A named, ordered list of sizes."""

    name = models.CharField(max_length=60)
    sizes = ArrayField(models.CharField(max_length=30))

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("company", Lower("name"), name="size_range_name")]

    def __str__(self) -> str:
        return self.name


class Product(CompanyOwned):
    """One style in one fabric and colour (sheet erp.md 2.2).

    `code` names the product for people and platforms. It is given once and stays when the style is renamed.
    `search` is what people look products up by, kept by the database itself.
    """

    code = models.CharField(max_length=120)
    style = models.CharField(max_length=50)
    fabric = models.CharField(max_length=20, blank=True)
    colour = models.CharField(max_length=30)
    colour_code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    category = models.CharField(max_length=100, blank=True)
    composition = models.CharField(max_length=200, blank=True)
    origin = models.CharField(max_length=60, blank=True)
    size_range = models.ForeignKey(SizeRange, null=True, blank=True, on_delete=models.SET_NULL, related_name="products")
    active = models.BooleanField(default=True)
    withdrawn = models.BooleanField(default=False)
    custom = models.JSONField(default=dict, blank=True)
    seasons = models.ManyToManyField(Season, through="Visibility", related_name="products")
    changed_at = models.DateTimeField(auto_now=True)
    search = models.GeneratedField(
        expression=Lower(Concat("code", Value(" "), "name", Value(" "), "style")),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta(CompanyOwned.Meta):
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint("company", Lower("code"), name="product_code"),
            models.UniqueConstraint(
                "company",
                Lower("style"),
                Lower("fabric"),
                Lower("colour"),
                name="product_style_fabric_colour",
            ),
        ]
        indexes = [models.Index(fields=["company", "code", "id"], name="product_by_code")]

    def __str__(self) -> str:
        return self.code


class Visibility(CompanyOwned):
    """A product is visible in a season."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="visibilities", db_index=False)
    season = models.ForeignKey(Season, on_delete=models.CASCADE, related_name="visibilities")

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("product", "season", name="visible_once")]

    def __str__(self) -> str:
        return f"{self.product} in {self.season}"


class SKU(CompanyOwned):
    """A product in one size; its barcode is text, as printed.

    `gtin` is the barcode's 13-digit form, by which 12 and 13 digits of one number are the same.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="skus", db_index=False)
    size = models.CharField(max_length=30)
    position = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=100, blank=True)
    barcode = models.CharField(max_length=13, blank=True)
    gtin = models.GeneratedField(
        expression=LPad(F("barcode"), 13, Value("0")),
        output_field=models.CharField(max_length=13),
        db_persist=True,
    )

    class Meta(CompanyOwned.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint("product", Lower("size"), name="sku_size"),
            models.UniqueConstraint("company", "gtin", condition=~Q(barcode=""), name="sku_barcode"),
        ]
        indexes = [
            # By the order of bytes, in which what begins so stands together, whatever the language of the database.
            models.Index("company", OpClass(Lower("code"), name="text_pattern_ops"), name="sku_code"),
            models.Index(fields=["product"], condition=Q(barcode=""), name="sku_wants_barcode"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.size}"
