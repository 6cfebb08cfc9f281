"""What people set up for themselves in the app."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from linesheet.books.tenancy import CompanyOwned


class SavedView(CompanyOwned):
    """A list as a person likes to see it: `query` is the query string that asks for it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    list = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    shared = models.BooleanField(default=False)

    class Meta(CompanyOwned.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint("company", "user", "list", Lower("name"), name="saved_view_name")]

    def __str__(self) -> str:
        return self.name
