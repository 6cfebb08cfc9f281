"""Seasons: what prices, visibility and orders hang on."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from linesheet.books.tenancy import CompanyManager, CompanyOwned


class SeasonManager(CompanyManager):
    """Seasons of the company in hand."""

    def named(self, name: str) -> "Season | None":
        """The season of that name; spaces at the ends and case do not count (sheet erp.md 2.1)."""
        found: Season | None = self.filter(name__iexact=" ".join(name.split())).first()
        return found


class Season(CompanyOwned):
    """A collection or selling period; its start date gives the order of seasons (sheet erp.md 2.1)."""

    name = models.CharField(max_length=60)
    starts_on = models.DateField()
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="next_seasons")
    delivery_period = models.CharField(max_length=100, blank=True)
    delivery_starts_on = models.DateField(null=True, blank=True)
    delivery_cancels_on = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)
    archived = models.BooleanField(default=False)

    objects: ClassVar[SeasonManager] = SeasonManager()

    class Meta(CompanyOwned.Meta):
        ordering = ["starts_on", "id"]
        constraints = [models.UniqueConstraint("company", Lower("name"), name="season_name")]

    def __str__(self) -> str:
        return self.name
