"""What people did to the books in one go, row by row, so that it can be taken back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTransform

from linesheet.books.tenancy import CompanyOwned


class ChangeSet(CompanyOwned):
    """Changes that were made together and are undone together.

    `says` tells in a sentence what was done. `subject` is where, such as "connection:7", for screens that ask for
    their latest.
    """

    kind = models.CharField(max_length=20)
    says = models.CharField(max_length=300)
    subject = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="change_sets"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta(CompanyOwned.Meta):
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["company", "subject", "-id"], name="change_set_latest"),
            models.Index(fields=["made_at"], name="change_set_age"),
        ]

    def __str__(self) -> str:
        return self.says


class Touch(CompanyOwned):
    """That a transaction changed something of a company, by its number; written by a trigger (`books/touching.py`).

    Without a constraint on the company: it is written while that may be on its way out with all it owns.
    """

    company = models.ForeignKey(
        "books.Company", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    transaction = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta(CompanyOwned.Meta):
        indexes = [
            models.Index(fields=["company", "transaction"], name="touch_by_transaction"),
            models.Index(fields=["at"], name="touch_age"),
        ]

    def __str__(self) -> str:
        return f"Touch {self.transaction} of company {self.company_id}"


class Version(CompanyOwned):
    """That a transaction changed a record, or anything that belongs to it; written by triggers (`books/versions.py`).

    The latest of a record tells when that was. Without a constraint on the company, as `Touch`.
    """

    company = models.ForeignKey(
        "books.Company", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    transaction = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["kind", "record_id", "transaction"], name="version_once")]
        indexes = [models.Index(fields=["company", "kind", "at", "record_id"], name="version_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} at {self.at}"


class Change(models.Model):
    """One row that was inserted, updated or deleted; written by a trigger (`books/recording.py`).

    `before` is the row that was deleted, `after` the one that was inserted; of an update both hold the columns that
    differ. Rows are only ever reached through their change set, which belongs to a company. Without a constraint on
    it: the database would look it up once more for every row of an import.
    """

    class Operation(models.TextChoices):
        INSERT = "I", "Inserted"
        UPDATE = "U", "Updated"
        DELETE = "D", "Deleted"

    change_set = models.ForeignKey(
        ChangeSet, on_delete=models.CASCADE, related_name="changes", db_constraint=False, db_index=False
    )
    table = models.CharField(max_length=63)
    row = models.BigIntegerField()
    operation = models.CharField(max_length=1, choices=Operation.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["id"]
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["change_set", "id"], name="change_of_set"),
            models.Index(
                KeyTransform("content_hash", "before"),
                condition=Q(table="books_image", operation="D"),
                name="change_removes_picture",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} {self.table} {self.row}"
