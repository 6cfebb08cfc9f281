"""Files that people bring in, what became of their rows, and how a company's files name their columns."""

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Lower, Upper

from linesheet.books.models.changes import ChangeSet
from linesheet.books.tenancy import CompanyOwned


class ColumnMapping(CompanyOwned):
    """A saved reading of a file's headers: `columns` maps each header to a field of the importer."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    columns = models.JSONField(default=dict)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("company", "kind", Lower("name"), name="column_mapping_name")]

    def __str__(self) -> str:
        return self.name


class Import(CompanyOwned):
    """A file that was uploaded to go into the books, from there to the end.

    `headers` has of each column its header and a few examples; `columns` says which field each header stands for, and
    `options` what stands in where rows name nothing, as `import_file` takes them. `report` has the counts, warnings
    and columns of the latest check or import, and what an undo kept; each row's fate is an `ImportRow`. While it is
    worked on, `job_id` and `lease_until` (by the database's clock) say by whom and until when. What it did is in
    `change_set`. `cancelled_at` is when somebody wanted the work given up. One that the command line brought in has no
    `stored` file, and rows of those that were refused only.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        CHECKING = "checking", "Checking"
        CHECKED = "checked", "Checked"
        IMPORTING = "importing", "Importing"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        UNDOING = "undoing", "Undoing"
        CANCELLED = "cancelled", "Cancelled"

    AT_WORK = (State.CHECKING, State.IMPORTING, State.UNDOING)

    kind = models.CharField(max_length=20, blank=True)
    file_name = models.CharField(max_length=200)
    stored = models.CharField(max_length=300)
    bytes = models.PositiveBigIntegerField()
    sheet = models.CharField(max_length=100, blank=True)
    sheets = models.JSONField(default=list)
    headers = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    seen = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    report = models.JSONField(default=dict)
    says = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    change_set = models.ForeignKey(ChangeSet, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports")
    job_id = models.BigIntegerField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["company", "-id"], name="import_latest"),
            models.Index(
                fields=["id"], condition=models.Q(state__in=["checking", "importing", "undoing"]), name="import_at_work"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def undone(self) -> bool:
        """Whether it was brought in and taken back again."""
        return bool(self.change_set and self.change_set.undone_at)


class ImportRow(CompanyOwned):
    """What became of one row of an import's file, or would; `label` has its first cells, for people to know it by."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10)
    label = models.CharField(max_length=200)
    column = models.TextField(blank=True)
    value = models.TextField(blank=True)
    reason = models.CharField(max_length=60, blank=True)
    says = models.TextField(blank=True)
    fix = models.TextField(blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["number"]
        indexes = [
            models.Index(fields=["of", "number"], name="import_row_in_order"),
            models.Index(fields=["of", "state", "number"], name="import_row_by_state"),
            models.Index("of", OpClass(Upper("label"), name="text_pattern_ops"), name="import_row_label"),
        ]

    def __str__(self) -> str:
        return f"Row {self.number} of {self.of}"
