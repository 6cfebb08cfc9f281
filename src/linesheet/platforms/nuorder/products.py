"""Data export, first leg: the products of the catalogue."""

from collections.abc import Iterator, Sequence

from linesheet.books.reasons import Said
from linesheet.platforms.nuorder.client import NuOrderClient, remote_id
from linesheet.platforms.nuorder.compare import holds_product, version_of
from linesheet.platforms.nuorder.mapping import product_findings, product_to_wire
from linesheet.platforms.nuorder.placed import PRODUCT, PlacedProduct, placed_products
from linesheet.platforms.nuorder.wire import ProductWire
from linesheet.sync.catalogue import placed_product_ids
from linesheet.sync.legs import Accepted, Outbound, Sending


class Products(Outbound[PlacedProduct, ProductWire]):
    """Every product placed in the connection's catalogue; NuORDER knows it by its `_id`, we by brand_id."""

    kind = PRODUCT
    wire = ProductWire

    def select(self) -> Iterator[Sequence[str]]:
        return placed_product_ids(self.context.connection_id)

    def load(self, ids: Sequence[str]) -> Sequence[PlacedProduct]:
        return placed_products(self.context, ids)

    def record_id(self, record: PlacedProduct) -> str:
        return str(record.product.pk)

    def label(self, record: PlacedProduct) -> str:
        return record.product.code

    def check(self, record: PlacedProduct) -> Sequence[Said]:
        return product_findings(record)

    def map(self, record: PlacedProduct) -> ProductWire:
        return product_to_wire(record)

    async def present(self) -> set[str] | None:
        return set(await self._client.product_ids())

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
