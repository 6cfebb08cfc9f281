"""Companies and their members: opening the books, and letting people in."""

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone as clock
from django.utils.text import slugify

from linesheet.books.models import Company, Location, Member, PriceList, Season, User
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import acting_for

CURRENCIES = ("EUR", "GBP", "USD", "SEK", "DKK", "NOK", "CHF", "AUD", "CAD", "CNY", "HKD", "JPY", "KRW", "NZD", "SGD")
"""Currencies to offer, the most usual first; any other three letters may be."""

COMPANY_NAME = Reason(
    code="company_name",
    says="A company needs a name of 1 to 100 letters.",
    fix="Enter the name people know the company by.",
)
COMPANY_CURRENCY = Reason(
    code="company_currency",
    says="{currency} is not a currency.",
    fix="Enter the three letters of the currency, such as EUR.",
)
COMPANY_TIME_ZONE = Reason(
    code="company_time_zone",
    says="{timezone} is not a time zone.",
    fix="Enter a name such as Europe/London or UTC.",
)
MEMBER_EMAIL = Reason(
    code="member_email",
    says="{email} is not an e-mail address.",
    fix="Enter the address the person logs in with, such as name@example.com.",
)
LAST_OWNER = Reason(
    code="last_owner",
    says="{email} is the only owner of {company}.",
    fix="Make another member an owner first.",
)
MEMBER_GONE = Reason(
    code="member_gone",
    says="{email} is no member of {company} any more.",
    fix="Invite them again if they are to come back.",
)

ALREADY_SET_UP = Reason(
    code="already_set_up",
    says="This installation has an owner already; somebody was quicker.",
    fix="Log in, or ask that owner to invite you.",
)

REASONS: tuple[Reason, ...] = (
    COMPANY_NAME,
    COMPANY_CURRENCY,
    COMPANY_TIME_ZONE,
    MEMBER_EMAIL,
    LAST_OWNER,
    MEMBER_GONE,
    ALREADY_SET_UP,
)

_SET_UP_LOCK = 0x11E5EE8


class CompanyRefused(Refused):
    """These books cannot be opened so."""


class MemberRefused(Refused):
    """This person cannot be a member so."""


@transaction.atomic
def create_company(
    name: str,
    *,
    owner_email: str,
    password: str | None = None,
    currency: str = "EUR",
    timezone: str = "UTC",
    barcode_type: Company.BarcodeType = Company.BarcodeType.EAN13,
) -> Company:
    """Open the books of a company, with an owner and what one needs to begin.

    That is a season called Standard (sheet erp.md 2.1), starting today, the price lists Wholesale and Retail,
    and a location. `password` is for an owner who is new here and changes nobody's; without one, a new owner
    cannot log in until one is set.
    Raises CompanyRefused or MemberRefused.
    """
    company = _with_free_slug(_checked(Company(barcode_type=barcode_type), name, currency, timezone))
    add_member(company, owner_email, Member.Role.OWNER, password=password)
    with acting_for(company):
        Season.objects.create(name="Standard", starts_on=clock.now().astimezone(ZoneInfo(timezone)).date())
        PriceList.objects.create(name="Wholesale", kind=PriceList.Kind.WHOLESALE)
        PriceList.objects.create(name="Retail", kind=PriceList.Kind.RETAIL)
        Location.objects.create(name="Main warehouse")
    return company


def is_set_up() -> bool:
    """Whether anybody can log in here."""
    return User.objects.exists()


@transaction.atomic
def set_up(name: str, *, owner_email: str, password: str, currency: str, timezone: str) -> Member:
    """Open the first company of an installation, by whoever comes first; its owner.

    Raises CompanyRefused or MemberRefused; CompanyRefused(ALREADY_SET_UP) once there is any user, for ever.
    """
    with connection.cursor() as cursor:
        # Two people who set up at once: the second waits here, and then finds the first one's user.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SET_UP_LOCK])
    if is_set_up():
        raise CompanyRefused(ALREADY_SET_UP)
    company = create_company(name, owner_email=owner_email, password=password, currency=currency, timezone=timezone)
    with acting_for(company):
        owner: Member = Member.objects.select_related("user").get()
    return owner


