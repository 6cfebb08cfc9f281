import asyncio
import hashlib
import resource
import tracemalloc
import zlib

import pytest
from aiohttp import web

from linesheet.books import fetching
from linesheet.books.fetching import fetch_pictures, products_naming_pictures
from linesheet.books.images import MOST_BYTES
from linesheet.books.models import Image, Product
from tests.answering import AnsweringServer
from tests.books.test_images import (  # noqa: F401
    _pictures_in_a_folder_of_their_own,
    noise,
    picture,
    png_claiming,
    product,
)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES", "1")
    server = AnsweringServer("image/jpeg")
    yield server
    server.stop()


@pytest.fixture
def naming(company):
    """A product that names pictures at these URLs."""

    def name(*urls, code="COAT"):
        coat = product(code)
        coat.custom = {fetching.IMAGE_URLS: list(urls)}
        coat.save()
        return coat

    return name


def refused(report):
    return [(each.pending.url, each.said.reason.code) for each in report.refused]


def test_the_pictures_a_product_names_are_taken_in_once_in_their_order(server, naming):
    coat = naming(server.gives("/red.jpg", picture("red")), server.gives("/green.png", picture("green", "PNG")))

    assert fetch_pictures(products_naming_pictures()).to_dict() == {
        "total": 2,
        "fetched": 2,
        "refused": 0,
        "pictures": [],
    }
    assert [image.format for image in coat.images.all()] == ["jpg", "png"]

    coat.images.first().delete()
    assert fetch_pictures([coat]).total == 0
    assert len(server.asked) == 2


def test_a_picture_that_failed_is_fetched_the_next_time(server, naming):
    url = server.gives("/red.jpg", b"", status=503)
    coat = naming(url)
    assert refused(fetch_pictures([coat])) == [(url, "picture_unreached")]

    server.gives("/red.jpg", picture())
    assert fetch_pictures([coat]).fetched == 1


def test_private_and_loopback_addresses_are_not_fetched_from(server, naming, monkeypatch):
    monkeypatch.delenv("LINESHEET_ALLOW_PRIVATE_ADDRESSES")
    urls = [server.gives("/red.jpg", picture()), "http://10.0.0.7/1.jpg", "http://[::1]/1.jpg"]

    report = fetch_pictures([naming(*urls)])

    assert refused(report) == [(url, "picture_address") for url in urls]
    assert "COAT" in report.refused[1].said.says
    assert "10.0.0.7 may not be spoken to, it is an address in a private network" in report.refused[1].said.says
    assert server.asked == []


def test_a_redirect_is_followed_a_few_times_and_never_to_where_nothing_may_be_sent(server, naming):
    inside = server.gives("/inside", status=302, headers={"Location": "http://169.254.169.254/latest"})
    disk = server.gives("/disk", status=302, headers={"Location": "file:///etc/passwd"})
    circle = server.gives("/circle", status=302, headers={"Location": "/circle"})
    moved = server.gives("/moved", status=301, headers={"Location": "/red.jpg"})
    server.gives("/red.jpg", picture())

    report = fetch_pictures([naming(inside, disk, circle, moved)])

    assert refused(report) == [
        (inside, "picture_address"),
        (disk, "picture_unreached"),
        (circle, "picture_unreached"),
    ]
    assert report.fetched == 1


