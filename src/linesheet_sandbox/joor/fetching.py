"""Fetches what assets point at, from this machine alone: a sandbox calls nobody else (sheet 11)."""

import socket
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from urllib.parse import urlsplit

_USER_AGENT = "JOOR sandbox"


class UnreachableError(Exception):
    """Nothing could be fetched, and the message says why."""


def fetched(url: str, *, seconds: float, most: int) -> bytes:
    """The bytes behind an http URL on a loopback address, `most` and one more at most. Raises UnreachableError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        raise UnreachableError("it is no URL") from None
    if parts.scheme != "http" or not host:
        raise UnreachableError("it must be an http URL")
    address = _loopback_address(host, port)
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    connection = HTTPConnection(address, port, timeout=seconds)
    try:
        connection.request("GET", target, headers={"Host": parts.netloc, "User-Agent": _USER_AGENT})
        response = connection.getresponse()
        if response.status != 200:
            raise UnreachableError(f"it answers {response.status}")
        return response.read(most + 1)
    except (OSError, HTTPException, ValueError) as problem:
        raise UnreachableError(f"it does not answer: {problem}") from None
    finally:
        connection.close()


def _loopback_address(host: str, port: int) -> str:
    """The address of a host, which must be one of this machine."""
    try:
        found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        raise UnreachableError(f"there is no host {host}") from None
    for address in found:
        if ip_address(address.partition("%")[0]).is_loopback:
            return address
    raise UnreachableError("the sandbox fetches from this machine alone")
