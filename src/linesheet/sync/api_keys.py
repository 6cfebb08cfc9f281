"""Keys by which programs are let in: making, exchanging and revoking them, and knowing one when it is shown.

A key belongs to a connection, whose platform calls us with it, or to a member, who may do with it what their role
allows. It is shown once; only its SHA-256 is kept. Two of an owner are valid at a time, so that one can be exchanged
for another without a gap.
"""

import hashlib
import ipaddress
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from linesheet.books.models import Member, User
from linesheet.books.reasons import Reason, Refused
from linesheet.sync.models import ApiKey, Connection
from linesheet.sync.scopes import scopes_for

MOST_VALID = 2
CALLS_A_MINUTE = 120
LONGEST_NAME = 60
MOST_ADDRESSES = 20

_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"
_WHOLE = re.compile(r"(ls_[a-z0-9]{8})_[A-Za-z0-9_-]{43}")

TOO_MANY_KEYS = Reason(
    "too_many_keys", "{owner} has {most} valid API keys already.", "Revoke one of them, then make the new one."
)
NO_ENDPOINTS = Reason(
    "no_endpoints", "{owner} is called by nobody, so keys would open nothing.", "Make a key of a member instead."
)
NO_KEY_NAME = Reason(
    "no_key_name", "A key needs a name of at most {longest} characters.", "Name it after the program that will use it."
)
NO_SCOPES = Reason("no_scopes", "A key without a scope opens nothing.", "Choose at least one of: {known}.")
UNKNOWN_SCOPE = Reason("unknown_scope", "There is no scope {scope} for {owner}.", "Choose from: {known}.")
NO_ADDRESS = Reason(
    "no_ip_address", "{address} is no IP address or network.", "Give addresses such as 192.0.2.7 or 192.0.2.0/24."
)
TOO_MANY_ADDRESSES = Reason(
    "too_many_ip_addresses", "A key can be kept to {most} addresses at most.", "Give a network instead of addresses."
)
KEY_REVOKED = Reason("key_revoked", "{key} was revoked already.", "Make a new key.")

REASONS = (
    TOO_MANY_KEYS,
    NO_ENDPOINTS,
    NO_KEY_NAME,
    NO_SCOPES,
    UNKNOWN_SCOPE,
    NO_ADDRESS,
    TOO_MANY_ADDRESSES,
    KEY_REVOKED,
)


class KeyRefused(Refused):
    """The key cannot be made, exchanged or revoked."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `secret` is the whole of it, which nobody can be shown again."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class Use:
    """A call by a key: how many there were in this minute, and the seconds until the next one begins."""

    calls: int
    seconds: int


def keys_of(owner: Connection | Member) -> "QuerySet[ApiKey]":
    """All keys of a connection or a member, the newest first; revoked ones too."""
    keys: QuerySet[ApiKey] = owner.api_keys.all()
    return keys


def valid_keys_of(owner: Connection | Member) -> "QuerySet[ApiKey]":
    """Those that are not revoked."""
    return keys_of(owner).filter(revoked_at=None)


def make(
    owner: Connection | Member,
    name: str,
    scopes: Sequence[str],
    addresses: Sequence[str] = (),
    *,
    by: User | None = None,
) -> NewKey:
    """A new key; `addresses` are the IP addresses and networks it may be used from, () for any. Raises KeyRefused."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise KeyRefused(NO_KEY_NAME, longest=LONGEST_NAME)
    _check_scopes(owner, scopes)
    kept = _addresses(addresses)
    prefix = "ls_" + "".join(secrets.choice(_SIGNS) for _ in range(8))
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        # Of two who make a key at once, the second sees the first one's.
        type(owner).objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)
        if valid_keys_of(owner).count() >= MOST_VALID:
            raise KeyRefused(TOO_MANY_KEYS, owner=owner, most=MOST_VALID)
        key = ApiKey.objects.create(
            connection=owner if isinstance(owner, Connection) else None,
            member=owner if isinstance(owner, Member) else None,
            name=name,
            prefix=prefix,
            digest=digest_of(secret),
            scopes=sorted(set(scopes)),
            addresses=kept,
            created_by=by,
        )
    return NewKey(key, secret)


