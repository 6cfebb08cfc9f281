"""Where a request came from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from linesheet.site.addresses import Place, place_of

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


def is_private(request: HttpRequest) -> bool:
    """Whether nobody on the way could read the request: it came over https, or from this machine.

    Which of them it was is told by `X-Forwarded-Proto` where there are proxies of ours, and by the socket where there
    are none; LINESHEET_API_WITHOUT_TLS=1 says that it does not matter.
    """
    if request.scheme == "https" or settings.API_WITHOUT_TLS:
        return True
    if settings.TRUSTED_PROXIES > 0:
        reported = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
        if reported == "https" or (not reported and settings.PUBLIC_URL.startswith("https://")):
            return True
    return _is_here(address_of(request))


def _is_here(address: str) -> bool:
    return _is_address(address.partition("%")[0]) and place_of(address) is Place.HERE


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
