"""Customers, their addresses and contacts."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from linesheet.books.models.prices import PriceList
from linesheet.books.names import Careless
from linesheet.books.tenancy import CompanyOwned


class HoldStatus(CompanyOwned):
    """What may still be done for a customer on hold (sheet erp.md 2.7)."""

    name = models.CharField(max_length=60)
    allows_orders = models.BooleanField(default=True)
    allows_approval = models.BooleanField(default=True)
    allows_documents = models.BooleanField(default=True)
    allows_document_edits = models.BooleanField(default=True)
    allows_shipping = models.BooleanField(default=True)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("company", Lower("name"), name="hold_status_name")]
        verbose_name_plural = "hold statuses"

    def __str__(self) -> str:
        return self.name


class Customer(CompanyOwned):
    """A retailer who buys. The name is unique; the account code too, where there is one.

    `source_key` names the record a customer was made from, "" for one that people or a file brought; `unreviewed` says
    that an order brought it and nobody has looked at it yet. One that was merged into another is inactive, and keeps
    its name and code, which mean that other (`merged_into`, itself never merged) wherever they are named. Of those from
    before it was kept, `created_at` is None.
    """

    class Type(models.TextChoices):
        WHOLESALE = "wholesale", "Wholesale"
        CONSIGNMENT = "consignment", "Consignment"
        RETAIL = "retail", "Retail"

    name = models.CharField(max_length=120)
    account_code = models.CharField(max_length=60, blank=True)
    type = models.CharField(max_length=12, choices=Type.choices, default=Type.WHOLESALE)
    active = models.BooleanField(default=True)
    price_list = models.ForeignKey(
        PriceList, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers"
    )
    currency = models.CharField(max_length=3, blank=True)
    payment_terms = models.CharField(max_length=100, blank=True)
    payment_due_days = models.PositiveIntegerField(null=True, blank=True)
    shipping_terms = models.CharField(max_length=100, blank=True)
    hold_status = models.ForeignKey(
        HoldStatus, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers"
    )
    source_key = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(null=True, editable=False, default=timezone.now)
    unreviewed = models.BooleanField(default=False, db_default=False)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("company", Lower("name"), name="customer_name"),
            models.UniqueConstraint(
                "company", "account_code", condition=~Q(account_code=""), name="customer_account_code"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "name"], name="customer_by_name"),
            models.Index(fields=["company", "name"], condition=Q(unreviewed=True), name="customer_unreviewed"),
            models.Index("company", Careless("name"), name="customer_by_careless_name"),
            # For names that are alike (`sync/like_customers.py`).
            GinIndex(OpClass(Lower("name"), name="gin_trgm_ops"), name="customer_name_alike"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def meant(self) -> "Customer":
        """Who is meant where this one is named: the one that it was merged into, else itself."""
        kept: Customer | None = self.merged_into
        return kept or self


class Address(CompanyOwned):
    """Where a customer takes deliveries (1), gets invoices (2) or has a shop (3); sheet erp.md 2.7."""

    class Kind(models.IntegerChoices):
        DELIVERY = 1, "Delivery"
        ACCOUNTS = 2, "Accounts"
        STORE = 3, "Store"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    code = models.CharField(max_length=60, blank=True)
    company_name = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=100, blank=True)
    description = models.CharField(max_length=120, blank=True)
    line_1 = models.CharField(max_length=120)
    line_2 = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=60, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta(CompanyOwned.Meta):
        ordering = ["kind", "-is_default", "id"]
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return ", ".join(part for part in (self.line_1, self.city, self.country) if part)


class Contact(CompanyOwned):
    """A person at a customer, with one e-mail address."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta(CompanyOwned.Meta):
        ordering = ["-is_default", "id"]

    def __str__(self) -> str:
        return self.name
