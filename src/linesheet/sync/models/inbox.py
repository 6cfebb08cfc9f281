"""What platforms gave us, kept as received."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from linesheet.books.models import Order
from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection


class InboxRecord(CompanyOwned):
    """One version of one remote record, before and after it becomes a record of the books.

    `content_hash` is over what the record means to us, so a status change alone makes no new revision.
    `acknowledged_at` is set once the platform was told that the record is stored.
    """

    class State(models.TextChoices):
        KEPT = "kept", "Kept"
        STORED = "stored", "Stored"
        HELD = "held", "Held"
        IGNORED = "ignored", "Ignored"
        SUPERSEDED = "superseded", "Superseded"

    UNDECIDED = (State.KEPT, State.HELD)

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="inbox", db_index=False)
    kind = models.CharField(max_length=30)
    remote_id = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)
    label = models.CharField(max_length=250, blank=True)
    revision = models.PositiveIntegerField(default=1)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.KEPT)
    reason_code = models.CharField(max_length=60, blank=True)
    says = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    notes = models.JSONField(default=list, blank=True)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="inbox")
    received_at = models.DateTimeField(auto_now_add=True)
    stored_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("connection", "kind", "remote_id", "content_hash", name="inbox_once"),
            models.UniqueConstraint("connection", "kind", "remote_id", "revision", name="inbox_revision"),
        ]
        indexes = [
            models.Index(
                fields=["connection", "kind"],
                condition=Q(state="stored", acknowledged_at=None),
                name="inbox_to_acknowledge",
            ),
            models.Index(
                fields=["connection", "kind"], condition=Q(state__in=["kept", "held"]), name="inbox_undecided"
            ),
            models.Index("company", OpClass(Upper("label"), name="text_pattern_ops"), name="inbox_label"),
            models.Index(fields=["connection", "-id"], name="inbox_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label or self.remote_id} r{self.revision}"
