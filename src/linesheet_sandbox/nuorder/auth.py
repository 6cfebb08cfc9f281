"""Who signed a call: reads the Authorization header and verifies it (sheet 1.4 and 1.5)."""

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from linesheet_sandbox.common.http import Call, whole_number
from linesheet_sandbox.nuorder.errors import RefusedError
from linesheet_sandbox.nuorder.signatures import (
    is_legacy,
    legacy_base,
    legacy_signature,
    standard_base,
    standard_signature,
)

_SCHEME = re.compile(r"\s*oauth\s*", re.IGNORECASE)
_BETWEEN_PAIRS = re.compile(r",\s*(?=\w+\s*=)")


class Nonces:
    """The nonces already used, by the second they were signed in, kept for as long as they could be replayed."""

    def __init__(self) -> None:
        self._used: dict[int, set[str]] = {}
        self._forgotten_until = 0

    def use(self, key: str, nonce: str, timestamp: int, oldest: float) -> bool:
        """Spend a nonce; false when it was spent before. Those signed before `oldest` are forgotten."""
        if int(oldest) > self._forgotten_until:
            self._forgotten_until = int(oldest)
            self._used = {second: used for second, used in self._used.items() if second >= oldest}
        used, spent = self._used.setdefault(timestamp, set()), f"{key} {nonce}"
        if spent in used:
            return False
        used.add(spent)
        return True


@dataclass(frozen=True, slots=True)
class Authorization:
    """Parameters of an OAuth header by name: `sent` with quotes off but still encoded, `values` decoded."""

    sent: Mapping[str, str]
    values: Mapping[str, str]

    def value(self, name: str) -> str:
        """A parameter decoded; "" when it was not sent."""
        return self.values.get(name, "")


@lru_cache(maxsize=64)
def parse_authorization(header: str) -> Authorization:
    """What the header says, nothing when it is not OAuth. Kept, since limits and checks both ask for each call.

    Accepts every variation seen in the field: `oAuth`, no space after the scheme, bare or quoted values, raw
    or encoded ones, any order.
    """
    scheme = _SCHEME.match(header)
    if not scheme:
        return Authorization({}, {})
    pairs = (pair.partition("=") for pair in _BETWEEN_PAIRS.split(header[scheme.end() :]))
    sent = {name.strip(): value.strip().strip('"') for name, _, value in pairs if name.strip()}
    return Authorization(sent, {name: unquote(value) for name, value in sent.items()})


def verify(call: Call, oauth: Authorization, consumer_secret: str, token_secret: str, public_url: str | None) -> None:
    """Refuse with 401 unless the call is signed with these secrets, in either dialect."""
    if oauth.values.get("oauth_signature_method", "HMAC-SHA1").upper() != "HMAC-SHA1":
        raise RefusedError(401, "oauth_signature_method must be HMAC-SHA1")
    signature = oauth.value("oauth_signature")
    candidates = _legacy_candidates if is_legacy(signature) else _standard_candidates
    for candidate in candidates(call, oauth, consumer_secret, token_secret, public_url):
        if hmac.compare_digest(candidate.encode(), signature.encode()):
            return
    raise RefusedError(401, "Invalid signature")


def check_timestamp(timestamp: str, now: float, max_skew: float | None) -> int:
    """The time a call was signed, in epoch seconds. Refuses with 401 when it is out of tolerance."""
    signed_at = whole_number(timestamp)
    if signed_at is None:
        raise RefusedError(401, "oauth_timestamp must be in seconds")
    if max_skew is not None and abs(now - signed_at) > max_skew:
        raise RefusedError(401, "oauth_timestamp is out of tolerance")
    return signed_at


def _legacy_candidates(
    call: Call, oauth: Authorization, consumer_secret: str, token_secret: str, public_url: str | None
) -> Iterator[str]:
    """Clients differ on signing the query string, and on signing values before or after encoding them."""
    for url in _believed_urls(call, public_url):
        for signed in (oauth.values, oauth.sent):
            yield legacy_signature(legacy_base(call.method, url, signed), consumer_secret, token_secret)
            if call.query_string:
                for query in (call.query_string, unquote(call.query_string)):
                    base = legacy_base(call.method, f"{url}?{query}", signed)
                    yield legacy_signature(base, consumer_secret, token_secret)


def _standard_candidates(
    call: Call, oauth: Authorization, consumer_secret: str, token_secret: str, public_url: str | None
) -> Iterator[str]:
    """Whether `application_name` is signed at initiate is not known, so both are tried."""
    unsigned = ("oauth_signature", "realm")
    parameters = {name: value for name, value in oauth.values.items() if name not in unsigned}
    unnamed = {name: value for name, value in parameters.items() if name != "application_name"}
    for url in _believed_urls(call, public_url):
        for signed in (parameters, unnamed):
            base = standard_base(call.method, url, call.query_string, signed)
            yield standard_signature(base, consumer_secret, token_secret)


def _believed_urls(call: Call, public_url: str | None) -> Iterator[str]:
    """The URLs the client may believe it is calling, without query, likeliest first."""
    forwarded = call.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    host = call.headers.get("x-forwarded-host") or call.headers.get("host", "")
    schemes = dict.fromkeys(scheme for scheme in (forwarded, call.scheme, "https", "http") if scheme)
    bases = [f"{scheme}://{host}" for scheme in schemes]
    if public_url:
        bases.insert(0, public_url.rstrip("/"))
    for path in dict.fromkeys((call.raw_path, unquote(call.raw_path))):
        for base in bases:
            yield base + path
