"""Runs, and what became of each record in them."""

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection


class Run(CompanyOwned):
    """One execution of a task.

    The counters obey selected = created + updated + unchanged + blocked + failed + not_attempted. `agreed` are those of
    `unchanged` that a comparison found to be the same on both sides.
    `epoch` counts the workers that took the run: only the latest may write to it. It holds the lease until
    `lease_until`, by the database's clock. Since `items_tidied_at` the items are gone, and only the counters tell.

    With `only_kind` and `only_record` it is limited to one record; `only_record` is as items have it in `record_id`.
    `replay_of` is the run that was asked for again. `as_sent` is the fingerprint of what an item of it sent, where just
    that is to be sent once more.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        PLANNING = "planning", "Planning"
        PLANNED = "planned", "Waiting for approval"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PROBLEMS = "problems", "Done with problems"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    UNFINISHED = (State.QUEUED, State.PLANNING, State.RUNNING)
    FINAL = (State.DONE, State.PROBLEMS, State.FAILED, State.CANCELLED)

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs", db_index=False)
    task = models.CharField(max_length=40)
    preview = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    reason_code = models.CharField(max_length=60, blank=True)
    says = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    scheduled = models.BooleanField(default=False)
    only_kind = models.CharField(max_length=30, blank=True)
    only_record = models.CharField(max_length=200, blank=True)
    replay_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replays")
    as_sent = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    job_id = models.BigIntegerField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    selected = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    blocked = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    not_attempted = models.PositiveIntegerField(default=0)
    agreed = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    planned_create = models.PositiveIntegerField(default=0)
    planned_update = models.PositiveIntegerField(default=0)
    planned_calls = models.PositiveIntegerField(default=0)
    planned_seconds = models.FloatField(default=0)
    file = models.CharField(max_length=200, blank=True)
    items_tidied_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "connection",
                "task",
                condition=Q(state__in=["queued", "planning", "running"]),
                name="one_unfinished_run_of_a_task",
            )
        ]
        indexes = [
            models.Index(fields=["connection", "task", "-id"], name="run_latest"),
            models.Index(fields=["connection", "-id"], name="run_of_connection"),
            models.Index(fields=["finished_at"], name="run_finished"),
            models.Index(fields=["connection"], condition=Q(state="planned"), name="run_waiting"),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.task}"

    @property
    def adds_up(self) -> bool:
        """Whether every selected record is accounted for."""
        return self.selected == (
            self.created + self.updated + self.unchanged + self.blocked + self.failed + self.not_attempted
        )


class Item(CompanyOwned):
    """One record's fate in a run; unchanged records have none, the run counts them.

    `payload` is what is sent, in the platform's words; for inbound kinds the inbox record holds what came.
    `basis` is the link's fingerprint and `remote_version` the platform's state that the plan was made on.
    `sent_at` is set before the call: an item with it and without an outcome may have been applied.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        CREATED = "created", "Created"
        UPDATED = "updated", "Updated"
        UNCHANGED = "unchanged", "Unchanged"
        BLOCKED = "blocked", "Blocked"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Action(models.TextChoices):
        CREATE = "create", "Create"
        UPDATE = "update", "Update"
        NOTHING = "", "Nothing"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items", db_index=False)
    leg = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=30)
    record_id = models.CharField(max_length=200)
    label = models.CharField(max_length=250)
    action = models.CharField(max_length=6, choices=Action.choices, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    reason_code = models.CharField(max_length=60, blank=True)
    says = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    notes = models.JSONField(default=list, blank=True)
    changes = models.JSONField(default=list, blank=True)
    payload = models.JSONField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    basis = models.CharField(max_length=64, blank=True)
    remote_version = models.CharField(max_length=64, blank=True)
    remote_id = models.CharField(max_length=200, blank=True)
    inbox = models.ForeignKey(
        "sync.InboxRecord", null=True, blank=True, on_delete=models.SET_NULL, related_name="items"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("run", "leg", "record_id", name="record_once_in_a_run")]
        indexes = [
            models.Index(fields=["run", "state", "id"], name="item_by_state"),
            models.Index(fields=["company", "kind", "record_id"], name="item_of_record"),
            models.Index(
                fields=["run", "state", "reason_code", "id"],
                include=["company"],
                condition=~Q(reason_code=""),
                name="item_by_reason",
            ),
            models.Index(fields=["run", "id"], name="item_of_run"),
            models.Index("company", OpClass(Upper("label"), name="text_pattern_ops"), name="item_label"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.state}"
