"""Moving sections, with all that is below them."""

from linesheet.sync.catalogue.editing import (
    Step,
    Where,
    id_of,
    must,
    node_of,
    number,
    path_to,
    refuse_taken,
    refuse_too_deep,
)
from linesheet.sync.catalogue.once import refuse_twice
from linesheet.sync.catalogue.reading import Node, Tree, read_tree, shown
from linesheet.sync.catalogue.rules import (
    BELOW_ITSELF,
    MOVED_TOO_HIGH,
    CatalogueRefused,
    level_name,
    locked,
    needed_depth,
    rules_of,
)
from linesheet.sync.models import Placement, Section
from linesheet.sync.platform import Catalogue


def move(section: Section, parent_id: int | None, position: int | None = None, rules: Catalogue | None = None) -> bool:
    """Move a section, with all below it, into another or to the top; whether anything moved.

    `position` is its place among the sections there, 0 the first; None is behind them. Raises CatalogueRefused
    when it would lie below itself, its name is taken there, it or its products would be at a level that the catalogue
    does not allow, or a product would be held twice there.
    """
    rules = rules or rules_of(section.connection)
    with locked(section.connection_id):
        tree = read_tree(section.connection_id)
        return _moved(tree, section, node_of(tree, parent_id), position, rules)


def move_beside(section: Section, target_id: int | None, where: Where, rules: Catalogue | None = None) -> bool:
    """Move a section before or after another one, or into it; None is the top. Refuses what `move` refuses."""
    rules = rules or rules_of(section.connection)
    with locked(section.connection_id):
        tree = read_tree(section.connection_id)
        target = node_of(tree, target_id)
        if target is None or where is Where.INTO:
            return _moved(tree, section, target, None, rules)
        if target.pk == section.pk:
            return False
        others = [each.pk for each in tree.siblings(target.parent) if each.pk != section.pk]
        at = others.index(target.pk) + (where is Where.AFTER)
        return _moved(tree, section, target.parent, at, rules)


def step(section: Section, way: Step, rules: Catalogue | None = None) -> bool:
    """Move a section one step: among its siblings, out of its parent, or into the sibling before it.

    False where there is no such step. Refuses what `move` refuses.
    """
    rules = rules or rules_of(section.connection)
    with locked(section.connection_id):
        tree = read_tree(section.connection_id)
        node = must(tree, section.pk)
        siblings = tree.siblings(node.parent)
        at = siblings.index(node)
        match way:
            case Step.UP if at > 0:
                return _moved(tree, section, node.parent, at - 1, rules)
            case Step.DOWN:
                return _moved(tree, section, node.parent, at + 1, rules)
            case Step.OUT if node.parent is not None:
                uncles = tree.siblings(node.parent.parent)
                return _moved(tree, section, node.parent.parent, uncles.index(node.parent) + 1, rules)
            case Step.IN if at > 0:
                return _moved(tree, section, siblings[at - 1], None, rules)
        return False


def _moved(tree: Tree, section: Section, parent: Node | None, position: int | None, rules: Catalogue) -> bool:
    node = must(tree, section.pk)
    if parent is not None and (parent is node or node in parent.above()):
        raise CatalogueRefused(BELOW_ITSELF, section=shown(node.path), target=shown(parent.path))
    if parent is not node.parent:
        refuse_taken(tree, parent, node.name, section.connection_id)
        _refuse_levels(node, path_to(parent), rules)
    siblings = [each for each in tree.siblings(parent) if each is not node]
    at = len(siblings) if position is None else min(max(position, 0), len(siblings))
    siblings.insert(at, node)
    if parent is node.parent and siblings == tree.siblings(parent):
        return False
    if parent is not node.parent:
        section.parent_id = id_of(parent)
        Section.objects.filter(pk=node.pk).update(parent_id=section.parent_id)
        if rules.once:
            moved = read_tree(section.connection_id)
            refuse_twice(moved, must(moved, node.pk), rules)
    number(siblings)
    return True


def _refuse_levels(node: Node, above: tuple[str, ...], rules: Catalogue) -> None:
    """Raise CatalogueRefused when a section, anything below it or its products may not lie under that path."""
    cut = node.depth - 1
    for each in node.walk():
        refuse_too_deep((*above, *each.path[cut:]), rules)
    needed = needed_depth(rules)
    too_high = [each for each in node.walk() if len(above) + each.depth - cut < needed]
    placed = Placement.objects.filter(section_id__in=[each.pk for each in too_high]).order_by()
    filled = set(placed.values_list("section_id", flat=True).distinct()) if too_high else set()
    for each in too_high:
        if each.pk in filled:
            level = level_name(rules, len(above) + each.depth - cut)
            raise CatalogueRefused(
                MOVED_TOO_HIGH, section=shown(each.path), level=level, needed=level_name(rules, needed)
            )
