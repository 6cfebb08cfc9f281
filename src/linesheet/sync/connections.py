"""Adding, changing and switching connections: what every door calls. Nothing here talks to a platform."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils import timezone

from linesheet.books.models import Company
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import company_in_hand
from linesheet.sync import offers, registry, settings, shown
from linesheet.sync.base_urls import base_url_of, checked_url
from linesheet.sync.models import ApiCall, Connection, InboxRecord, Link, Placement, Run
from linesheet.sync.moves import Moved, check_secrets, forget_account, former_addresses
from linesheet.sync.platform import Platform, Setting, SettingKind
from linesheet.sync.secrets import SecretUnreadable
from linesheet.sync.settings import Typed

CONNECTION_NAME = Reason(
    "connection_name", "A connection needs a name of 1 to 60 letters.", "Enter what the company calls this account."
)
CONNECTION_TAKEN = Reason(
    "connection_taken",
    "There is a connection {name} already.",
    "Choose another name; capitals make no difference.",
)
CONNECTION_IN_USE = Reason(
    "connection_in_use",
    "{connection} cannot be deleted, because what it did would be forgotten with it: {holds}.",
    "Switch it off instead. Nothing runs on it then, and what came through it stays explained.",
)
REASONS = (CONNECTION_NAME, CONNECTION_TAKEN, CONNECTION_IN_USE)


class ConnectionRefused(Refused):
    """There cannot be such a connection; `fix` says what helps."""


Answers = Mapping[str, Typed]
"""What a person typed or ticked, by the key of the setting; `settings.entered` says in which form."""


def new_connection(
    platform_key: str,
    name: str,
    *,
    base_url: str | None = None,
    credentials: Mapping[str, Typed] = {},
    settings: Mapping[str, Typed] = {},
) -> Connection:
    """A connection of the company in hand that is not saved yet, so that it can be tried first.

    Raises what `add_connection` raises.
    """
    platform = registry.platform(platform_key)
    company = Company.objects.get(pk=company_in_hand())
    connection = Connection(company=company, platform=platform.key, name=free_name(name))
    connection.base_url = base_url_of(base_url, platform)
    _check_addresses(credentials, platform)
    connection.settings = _answered({}, platform.all_settings, settings, platform)
    connection.credentials = _answered({}, platform.credentials, credentials, platform)
    return connection


def add_connection(
    platform_key: str,
    name: str,
    *,
    base_url: str | None = None,
    credentials: Mapping[str, Typed] = {},
    settings: Mapping[str, Typed] = {},
) -> Connection:
    """Link the company in hand to an account on a platform; answers are texts as typed, by key.

    Without a base URL it is the platform's first. Required answers may come later: see `missing_answers`.
    Raises UnknownPlatform, ConnectionRefused, BaseUrlRefused or SettingRefused.
    """
    connection = new_connection(platform_key, name, base_url=base_url, credentials=credentials, settings=settings)
    save_named(connection)
    return connection


def save_named(connection: Connection) -> None:
    """Save a connection that is new, or has a new name. Raises ConnectionRefused when another has the name."""
    try:
        with transaction.atomic():
            connection.save(update_fields=None if connection.pk is None else ["name"])
            if connection.told is not None:
                offers.keep(connection, connection.told)
    except IntegrityError:
        raise ConnectionRefused(CONNECTION_TAKEN, name=connection.name) from None


def free_name(name: str, but: int | None = None) -> str:
    """The name as it is kept, if no other connection than `but` has it. Raises ConnectionRefused."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:
        raise ConnectionRefused(CONNECTION_NAME)
    if Connection.objects.alias(folded=Lower("name")).filter(folded=Lower(Value(name))).exclude(pk=but).exists():
        raise ConnectionRefused(CONNECTION_TAKEN, name=name)
    return name


def rename_connection(connection: Connection, name: str) -> None:
    """Give a connection another name. Raises ConnectionRefused."""
    connection.name = free_name(name, but=connection.pk)
    save_named(connection)


def delete_connection(connection: Connection) -> None:
    """Delete a connection that nothing was done with. Raises ConnectionRefused for one that was used.

    Runs, links and what came in hang on it, and orders in the books are known again by it: without, the same
    orders would come in a second time through another connection.
    """
    with transaction.atomic():
        Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
        if holds := _what_hangs_on(connection):
            raise ConnectionRefused(CONNECTION_IN_USE, connection=connection, holds=" and ".join(holds))
        connection.delete()


