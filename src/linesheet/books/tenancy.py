"""Whose rows these are: every row of books and sync belongs to a company, and reads go through the one in hand."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, TypeVar

from django.db import models

_in_hand: ContextVar[int | None] = ContextVar("company_in_hand", default=None)

M = TypeVar("M", bound=models.Model)


class Unscoped(RuntimeError):
    """A row was asked for with no company in hand; open `acting_for(company)` around it."""


@contextmanager
def acting_for(company: "models.Model | int") -> Iterator[None]:
    """Take a company (or its id) in hand: queries inside see its rows only."""
    token = _in_hand.set(company if isinstance(company, int) else company.pk)
    try:
        yield
    finally:
        _in_hand.reset(token)


def company_in_hand() -> int:
    """Id of the company in hand. Raises Unscoped when there is none."""
    company = _in_hand.get()
    if company is None:
        raise Unscoped("No company in hand: wrap this in acting_for(company).")
    return company


class CompanyQuerySet(models.QuerySet[M]):
    """Fills in the company of rows created in bulk."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        rows = list(objs)
        for row in rows:
            if getattr(row, "company_id") is None:  # noqa: B009 - every model here has it, M does not say so
                setattr(row, "company_id", company_in_hand())  # noqa: B010
        return super().bulk_create(rows, *args, **kwargs)


class CompanyManager(models.Manager.from_queryset(CompanyQuerySet)):  # type: ignore[misc]  # built at run time
    """Rows of the company in hand; refuses to read without one."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(company_id=company_in_hand())


class CompanyOwned(models.Model):
    """Base of every row that belongs to a company."""

    # Without an index of its own: it would be as large as any and tell next to nothing apart (docs/scale.md).
    company = models.ForeignKey("books.Company", on_delete=models.CASCADE, related_name="+", db_index=False)

    objects: ClassVar[CompanyManager] = CompanyManager()
    everywhere: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everywhere"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.company_id is None:
            self.company_id = company_in_hand()
        super().save(*args, **kwargs)
