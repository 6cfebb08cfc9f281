"""Data export, first leg: the products of the catalogue, each as a colour of its style on JOOR."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cached_property

from django.db.models import QuerySet

from linesheet.books.files.rows import fold
from linesheet.books.models import PriceList, Product
from linesheet.books.reasons import Said
from linesheet.platforms.joor import catalogue_reasons
from linesheet.platforms.joor.account import not_checked
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.converging import Converging
from linesheet.platforms.joor.offers import PRICE_TYPES, price_types_offered
from linesheet.platforms.joor.placed import PRODUCT, linked_styles, placed_products, spoken_for, terms_of
from linesheet.platforms.joor.product_items import lacking_fields
from linesheet.platforms.joor.product_mapping import PlacedProduct, product_findings, product_to_wire
from linesheet.platforms.joor.product_wire import ProductWire
from linesheet.platforms.joor.remote import RemoteProduct, RemoteProducts
from linesheet.platforms.joor.styles import styles_within
from linesheet.platforms.joor.terms import Terms
from linesheet.sync.catalogue import products_in_catalogue
from linesheet.sync.legs import Accepted, Context, NotTaken, Outbound, Sending


class Products(Outbound[PlacedProduct, ProductWire]):
    """Every product placed in the connection's catalogue. JOOR's product is its style, so several have one id there.

    A batch is brought in line with what JOOR has: styles, then their colours and sizes, then prices. To do so again
    changes nothing.
    """

    kind = PRODUCT
    wire = ProductWire
    # SKUs, of which 500 fit in a write. Products are written once, SKUs and prices twice, and both are read before.
    batch_size = 1000
    calls_per_batch = 7
    reads_per_batch = 2
    repeatable = True
    shared = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._one_at_a_time = asyncio.Lock()
        self._of_others: dict[str, set[str]] | None = None

    def ready(self) -> Sequence[Said]:
        return [*not_checked(self.context), *price_type_findings(self.context)]

    def select(self) -> "QuerySet[Product]":
        return products_in_catalogue(self.context.connection_id)

    def load(self, ids: Sequence[str]) -> Sequence[PlacedProduct]:
        return placed_products(self.context, ids)

    def record_id(self, record: PlacedProduct) -> str:
        return str(record.product.pk)

    def label(self, record: PlacedProduct) -> str:
        return record.product.code

    def check(self, record: PlacedProduct) -> Sequence[Said]:
        return product_findings(record, self._terms)

    def map(self, record: PlacedProduct) -> ProductWire:
        return product_to_wire(record, self._terms)

    def weigh(self, payload: ProductWire) -> int:
        return max(len(payload.sizes), 1)

    async def present(self) -> set[str] | None:
        return set((await self._there.products(again=True)).by_id)

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted | NotTaken]:
        async with self._one_at_a_time:
            wires = [sending.payload for sending in batch]
            outcome = await self._there.converge(wires, await self._known(batch))
            traits = await self._there.traits()
        return [
            NotTaken(" ".join(dict.fromkeys(outcome.refused[wire.code])))
            if wire.code in outcome.refused
            else Accepted(outcome.product_ids[wire.style], _lacking(wire, lacking_fields(wire, traits)))
            for wire in wires
        ]

    async def _known(self, batch: Sequence[Sending]) -> dict[str, str]:
        """JOOR's ids of the styles that it has, by key.

        A style is what has its key there. Else it is what its colours are linked with, so that a renamed style keeps
        its product; where products of several styles are, it stays with the one whose key it has, or the oldest. Else
        it is what has one of our barcodes: what has the style without the fabric as its key, as other ways into JOOR
        name it, before any other that nothing of ours is linked with.
        """
        products = await self._there.products()
        linked: dict[str, set[str]] = defaultdict(set)
        barcodes: dict[str, set[str]] = defaultdict(set)
        for sending in batch:
            key = sending.payload.style
            linked[key] |= {sending.remote_id} & products.by_id.keys()
            barcodes[key] |= {size.upc for size in sending.payload.sizes if size.upc}
        known = {key: product_id for key in linked if (product_id := products.called(key))}
        renamed = {key: sorted(ids - set(known.values())) for key, ids in linked.items() if key not in known}
        if any(renamed.values()):
            asked = {each for ids in renamed.values() for each in ids}
            holders = await self.db(linked_styles, self.context.connection_id, asked)
            for key, ids in renamed.items():
                kept = (each for each in ids if _keeper(products.by_id[each], holders.get(each, [])) == fold(key))
                if product_id := next(kept, ""):
                    known[key] = product_id
        return known | await self._adopted({key: barcodes[key] for key in linked if key not in known}, products)

    async def _adopted(self, barcodes: dict[str, set[str]], products: RemoteProducts) -> dict[str, str]:
        found = {
            key: [there for each in styles_within(key)[1:] if (there := products.called(each))] for key in barcodes
        }
        upcs = await self._upcs({there for candidates in found.values() for there in candidates})
        adopted: dict[str, str] = {}
        for key, candidates in found.items():
            free = (each for each in candidates if each not in adopted.values())
            if there := next((each for each in free if upcs[each] & barcodes[key]), ""):
                adopted[key] = there
        if len(adopted) < len(barcodes):
            upcs = await self._strangers(products)
            for key in barcodes.keys() - adopted.keys():
                shared = {there: len(held & barcodes[key]) for there, held in upcs.items() if held & barcodes[key]}
                if there := max(
                    shared.keys() - set(adopted.values()), key=lambda each: (shared[each], each), default=""
                ):
                    adopted[key] = there
        return adopted

    async def _strangers(self, products: RemoteProducts) -> dict[str, set[str]]:
        """The barcodes of the products there that were none of ours, by link or by key, when the run first asked."""
        if self._of_others is None:
            linked, keys = await self.db(spoken_for, self.context.connection_id)
            there = (each for each in products.by_id.values() if each.id not in linked)
            self._of_others = await self._upcs(
                [each.id for each in there if keys.isdisjoint((fold(each.external_id), fold(each.identifier)))]
            )
        return self._of_others

    async def _upcs(self, product_ids: Collection[str]) -> dict[str, set[str]]:
        """The barcodes of products of JOOR's, without what makes doubles unique."""
        skus = await self._there.skus(product_ids)
        return {each: {sku.upc.partition("::")[0] for sku in skus.get(each, ())} for each in product_ids}

    @cached_property
    def _terms(self) -> Terms:
        return terms_of(self.context)

    @cached_property
    def _there(self) -> Converging:
        client: JoorClient = self.context.client
        return Converging(client.v4)


