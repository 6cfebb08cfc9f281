"""Pictures named by their addresses, as in product files: fetched with care, and kept in the books."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

import aiohttp
from django.db import Error as DatabaseFailure
from django.db import transaction
from yarl import URL

from linesheet.books.images import IMAGE_TOO_HEAVY, MOST_BYTES, ImageRefused, add_image
from linesheet.books.models import FetchedPicture, Product
from linesheet.books.reasons import Reason, Said
from linesheet.site.addresses import AddressRefused, guarded_connector

SECONDS_A_PICTURE = 60
MOST_REDIRECTS = 3
# Key of `Product.custom` under which importers keep the addresses of pictures, main picture first.
IMAGE_URLS = "image_urls"

PICTURE_URL = Reason(
    code="picture_url",
    says="The picture of {product} is not fetched: {url} is no web address.",
    fix="Begin it with https:// or http://, in the file the products come from.",
)
PICTURE_ADDRESS = Reason(
    code="picture_address",
    says="The picture {url} of {product} is not fetched: {said}.",
    fix="Put the picture where the internet reaches it, or start Linesheet with LINESHEET_ALLOW_PRIVATE_ADDRESSES=1.",
)
PICTURE_UNREACHED = Reason(
    code="picture_unreached",
    says="The picture {url} of {product} could not be fetched: {said}.",
    fix="Open the address in a browser. Mend it in the file the products come from, or fetch again later.",
)

PICTURE_NOT_KEPT = Reason(
    code="picture_not_kept",
    says="The picture {url} of {product} came, but could not be stored: {said}.",
    fix="See that the storage of pictures has room and can be written to, and fetch again.",
)
PICTURE_OF_NOBODY = Reason(
    code="picture_of_nobody",
    says="The picture {url} is not kept: {product} was deleted meanwhile.",
    fix="Nothing needs to be done.",
)

REASONS: tuple[Reason, ...] = (PICTURE_URL, PICTURE_ADDRESS, PICTURE_UNREACHED, PICTURE_NOT_KEPT, PICTURE_OF_NOBODY)

_AT_ONCE = 4

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pending:
    """An address a product names, whose picture is not in the books yet."""

    product: Product
    url: str


@dataclass(frozen=True, slots=True)
class NotFetched:
    """A picture that did not come in, and why; its address stays pending."""

    pending: Pending
    said: Said

    def to_dict(self) -> dict[str, Any]:
        """The refusal as plain data."""
        return {
            "product": self.pending.product.code,
            "url": self.pending.url,
            "reason": self.said.reason.code,
            "says": self.said.says,
            "fix": self.said.fix,
        }


@dataclass(slots=True)
class FetchReport:
    """The account of a fetch: `fetched` + refused = addresses that were pending."""

    fetched: int = 0
    refused: list[NotFetched] = field(default_factory=list)

    def add(self, pending: Pending, refusal: Said | None) -> None:
        """Account for one address."""
        if refusal:
            self.refused.append(NotFetched(pending, refusal))
        else:
            self.fetched += 1

    @property
    def total(self) -> int:
        """Number of addresses tried."""
        return self.fetched + len(self.refused)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, fit for JSON."""
        return {
            "total": self.total,
            "fetched": self.fetched,
            "refused": len(self.refused),
            "pictures": [each.to_dict() for each in self.refused],
        }


def products_naming_pictures() -> Iterator[Product]:
    """Products that name pictures by URL, fetched already or not."""
    found: Iterator[Product] = Product.objects.filter(custom__has_key=IMAGE_URLS).order_by("code").iterator(500)
    return found


def fetch_pictures(products: Iterable[Product]) -> FetchReport:
    """Take the pictures into the books that the products name by URL and that were not taken in before.

    Each is kept, or refused with its reason, whatever becomes of the others. At most four are in memory at once,
    of at most 20 MB each; only public addresses are spoken to, also after a redirect.
    """
    report = FetchReport()
    pending = _pending(products)
    with asyncio.Runner() as runner:
        session = runner.run(_session())
        try:
            coming: deque[tuple[Pending, asyncio.Task[bytes | Said]]] = deque()
            while True:
                for each in islice(pending, _AT_ONCE - len(coming)):
                    coming.append((each, runner.get_loop().create_task(_fetch(session, each))))
                if not coming:
                    return report
                # In their order, which decides the main picture. Nothing here holds on to a picture that is through.
                report.add(*_settled(runner, *coming.popleft()))
        finally:
            runner.run(session.close())


