"""Data export, first leg: the products of the catalogue."""

from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from linesheet.books.models import Product
from linesheet.books.reasons import Said
from linesheet.platforms.nuorder.client import NuOrderClient, remote_id
from linesheet.platforms.nuorder.compare import holds_product, version_of
from linesheet.platforms.nuorder.mapping import product_findings, product_to_wire, taken_out_findings, taken_out_to_wire
from linesheet.platforms.nuorder.placed import (
    PRODUCT,
    PlacedProduct,
    TakenOut,
    placed_or_published,
    placed_products,
    products_taken_out,
)
from linesheet.platforms.nuorder.wire import ProductWire
from linesheet.sync.legs import Accepted, Outbound, Sending


class Products(Outbound[PlacedProduct | TakenOut, ProductWire]):
    """Every product placed in the connection's catalogue; NuORDER knows it by its `_id`, we by brand_id.

    Those that were published and then taken out of the catalogue become inactive there.
    """

    kind = PRODUCT
    wire = ProductWire
    _listed: Collection[str] | None = None

    def select(self) -> "QuerySet[Product]":
        return placed_or_published(self.context.connection_id)

    def load(self, ids: Sequence[str]) -> Sequence[PlacedProduct | TakenOut]:
        placed = placed_products(self.context, ids)
        in_catalogue = {str(each.product.pk) for each in placed}
        others = [pk for pk in ids if pk not in in_catalogue]
        taken_out = products_taken_out(self.context, others) if others else []
        return [*placed, *(each for each in taken_out if self._listed is None or each.remote_id in self._listed)]

    def record_id(self, record: PlacedProduct | TakenOut) -> str:
        return str(record.product.pk)

    def label(self, record: PlacedProduct | TakenOut) -> str:
        return record.product.code

    def check(self, record: PlacedProduct | TakenOut) -> Sequence[Said]:
        return taken_out_findings(record) if isinstance(record, TakenOut) else product_findings(record)

    def map(self, record: PlacedProduct | TakenOut) -> ProductWire:
        return taken_out_to_wire(record) if isinstance(record, TakenOut) else product_to_wire(record)

    async def present(self) -> set[str] | None:
        """All products there; one that was taken out of the catalogue and is not among them is done with."""
        listed = set(await self._client.product_ids())
        self._listed = listed
        return listed

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted]:
        return [Accepted(remote_id(await self._client.upsert_product(sending.payload))) for sending in batch]

    async def holds(self, sending: Sending) -> Accepted | None:
        found = await self._client.product_by_external_id(sending.payload.brand_id)
        if found is None or not holds_product(found, sending.payload):
            return None
        return Accepted(remote_id(found))

    async def version(self, sending: Sending) -> str:
        found = await self._client.product_by_external_id(sending.payload.brand_id)
        return version_of(found, sending.payload)

    @property
    def _client(self) -> NuOrderClient:
        client: NuOrderClient = self.context.client
        return client
