"""The tree of sections a connection publishes, and the products placed in it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Lower
from tree_queries.query import TreeQuerySet

from linesheet.books.models import Product
from linesheet.books.tenancy import CompanyManager, CompanyOwned, company_in_hand
from linesheet.sync.models.connections import Connection


class SectionManager(CompanyManager):
    """Sections of the company in hand; read them with `.with_tree_fields()` for depth and path."""

    def get_queryset(self) -> Any:
        return TreeQuerySet(self.model, using=self._db).filter(company_id=company_in_hand())


class Section(CompanyOwned):
    """A node of a connection's catalogue; its name is free text, and what the platform shows."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="sections", db_index=False)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)

    objects: ClassVar[SectionManager] = SectionManager()

    class Meta(CompanyOwned.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                "connection",
                "parent",
                Lower("name"),
                nulls_distinct=False,
                name="section_name_among_siblings",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Placement(CompanyOwned):
    """A product in a section."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="placements", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="placements")
    position = models.PositiveIntegerField(default=0)

    class Meta(CompanyOwned.Meta):
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint("section", "product", name="placed_once_in_a_section")]
        indexes = [models.Index(fields=["section", "position", "id"], name="placed_in_order")]

    def __str__(self) -> str:
        return f"{self.product} in {self.section}"
