"""Recorded tables as undo sees them: their models, and which of their columns are put back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import connection, models

from linesheet.books.models import SKU
from linesheet.books.recording import LEFT_ALONE


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of a table's columns: those that undo puts back, that tell when a row was touched, that are left alone.

    `following` are those of `LEFT_ALONE` that may be written, `generated` are of PostgreSQL itself,
    which takes no values for them.
    """

    settled: list[str]
    touched: list[str]
    following: list[str]
    generated: list[str]

    @property
    def no_change(self) -> list[str]:
        """Columns that may differ from how the set left them, as far as the row goes."""
        return [*self.touched, *self.following, *self.generated]

    def quoted(self, names: Sequence[str]) -> list[str]:
        """The names as SQL has them."""
        return [connection.ops.quote_name(name) for name in names]


@cache
def model_of(table: str) -> type[models.Model]:
    """The model of a recorded table, whichever floor it is of. Raises LookupError."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table:
            return model
    raise LookupError(table)


@cache
def columns_of(model: type[models.Model]) -> Columns:
    """What there is to put back in a table."""
    fields = [each for each in model._meta.concrete_fields if not each.primary_key]
    generated = [str(each.column) for each in fields if each.generated]
    touched = [str(each.column) for each in fields if getattr(each, "auto_now", False)]
    following = [name for name in LEFT_ALONE.get(model._meta.db_table, ()) if name not in generated]
    others = {*generated, *touched, *following}
    settled = [str(each.column) for each in fields if each.column not in others]
    return Columns(settled, touched, following, generated)


def kinds_of(model: type[models.Model]) -> str:
    """What people call the rows of a table."""
    return "SKUs" if model is SKU else str(model._meta.verbose_name_plural)
