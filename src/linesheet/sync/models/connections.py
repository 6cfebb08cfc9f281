"""Connections to accounts on platforms, and when their tasks run by themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.secrets import EncryptedJSONField


class Connection(CompanyOwned):
    """A company's link to one account on a platform.

    `settings` and `credentials` hold what the platform declares, by key. `next_call_at`, `paused_until`, and
    `quota_spent` credits of the window that `quota_from` opened are the connection's budget as all workers see it, in
    the database's time. `offers_at` is when the account was last asked what there is to choose from (`Offers`),
    `moved_at` when the connection was led to another account.
    """

    platform = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    base_url = models.URLField(max_length=300)
    settings = models.JSONField(default=dict, blank=True)
    credentials = EncryptedJSONField(default=dict, blank=True)
    active = models.BooleanField(default=True)
    next_call_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    quota_from = models.DateTimeField(null=True, blank=True)
    quota_spent = models.PositiveIntegerField(default=0, db_default=0)
    offers_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)

    told: Mapping[str, Sequence[Any]] | None = None
    """What the account of a connection said that is not saved yet; kept with it."""

    class Meta(CompanyOwned.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint("company", Lower("name"), name="connection_name")]

    def __str__(self) -> str:
        return self.name


class Offers(CompanyOwned):
    """What a connection's account has to choose from, by name (`sync.offers`). Long ones must not weigh on the rest."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="+")
    choices = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"What {self.connection} offers"


class Schedule(CompanyOwned):
    """A task that runs by itself: every N minutes, or daily at a time in the company's zone."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="schedules", db_index=False)
    task = models.CharField(max_length=40)
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    daily_at = models.TimeField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    due_at = models.DateTimeField()

    class Meta(CompanyOwned.Meta):
        ordering = ["connection", "task"]
        constraints = [
            models.UniqueConstraint("connection", "task", name="schedule_once"),
            models.CheckConstraint(
                condition=Q(every_minutes__isnull=True, daily_at__isnull=False)
                | Q(every_minutes__gt=0, daily_at__isnull=True),
                name="schedule_one_way",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(enabled=True), name="schedule_due")]

    def __str__(self) -> str:
        when = f"every {self.every_minutes} min" if self.every_minutes else f"daily at {self.daily_at:%H:%M}"
        return f"{self.connection}: {self.task} {when}"
