"""Which records of the books are shown to a platform, where that is picked one by one."""

from django.db import models

from linesheet.books.models import Customer
from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection


class ShownCustomer(CompanyOwned):
    """A customer who was picked to be shown through a connection (`sync.shown`)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="shown_customers", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="shown_by")

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("connection", "customer", name="customer_shown_once")]

    def __str__(self) -> str:
        return f"{self.customer} shown by {self.connection}"
