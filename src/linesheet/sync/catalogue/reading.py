"""Reading a catalogue: its tree, and where each product is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, QuerySet

from linesheet.books.models import Product
from linesheet.sync.models import Placement, Section


@dataclass(slots=True, eq=False)
class Node:
    """A section in its tree. `path` holds the names from the top, its own last; `children` are in their order."""

    pk: int
    name: str
    position: int
    parent: "Node | None"
    path: tuple[str, ...]
    children: "list[Node]" = field(default_factory=list, repr=False)

    @property
    def depth(self) -> int:
        """How deep it lies, 1 at the top."""
        return len(self.path)

    def above(self) -> "list[Node]":
        """The sections above it, from the top."""
        found: list[Node] = []
        node = self.parent
        while node is not None:
            found.append(node)
            node = node.parent
        return found[::-1]

    def walk(self) -> "Iterator[Node]":
        """This section and all below it, in the order the tree shows them."""
        to_do = [self]
        while to_do:
            node = to_do.pop()
            yield node
            to_do += reversed(node.children)


@dataclass(slots=True)
class Tree:
    """All sections of a connection; `by_id` is in the order the tree shows them."""

    top: list[Node] = field(default_factory=list)
    by_id: dict[int, Node] = field(default_factory=dict)

    def siblings(self, parent: Node | None) -> list[Node]:
        """The sections in a section, or those at the top."""
        return self.top if parent is None else parent.children


def read_tree(connection_id: int) -> Tree:
    """The connection's tree of sections. One query."""
    below: dict[int | None, list[tuple[int, str, int]]] = defaultdict(list)
    sections = Section.objects.filter(connection_id=connection_id).order_by("position", "id")
    for pk, parent_id, name, position in sections.values_list("pk", "parent_id", "name", "position"):
        below[parent_id].append((pk, name, position))
    tree = Tree()
    to_do = [Node(pk, name, position, None, (name,)) for pk, name, position in reversed(below[None])]
    while to_do:
        node = to_do.pop()
        tree.by_id[node.pk] = node
        tree.siblings(node.parent).append(node)
        to_do += [Node(pk, name, position, node, (*node.path, name)) for pk, name, position in reversed(below[node.pk])]
    return tree


def products_in_catalogue(connection_id: int) -> "QuerySet[Product]":
    """All products that are placed in the connection's catalogue, each once."""
    placed = Placement.objects.filter(section__connection_id=connection_id, product=OuterRef("pk"))
    products: QuerySet[Product] = Product.objects.filter(Exists(placed))
    return products


def placement_paths(connection_id: int, product_ids: Iterable[int]) -> dict[int, list[tuple[str, ...]]]:
    """Section names from the top for each place of each product, places in the order the tree shows them.

    Products that are not placed are left out. Two queries, however many products.
    """
    nodes = read_tree(connection_id).by_id
    order = {section_id: rank for rank, section_id in enumerate(nodes)}
    found: dict[int, list[int]] = defaultdict(list)
    rows = Placement.objects.filter(section__connection_id=connection_id, product_id__in=list(product_ids))
    for product_id, section_id in rows.order_by().values_list("product_id", "section_id"):
        found[product_id].append(section_id)
    return {
        product_id: [nodes[section_id].path for section_id in sorted(section_ids, key=order.__getitem__)]
        for product_id, section_ids in found.items()
    }


def path_of(section: Section) -> tuple[str, ...]:
    """The section's name and those above it, from the top. One query."""
    above = Section.objects.all().ancestors(section, include_self=True)
    return tuple(above.values_list("name", flat=True))


def shown(path: Sequence[str]) -> str:
    """A path as people read it."""
    return " > ".join(path)
