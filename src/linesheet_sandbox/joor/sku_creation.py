"""`POST /v4/skus/bulk_create`: new SKUs of products, whose colours x sizes must be complete (sheet 3.2).

Each item is checked alone, then the products together: of one that would have gaps, no SKU of the call is taken.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.downloads import base_url
from linesheet_sandbox.joor.envelopes import (
    DUPLICATED,
    ItemError,
    v4_items,
    v4_outcome,
    v4_spoiled,
)
from linesheet_sandbox.joor.fields import filled_in, invalid, text_in
from linesheet_sandbox.joor.fixed import COLOR, SIZE
from linesheet_sandbox.joor.matching import EXTERNAL_ID, check_unknown, referred
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.sku_record import TraitValue, read_identifiers, read_trait_values, sku_answer, upcs_in
from linesheet_sandbox.joor.skus import colour_of, size_of, sku_id, sku_label, skus_of
from linesheet_sandbox.joor.trait_values import stored_value, values_of

Pair = tuple[str, str]
"""Names of a colour and a size."""


@dataclass(slots=True)
class _Draft:
    """An item that is good by itself."""

    sku: Record
    colour: TraitValue
    size: TraitValue

    @property
    def product_id(self) -> str:
        return str(self.sku["product_id"])

    @property
    def pair(self) -> Pair:
        return self.colour.value, self.size.value


@dataclass(slots=True)
class _Claims:
    """What earlier items of the call took, and later ones cannot take again."""

    keys: set[tuple[str, str]] = field(default_factory=set)

    def take(self, draft: _Draft) -> None:
        sku, said = draft.sku, {("pair", f"{draft.product_id} {draft.pair}")}
        said |= {(name, sku[name]) for name in ("external_id", "sku_identifier") if sku[name]}
        if taken := said & self.keys:
            raise ItemError(DUPLICATED, f"another item of the list has the same {min(taken)[0]}")
        upcs = {("upc", upc) for upc in upcs_in(sku)}
        if upcs & self.keys:
            raise invalid("another item of the list has the same upc")
        self.keys |= said | upcs


def create_skus(portal: JoorPortal, call: Call) -> Answer:
    """Store what can be stored of the list; the answer tells what became of which item."""
    items = v4_items(portal, call)
    outcomes: list[_Draft | ItemError] = []
    claims = _Claims()
    for item in items:
        try:
            draft = _draft(portal, item)
            claims.take(draft)
            outcomes.append(draft)
        except ItemError as problem:
            outcomes.append(problem)
    gaps = _gaps(portal, [draft for draft in outcomes if isinstance(draft, _Draft)])
    spoiled, base = v4_spoiled(call, items), base_url(call)
    answered: list[Record | ItemError] = []
    for position, outcome in enumerate(outcomes):
        if isinstance(outcome, ItemError):
            answered.append(outcome)
        elif position in spoiled:
            answered.append(spoiled[position])
        elif portal.settings.full_matrix and (missing := gaps.get(outcome.product_id)):
            named = ", ".join(f"{colour} {size}" for colour, size in missing[:5])
            answered.append(invalid(f"the product's colours x sizes must be complete; missing: {named}"))
        else:
            answered.append(sku_answer(portal, _store(portal, outcome), base))
    if not portal.settings.full_matrix:
        for product_id, missing in gaps.items():
            _fill(portal, product_id, missing)
    return v4_outcome(portal, items, answered)


def check_upc_is_free(portal: JoorPortal, sku: Record) -> None:
    """Refuse a UPC that another SKU of the account has."""
    for upc in upcs_in(sku):
        if any(key != sku.get("number") for key in portal.skus.ids_by("upc", upc)):
            raise invalid(f"upc {upc} is on another SKU already")


def _draft(portal: JoorPortal, item: Record) -> _Draft:
    if not isinstance(item, dict):
        raise invalid("each item must be an object")
    product = referred(portal.products, "product", "product_id", filled_in(item, "product_id"))
    colour, size = read_trait_values(portal, item)
    sku = {
        "product_id": product["id"],
        "external_id": text_in(item, "external_id"),
        "sku_identifier": text_in(item, "sku_identifier"),
        "identifiers": read_identifiers(item),
    }
    check_unknown(portal.skus, "SKU", item, (EXTERNAL_ID, ("sku_identifier", "identifier")))
    draft = _Draft(sku, colour, size)
    if draft.pair in _pairs_of(portal, product["id"]):
        raise ItemError(DUPLICATED, f"the product has {colour.value} {size.value} already")
    check_upc_is_free(portal, sku)
    return draft


def _pairs_of(portal: JoorPortal, product_id: str) -> set[Pair]:
    skus = skus_of(portal, product_id)
    return {(colour_of(portal, sku)["value"], size_of(portal, sku)["value"]) for sku in skus}


def _gaps(portal: JoorPortal, drafts: list[_Draft]) -> dict[str, list[Pair]]:
    """What would be missing of each product's colours x sizes, of those that would have gaps."""
    drawn: dict[str, set[Pair]] = defaultdict(set)
    for draft in drafts:
        drawn[draft.product_id].add(draft.pair)
    gaps = {}
    for product_id, pairs in drawn.items():
        there = pairs | _pairs_of(portal, product_id)
        colours, sizes = ({pair[side] for pair in there} for side in (0, 1))
        whole = {(colour, size) for colour in colours for size in sizes}
        if whole > there:
            gaps[product_id] = sorted(whole - there)
    return gaps


def _store(portal: JoorPortal, draft: _Draft, action: str = "create") -> Record:
    colour = stored_value(portal, draft.product_id, COLOR, draft.colour)
    size = stored_value(portal, draft.product_id, SIZE, draft.size)
    number = portal.new_id("sku")
    sku = {
        "id": sku_id(colour["id"], number),
        "number": number,
        **draft.sku,
        "color_id": colour["id"],
        "size_id": size["id"],
    }
    portal.applied("skus", sku_label(sku), action)
    return portal.skus.put(number, sku)


def _fill(portal: JoorPortal, product_id: str, missing: list[Pair]) -> None:
    """The older rule: JOOR itself adds what is missing, without any key."""
    colours, sizes = ({value["value"] for value in values} for values in values_of(portal, product_id))
    blank = {"product_id": product_id, "external_id": "", "sku_identifier": "", "identifiers": []}
    for colour, size in missing:
        if colour in colours and size in sizes:
            _store(portal, _Draft(blank, TraitValue(colour, {}), TraitValue(size, {})), "fill")
