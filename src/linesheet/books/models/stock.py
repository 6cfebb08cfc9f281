"""Locations, and what is there: stock per SKU, location and season, now and on future dates."""

from django.db import models
from django.db.models.functions import Lower

from linesheet.books.models.products import SKU
from linesheet.books.models.seasons import Season
from linesheet.books.tenancy import CompanyOwned


class Location(CompanyOwned):
    """A warehouse; stock of those that do not sell is not available to sell."""

    name = models.CharField(max_length=60)
    code = models.CharField(max_length=40, blank=True)
    sells = models.BooleanField(default=True)
    receives = models.BooleanField(default=True)
    active = models.BooleanField(default=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("company", Lower("name"), name="location_name")]

    def __str__(self) -> str:
        return self.name


class Stock(CompanyOwned):
    """What a SKU has at a location in a season, in units.

    The figures are of `counted_at`, and `moved_at` is when the last units came or went that were added since, each None
    where nobody said. A figure of an earlier moment than these does not take their place (`books/stock_times.py`).
    """

    sku = models.ForeignKey(SKU, on_delete=models.CASCADE, related_name="stock", db_index=False)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="stock")
    season = models.ForeignKey(Season, on_delete=models.CASCADE, related_name="stock")
    opening = models.IntegerField(default=0)
    adjustments = models.IntegerField(default=0)
    received = models.IntegerField(default=0)
    counted_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("sku", "location", "season", name="stock_once")]

    def __str__(self) -> str:
        return f"{self.sku} at {self.location}, {self.season}"


class FutureStock(CompanyOwned):
    """Units of a SKU that will be available to sell from a date on."""

    sku = models.ForeignKey(SKU, on_delete=models.CASCADE, related_name="future_stock", db_index=False)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="future_stock")
    season = models.ForeignKey(Season, on_delete=models.CASCADE, related_name="future_stock")
    available_on = models.DateField()
    quantity = models.IntegerField()

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("sku", "location", "season", "available_on", name="future_stock_once")]
        indexes = [models.Index(fields=["company", "available_on", "id"], name="future_stock_by_day")]

    def __str__(self) -> str:
        return f"{self.quantity} on {self.available_on}"