def _settled(
    runner: asyncio.Runner, pending: Pending, coming: asyncio.Task[bytes | Said]
) -> tuple[Pending, Said | None]:
    """Wait for a picture and keep it; with why not, if it is not."""

    async def came() -> bytes | Said:
        return await coming

    content = runner.run(came())
    return pending, content if isinstance(content, Said) else _kept(pending, content)


def _pending(products: Iterable[Product]) -> Iterator[Pending]:
    for some in _groups(products, 500):
        done = set(FetchedPicture.objects.filter(product__in=some).values_list("product_id", "url"))
        for product in some:
            urls = product.custom.get(IMAGE_URLS)
            for url in dict.fromkeys(map(str, urls)) if isinstance(urls, list) else ():
                if (product.pk, url) not in done:
                    yield Pending(product, url)


def _kept(pending: Pending, content: bytes) -> Said | None:
    """Add a picture to its product; why not, if that cannot be. Raises what goes wrong with the database."""
    names: dict[str, object] = {"product": pending.product, "url": _shown(pending.url)}
    try:
        with transaction.atomic():
            if not Product.objects.select_for_update(no_key=True).filter(pk=pending.product.pk).exists():
                return PICTURE_OF_NOBODY.about(**names)
            add_image(pending.product, content, named=_named(pending))
            FetchedPicture.objects.get_or_create(product=pending.product, url=pending.url)
    except ImageRefused as refused:
        return refused.said
    except DatabaseFailure:
        raise
    except Exception as error:  # a storage raises all sorts: its disk is full, its service is down
        return PICTURE_NOT_KEPT.about(**names, said=getattr(error, "strerror", None) or type(error).__name__)
    return None


async def _session() -> aiohttp.ClientSession:
    """A session that hands over bodies as sent: a picture needs no compression, which could hide a bomb."""
    return aiohttp.ClientSession(
        connector=guarded_connector(this_machine=False),
        headers={"Accept": "image/jpeg, image/png", "Accept-Encoding": "identity"},
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=SECONDS_A_PICTURE, sock_connect=10),
    )


async def _fetch(session: aiohttp.ClientSession, pending: Pending) -> bytes | Said:
    names: dict[str, object] = {"product": pending.product, "url": _shown(pending.url)}
    try:
        url = URL(pending.url)
    except ValueError:
        return PICTURE_URL.about(**names)
    if url.scheme not in ("http", "https") or not url.host:
        return PICTURE_URL.about(**names)
    try:
        async with session.get(url, max_redirects=MOST_REDIRECTS) as answer:
            if answer.status != 200:
                return PICTURE_UNREACHED.about(**names, said=f"the server answered {answer.status}")
            return await _body(answer, pending)
    except aiohttp.TooManyRedirects:
        said = f"it leads on and on, more than {MOST_REDIRECTS} times"
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, AddressRefused):
            return PICTURE_ADDRESS.about(**names, said=f"{error.host} may not be spoken to, {error.strerror}")
        said = f"{error.host} could not be reached"
    except TimeoutError:
        said = f"it did not come whole within {SECONDS_A_PICTURE} seconds"
    except (aiohttp.ClientError, ValueError) as error:  # ValueError: a redirect to what is no URL
        said = f"the answer broke off or cannot be read ({type(error).__name__})"
    return PICTURE_UNREACHED.about(**names, said=said)


async def _body(answer: aiohttp.ClientResponse, pending: Pending) -> bytes | Said:
    """The body, or that it is too much: seen from its announced length, or as soon as it has grown beyond."""
    announced = answer.content_length or 0
    content = bytearray()
    if announced <= MOST_BYTES:
        async for chunk in answer.content.iter_any():
            content += chunk
            if len(content) > MOST_BYTES:
                break
    if max(announced, len(content)) > MOST_BYTES:
        answer.close()
        return IMAGE_TOO_HEAVY.about(product=_named(pending))
    return bytes(content)


def _named(pending: Pending) -> str:
    return f"{pending.product} at {_shown(pending.url)}"


def _groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    stream = iter(items)
    while group := list(islice(stream, size)):
        yield group


def _shown(url: str) -> str:
    return url if len(url) <= 200 else f"{url[:199]}…"