def rotate(key: ApiKey, *, by: User | None = None) -> NewKey:
    """A new key for the same; the old one stays valid until it is revoked. Raises KeyRefused."""
    if key.revoked_at:
        raise KeyRefused(KEY_REVOKED, key=key)
    return make(key.owner, key.name, key.scopes, key.addresses, by=by)


def revoke(key: ApiKey) -> None:
    """Have the key open nothing from now on. Raises KeyRefused when it does so already."""
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        raise KeyRefused(KEY_REVOKED, key=key)


def take_back(key: ApiKey) -> None:
    """Undo that a key was revoked, as long as another has not taken its place. Raises KeyRefused."""
    with transaction.atomic():
        owner = key.owner
        type(owner).objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)
        if valid_keys_of(owner).count() >= MOST_VALID:
            raise KeyRefused(TOO_MANY_KEYS, owner=owner, most=MOST_VALID)
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=None)


def digest_of(secret: str) -> str:
    """By what a key is found. It is as random as its digest is long, so that nothing slower is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def shown(secret: str) -> ApiKey | None:
    """The key, revoked or not, of whatever company; None when there is none like it. One query."""
    if not _WHOLE.fullmatch(secret):
        return None
    found: ApiKey | None = (
        ApiKey.everywhere.select_related("company", "connection", "member__user")
        .defer("connection__credentials")
        .filter(digest=digest_of(secret))
        .first()
    )
    return found


def may_come_from(key: ApiKey, address: str) -> bool:
    """Whether the key may be used from an IP address."""
    if not key.addresses:
        return True
    from_there = ipaddress.ip_address(address)
    if isinstance(from_there, ipaddress.IPv6Address) and from_there.ipv4_mapped:
        from_there = from_there.ipv4_mapped
    return any(from_there in ipaddress.ip_network(one) for one in key.addresses)


def count_call(key: ApiKey, address: str) -> Use | None:
    """Count a call by the key, for all processes together, and note when and from where it came.

    None when the key was deleted a moment ago, as with its connection.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE sync_apikey
               SET window_calls = CASE WHEN window_from > clock_timestamp() - interval '1 minute'
                                       THEN window_calls + 1 ELSE 1 END,
                   window_from = CASE WHEN window_from > clock_timestamp() - interval '1 minute'
                                      THEN window_from ELSE clock_timestamp() END,
                   last_used_at = clock_timestamp(), last_address = %s
             WHERE id = %s
            RETURNING window_calls, ceil(extract(epoch FROM window_from + interval '1 minute' - clock_timestamp()))
            """,
            [address, key.pk],
        )
        counted = cursor.fetchone()
    return Use(counted[0], max(1, int(counted[1]))) if counted else None


def _check_scopes(owner: Connection | Member, scopes: Sequence[str]) -> None:
    known = [scope.key for scope in scopes_for(owner)]
    if not known:
        raise KeyRefused(NO_ENDPOINTS, owner=owner)
    if not scopes:
        raise KeyRefused(NO_SCOPES, known=", ".join(known))
    for scope in scopes:
        if scope not in known:
            raise KeyRefused(UNKNOWN_SCOPE, scope=scope, owner=owner, known=", ".join(known))


def _addresses(addresses: Sequence[str]) -> list[str]:
    kept = []
    for address in filter(None, (one.strip() for one in addresses)):
        try:
            kept.append(str(ipaddress.ip_network(address, strict=False)))
        except ValueError:
            raise KeyRefused(NO_ADDRESS, address=address) from None
    if len(kept) > MOST_ADDRESSES:
        raise KeyRefused(TOO_MANY_ADDRESSES, most=MOST_ADDRESSES)
    return list(dict.fromkeys(kept))
