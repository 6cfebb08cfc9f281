"""What a member may do with one connection, where it differs from what their role gives."""

from django.db import models

from linesheet.books.models import Member
from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection


class ConnectionRight(CompanyOwned):
    """Overrides a role's default for one member and one connection; the rules are in `sync.rights`."""

    class Level(models.TextChoices):
        NONE = "none", "Nothing"
        SEE = "see", "See"
        RUN = "run", "See and run"
        CONFIGURE = "configure", "See, run and configure"

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="connection_rights", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="rights")
    level = models.CharField(max_length=9, choices=Level.choices)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("member", "connection", name="connection_right_once")]

    def __str__(self) -> str:
        return f"{self.member}: {self.connection} {self.get_level_display()}"
