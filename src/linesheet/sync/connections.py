"""Adding, changing and switching connections: what every door calls. Nothing here talks to a platform."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as site
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from yarl import URL

from linesheet.books.models import Company
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import company_in_hand
from linesheet.site.addresses import Place, may_speak_to, place_of
from linesheet.sync import registry, settings
from linesheet.sync.legs import Context, Inbound
from linesheet.sync.models import Connection, InboxRecord, Link, Placement, Run
from linesheet.sync.moves import Moved, check_secrets, forget_account
from linesheet.sync.platform import Platform, Setting
from linesheet.sync.secrets import SecretUnreadable

CONNECTION_NAME = Reason(
    "connection_name", "A connection needs a name of 1 to 60 letters.", "Enter what the company calls this account."
)
CONNECTION_TAKEN = Reason(
    "connection_taken",
    "There is a connection {name} already.",
    "Choose another name; capitals make no difference.",
)
NO_BASE_URL = Reason(
    "no_base_url", "{platform} has no address of its own.", "Give the base URL of the account on {platform}."
)
BAD_BASE_URL = Reason(
    "bad_base_url",
    "Base URL: {url} is no web address.",
    "Begin it with https:// or http://, and use at most 300 characters.",
)
BARE_BASE_URL = Reason(
    "bare_base_url",
    "Base URL: the address holds a log-in, a query or a fragment.",
    "Leave out what stands before @ and behind ? or #. Credentials have fields of their own.",
)
FORBIDDEN_ADDRESS = Reason(
    "forbidden_address",
    "Base URL: {host} is no address of a platform; it belongs to this machine's own network or cloud.",
    "Give the address at which the platform is reached.",
)
CONNECTION_IN_USE = Reason(
    "connection_in_use",
    "{connection} cannot be deleted, because what it did would be forgotten with it: {holds}.",
    "Switch it off instead. Nothing runs on it then, and what came through it stays explained.",
)
PRIVATE_ADDRESS = Reason(
    "private_address",
    "Base URL: {host} is an address in a private network.",
    "Give a public address, or start Linesheet with LINESHEET_ALLOW_PRIVATE_ADDRESSES=1.",
)

REASONS = (
    CONNECTION_NAME,
    CONNECTION_TAKEN,
    NO_BASE_URL,
    BAD_BASE_URL,
    BARE_BASE_URL,
    FORBIDDEN_ADDRESS,
    PRIVATE_ADDRESS,
    CONNECTION_IN_USE,
)
# Where clouds give their machines credentials; elsewhere these names lead nowhere.
METADATA_HOSTS = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data.ec2.internal"})


class ConnectionRefused(Refused):
    """There cannot be such a connection; `fix` says what helps."""


Answers = Mapping[str, str | Sequence[str]]
"""What a person typed or ticked, by the key of the setting; `settings.entered` says in which form."""


def new_connection(
    platform_key: str,
    name: str,
    *,
    base_url: str | None = None,
    credentials: Mapping[str, str | Sequence[str]] = {},
    settings: Mapping[str, str | Sequence[str]] = {},
) -> Connection:
    """A connection of the company in hand that is not saved yet, so that it can be tried first.

    Raises what `add_connection` raises.
    """
    platform = registry.platform(platform_key)
    company = Company.objects.get(pk=company_in_hand())
    connection = Connection(company=company, platform=platform.key, name=free_name(name))
    connection.base_url = _base_url(base_url, platform)
    connection.settings = _answered({}, platform.all_settings, settings, platform)
    connection.credentials = _answered({}, platform.credentials, credentials, platform)
    return connection


def add_connection(
    platform_key: str,
    name: str,
    *,
    base_url: str | None = None,
    credentials: Mapping[str, str | Sequence[str]] = {},
    settings: Mapping[str, str | Sequence[str]] = {},
) -> Connection:
    """Link the company in hand to an account on a platform; answers are texts as typed, by key.

    Without a base URL it is the platform's first. Required answers may come later: see `missing_answers`.
    Raises UnknownPlatform, ConnectionRefused or SettingRefused.
    """
    connection = new_connection(platform_key, name, base_url=base_url, credentials=credentials, settings=settings)
    save_named(connection)
    return connection


def save_named(connection: Connection) -> None:
    """Save a connection that is new, or has a new name. Raises ConnectionRefused when another has the name."""
    try:
        with transaction.atomic():
            connection.save(update_fields=None if connection.pk is None else ["name"])
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
        ("the products placed in its catalogue", Placement.objects.filter(section__connection=connection)),
    )
    return [name for name, rows in found if rows.exists()]


@transaction.atomic
def change_connection(
    connection: Connection,
    *,
    settings: Mapping[str, str | Sequence[str]] = {},
    credentials: Mapping[str, str | Sequence[str]] = {},
    base_url: str | None = None,
) -> Moved | None:
    """Change what the texts name and leave the rest; an empty text clears, or takes the platform's own base URL.

    All of it, or nothing. Stored credentials that cannot be decrypted give way to a full set of new ones. Another
    place needs the secrets anew, and another account is one of which nothing is known: what was forgotten is returned.
    Raises UnknownPlatform, ConnectionRefused, MoveRefused, SettingRefused or SecretUnreadable.
    """
    platform = registry.platform(connection.platform)
    # Before the row is locked, because looking up a name may take its time.
    address = None if base_url is None else _base_url(base_url, platform)
    connection.refresh_from_db(fields=["settings", "base_url"], from_queryset=Connection.objects.select_for_update())
    changed: dict[str, Any] = {}
    if settings:
        changed["settings"] = _answered(connection.settings, platform.all_settings, settings, platform)
    if credentials:
        changed["credentials"] = _new_credentials(connection, credentials, platform)
    moved = None
    if address is not None and address != connection.base_url:
        _check_secrets(connection, address, credentials, platform)
        moved = forget_account(connection, address)
        changed["base_url"] = address
    for field, value in changed.items():
        setattr(connection, field, value)
    connection.save(update_fields=list(changed))
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


def _base_url(text: str | None, platform: Platform) -> str:
    url = (text or "").strip().rstrip("/")
    if not url:
        if not platform.base_urls:
            raise ConnectionRefused(NO_BASE_URL, platform=platform.name)
        return platform.base_urls[0].value
    try:
        MaxLengthValidator(300)(url)
        host = URL(url).host or ""
        if "@" in urlsplit(url).netloc or "?" in url or "#" in url:
            raise ConnectionRefused(BARE_BASE_URL)
        URLValidator(schemes=["http", "https"])(url)
    except (ValidationError, ValueError):
        raise ConnectionRefused(BAD_BASE_URL, url=url) from None
    _check_host(host)
    return url


def _check_host(host: str) -> None:
    """Calls may not go into our own network, where they would reach what is not for us. Raises ConnectionRefused."""
    if host.lower().rstrip(".") in METADATA_HOSTS:
        raise ConnectionRefused(FORBIDDEN_ADDRESS, host=host)
    for place in _places(host):
        if not may_speak_to(place, this_machine=True):
            raise ConnectionRefused(FORBIDDEN_ADDRESS if place is Place.FORBIDDEN else PRIVATE_ADDRESS, host=host)


def _places(host: str) -> Iterator[Place]:
    """Where a host leads here and now; nothing when that cannot be told, as without a network.

    This is for a plain word when the URL is entered; `guarded_connector` looks again at every connection made.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    for *_, address in found:
        yield place_of(str(address[0]))


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
        if value if isinstance(value, list) else isinstance(text, str) and text.strip():
            changed[key] = value
        else:
            changed.pop(key, None)
    return changed


def context_of(connection: Connection) -> Context:
    """What the connection's legs may know when nothing is called. Raises UnknownPlatform."""
    values = settings.read(registry.platform(connection.platform).all_settings, connection.settings)
    return Context(connection.pk, connection.company_id, values, None, site.PUBLIC_URL)


def readers_of(connection: Connection) -> dict[str, Inbound]:
    """The legs that can read what this connection's platform gave us, by kind; {} when nothing installed can."""
    declared = registry.platforms().get(connection.platform)
    if declared is None:
        return {}
    # What a payload means hangs on few settings or none, and a page may want it of many connections.
    values = settings.ReadWhenAsked(declared.all_settings, connection.settings)
    context = Context(connection.pk, connection.company_id, values, None, site.PUBLIC_URL)
    legs = (make(context) for task in declared.tasks for make in task.legs)
    return {leg.kind: leg for leg in legs if isinstance(leg, Inbound)}
