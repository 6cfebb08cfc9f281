"""The order of products within their section."""

from collections.abc import Iterable

from linesheet.sync.catalogue.editing import Step, Where
from linesheet.sync.catalogue.placing import move_products
from linesheet.sync.catalogue.rules import locked
from linesheet.sync.models import Placement, Section
from linesheet.sync.platform import Catalogue


def order_beside(
    section: Section, product_ids: Iterable[int], beside: int, where: Where, rules: Catalogue | None = None
) -> int:
    """Have products stand before or after another one of their section, in the order given; how many.

    0 when that other one is not in the section, or among them.
    """
    moved = list(dict.fromkeys(product_ids))
    with locked(section.connection_id):
        others = [pk for pk in _in_order(section) if pk not in set(moved)]
        if beside not in others:
            return 0
        at = others.index(beside) + (where is Where.AFTER)
        return move_products(section, moved, section, at, rules)


def step_product(section: Section, product_id: int, way: Step, rules: Catalogue | None = None) -> bool:
    """Move a product one place up or down in its section. False where there is no such place."""
    with locked(section.connection_id):
        order = _in_order(section)
        if product_id not in order:
            return False
        was = order.index(product_id)
        at = was - 1 if way is Step.UP else was + 1
        if not 0 <= at < len(order):
            return False
        return move_products(section, [product_id], section, at, rules) == 1


def _in_order(section: Section) -> list[int]:
    placed = Placement.objects.filter(section=section).order_by("position", "id")
    return list(placed.values_list("product_id", flat=True))
