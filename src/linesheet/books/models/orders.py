"""Sales orders and their lines."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Lower, Round, Upper

from linesheet.books.models.customers import Customer
from linesheet.books.models.products import SKU
from linesheet.books.models.seasons import Season
from linesheet.books.models.stock import Location
from linesheet.books.tenancy import CompanyOwned


class Order(CompanyOwned):
    """A sales order (sheet erp.md 2.8).

    `price_label` is what whoever sent an order calls the price list it was priced by, "" where nobody said.
    Addresses are kept as they were, keyed `delivery`, `accounts` and `store`. `source_key` is unique per company
    and names the record an imported order came from, so that no record can become two orders.
    `units`, `unmatched` (lines without a SKU) and `amount` (before the order's discount) are the sums of the lines,
    kept by the database itself (migration 0005), so they are right after every write; `total` is the amount less the
    discount, to two decimals, half up. In hand they are as they were read. `search` is what people look orders up by.
    `acknowledged_at` is when the ERP said that it has taken the order as it stands, None where it has not.
    """

    number = models.PositiveIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    season = models.ForeignKey(Season, on_delete=models.PROTECT, related_name="orders")
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders"
    )
    type = models.CharField(max_length=12, choices=Customer.Type.choices, default=Customer.Type.WHOLESALE)
    reference = models.CharField(max_length=120, blank=True)
    customer_reference = models.CharField(max_length=120, blank=True)
    currency = models.CharField(max_length=3)
    price_label = models.CharField(max_length=120, blank=True)
    discount_percent = models.DecimalField(max_digits=6, decimal_places=3, default=Decimal(0))
    ships_from = models.DateField(null=True, blank=True)
    ships_until = models.DateField(null=True, blank=True)
    addresses = models.JSONField(default=dict, blank=True)
    comments = models.TextField(blank=True)
    approved = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    locked = models.BooleanField(default=False)
    force_closed = models.BooleanField(default=False)
    short = models.BooleanField(default=False)
    source_key = models.CharField(max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    units = models.BigIntegerField(default=0, editable=False)
    unmatched = models.PositiveIntegerField(default=0, editable=False)
    amount = models.DecimalField(max_digits=34, decimal_places=4, default=Decimal(0), editable=False)
    total = models.GeneratedField(
        expression=Round(F("amount") * (1 - F("discount_percent") / 100), 2),
        output_field=models.DecimalField(max_digits=34, decimal_places=2),
        db_persist=True,
    )
    search = models.GeneratedField(
        expression=Lower(
            Concat(Cast("number", models.TextField()), Value(" "), F("reference"), Value(" "), F("customer_reference"))
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta(CompanyOwned.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint("company", "number", name="order_number"),
            models.UniqueConstraint("company", "source_key", condition=~Q(source_key=""), name="order_source"),
        ]
        indexes = [
            models.Index("company", Upper("reference"), name="order_reference"),
            models.Index(fields=["company", "currency"], include=["units", "total"], name="order_sums"),
            models.Index(fields=["company", "total", "id"], name="order_by_total"),
            models.Index(fields=["company", "created_at"], name="order_by_age"),
        ]

    def __str__(self) -> str:
        return f"SO {self.number}"


class OrderLine(CompanyOwned):
    """Units of one SKU at one price, in the order's currency.

    A line whose barcode matched no SKU has none, and keeps `described_as`: it is shown, never dropped.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    sku = models.ForeignKey(SKU, null=True, blank=True, on_delete=models.PROTECT, related_name="order_lines")
    barcode = models.CharField(max_length=40, blank=True)
    described_as = models.CharField(max_length=200, blank=True)
    quantity = models.IntegerField()
    price = models.DecimalField(max_digits=14, decimal_places=4)
    original_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    ships_from = models.DateField(null=True, blank=True)
    ships_until = models.DateField(null=True, blank=True)
    comment = models.CharField(max_length=500, blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["position"]
        constraints = [models.UniqueConstraint("order", "position", name="line_position")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku or self.described_as}"