def price_type_findings(context: Context) -> list[Said]:
    """What is wrong with the price types that price lists go as. One query."""
    pairs = {pk: types for pk, types in (context.settings["price_types"] or {}).items() if types}
    if not context.offers.get(PRICE_TYPES):
        return [catalogue_reasons.NO_OFFERS.about()]
    if not pairs:
        return [catalogue_reasons.NO_PRICE_TYPES.about()]
    offered = price_types_offered(context.offers)
    lists = {each.pk: each for each in PriceList.objects.filter(pk__in=list(pairs))}
    kinds = {pk: lists[pk].kind for pk in pairs if pk in lists}
    found = [
        catalogue_reasons.PRICE_TYPE_GONE.about(price_list=lists[pk], price_type=each)
        for pk in kinds
        for each in pairs[pk]
        if each not in offered
    ]
    found += [
        catalogue_reasons.COSTS_PAIRED.about(price_list=lists[pk]) for pk in kinds if kinds[pk] == PriceList.Kind.COST
    ]
    return found + [
        catalogue_reasons.RETAIL_ALONE.about(price_type=offered[each].label)
        for each in sorted(_types(pairs, kinds, retail=True) - _types(pairs, kinds, retail=False))
        if each in offered
    ]


def _types(pairs: dict[int, Collection[str]], kinds: dict[int, str], *, retail: bool) -> set[str]:
    return {each for pk in kinds if (kinds[pk] == PriceList.Kind.RETAIL) == retail for each in pairs[pk]}


def _keeper(product: RemoteProduct, styles: Sequence[str]) -> str:
    """The key, folded, of the style that a product of JOOR's stays with, of those that are linked with it."""
    keys = [fold(key) for key in styles]
    own = (fold(product.external_id), fold(product.identifier))
    return next((key for key in keys if key in own), next(iter(keys), ""))


def _lacking(wire: ProductWire, fields: Sequence[str]) -> Sequence[Said]:
    return [catalogue_reasons.FIELD_LACKING.about(record=wire.code, fields=" and ".join(fields))] if fields else ()