def change_company(
    company: Company, *, name: str, currency: str, timezone: str, barcode_type: Company.BarcodeType
) -> None:
    """Change what a company is called and what new things begin with. Its slug stays. Raises CompanyRefused."""
    _checked(company, name, currency, timezone)
    company.barcode_type = barcode_type
    company.save(update_fields=["name", "currency", "timezone", "barcode_type"])


def change_person(user: User, *, name: str, timezone: str) -> None:
    """Change how a person is called and the zone they read times in, "" for each company's. Raises CompanyRefused."""
    if timezone and timezone not in available_timezones():
        raise CompanyRefused(COMPANY_TIME_ZONE, timezone=timezone)
    user.name, user.timezone = " ".join(name.split())[:100], timezone
    user.save(update_fields=["name", "timezone"])


@transaction.atomic
def remove_member(member: Member) -> None:
    """Let a member of the company in hand go; as a user they stay. Raises MemberRefused for the only owner."""
    _lock(member.company)
    if member.role == Member.Role.OWNER and not _other_owners(member.user).exists():
        raise MemberRefused(LAST_OWNER, email=member.user.email, company=member.company)
    member.delete()


@transaction.atomic
def change_role(member: Member, role: Member.Role) -> None:
    """Give a member of the company in hand another role.

    Raises MemberRefused for the only owner, and for who was removed meanwhile: nobody comes back by this.
    """
    _lock(member.company)
    try:
        member.refresh_from_db(fields=["role"], from_queryset=Member.objects.select_for_update())
    except Member.DoesNotExist:
        raise MemberRefused(MEMBER_GONE, email=member.user.email, company=member.company) from None
    if member.role == Member.Role.OWNER != role and not _other_owners(member.user).exists():
        raise MemberRefused(LAST_OWNER, email=member.user.email, company=member.company)
    member.role = role
    member.save(update_fields=["role"])


@transaction.atomic
def add_member(company: Company, email: str, role: Member.Role, *, password: str | None = None) -> Member:
    """Let a person into a company, or give a member another role.

    Who is new here becomes a user, with `password` if there is one; a known user's password stays.
    Raises MemberRefused when the address is none, or the only owner would lose that role.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise MemberRefused(MEMBER_EMAIL, email=email or "Nothing") from None
    user = User.objects.filter(email=address).first() or User.objects.create_user(address, password)
    with acting_for(company):
        _lock(company)
        is_owner = Member.objects.filter(role=Member.Role.OWNER, user=user).exists()
        if role != Member.Role.OWNER and is_owner and not _other_owners(user).exists():
            raise MemberRefused(LAST_OWNER, email=address, company=company)
        member: Member
        member, _ = Member.objects.update_or_create(user=user, defaults={"role": role})
    return member


def _lock(company: Company) -> None:
    # Two owners stepping down at once meet at the company's row.
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)


def _other_owners(user: User) -> "QuerySet[Member]":
    owners: QuerySet[Member] = Member.objects.filter(role=Member.Role.OWNER).exclude(user=user)
    return owners


def _checked(company: Company, name: str, currency: str, timezone: str) -> Company:
    name, currency = " ".join(name.split()), currency.strip().upper()
    if not 0 < len(name) <= 100:
        raise CompanyRefused(COMPANY_NAME)
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise CompanyRefused(COMPANY_CURRENCY, currency=currency or "Nothing")
    if timezone not in available_timezones():
        raise CompanyRefused(COMPANY_TIME_ZONE, timezone=timezone or "Nothing")
    company.name, company.currency, company.timezone = name, currency, timezone
    return company


def _with_free_slug(company: Company) -> Company:
    for slug in _slugs(company.name):
        company.slug = slug
        try:
            with transaction.atomic():
                company.save()
        except IntegrityError:  # another company has it
            continue
        break
    return company


def _slugs(name: str) -> Iterator[str]:
    """Names for addresses, best first: atelier-nord, atelier-nord-2 ..."""
    slug = slugify(name)[:40].strip("-") or "company"
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1
