"""Price lists, and prices per product, season, list and currency."""

from django.db import models
from django.db.models.functions import Lower

from linesheet.books.models.products import Product
from linesheet.books.models.seasons import Season
from linesheet.books.tenancy import CompanyOwned


class PriceList(CompanyOwned):
    """A named list of prices; its kind says what the amounts are."""

    class Kind(models.TextChoices):
        WHOLESALE = "wholesale", "Wholesale"
        RETAIL = "retail", "Retail"
        COST = "cost", "Cost"
        OTHER = "other", "Other"

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("company", Lower("name"), name="price_list_name")]

    def __str__(self) -> str:
        return self.name


class Price(CompanyOwned):
    """What a product costs in one season, list and currency; `carried_from` is the season it was copied from."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices", db_index=False)
    season = models.ForeignKey(Season, on_delete=models.CASCADE, related_name="prices")
    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=14, decimal_places=4)
    carried_from = models.ForeignKey(Season, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint("product", "season", "price_list", "currency", name="price_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
