"""What the pages of a catalogue are made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.http import Http404
from django.urls import reverse

from linesheet.books.models import Image, Product
from linesheet.books.reasons import Said
from linesheet.sync.catalogue import CatalogueRefused, Node, Tree, level_name, may_hold, may_lie, rules_of
from linesheet.sync.catalogue.warnings import Tally, Warn
from linesheet.sync.models import Connection, Section
from linesheet.sync.platform import Catalogue
from linesheet.web.access import MemberRequest

FEW = 60
"""A tree of so many sections is shown unfolded until somebody folds it."""
UNFOLDED = "unfolded"
"""The cookie in which the page keeps the ids of the sections that are unfolded."""


@dataclass(frozen=True, slots=True)
class Row:
    """A section as a line of the tree; `ends` has one entry for each list that ends behind it."""

    node: Node
    tally: Tally
    level: str
    unfolded: bool
    here: bool
    at: bool
    ends: range


@dataclass(frozen=True, slots=True)
class Placed:
    """A product in a section, with its place there, 1 the first, and its main image."""

    product: Product
    position: int
    image: Image | None
    warnings: tuple[Warn, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A dialog over the page: which, and what was given and refused if it comes back."""

    kind: str
    given: Mapping[str, Any] = field(default_factory=dict)
    refused: Said | None = None

    @property
    def template(self) -> str:
        """Its template."""
        return f"web/catalogue/dialogs/{self.kind}.html"


def rules_or_404(connection: Connection) -> Catalogue:
    """The rules of the connection's catalogue. Raises Http404 when its platform has none."""
    try:
        return rules_of(connection)
    except (CatalogueRefused, KeyError):
        raise Http404 from None


def node_or_404(tree: Tree, pk: int | None) -> Node | None:
    """The section of that id in the tree; None for None. Raises Http404."""
    if pk is None:
        return None
    if pk not in tree.by_id:
        raise Http404
    return tree.by_id[pk]


def section_or_404(connection: Connection, pk: int) -> Section:
    """The section of that id, if it is the connection's. Raises Http404."""
    section: Section | None = Section.objects.filter(pk=pk, connection=connection).first()
    if section is None:
        raise Http404
    section.connection = connection
    return section


def address(connection: Connection, section_id: int | None) -> str:
    """The page of a section, or of the whole catalogue."""
    if section_id is None:
        return reverse("catalogue", args=[connection.pk])
    return reverse("catalogue_section", args=[connection.pk, section_id])


def tree_rows(
    request: MemberRequest, tree: Tree, rules: Catalogue, tallies: Mapping[int, Tally], here: Node | None
) -> Iterator[Row]:
    """The lines of the tree, in order, without those in folded sections.

    What leads to the open section, and to the one asked for by `at`, is unfolded.
    """
    at = tree.by_id.get(_number(request.GET.get("at")) or 0)
    unfolded = _unfolded(request, tree)
    for leaf in (here, at):
        unfolded |= {each.pk for each in leaf.above()} if leaf else set()
    if here is not None:
        unfolded.add(here.pk)
    return _rows(tree.top, rules, tallies, unfolded, here, at)


def branch_rows(
    request: MemberRequest, tree: Tree, rules: Catalogue, tallies: Mapping[int, Tally], node: Node
) -> Iterator[Row]:
    """The lines of what is in a section that was folded."""
    return _rows(node.children, rules, tallies, _unfolded(request, tree), None, None)


def _rows(
    top: list[Node],
    rules: Catalogue,
    tallies: Mapping[int, Tally],
    unfolded: set[int],
    here: Node | None,
    at: Node | None,
) -> Iterator[Row]:
    seen: list[Node] = []
    to_do = top[::-1]
    while to_do:
        node = to_do.pop()
        seen.append(node)
        if node.pk in unfolded:
            to_do += node.children[::-1]
    for each, following in pairwise([*seen, None]):
        assert each is not None
        depth = following.depth if following else top[0].depth
        yield Row(
            node=each,
            tally=tallies[each.pk],
            level=level_name(rules, each.depth),
            unfolded=each.pk in unfolded,
            here=each is here,
            at=each is at,
            ends=range(each.depth - depth),
        )


def section_facts(rules: Catalogue, tree: Tree, node: Node | None, tallies: Mapping[int, Tally]) -> dict[str, Any]:
    """What the open section, or the whole catalogue, says of itself."""
    depth = node.depth if node else 0
    below = tree.siblings(node)
    total = Tally()
    for each in [node] if node else tree.top:
        total.add(tallies[each.pk])
    return {
        "node": node,
        "above": node.above() if node else [],
        "level": level_name(rules, depth) if node else "",
        "next_level": level_name(rules, depth + 1) if may_lie(rules, depth + 1) else "",
        "holds": node is not None and may_hold(rules, depth),
        "below": [(each, tallies[each.pk]) for each in below],
        "tally": total,
        "sections": len(tree.by_id),
    }


def ids_in(text: str) -> list[int]:
    """The ids in a list with commas, each once; what is no id is left out."""
    parts = (part.strip() for part in text.split(","))
    return list(dict.fromkeys(int(part) for part in parts if part.isdecimal() and len(part) < 19))


def _unfolded(request: MemberRequest, tree: Tree) -> set[int]:
    kept = request.COOKIES.get(UNFOLDED)
    if kept is None:
        return set(tree.by_id) if len(tree.by_id) <= FEW else set()
    return {pk for pk in (_number(part) for part in kept.split(".")) if pk}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None
