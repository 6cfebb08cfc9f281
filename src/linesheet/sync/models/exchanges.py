"""Every HTTP call, as it went, and how many there were."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection
from linesheet.sync.models.runs import Run


class Exchange(CompanyOwned):
    """One HTTP call out: headers masked, bodies kept as long as the retention setting says.

    `status` is null when no answer came; `error` then says why.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="exchanges", db_index=False)
    run = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.CASCADE, related_name="exchanges", db_index=False
    )
    item_ids = ArrayField(models.BigIntegerField(), default=list)
    method = models.CharField(max_length=10)
    url = models.TextField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(default=0)
    request_headers = models.JSONField(default=dict)
    request_body = models.TextField(blank=True)
    response_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        indexes = [
            GinIndex(fields=["item_ids"], name="exchange_of_item"),
            models.Index(fields=["started_at"], name="exchange_age"),
            models.Index(fields=["connection", "-started_at", "-id"], name="exchange_latest"),
            models.Index(fields=["run", "-started_at", "-id"], name="exchange_of_run"),
            models.Index(
                fields=["connection", "-started_at", "-id"],
                condition=Q(status=None) | Q(status__gte=400),
                name="exchange_trouble",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url} {self.status or self.error}"


class CallCount(CompanyOwned):
    """How many calls of a connection were answered with a status, ever; status 0 stands for no answer.

    Exchanges are tidied away; this stays.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="call_counts", db_index=False)
    status = models.PositiveSmallIntegerField()
    calls = models.PositiveBigIntegerField(default=0)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("connection", "status", name="call_count_once")]

    def __str__(self) -> str:
        return f"{self.calls} calls answered {self.status or 'nothing'}"
