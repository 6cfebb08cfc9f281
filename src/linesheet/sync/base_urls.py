"""The base URL of a connection: what is one, and where it may not lead."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from yarl import URL

from linesheet.books.reasons import Reason, Refused
from linesheet.site.addresses import Place, may_speak_to, place_of
from linesheet.sync.platform import Platform

NO_BASE_URL = Reason(
    "no_base_url", "{platform} has no address of its own.", "Give the base URL of the account on {platform}."
)
BAD_BASE_URL = Reason(
    "bad_base_url",
    "{label}: {url} is no web address.",
    "Begin it with https:// or http://, and use at most 300 characters.",
)
BARE_BASE_URL = Reason(
    "bare_base_url",
    "{label}: the address holds a log-in, a query or a fragment.",
    "Leave out what stands before @ and behind ? or #. Credentials have fields of their own.",
)
FORBIDDEN_ADDRESS = Reason(
    "forbidden_address",
    "{label}: {host} is no address of a platform; it belongs to this machine's own network or cloud.",
    "Give the address at which the platform is reached.",
)
PRIVATE_ADDRESS = Reason(
    "private_address",
    "{label}: {host} is an address in a private network.",
    "Give a public address, or start Linesheet with LINESHEET_ALLOW_PRIVATE_ADDRESSES=1.",
)

REASONS = (NO_BASE_URL, BAD_BASE_URL, BARE_BASE_URL, FORBIDDEN_ADDRESS, PRIVATE_ADDRESS)
# Where clouds give their machines credentials; elsewhere these names lead nowhere.
METADATA_HOSTS = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data.ec2.internal"})


class BaseUrlRefused(Refused):
    """A connection cannot lead there; `fix` says what helps."""


def base_url_of(text: str | None, platform: Platform) -> str:
    """The base URL as it is kept; the platform's first where none is given, "" where the platform is never called.

    Raises BaseUrlRefused.
    """
    url = (text or "").strip().rstrip("/")
    if platform.client is None:
        return ""
    if not url:
        if not platform.base_urls:
            raise BaseUrlRefused(NO_BASE_URL, platform=platform.name)
        return platform.base_urls[0].value
    return checked_url(url, "Base URL")


def checked_url(url: str, label: str) -> str:
    """An address that a connection may lead to, as it was given. Raises BaseUrlRefused, which names it by its label."""
    try:
        MaxLengthValidator(300)(url)
        host = URL(url).host or ""
        if "@" in urlsplit(url).netloc or "?" in url or "#" in url:
            raise BaseUrlRefused(BARE_BASE_URL, label=label)
        URLValidator(schemes=["http", "https"])(url)
    except (ValidationError, ValueError):
        raise BaseUrlRefused(BAD_BASE_URL, label=label, url=url) from None
    check_host(host, label)
    return url


def check_host(host: str, label: str, *, this_machine: bool = True) -> None:
    """Calls may not go into our own network, where they would reach what is not for us. Raises BaseUrlRefused.

    `this_machine` is for `may_speak_to`.
    """
    if host.lower().rstrip(".") in METADATA_HOSTS:
        raise BaseUrlRefused(FORBIDDEN_ADDRESS, label=label, host=host)
    for place in _places(host):
        if not may_speak_to(place, this_machine=this_machine):
            reason = FORBIDDEN_ADDRESS if place is Place.FORBIDDEN else PRIVATE_ADDRESS
            raise BaseUrlRefused(reason, label=label, host=host)


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
