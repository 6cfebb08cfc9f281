"""What people are told of runs, and of webhooks that went dead, and what they have chosen to be told."""

import datetime

from django.db import models
from django.db.models import Q

from linesheet.books.models import Member
from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection
from linesheet.sync.models.runs import Run
from linesheet.sync.models.webhooks import Webhook


class NoticeSeverity(models.TextChoices):
    """How a run ended, as far as it is told of; the worst first. A cancelled run is not told of."""

    FAILED = Run.State.FAILED.value, "Failed"
    PROBLEMS = Run.State.PROBLEMS.value, "Done with problems"
    DONE = Run.State.DONE.value, "Done"


class Emailing(models.TextChoices):
    """Whether, and how, a notice goes out by e-mail."""

    NEVER = "", "No e-mail"
    ONCE = "once", "At once"
    DIGEST = "digest", "Daily digest"


class NoticeChoice(CompanyOwned):
    """How a member wants to be told of runs of a connection that end so; without a row, as their role's default."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notice_choices", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    severity = models.CharField(max_length=10, choices=NoticeSeverity.choices)
    in_app = models.BooleanField(default=False)
    emailing = models.CharField(max_length=6, choices=Emailing.choices, blank=True)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("member", "connection", "severity", name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.member}, {self.connection}, {self.severity}: {self.in_app}, {self.emailing or 'never'}"


class DigestTime(CompanyOwned):
    """When a member gets the daily digest, in their zone; without a row, at `USUAL`."""

    USUAL = datetime.time(7, 0)

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="digest_time")
    daily_at = models.TimeField(default=USUAL)

    def __str__(self) -> str:
        return f"{self.member}: {self.daily_at:%H:%M}"


class Notice(CompanyOwned):
    """That a run has ended, or that a webhook was switched off because nobody answered, told to one member once.

    It has `connection` and `run`, or `webhook`. `says` is the sum of the run in words; `reasons` holds the most
    frequent ones as `[{"code", "says", "fix", "count"}]`, `others` counts the records whose reason is not among them.
    Only a notice `in_app` is listed and counted there. An e-mail is owed while `mail_due_at` is set; `mailed_at` is
    when the mail server took it, and `mail_error` why it last did not.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notices", db_index=False)
    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    webhook = models.ForeignKey(Webhook, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    task = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=10, choices=NoticeSeverity.choices)
    says = models.TextField()
    reasons = models.JSONField(default=list, blank=True)
    others = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    in_app = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    emailing = models.CharField(max_length=6, choices=Emailing.choices, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_error = models.TextField(blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint("member", "run", name="notice_once"),
            models.CheckConstraint(
                condition=Q(connection__isnull=False, run__isnull=False, webhook=None)
                | Q(connection=None, run=None, webhook__isnull=False),
                name="notice_of_one",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], condition=Q(in_app=True), name="notice_listed"),
            models.Index(fields=["member"], condition=Q(in_app=True, read_at=None), name="notice_unread"),
            models.Index(fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False), name="notice_to_mail"),
            models.Index(fields=["made_at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        what = f"{self.connection}, run {self.run_id}" if self.run_id else f"webhook {self.webhook_id}"
        return f"{what}: {self.get_severity_display()}"
