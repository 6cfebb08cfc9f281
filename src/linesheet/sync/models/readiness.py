"""What stands between the books and a platform, as it was found when somebody looked."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection


class Look(CompanyOwned):
    """One look at every record that a connection would send.

    `causes` is what was found, one line a reason, most records first; `looked` is how many records there were and how
    many of them would be held back, by kind: {"product": [40000, 1200]}. `beat_at` says that a worker is at it.
    `snapshot` is what its beginning saw (`books/touching.py`): whether something changed since is asked with it.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Waiting for a worker"
        LOOKING = "looking", "Looking"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    AT_WORK = (State.ASKED, State.LOOKING)

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="looks", db_index=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    looked = models.JSONField(default=dict, blank=True)
    causes = models.JSONField(default=list, blank=True)
    says = models.TextField(blank=True)
    snapshot = models.TextField(blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "connection", condition=Q(state__in=["asked", "looking"]), name="one_look_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["connection", "-id"], name="look_latest")]

    def __str__(self) -> str:
        return f"Look {self.pk} at {self.connection}"


class Finding(CompanyOwned):
    """One reason that one record met, in whichever task met it first. `of` is the kind of hub record it is about."""

    look = models.ForeignKey(Look, on_delete=models.CASCADE, related_name="findings", db_index=False)
    task = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    of = models.CharField(max_length=30)
    record_id = models.CharField(max_length=200)
    label = models.CharField(max_length=250)
    reason_code = models.CharField(max_length=60)
    severity = models.CharField(max_length=10)
    says = models.TextField()
    fix = models.TextField(blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("look", "of", "record_id", "reason_code", name="finding_once")]
        indexes = [models.Index(fields=["look", "reason_code", "id"], name="finding_by_reason")]

    def __str__(self) -> str:
        return self.says
