"""How a company's files name their columns."""

from django.db import models
from django.db.models.functions import Lower

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
