"""What is known of the remote side: links, matches made by hand, suggestions for them, and problems that persist."""

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection


class Link(CompanyOwned):
    """Hub record <-> remote record, with the last payload the platform accepted and its fingerprint."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="links", db_index=False)
    kind = models.CharField(max_length=30)
    record_id = models.CharField(max_length=200)
    remote_id = models.CharField(max_length=200, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    payload = models.JSONField(null=True, blank=True)
    accepted_at = models.DateTimeField()

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("connection", "kind", "record_id", name="link_once")]
        indexes = [models.Index(fields=["connection", "kind", "remote_id"], name="link_by_remote_id")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} = {self.remote_id}"


class Match(CompanyOwned):
    """What a person said a platform's record is in the books: whoever it calls so is this record of ours.

    `remote_key` is how orders name it there: a customer by its id, else its code, else its name
    (`IncomingOrder.customer_keys`); a SKU by its barcode, else the platform's product, else its words
    (`IncomingLine.keys`). Several may be one record of ours, where a link is one to one.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="matches", db_index=False)
    kind = models.CharField(max_length=30)
    remote_key = models.CharField(max_length=200)
    remote_label = models.CharField(max_length=250)
    record_id = models.CharField(max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("connection", "kind", "remote_key", name="match_once")]
        verbose_name_plural = "matches"

    def __str__(self) -> str:
        return f"{self.remote_label} = {self.kind} {self.record_id}"


class Suggestion(CompanyOwned):
    """Something that records of a platform name and nobody has linked, with what it may be in the books.

    It is what the last look at the inbox found (`sync/suggestions.py`), and says nothing by itself: who accepts it
    makes a link or a match. `kind` is that of the link, `makes` which of the two. `record_id` is the likeliest record
    of ours, "" where none is like it, with `score` percent and `because`; `others` come after it, each a mapping of
    `record_id`, `label`, `score` and `because`. `named_by` records name it, `inbox` is the latest of these.
    `set_aside` is what a person said is none of theirs; that is kept with `named_by` 0 while no record names it.
    """

    class Makes(models.TextChoices):
        LINK = "link", "Link"
        MATCH = "match", "Match"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="suggestions", db_index=False)
    makes = models.CharField(max_length=5, choices=Makes.choices)
    kind = models.CharField(max_length=30)
    remote_key = models.CharField(max_length=200)
    label = models.CharField(max_length=250)
    detail = models.CharField(max_length=250, blank=True)
    named_by = models.PositiveIntegerField()
    inbox = models.ForeignKey("sync.InboxRecord", on_delete=models.CASCADE, related_name="+")
    record_id = models.CharField(max_length=200, blank=True)
    record_label = models.CharField(max_length=250, blank=True)
    score = models.PositiveSmallIntegerField(default=0)
    because = models.JSONField(default=list, blank=True)
    others = models.JSONField(default=list, blank=True)
    set_aside = models.BooleanField(default=False)

    class Meta(CompanyOwned.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("connection", "makes", "kind", "remote_key", name="suggestion_once")]

    def __str__(self) -> str:
        return self.label


class MatchLook(CompanyOwned):
    """The last look at what a connection's records name and nobody has linked (`sync/match_looks.py`).

    It is asked for at `asked_at`, and was done at `done_at`, the later of which says whether a worker is at it.
    `snapshot` is what the books were when the last one that was done began, `records` a hash of the records it was at,
    `changed` how many suggestions came, went or changed by it. `says` is why one failed.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="match_look")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    snapshot = models.TextField(blank=True)
    records = models.CharField(max_length=64, blank=True)
    changed = models.PositiveIntegerField(default=0)
    says = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Look at what {self.connection} names"


class Problem(CompanyOwned):
    """One reason on one record, however often it occurred, until it clears."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="problems", db_index=False)
    task = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    record_id = models.CharField(max_length=200)
    label = models.CharField(max_length=250)
    reason_code = models.CharField(max_length=60)
    says = models.TextField()
    fix = models.TextField(blank=True)
    times = models.PositiveIntegerField(default=1)
    last_run = models.ForeignKey("sync.Run", null=True, on_delete=models.SET_NULL, related_name="+")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["-last_seen_at", "id"]
        constraints = [
            models.UniqueConstraint("connection", "task", "kind", "record_id", "reason_code", name="problem_once")
        ]
        indexes = [
            models.Index(fields=["connection", "task"], condition=Q(cleared_at=None), name="problem_open"),
            models.Index(
                fields=["connection", "-first_seen_at", "-id"], condition=Q(cleared_at=None), name="problem_since"
            ),
            models.Index(
                fields=["connection", "reason_code", "-first_seen_at", "-id"],
                condition=Q(cleared_at=None),
                name="problem_of_reason",
            ),
            models.Index(
                "connection",
                OpClass(Upper("label"), name="text_pattern_ops"),
                condition=Q(cleared_at=None),
                name="problem_label",
            ),
        ]

    def __str__(self) -> str:
        return self.says
