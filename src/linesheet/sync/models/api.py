"""What programs ask of us: their keys, their calls, the answers that are kept, and what they are collecting."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from linesheet.books.models import Member
from linesheet.books.tenancy import CompanyOwned
from linesheet.sync.models.connections import Connection


class ApiKey(CompanyOwned):
    """What a program shows to be let in, on behalf of a connection or of a member; never both (`sync.api_keys`).

    `prefix` is its beginning, by which people tell keys apart; of the whole only the SHA-256 is kept. `addresses` are
    the IP addresses and networks it may be used from, [] for any. `window_calls` calls were made since `window_from`.
    """

    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.CASCADE, related_name="api_keys")
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=11)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    addresses = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_address = models.CharField(max_length=45, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    window_from = models.DateTimeField(null=True, blank=True)
    window_calls = models.PositiveIntegerField(default=0)

    class Meta(CompanyOwned.Meta):
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(connection=None, member__isnull=False) | Q(connection__isnull=False, member=None),
                name="api_key_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def owner(self) -> "Connection | Member":
        """On whose behalf it is used."""
        owner = self.connection or self.member
        assert owner is not None, "the database sees to it"
        return owner


class ApiCall(CompanyOwned):
    """A call that a program made of us, or several that are one: `calls` pages of a collect with `records`, or `calls`
    that were not let in; `path`, `status`, `request_id`, `address` and `says` are the last one's (`sync.api_calls`).

    `route` is the address with its parts by name; `refused` the code of the problem it was answered with. Bodies are
    masked. `milliseconds` is the time of all of its calls, and `last_at` when the last of them came.
    """

    connection = models.ForeignKey(
        Connection, null=True, blank=True, on_delete=models.CASCADE, related_name="api_calls", db_index=False
    )
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    key = models.ForeignKey(
        ApiKey, null=True, blank=True, on_delete=models.SET_NULL, related_name="calls", db_index=False
    )
    key_prefix = models.CharField(max_length=11)
    method = models.CharField(max_length=10)
    route = models.CharField(max_length=200)
    path = models.TextField()
    status = models.PositiveSmallIntegerField()
    refused = models.CharField(max_length=60, blank=True)
    says = models.TextField(blank=True)
    request_id = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=1)
    records = models.PositiveIntegerField(null=True, blank=True)
    request_body = models.TextField(blank=True)
    response_body = models.TextField(blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["company", "-at", "-id"], name="api_call_latest"),
            models.Index(fields=["connection", "-at", "-id"], name="api_call_of_connection"),
            models.Index(fields=["key", "route", "-id"], condition=Q(records__isnull=False), name="api_call_collects"),
            models.Index(fields=["key", "route", "-id"], condition=~Q(refused=""), name="api_call_refusals"),
            models.Index(fields=["at"], name="api_call_age"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class KeptAnswer(CompanyOwned):
    """What was answered to a request that may come again, by the key it came with (`sync.idempotency`).

    `owner` is on whose behalf it came. While nothing is answered, `turn` is whose turn it is, until `lease_until` in
    the database's time.
    """

    owner = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)
    turn = models.UUIDField()
    lease_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("company", "owner", "key", name="answered_once")]
        indexes = [models.Index(fields=["expires_at"], name="kept_answer_age")]

    def __str__(self) -> str:
        return f"{self.owner} {self.key}: {self.status or 'in progress'}"


class Collect(CompanyOwned):
    """What a program is reading page by page, as it stood when it began (`sync.collects`).

    `ids` are the records in their order, `filters` how they were asked for.
    """

    owner = models.CharField(max_length=40)
    resource = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)
    as_of = models.DateTimeField()
    ids = ArrayField(models.BigIntegerField())
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(CompanyOwned.Meta):
        indexes = [models.Index(fields=["created_at"], name="collect_age")]

    def __str__(self) -> str:
        return f"{self.resource} as of {self.as_of}"
