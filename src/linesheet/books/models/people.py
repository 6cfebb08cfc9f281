"""Companies, and the people who work in them."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from linesheet.books.tenancy import CompanyOwned


class Company(models.Model):
    """The brand or retailer whose books these are."""

    class BarcodeType(models.TextChoices):
        EAN13 = "ean13", "EAN-13"
        UPCA = "upca", "UPC-A"

    name = models.CharField(max_length=100)
    slug = models.SlugField(unique=True)
    barcode_type = models.CharField(max_length=5, choices=BarcodeType.choices, default=BarcodeType.EAN13)
    currency = models.CharField(max_length=3, default="EUR")
    timezone = models.CharField(max_length=40, default="UTC")

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Time zone in which daily schedules and dates of this company are meant."""
        return ZoneInfo(self.timezone)


class UserManager(BaseUserManager["User"]):
    """Users by e-mail, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can log in; without a password, not until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail; what they may do hangs on their memberships."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    timezone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email")]

    def __str__(self) -> str:
        return self.name or self.email

    def zone_in(self, company: Company) -> ZoneInfo:
        """The zone this person reads times in: their own if they chose one, else the company's."""
        return ZoneInfo(self.timezone) if self.timezone else company.zone


class Member(CompanyOwned):
    """A person in a company, with a role."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        OPERATOR = "operator", "Operator"
        EDITOR = "editor", "Editor"
        VIEWER = "viewer", "Viewer"

    OWNERS = (Role.OWNER,)
    """Who says who may what, and changes the company."""
    EDITORS = (Role.OWNER, Role.EDITOR)
    """Who changes the books."""
    OPERATORS = (Role.OWNER, Role.OPERATOR)
    """Who makes connections; who runs and sets up one there is, `sync/rights.py` may say otherwise."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("company", "user", name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class Invitation(CompanyOwned):
    """A person who was asked into a company by e-mail and has not come yet; gone once they have, or it is revoked.

    `sent_at` is when it was last sent; the link in the mail holds until a while after that (`books.invitations`).
    """

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Member.Role.choices)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    sent_at = models.DateTimeField()

    class Meta(CompanyOwned.Meta):
        ordering = ["sent_at"]
        constraints = [models.UniqueConstraint("company", "email", name="invited_once")]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_role_display()})"
