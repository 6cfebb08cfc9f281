import asyncio
import socket

import aiohttp
import pytest
from aiohttp import web

from linesheet.site.addresses import AddressRefused, Place, guarded_connector, may_speak_to, place_of


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("8.8.8.8", Place.PUBLIC),
        ("2606:4700::1111", Place.PUBLIC),
        ("64:ff9b::808:808", Place.PUBLIC),
        ("127.0.0.1", Place.HERE),
        ("127.8.9.1", Place.HERE),
        ("::1", Place.HERE),
        ("::ffff:127.0.0.1", Place.HERE),
        ("10.0.0.7", Place.PRIVATE),
        ("172.16.0.1", Place.PRIVATE),
        ("192.168.1.1", Place.PRIVATE),
        ("100.64.0.1", Place.PRIVATE),
        ("fd00:ec2::254", Place.PRIVATE),
        ("::ffff:10.0.0.7", Place.PRIVATE),
        ("64:ff9b::a00:7", Place.PRIVATE),
        ("2002:a00:7::1", Place.PRIVATE),
        ("169.254.169.254", Place.FORBIDDEN),
        ("64:ff9b::a9fe:a9fe", Place.FORBIDDEN),
        ("fe80::1%eth0", Place.FORBIDDEN),
        ("0.0.0.0", Place.FORBIDDEN),
        ("::", Place.FORBIDDEN),
        ("224.0.0.1", Place.FORBIDDEN),
        ("ff02::1", Place.FORBIDDEN),
        ("255.255.255.255", Place.FORBIDDEN),
        ("::7f00:1", Place.FORBIDDEN),
    ],
)
def test_an_address_leads_where_the_address_it_wraps_leads(address, place):
    assert place_of(address) is place


async def status_of(url, *, this_machine):
    connector = guarded_connector(this_machine=this_machine)
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as answer:
        return answer.status


def fetch(url, *, this_machine):
    return asyncio.run(asyncio.wait_for(status_of(url, this_machine=this_machine), 5))


@pytest.fixture
def standing_for(monkeypatch):
    """Have every name stand for these addresses."""

    def stand(*addresses):
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        places = [
            (family, socket.SOCK_STREAM, 6, "", (address, 80, 0, 0) if ":" in address else (address, 80))
            for family, address in zip(families, addresses, strict=True)
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *host, **options: places)

    return stand


@pytest.mark.parametrize("url", ["http://10.0.0.7/", "http://[fd00::1]/", "http://169.254.169.254/latest"])
@pytest.mark.parametrize("this_machine", [True, False])
def test_no_connection_is_made_to_a_private_address(url, this_machine):
    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        fetch(url, this_machine=this_machine)
    assert isinstance(refused.value.os_error, AddressRefused)


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.7"], ["169.254.169.254"], ["10.0.0.7", "fd00::1"], ["fe80::1", "10.0.0.7", "169.254.169.254", "::"]],
)
def test_a_name_is_judged_by_the_addresses_connected_to(standing_for, addresses):
    standing_for(*addresses)

    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        fetch("http://pictures.example/", this_machine=True)
    assert isinstance(refused.value.os_error, AddressRefused)


@pytest.mark.parametrize("this_machine", [True, False])
def test_this_machine_is_spoken_to_by_those_who_may(this_machine):
    async def ask():
        runner = web.AppRunner(web.Application())
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            return await status_of(f"http://127.0.0.1:{runner.addresses[0][1]}/", this_machine=this_machine)
        finally:
            await runner.cleanup()

    if this_machine:
        assert asyncio.run(ask()) == 404
    else:
        with pytest.raises(aiohttp.ClientConnectorError, match="this machine"):
            asyncio.run(ask())


def test_private_addresses_are_allowed_by_setting_and_forbidden_ones_never(monkeypatch):
    monkeypatch.setenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", "1")

    assert may_speak_to(Place.PRIVATE, this_machine=False)
    assert may_speak_to(Place.HERE, this_machine=False)
    assert not may_speak_to(Place.FORBIDDEN, this_machine=True)
