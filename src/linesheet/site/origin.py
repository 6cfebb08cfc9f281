"""Where a request came from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

_BY_SOCKET = "127.0.0.1"
"""Where a request comes from that came through a file socket, and so from this machine."""


def address_of(request: HttpRequest) -> str:
    """The network address a request came from.

    `X-Forwarded-For` is believed for as many entries from its end as LINESHEET_TRUSTED_PROXIES says there are proxies
    of ours; anybody could have written the others. None are believed unless that is set.
    """
    proxies = settings.TRUSTED_PROXIES
    reported = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",")]
    if 0 < proxies <= len(reported) and _is_address(reported[-proxies]):
        return reported[-proxies]
    return str(request.META.get("REMOTE_ADDR") or _BY_SOCKET)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
