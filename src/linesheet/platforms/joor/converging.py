"""Bringing JOOR's products to what a batch says: read what is there, write only what differs (sheet joor.md 3.7)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from linesheet.platforms.joor.client_v4 import ClientV4
from linesheet.platforms.joor.matrix import matrix_plan, price_plan
from linesheet.platforms.joor.owners import Owners, by_owner
from linesheet.platforms.joor.product_items import account_traits, product_differs, product_item
from linesheet.platforms.joor.product_wire import PriceWire, ProductWire, sku_key
from linesheet.platforms.joor.remote import RemotePrice, RemoteProducts, RemoteSku
from linesheet.platforms.joor.wire import DUPLICATED, NOT_TOLD, ItemError, Json, Written
from linesheet.sync.tolerant import text


@dataclass(slots=True)
class Outcome:
    """What became of a batch: JOOR's id of each style, and what JOOR said against products, by their code."""

    product_ids: dict[str, str] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)

    def note(self, says: Mapping[str, Sequence[str]]) -> None:
        """JOOR said this against these products."""
        for code, errors in says.items():
            self.refused.setdefault(code, []).extend(errors)

    def refuse(self, codes: Iterable[str], says: Mapping[str, Sequence[str]]) -> None:
        """These products are not there as they are to be, for what JOOR said or for no reason told."""
        self.note({code: says.get(code) or [NOT_TOLD] for code in codes})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an SKU is to cost, and the code of the product it is a size of."""

    code: str
    sku_id: str
    price: PriceWire


class Converging:
    """The products of one account as this run has found and left them. Raises the errors of `sync.errors`.

    One batch after the other: two that know of each other's styles would create them twice.
    """

    def __init__(self, v4: ClientV4) -> None:
        self._v4 = v4
        self._products: RemoteProducts | None = None
        self._traits: dict[str, Json] | None = None

    async def products(self, *, again: bool = False) -> RemoteProducts:
        """All products of the account, read when they are first needed. One credit."""
        if self._products is None or again:
            self._products = RemoteProducts(await self._v4.listed("products"))
        return self._products

    async def traits(self) -> Mapping[str, Json]:
        """How the account names the fields that are traits there. One credit."""
        if self._traits is None:
            self._traits = account_traits(await self._v4.listed("traits"))
        return self._traits

    async def skus(self, product_ids: Iterable[str]) -> dict[str, list[RemoteSku]]:
        """The colours and sizes of products, by JOOR's id of the product."""
        found: dict[str, list[RemoteSku]] = defaultdict(list)
        for sku in map(RemoteSku.of, await self._v4.listed("skus", product_ids=list(product_ids))):
            found[sku.product_id].append(sku)
        return found

    async def converge(self, wires: Sequence[ProductWire], known: Mapping[str, str]) -> Outcome:
        """Have JOOR's products be as these say. `known` has JOOR's id of those styles that it has already, by key."""
        outcome = Outcome(product_ids=dict(known))
        styles: dict[str, list[ProductWire]] = defaultdict(list)
        for wire in wires:
            styles[wire.style].append(wire)
        new = await self._create({key: rows for key, rows in styles.items() if key not in known}, outcome)
        await self._update(
            {key: rows for key, rows in styles.items() if key in outcome.product_ids.keys() - new}, outcome
        )
        going = {
            outcome.product_ids[key]: rows
            for key, rows in styles.items()
            if key in outcome.product_ids and not any(wire.code in outcome.refused for wire in rows)
        }
        old, ids = await self._converge_skus(going, {outcome.product_ids[key] for key in new}, outcome)
        wanted = [pair for rows in going.values() for pair in self._priced(rows, ids)]
        await self._converge_prices(wanted, old, outcome)
        return outcome

    async def _create(self, styles: Mapping[str, Sequence[ProductWire]], outcome: Outcome) -> set[str]:
        """Create the styles that JOOR does not have; the keys of those that are new. Others turn out to be there."""
        if not styles:
            return set()
        traits, products = await self.traits(), await self.products()
        items, owners = [], Owners()
        for rows in styles.values():
            items.append(product_item(rows[-1], traits))
            owners.add(items[-1], (wire.code for wire in rows))
        written = await self._v4.created("products", items)
        products.take(written.done)
        new = {key for key in styles if products.called(key)}
        says = by_owner(written, owners)
        if len(new) < len(styles):
            products = await self.products(again=True)
        for key, rows in styles.items():
            if product_id := products.called(key):
                outcome.product_ids[key] = product_id
            else:
                outcome.refuse([wire.code for wire in rows], says)
        return new

    async def _update(self, styles: Mapping[str, Sequence[ProductWire]], outcome: Outcome) -> None:
        products, traits = await self.products(), await self.traits()
        items, owners = [], Owners()
        for key, rows in styles.items():
            product_id = outcome.product_ids[key]
            there = products.by_id.get(product_id)
            if there is None or product_differs(rows[-1], there, traits):
                items.append({"id": product_id, **product_item(rows[-1], traits)})
                owners.add(items[-1], (wire.code for wire in rows))
        if items:
            written = await self._v4.updated("products", items)
            products.take(written.done)
            outcome.note(by_owner(written, owners))

    async def _converge_skus(
        self, styles: Mapping[str, Sequence[ProductWire]], new: Collection[str], outcome: Outcome
    ) -> tuple[set[str], dict[str, str]]:
        """JOOR's ids of the SKUs that were there before, and of all that are there now, by own key."""
        there = await self.skus(product_id for product_id in styles if product_id not in new)
        old = {sku.id for skus in there.values() for sku in skus}
        plans = {product_id: matrix_plan(product_id, rows, there[product_id]) for product_id, rows in styles.items()}
        items, owners = [], Owners()
        for product_id, plan in plans.items():
            for sku in plan.create:
                items.append(sku.item)
                owners.add(sku.item, [sku.code] if sku.code else [wire.code for wire in styles[product_id]])
        made: set[str] = set()
        if items:
            written = await self._v4.created("skus", items)
            for done in map(RemoteSku.of, written.done):
                there[done.product_id].append(done)
                made.add(done.id)
            says = by_owner(written, owners)
            plans = {each: matrix_plan(each, rows, there[each]) for each, rows in styles.items()}
            # What was neither made nor there: others made it meanwhile, or a call did whose answer was lost.
            if unsettled := [each for each, plan in plans.items() if plan.create]:
                found = await self.skus(unsettled)
                plans |= {each: matrix_plan(each, styles[each], found[each]) for each in unsettled}
                for each in unsettled:
                    for sku in plans[each].create:
                        outcome.refuse([sku.code] if sku.code else [wire.code for wire in styles[each]], says)
        items, owners = [], Owners()
        for plan in plans.values():
            for sku in plan.update:
                if sku.item["id"] not in made:
                    items.append(sku.item)
                    owners.add(sku.item, [sku.code])
        if items:
            outcome.note(by_owner(await self._v4.updated("skus", items), owners))
        return old, {key: sku_id for plan in plans.values() for key, sku_id in plan.ids.items()}

    async def _converge_prices(self, wanted: Sequence[Wanted], old: Collection[str], outcome: Outcome) -> None:
        there = await self._prices(each.sku_id for each in wanted if each.sku_id in old)
        plan = price_plan(((each.sku_id, each.price) for each in wanted), there)
        owners = Owners()
        for each in wanted:
            owners.add({"sku_id": each.sku_id}, [each.code])
        if plan.create:
            written = await self._v4.created("prices", plan.create)
            outcome.note(by_owner(written, owners, but=DUPLICATED))
            outcome.note(_passed_over(plan.create, written, owners))
            if any(error.status == DUPLICATED for error in written.errors):
                created = {item["sku_id"] for item in plan.create}
                there = await self._prices(created)
                late = price_plan(((each.sku_id, each.price) for each in wanted if each.sku_id in created), there)
                plan.update += late.update
                # What is there, JOOR says, and is not shown all the same may be another than is to be there.
                unseen = {item["sku_id"] for item in late.create}
                codes = dict.fromkeys(each.code for each in wanted if each.sku_id in unseen)
                outcome.refuse(codes.keys() - outcome.refused.keys(), by_owner(written, owners, only=DUPLICATED))
        if plan.update:
            codes = {each.sku_id: each.code for each in wanted}
            sku_of = {price.id: price.sku_id for price in there}
            for item in plan.update:
                owners.add(item, filter(None, [codes.get(sku_of.get(item["id"], ""), "")]))
            outcome.note(by_owner(await self._v4.updated("prices", plan.update), owners))

    async def _prices(self, sku_ids: Iterable[str]) -> list[RemotePrice]:
        return list(map(RemotePrice.of, await self._v4.listed("prices", sku_ids=list(sku_ids))))

    @staticmethod
    def _priced(rows: Iterable[ProductWire], ids: Mapping[str, str]) -> Iterator[Wanted]:
        """The prices of the sizes that are sold and that JOOR has."""
        for wire in rows:
            for size in wire.sizes:
                sku_id = ids.get(sku_key(wire.code, size.size)) if size.upc else None
                if sku_id:
                    for price in wire.prices:
                        yield Wanted(wire.code, sku_id, price)


def _passed_over(created: Sequence[Json], written: Written, owners: Owners) -> dict[str, list[str]]:
    """By product, that JOOR says nothing of some of its prices while it tells of others."""
    if not written.done or len(written.done) + len(written.errors) >= len(created):
        return {}
    made = {(price.sku_id, price.price_type_id) for price in map(RemotePrice.of, written.done)}
    refused = {text("sku_id", error.details.get("sku_id")) for error in written.errors}
    left = (item for item in created if (item["sku_id"], item["price_type_id"]) not in made)
    untold = [ItemError("", NOT_TOLD, item) for item in left if item["sku_id"] not in refused]
    return by_owner(Written(errors=untold), owners)
