"""What others are told by HTTP as it happens: to whom, what, and every attempt (`sync.webhooks`)."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection
from linesheet.sync.secrets import EncryptedJSONField


class WebhookEvent(models.TextChoices):
    """What can be told. The names are part of the API: they stay."""

    ORDER_IMPORTED = "order.imported", "An order came in, or a change of one was applied"
    ORDER_HELD = "order.held", "An order is held, and waits for somebody"
    RUN_FINISHED = "run.finished", "A run has ended"
    STOCK_REFUSED = "stock.refused", "A platform did not take stock figures"


class Webhook(CompanyOwned):
    """An address that is told of events: the company's, or those that the platform of its `connection` declares.

    Up to `looked_at`, in the database's time, it is told of what became of the connection's records (`sync.watching`).
    `secrets` are what the messages are signed with, the newest first, as `{"secret", "until"}`; `until` is null for the
    one that is valid, and the time at which an exchanged one is dropped. `failures` is how many attempts have failed
    since `failing_since`, in the database's time; both are empty again once one works.
    """

    connection = models.ForeignKey(
        Connection, null=True, blank=True, on_delete=models.CASCADE, related_name="webhooks", db_index=False
    )
    url = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=30))
    secrets = EncryptedJSONField()
    active = models.BooleanField(default=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    """When it was switched off because nobody answered there; null when a person did it, or nobody."""
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        indexes = [
            models.Index(fields=["company", "id"], name="webhook_of_company"),
            models.Index(fields=["connection"], condition=Q(connection__isnull=False), name="webhook_of_connection"),
        ]

    def __str__(self) -> str:
        return self.url


class WatchedRecord(CompanyOwned):
    """How a record that a connection's webhook is told of was when it was looked at last."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    state = models.CharField(max_length=20)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["webhook", "kind", "record_id"], name="record_watched_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}: {self.state}"


class Delivery(CompanyOwned):
    """One message to one address, with its body as it is sent.

    `number` names it in every attempt, `event_id` what it tells: that is the same at all addresses, and when it is
    replayed. While it waits, `due_at` is when it is tried next.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    number = models.UUIDField(default=uuid.uuid4, unique=True)
    event_id = models.UUIDField()
    event = models.CharField(max_length=30)
    body = models.TextField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    says = models.TextField(blank=True)
    """Why it was not taken the last time."""
    replay_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replays")

    class Meta(CompanyOwned.Meta):
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="delivery_log"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="delivery_due"),
            models.Index(fields=["made_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.number}"

    @property
    def state(self) -> str:
        """Where it stands: delivered, waiting, or given up."""
        if self.delivered_at:
            return "delivered"
        return "waiting" if self.due_at else "given up"


class DeliveryAttempt(CompanyOwned):
    """One try to deliver; `status` is null where no answer came, `says` why it counts as failed."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    says = models.TextField(blank=True)
    answer = models.TextField(blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.status or self.says}"
