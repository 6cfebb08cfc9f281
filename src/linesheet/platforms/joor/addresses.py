"""Where JOOR's three parts are found (sheet joor.md 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from linesheet.books.kinds import ORDER

PRODUCTION = "https://api.jooraccess.com"
SANDBOX = "https://apisandbox.jooraccess.com"

_AUTH = {
    PRODUCTION: "https://atlas.jooraccess.com/auth/",
    SANDBOX: "https://atlas-sandbox.jooraccess.com/auth/",
}
_PORTAL = {PRODUCTION: "https://www.jooraccess.com", SANDBOX: "https://sandbox.jooraccess.com"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of the log-in, which is one page, and of both generations of the API, whose paths follow after a slash."""

    auth: str
    v2: str
    v4: str


def addresses_of(base_url: str, given: Mapping[str, str]) -> Addresses:
    """The addresses of a connection; `auth_url`, `v2_url` and `v4_url` among its credentials come first."""
    base = base_url.rstrip("/")
    return Addresses(
        auth=given.get("auth_url") or _AUTH.get(base, f"{base}/auth/"),
        v2=(given.get("v2_url") or f"{base}/v2").rstrip("/"),
        v4=(given.get("v4_url") or f"{base}/v4").rstrip("/"),
    )


def page(base_url: str, kind: str, remote_id: str) -> str:
    """The page of an order for people; of other records none is known, nor of other accounts than JOOR's own."""
    portal = _PORTAL.get(base_url.rstrip("/"))
    if portal is None or kind != ORDER:
        return ""
    return f"{portal}/ra/orders/review/{quote(remote_id, safe='')}?tab=overview"
