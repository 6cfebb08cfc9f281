"""Images export: the main picture of each product that NuORDER has."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.core import signing
from django.db.models import QuerySet

from linesheet.books.images import main_images
from linesheet.books.models import Image, Product
from linesheet.books.reasons import Said
from linesheet.platforms.nuorder import reasons
from linesheet.platforms.nuorder.client import NuOrderClient, remote_id
from linesheet.platforms.nuorder.mapping import image_findings, image_to_wire
from linesheet.platforms.nuorder.placed import PRODUCT, product_links
from linesheet.platforms.nuorder.wire import ImagesWire
from linesheet.sync.catalogue import products_in_catalogue
from linesheet.sync.legs import Accepted, Outbound, Sending
from linesheet.sync.pictures import picture_of, picture_url


@dataclass(frozen=True, slots=True)
class MainImage:
    """A product with its main image, and NuORDER's id of the product, "" when it does not have it."""

    product: Product
    image: Image | None
    product_id: str


class Images(Outbound[MainImage, ImagesWire]):
    """The main image of each placed product. NuORDER fetches it by a link signed at the moment of sending."""

    kind = "image"
    of = PRODUCT
    wire = ImagesWire

    def ready(self) -> Sequence[Said]:
        return () if self.context.public_url else (reasons.NO_PUBLIC_ADDRESS.about(),)

    def select(self) -> "QuerySet[Product]":
        return products_in_catalogue(self.context.connection_id)

    def load(self, ids: Sequence[str]) -> Sequence[MainImage]:
        products = Product.objects.in_bulk([int(pk) for pk in ids])
        images = main_images(products)
        links = product_links(self.context.connection_id, products)
        there = dict(links.values_list("record_id", "remote_id"))
        return [MainImage(product, images.get(pk), there.get(str(pk), "")) for pk, product in products.items()]

    def record_id(self, record: MainImage) -> str:
        return str(record.product.pk)

    def label(self, record: MainImage) -> str:
        return record.product.code

    def check(self, record: MainImage) -> Sequence[Said]:
        return image_findings(record.product, record.image, published=bool(record.product_id))

    def map(self, record: MainImage) -> ImagesWire:
        if record.image is None:
            raise ValueError(f"{record.product} has no picture; check says so.")
        return image_to_wire(record.product, record.image, record.product_id)

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted]:
        return [await self._sent(sending.payload) for sending in batch]

    async def holds(self, sending: Sending) -> Accepted | None:
        found = await self._client.product_by_external_id(sending.payload.brand_id)
        if found is None:
            return None
        links = found.get("images")
        shown = [_content_of(link) for link in links if isinstance(link, str)] if isinstance(links, list) else []
        return Accepted(remote_id(found)) if shown == [sending.payload.image] else None

    async def _sent(self, payload: ImagesWire) -> Accepted:
        content_hash, _, extension = payload.image.rpartition(".")
        link = picture_url(self.context.public_url, self.context.company_id, content_hash, extension)
        return Accepted(remote_id(await self._client.update_product(payload.brand_id, {"images": [link]})))

    @property
    def _client(self) -> NuOrderClient:
        client: NuOrderClient = self.context.client
        return client


def _content_of(link: str) -> str:
    """`<sha256>.<format>` of the picture one of our links leads to, "" for other links and NuORDER's media ids."""
    token = unquote(urlsplit(link).path.rpartition("/")[2]).rpartition(".")[0]
    with suppress(signing.BadSignature):
        _, content_hash, extension, _ = picture_of(token)
        return f"{content_hash}.{extension}"
    return ""
