"""What linesheets can list: the account's products and their sizes, found by our own keys."""

from collections.abc import Iterable, Sequence

from linesheet.platforms.joor.client_v4 import ClientV4
from linesheet.platforms.joor.product_wire import LinesheetItem, sku_key
from linesheet.platforms.joor.remote import RemoteProducts, RemoteSku
from linesheet.platforms.joor.wire import Json


class Shelf:
    """The account's products as they are once a run has sent its own. Raises the errors of `sync.errors`."""

    def __init__(self, v4: ClientV4) -> None:
        self._v4 = v4
        self._products: RemoteProducts | None = None
        self._skus: dict[str, list[RemoteSku]] = {}

    async def know(self, keys: Iterable[str]) -> None:
        """Read the products of these keys with their sizes, unless that was done."""
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return
        if self._products is None:
            self._products = RemoteProducts(await self._v4.listed("products"))
        products = self._products
        ids = [there for key in wanted if (there := products.called(key)) and there not in self._skus]
        self._skus |= {product_id: [] for product_id in ids}
        for sku in map(RemoteSku.of, await self._v4.listed("skus", product_ids=ids)):
            self._skus.setdefault(sku.product_id, []).append(sku)

    def items(self, wanted: Sequence[LinesheetItem]) -> tuple[list[Json], list[str]]:
        """What a linesheet lists (sheet 3.5), and what it would list too and JOOR does not have, in words."""
        items: list[Json] = []
        lacking: list[str] = []
        for item in wanted:
            product_id = self._products.called(item.code) if self._products else ""
            skus = self._skus.get(product_id, [])
            by_key = {sku.external_id: sku.id for sku in skus}
            by_name = {(sku.colour, sku.size): sku.id for sku in skus}
            ids = []
            for colour in item.colours:
                for size in colour.sizes:
                    sku_id = by_key.get(sku_key(colour.code, size)) or by_name.get((colour.colour, size))
                    if sku_id:
                        ids.append(sku_id)
                    else:
                        lacking.append(f"{colour.code} in {size}")
            if ids:
                items.append({"product_id": product_id, "order_number": len(items) + 1, "sku_ids": ids})
        return items, lacking
