"""Placing products in sections, moving them between sections and within one."""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import QuerySet

from linesheet.books.bulk import insert, save_changed
from linesheet.books.models import Product
from linesheet.sync.catalogue.once import held_once_by, others_in_scope
from linesheet.sync.catalogue.reading import path_of, read_tree, shown
from linesheet.sync.catalogue.rules import (
    PLACED_ELSEWHERE,
    SECTION_GONE,
    CatalogueRefused,
    check_levels,
    locked,
    rules_of,
)
from linesheet.sync.models import Placement, Section
from linesheet.sync.platform import Catalogue


def place(section: Section, products: Iterable[Product], rules: Catalogue | None = None, *, take: bool = False) -> int:
    """Place products in a section, behind those there; how many were not in it yet.

    `rules` are those the connection's platform declares, unless given. Raises CatalogueRefused when products
    may not be placed at this level, or one is elsewhere where it may be once; then none is. With `take`, these are
    moved here instead.
    """
    rules = rules or rules_of(section.connection)
    by_id = {product.pk: product for product in products}
    with locked(section.connection_id):
        check_levels(section, rules)
        if rules.once:
            others = _others(section, by_id, rules)
            if take:
                others.delete()
            else:
                _refuse_second_place(others, rules)
        here = Placement.objects.filter(section=section)
        known = set(here.values_list("product_id", flat=True))
        last = max(here.values_list("position", flat=True), default=-1)
        new = [pk for pk in by_id if pk not in known]
        rows = [(section.pk, pk, position) for position, pk in enumerate(new, start=last + 1)]
        insert(Placement, ("section", "product", "position"), rows)
    return len(new)


def unplace(section: Section, products: Iterable[Product | int]) -> int:
    """Take products, or those of these ids, out of a section; how many were in it."""
    ids = [product if isinstance(product, int) else product.pk for product in products]
    gone, _ = Placement.objects.filter(section=section, product_id__in=ids).delete()
    return int(gone)


def move_products(
    source: Section,
    product_ids: Iterable[int],
    target: Section,
    position: int | None = None,
    rules: Catalogue | None = None,
) -> int:
    """Move products from one section to another of the same catalogue, or to another place in it; how many.

    They stand there in the order they are given, at `position` among the others (0 the first), or behind them.
    Those that are not in `source` (any more) are left alone; one that is in `target` already is there once. Raises
    CatalogueRefused when products may not be placed in `target`, or one is elsewhere where it may be once.
    """
    rules = rules or rules_of(target.connection)
    wanted = list(dict.fromkeys(product_ids))
    with locked(target.connection_id):
        if source.connection_id != target.connection_id:
            raise CatalogueRefused(SECTION_GONE)
        check_levels(target, rules)
        of_source = Placement.objects.filter(section=source)
        if rules.once:
            _refuse_second_place(_others(target, wanted, rules).exclude(section=source), rules)
        there = {each.product_id: each for each in of_source.filter(product_id__in=wanted)}
        moved = [there[pk] for pk in wanted if pk in there]
        others = list(
            Placement.objects.filter(section=target).exclude(product_id__in=list(there)).order_by("position", "id")
        )
        if source.pk != target.pk:
            Placement.objects.filter(section=target, product_id__in=list(there)).delete()
            for each in moved:
                each.section_id = target.pk
            save_changed(moved, ["section"])
        at = len(others) if position is None else min(max(position, 0), len(others))
        _number([*others[:at], *moved, *others[at:]])
    return len(moved)


def elsewhere(
    section: Section, product_ids: Collection[int], rules: Catalogue | None = None
) -> dict[int, tuple[str, ...]]:
    """Where those of these products are that are in another section of the catalogue: the names from the top.

    With `rules`, only what keeps them from being in this one as well counts. Of several places of a product, the first
    in the order of the tree. Two queries, three with rules.
    """
    nodes = read_tree(section.connection_id).by_id
    ranks = {pk: rank for rank, pk in enumerate(nodes)}
    first: dict[int, int] = {}
    for product_id, section_id in _others(section, product_ids, rules).values_list("product_id", "section_id"):
        if product_id not in first or ranks[section_id] < ranks[first[product_id]]:
            first[product_id] = section_id
    return {product_id: nodes[section_id].path for product_id, section_id in first.items()}


def _others(section: Section, product_ids: Collection[int], rules: Catalogue | None = None) -> "QuerySet[Placement]":
    """The places these products have in other sections of the catalogue, or in those where they may not be as well."""
    placed: QuerySet[Placement] = Placement.objects.filter(
        section__connection_id=section.connection_id, product_id__in=list(product_ids)
    )
    placed = placed.exclude(section=section).order_by()
    if rules is None or (rules.once and not rules.once_below):
        return placed
    tree = read_tree(section.connection_id)
    return placed.filter(section_id__in=others_in_scope(tree, tree.by_id[section.pk], rules))


def _refuse_second_place(others: "QuerySet[Placement]", rules: Catalogue) -> None:
    first = others.order_by("product_id", "id").select_related("section", "product").first()
    if first is not None:
        raise CatalogueRefused(
            PLACED_ELSEWHERE,
            product=first.product,
            place=shown(path_of(first.section)),
            holder=held_once_by(rules),
        )


def _number(placements: Sequence[Placement]) -> None:
    """Have placements stand in this order."""
    moved = []
    for position, each in enumerate(placements):
        if each.position != position:
            each.position = position
            moved.append(each)
    save_changed(moved, ["position"])
