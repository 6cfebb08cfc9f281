"""How often a catalogue holds a product: as often as one likes, or once in all or under each section of a level."""

from collections.abc import Iterable

from django.db.models import Count

from linesheet.books.models import Product
from linesheet.sync.catalogue.reading import Node, Tree, shown
from linesheet.sync.catalogue.rules import HELD_TWICE, CatalogueRefused, level_name
from linesheet.sync.models import Placement
from linesheet.sync.platform import Catalogue

WHOLE = 0


def held_once_by(rules: Catalogue) -> str:
    """What holds a product once, for sentences; "" where nothing does."""
    if not rules.once:
        return ""
    if not rules.once_below:
        return "this catalogue"
    level = level_name(rules, rules.once_below)
    return f"{'an' if level[:1] in 'AEIOU' else 'a'} {level}"


def scope_of(node: Node, rules: Catalogue) -> int:
    """The id of the section under which a product is held once that is in this one; WHOLE for the whole catalogue."""
    if not rules.once_below:
        return WHOLE
    line = [*node.above(), node]
    return line[min(rules.once_below, len(line)) - 1].pk


def others_in_scope(tree: Tree, node: Node, rules: Catalogue) -> list[int]:
    """The other sections in which a product may not be that is in this one."""
    if not rules.once:
        return []
    scope = scope_of(node, rules)
    if scope == WHOLE:
        within: Iterable[Node] = tree.by_id.values()
    else:
        within = tree.by_id[scope].walk()
    return [each.pk for each in within if each.pk != node.pk and scope_of(each, rules) == scope]


def may_be_copied(node: Node, rules: Catalogue) -> bool:
    """Whether the products of a section may be in a copy beside it as well."""
    return not rules.once or node.depth <= rules.once_below


def refuse_twice(tree: Tree, node: Node, rules: Catalogue) -> None:
    """Raise CatalogueRefused when a product is held twice where a section with all below it lies now."""
    if not rules.once or not rules.once_below or node.depth <= rules.once_below:
        return
    top = tree.by_id[scope_of(node, rules)]
    placed = Placement.objects.filter(section_id__in=[each.pk for each in top.walk()]).order_by()
    twice = placed.values("product_id").annotate(places=Count("pk")).filter(places__gt=1).order_by("product_id").first()
    if twice:
        product = Product.objects.get(pk=twice["product_id"])
        raise CatalogueRefused(HELD_TWICE, product=product, place=shown(top.path), holder=held_once_by(rules))
