"""Ranges that new barcodes are given from, and numbers that were taken off a SKU."""

from django.db import models

from linesheet.books.tenancy import CompanyOwned


class BarcodeRange(CompanyOwned):
    """Numbers the company may give, without their check digit (sheet erp.md 2.4).

    `first`, `last` and `next` are the 12 leading digits of the 13-digit form.
    """

    class Method(models.TextChoices):
        SEQUENTIAL = "sequential", "One after the other"
        RANDOM = "random", "At random"

    first = models.BigIntegerField()
    last = models.BigIntegerField()
    next = models.BigIntegerField()
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.SEQUENTIAL)
    warn_below = models.PositiveIntegerField(default=500)

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(first__lte=models.F("last")), name="barcode_range_order"),
            models.UniqueConstraint("company", "first", name="barcode_range_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first:012d} to {self.last:012d}"


class RetiredBarcode(CompanyOwned):
    """A 13-digit number that was once on a SKU; the generator never gives it again."""

    gtin = models.CharField(max_length=13)
    retired_at = models.DateTimeField(auto_now_add=True)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("company", "gtin", name="retired_once")]

    def __str__(self) -> str:
        return self.gtin
