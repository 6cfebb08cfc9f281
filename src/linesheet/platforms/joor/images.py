"""Images export: the main picture of each colour that JOOR has."""

import asyncio
from collections.abc import Sequence

from django.db.models import QuerySet

from linesheet.books.framing import FRAMED_FORMAT
from linesheet.books.models import Product
from linesheet.books.reasons import Said
from linesheet.platforms.joor import catalogue_reasons, reasons
from linesheet.platforms.joor.account import not_checked
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.image_mapping import MainImage, filename, frame_of, image_findings, images_to_wire
from linesheet.platforms.joor.owners import Owners, by_owner
from linesheet.platforms.joor.placed import PRODUCT, main_images_of
from linesheet.platforms.joor.product_wire import ImagesWire, PictureWire
from linesheet.platforms.joor.wire import Json
from linesheet.sync.catalogue import products_in_catalogue
from linesheet.sync.legs import Accepted, Context, NotTaken, Outbound, Sending
from linesheet.sync.pictures import picture_url


class Images(Outbound[MainImage, ImagesWire]):
    """The main image of each placed product that JOOR has, by a link that JOOR fetches it under.

    JOOR keeps pictures by style and replaces all of one style at once, so each product takes those of all colours along
    and a style is sent once.
    """

    kind = "image"
    of = PRODUCT
    wire = ImagesWire
    # Pictures that fit in one write; each style's go in one call.
    batch_size = 500
    repeatable = True
    shared = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._one_at_a_time = asyncio.Lock()
        self._sent: dict[str, ImagesWire] = {}

    def ready(self) -> Sequence[Said]:
        if not self.context.settings["images"]:
            return [catalogue_reasons.IMAGES_OFF.about()]
        return [*not_checked(self.context), *(() if self.context.public_url else [reasons.NO_PUBLIC_ADDRESS.about()])]

    def select(self) -> "QuerySet[Product]":
        return products_in_catalogue(self.context.connection_id)

    def load(self, ids: Sequence[str]) -> Sequence[MainImage]:
        return main_images_of(self.context.connection_id, ids)

    def record_id(self, record: MainImage) -> str:
        return str(record.product.pk)

    def label(self, record: MainImage) -> str:
        return record.product.code

    def check(self, record: MainImage) -> Sequence[Said]:
        return image_findings(record)

    def map(self, record: MainImage) -> ImagesWire:
        return images_to_wire(record)

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted | NotTaken]:
        async with self._one_at_a_time:
            new = {wire.product_id: wire for wire in (each.payload for each in batch)}
            new = {product_id: wire for product_id, wire in new.items() if self._sent.get(product_id) != wire}
            items: list[Json] = []
            owners = Owners()
            for product_id, wire in new.items():
                for at, picture in enumerate(wire.pictures):
                    items.append(self._item(product_id, picture, at))
                    owners.add(items[-1], [product_id])
            written = await self._client.v4.assets("assets/products", items, replace_all=True)
            says = by_owner(written, owners)
            self._sent |= {product_id: wire for product_id, wire in new.items() if product_id not in says}
        return [
            NotTaken(" ".join(dict.fromkeys(says[product_id])))
            if (product_id := sending.payload.product_id) in says
            else Accepted(product_id)
            for sending in batch
        ]

    def _item(self, product_id: str, picture: PictureWire, at: int) -> Json:
        content_hash, _, format = picture.image.rpartition(".")
        link = picture_url(self.context.public_url, self.context.company_id, content_hash, format, frame_of(picture))
        asset = {"type": "image", "filename": filename(picture, FRAMED_FORMAT), "source_url": link}
        return {"product": {"id": product_id}, "asset": asset, "display_order": at}

    @property
    def _client(self) -> JoorClient:
        client: JoorClient = self.context.client
        return client