def test_what_is_no_whole_picture_is_refused_with_its_product_and_url(server, naming):
    whole = picture(size=(400, 400))
    cases = {
        server.gives("/page", b"<html>", content_type="text/html"): "image_format",
        server.gives("/empty", b""): "image_format",
        server.gives("/cut", whole[: len(whole) // 2]): "image_broken",
        server.gives("/bomb", png_claiming(60_000, 60_000)): "image_too_large",
        server.gives("/text-bomb", png_with_text(80_000_000)): "image_broken",
        server.gives("/gone", b"", status=404): "picture_unreached",
        "ftp://pictures.example/1.jpg": "picture_url",
        "//pictures.example": "picture_url",
        "http://[": "picture_url",
        "": "picture_url",
        "http://" + "x" * 300 + "/": "picture_unreached",
    }

    report = fetch_pictures([naming(*cases)])

    assert dict(refused(report)) == cases
    for each in report.refused:
        assert "COAT" in each.said.says
        assert each.pending.url[:100] in each.said.says
    assert not Image.objects.exists()


def png_with_text(size):
    """A small PNG with a compressed text that unpacks to this size."""
    content = picture(kind="PNG")
    body = b"zTXt" + b"Comment\0\0" + zlib.compress(b"x" * size)
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return content[:33] + chunk + content[33:]


def test_a_huge_picture_is_refused_before_it_is_read_to_its_end(server, naming):
    sent = []

    async def huge(request):
        answer = web.StreamResponse()
        if request.path == "/announced":
            answer.content_length = 100_000_000
        await answer.prepare(request)
        for _ in range(100):
            try:
                await answer.write(b"x" * 1_000_000)
            except ConnectionError:
                break
            sent.append(1)
        return answer

    urls = [server.gives("/announced", huge), server.gives("/endless", huge)]
    coat = naming(*urls)

    tracemalloc.start()
    report = fetch_pictures([coat])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert refused(report) == [(url, "image_too_heavy") for url in urls]
    assert urls[1] in report.refused[1].said.says
    assert len(sent) < 100
    assert peak < 3 * MOST_BYTES


def test_a_packed_body_is_not_unpacked(server, naming):
    packed = zlib.compress(b"\0" * 50_000_000, 9)
    url = server.gives("/packed", packed, headers={"Content-Encoding": "deflate"})

    assert refused(fetch_pictures([naming(url)])) == [(url, "image_format")]


def test_a_picture_that_comes_in_drips_is_given_up(server, naming, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS_A_PICTURE", 0.5)
    over = asyncio.Event()

    async def drip(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while not over.is_set():
                await answer.write(b"x")
                await asyncio.sleep(0.01)
        except ConnectionError:
            pass
        return answer

    report = fetch_pictures([naming(server.gives("/drip", drip))])

    assert [each.said.says for each in report.refused if "within 0.5 seconds" in each.said.says]


def test_an_answer_that_breaks_off_is_refused(server, naming):
    async def cut(request):
        answer = web.StreamResponse()
        answer.content_length = 5_000
        await answer.prepare(request)
        await answer.write(picture())
        request.transport.close()
        return answer

    url = server.gives("/cut", cut)

    assert refused(fetch_pictures([naming(url)])) == [(url, "picture_unreached")]


def test_a_picture_that_the_disk_has_no_room_for_is_refused_and_the_next_is_kept(server, naming):
    large, small = server.gives("/large", noise("PNG")), server.gives("/small", picture())
    coat = naming(large, small)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, before[1]))
    try:
        report = fetch_pictures([coat])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert (report.fetched, refused(report)) == (1, [(large, "picture_not_kept")])
    assert "File too large" in report.refused[0].said.says
    assert fetch_pictures([coat]).fetched == 1


def test_a_picture_whose_product_was_deleted_meanwhile_is_refused(server, naming):
    gone, coat = naming(server.gives("/hat", picture()), code="HAT"), naming(server.gives("/coat", picture()))
    Product.objects.filter(code="HAT").delete()

    report = fetch_pictures([gone, coat])

    assert (report.fetched, [each.said.reason.code for each in report.refused]) == (1, ["picture_of_nobody"])


def test_many_pictures_come_in_their_order_over_one_session_and_four_at_a_time(server, naming):
    under_way, most = 0, 0
    colours = [f"#{number:02x}0000" for number in range(0, 250, 20)]

    def when_four_are_asked_for(colour):
        async def answer(request):
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            if under_way < 4:
                await asyncio.wait_for(four.wait(), 20)
            four.set()
            under_way -= 1
            return web.Response(body=picture(colour), content_type="image/jpeg")

        return answer

    four = asyncio.Event()
    coat = naming(
        *(server.gives(f"/{number}", when_four_are_asked_for(colour)) for number, colour in enumerate(colours))
    )

    assert fetch_pictures([coat]).fetched == len(colours)
    assert most == 4
    hashes = [hashlib.sha256(picture(colour)).hexdigest() for colour in colours]
    assert [image.content_hash for image in coat.images.all()] == hashes


@pytest.mark.parametrize("custom", ["https://x/1.jpg", {"a": 1}, None, 7, [7, None, ["x"]]])
def test_what_a_product_names_in_another_shape_is_no_address(naming, custom):
    coat = naming()
    coat.custom = {fetching.IMAGE_URLS: custom}
    coat.save()

    assert fetch_pictures([coat]).fetched == 0