def _what_hangs_on(connection: Connection) -> list[str]:
    found = (
        ("its runs", Run.objects.filter(connection=connection)),
        ("the orders it brought in", InboxRecord.objects.filter(connection=connection)),
        ("its links", Link.objects.filter(connection=connection)),
        ("the calls that its platform made", ApiCall.objects.filter(connection=connection)),
        ("the products placed in its catalogue", Placement.objects.filter(section__connection=connection)),
    )
    return [name for name, rows in found if rows.exists()]


@transaction.atomic
def change_connection(
    connection: Connection,
    *,
    settings: Mapping[str, Typed] = {},
    credentials: Mapping[str, Typed] = {},
    base_url: str | None = None,
) -> Moved | None:
    """Change what the texts name and leave the rest; an empty text clears, or takes the platform's own base URL.

    All of it, or nothing. Stored credentials that cannot be decrypted give way to a full set of new ones. Another
    place needs the secrets anew, and another account is one of which nothing is known: what was forgotten is returned.
    Raises UnknownPlatform, BaseUrlRefused, MoveRefused, SettingRefused or SecretUnreadable.
    """
    platform = registry.platform(connection.platform)
    # Before the row is locked, because looking up a name may take its time.
    address = None if base_url is None else base_url_of(base_url, platform)
    _check_addresses(credentials, platform)
    row = Connection.objects.select_for_update()
    connection.refresh_from_db(fields=["settings", "base_url"], from_queryset=row)
    changed: dict[str, Any] = {}
    answered = connection.settings
    if settings:
        changed["settings"] = _answered(
            connection.settings, offers.settings_of(connection, platform), settings, platform
        )
    before, after = connection.base_url, connection.base_url if address is None else address
    credentials = {**former_addresses(before, after, platform.credentials, credentials), **credentials}
    if credentials:
        changed["credentials"] = _new_credentials(connection, credentials, platform)
    if credentials or before != after:
        _check_secrets(connection, after, credentials, platform)
    moved = None
    if before != after:
        moved = forget_account(connection, after)
        changed["base_url"] = after
    if moved:
        offers.forget(connection)
        changed |= {"offers_at": None, "moved_at": timezone.now()}
    for field, value in changed.items():
        setattr(connection, field, value)
    connection.save(update_fields=list(changed))
    shown.note_answers(connection, platform, answered)
    return moved


def switch(connection: Connection, on: bool) -> None:
    """Switch a connection on or off: nothing runs on one that is off, and its schedules rest."""
    connection.active = on
    connection.save(update_fields=["active"])


def missing_answers(connection: Connection) -> list[Setting]:
    """Required credentials and settings that have no value. Raises UnknownPlatform or SecretUnreadable."""
    platform = registry.platform(connection.platform)
    return [
        *settings.missing(platform.credentials, connection.credentials),
        *settings.missing(platform.settings, connection.settings),
    ]


def _check_addresses(given: Answers, platform: Platform) -> None:
    """Raises BaseUrlRefused when an address among the credentials leads where none may."""
    for setting in platform.credentials:
        text = given.get(setting.key)
        if setting.kind is SettingKind.URL and isinstance(text, str) and text.strip():
            checked_url(text.strip(), setting.label)


def _check_secrets(connection: Connection, address: str, given: Answers, platform: Platform) -> None:
    try:
        connection.refresh_from_db(fields=["credentials"])
        stored = connection.credentials
    except SecretUnreadable:
        if not given:
            raise
        return  # what is given is a full set then, and all that is kept
    check_secrets(connection.base_url, address, platform.credentials, stored, given)


def _new_credentials(connection: Connection, given: Answers, platform: Platform) -> dict[str, Any]:
    try:
        connection.refresh_from_db(fields=["credentials"])
        return _answered(connection.credentials, platform.credentials, given, platform)
    except SecretUnreadable:
        anew = _answered({}, platform.credentials, given, platform)
        if settings.missing(platform.credentials, anew):
            raise
        return anew


def _answered(
    stored: Mapping[str, Any], declared: Sequence[Setting], answers: Answers, platform: Platform
) -> dict[str, Any]:
    """What is stored with the answers put in; an empty answer takes its key away."""
    by_key = {setting.key: setting for setting in declared}
    changed = dict(stored)
    for key, text in answers.items():
        if key not in by_key:
            known = ", ".join(by_key) or "none"
            raise settings.SettingRefused(settings.UNKNOWN_SETTING, name=key, platform=platform.name, known=known)
        value = settings.entered(by_key[key], text)
        if value if isinstance(value, list | dict) else isinstance(text, str) and text.strip():
            changed[key] = value
        else:
            changed.pop(key, None)
    return changed
