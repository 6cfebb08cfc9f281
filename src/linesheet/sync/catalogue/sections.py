"""Adding, naming and removing sections."""

from collections.abc import Iterable, Sequence

from linesheet.sync.catalogue.editing import (
    Changed,
    id_of,
    must,
    namesake,
    node_of,
    path_to,
    refuse_taken,
    refuse_too_deep,
)
from linesheet.sync.catalogue.reading import Node, Tree, read_tree
from linesheet.sync.catalogue.rules import locked, rules_of, tidy
from linesheet.sync.models import Connection, Placement, Section
from linesheet.sync.platform import Catalogue


def add_section(connection: Connection, path: Sequence[str]) -> Section:
    """The section at the end of a path of names, each level added where it is missing; case does not count.

    Raises CatalogueRefused for a name that is empty or too long, and ValueError for an empty path.
    """
    if not path:
        raise ValueError("A path of sections has at least one name.")
    names = [tidy(name) for name in path]
    with locked(connection.pk):
        tree = read_tree(connection.pk)
        node: Node | None = None
        for at, name in enumerate(names):
            found = namesake(tree, connection.pk, node, name)
            if found is None:
                return _added(connection, tree, node, names[at:])
            node = found
    assert node is not None
    section: Section = Section.objects.get(pk=node.pk)
    return section


def add_under(connection: Connection, parent_id: int | None, name: str, rules: Catalogue | None = None) -> Section:
    """Add a section to the one of that id, or at the top, behind those there.

    Raises CatalogueRefused when the name is no name or is taken there, or the catalogue has no such level.
    """
    rules = rules or rules_of(connection)
    name = tidy(name)
    with locked(connection.pk):
        tree = read_tree(connection.pk)
        parent = node_of(tree, parent_id)
        refuse_taken(tree, parent, name, connection.pk)
        refuse_too_deep((*path_to(parent), name), rules)
        return _added(connection, tree, parent, [name])


def rename(section: Section, name: str) -> bool:
    """Give a section another name; whether it had another. Raises CatalogueRefused as `add_under` does."""
    name = tidy(name)
    with locked(section.connection_id):
        tree = read_tree(section.connection_id)
        node = must(tree, section.pk)
        if node.name == name:
            return False
        refuse_taken(tree, node.parent, name, section.connection_id, but=node)
        Section.objects.filter(pk=node.pk).update(name=name)
    section.name = name
    return True


def remove(section: Section) -> Changed:
    """Remove a section with all below it, and take their products out of it."""
    with locked(section.connection_id):
        node = must(read_tree(section.connection_id), section.pk)
        ids = [each.pk for each in node.walk()]
        places, _ = Placement.objects.filter(section_id__in=ids).delete()
        Section.objects.filter(pk__in=ids).delete()
    return Changed(node.pk, len(ids), int(places))


def _added(connection: Connection, tree: Tree, parent: Node | None, names: Iterable[str]) -> Section:
    """Add sections one below the other, the first behind those that are there; the last of them."""
    there = tree.siblings(parent)
    position = there[-1].position + 1 if there else 0
    parent_id = id_of(parent)
    section: Section | None = None
    for name in names:
        section = Section.objects.create(connection=connection, parent_id=parent_id, name=name, position=position)
        parent_id, position = section.pk, 0
    assert section is not None
    return section
