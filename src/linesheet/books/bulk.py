"""Writing many rows in one statement."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import connection

from linesheet.books.tenancy import CompanyOwned, company_in_hand

M = TypeVar("M", bound=CompanyOwned)


def save_changed(records: Iterable[M], fields: Sequence[str]) -> None:
    """Save these fields of records that are in the books already."""
    rows = list(records)
    if rows:
        # INSERT ... ON CONFLICT is several times as fast as the CASE WHEN of bulk_update.
        type(rows[0]).objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)


def save_new(records: Iterable[M]) -> None:
    """Save records that are not in the books yet; they get their ids."""
    rows = list(records)
    if rows:
        type(rows[0]).objects.bulk_create(rows)


def insert(
    model: type[CompanyOwned],
    fields: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    unique: Sequence[str] = (),
    update: Sequence[str] = (),
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert rows of plain values, given in the order of `fields`; what the database returns of each.

    A row that is there already by its `unique` fields has its `update` fields set. For the rows there are most of:
    spares the time it takes to make a model of each, which is longer than the database needs for them.
    """
    if not rows:
        return []
    of = {field.name: field for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name

    def columns(names: Iterable[str]) -> str:
        return ", ".join(quote(str(of[name].column)) for name in names)

    arrays = ", ".join(f"%s::{of[name].rel_db_type(connection)}[]" for name in fields)
    # Names of tables and columns come from the models, values go as parameters.
    into = f"{quote(model._meta.db_table)} ({columns(['company', *fields])})"
    sql = f"INSERT INTO {into} SELECT %s, * FROM unnest({arrays})"  # noqa: S608
    if unique:
        changes = ", ".join(f"{columns([name])} = EXCLUDED.{columns([name])}" for name in update)
        sql += f" ON CONFLICT ({columns(unique)}) DO UPDATE SET {changes}"
    if returning:
        sql += f" RETURNING {columns(returning)}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [company_in_hand(), *([row[at] for row in rows] for at in range(len(fields)))])
        return list(cursor.fetchall()) if returning else []
