"""Which network addresses may be spoken to, and HTTP connections that keep to it."""

import errno
import os
import socket
from enum import StrEnum
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp
from aiohttp.connector import AddrInfoType

_ADDRESSES_4_IN_6 = IPv6Network("64:ff9b::/96")


class AddressRefused(OSError):
    """A host stands for an address that nothing may be sent to; raised before a connection is made.

    `fix` says what helps, "" where nothing does.
    """

    fix = ""

    def __str__(self) -> str:
        """The same for all: of the errors of a host's addresses, the connector keeps the first when all read alike."""
        return "the address is refused"


class Place(StrEnum):
    """Where an address leads, as far as that decides whether it may be spoken to."""

    PUBLIC = "a public address"
    HERE = "an address of this machine"
    PRIVATE = "an address in a private network"
    FORBIDDEN = "an address of this machine's own network or cloud, or of nobody"


def place_of(address: str) -> Place:
    """Where an IP address leads; one that wraps an IPv4 address leads where that does. Raises ValueError."""
    bare = _unwrapped(ip_address(address.partition("%")[0]))
    if bare.is_loopback:
        return Place.HERE
    if bare.is_link_local or bare.is_unspecified or bare.is_multicast or bare.is_reserved:
        return Place.FORBIDDEN
    return Place.PUBLIC if bare.is_global else Place.PRIVATE


def private_addresses_allowed() -> bool:
    """Whether this installation may speak to private networks."""
    return os.environ.get("LINESHEET_ALLOW_PRIVATE_ADDRESSES") == "1"


def may_speak_to(place: Place, *, this_machine: bool) -> bool:
    """Whether such addresses may be spoken to; `this_machine`: loopback ones even where private ones may not."""
    if place is Place.FORBIDDEN:
        return False
    return place is Place.PUBLIC or private_addresses_allowed() or (place is Place.HERE and this_machine)


def guarded_connector(*, this_machine: bool, limit: int = 100) -> aiohttp.TCPConnector:
    """A connector that looks at the address of every connection it makes, also after a redirect.

    The address is the one connected to, not one looked up before, so a name cannot change its meaning in between.
    A call to a host all of whose addresses are refused raises ClientConnectorError over an AddressRefused.
    """
    return aiohttp.TCPConnector(limit=limit, socket_factory=partial(_socket, this_machine=this_machine))


def _socket(info: AddrInfoType, *, this_machine: bool) -> socket.socket:
    family, kind, protocol, _, address = info
    place = place_of(str(address[0]))
    if not may_speak_to(place, this_machine=this_machine):
        refused = AddressRefused(errno.EACCES, f"it is {place}")
        if place is not Place.FORBIDDEN:
            refused.fix = "To allow it, start Linesheet with LINESHEET_ALLOW_PRIVATE_ADDRESSES=1."
        raise refused
    return socket.socket(family, kind, protocol)


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _ADDRESSES_4_IN_6:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
