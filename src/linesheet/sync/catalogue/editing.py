"""What edits of the tree have in common: finding sections in it, refusing, and numbering."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection as database
from django.db.models import Value
from django.db.models.functions import Lower

from linesheet.books.tenancy import company_in_hand
from linesheet.sync.catalogue.reading import Node, Tree, shown
from linesheet.sync.catalogue.rules import (
    SECTION_GONE,
    SECTION_TAKEN,
    SECTION_TOO_DEEP,
    CatalogueRefused,
    last_level,
    may_lie,
)
from linesheet.sync.models import Section
from linesheet.sync.platform import Catalogue


class Where(StrEnum):
    """Where something is put, by what it is put beside."""

    INTO = "into"
    BEFORE = "before"
    AFTER = "after"


class Step(StrEnum):
    """One step of a section through its tree, or of a product through its section."""

    UP = "up"
    DOWN = "down"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Changed:
    """How many sections, and how many places of products, an edit has made or unmade."""

    section_id: int
    sections: int
    places: int


def must(tree: Tree, pk: int) -> Node:
    node = tree.by_id.get(pk)
    if node is None:
        raise CatalogueRefused(SECTION_GONE)
    return node


def node_of(tree: Tree, pk: int | None) -> Node | None:
    return None if pk is None else must(tree, pk)


def path_to(node: Node | None) -> tuple[str, ...]:
    return node.path if node else ()


def id_of(node: Node | None) -> int | None:
    return node.pk if node else None


def namesake(tree: Tree, connection_id: int, parent: Node | None, name: str) -> Node | None:
    """The section of that name in another; the database says what is the same without case."""
    siblings = Section.objects.filter(connection_id=connection_id, parent_id=id_of(parent))
    found = siblings.alias(folded=Lower("name")).filter(folded=Lower(Value(name)))
    pk = found.order_by().values_list("pk", flat=True).first()
    return tree.by_id[pk] if pk else None


def refuse_taken(tree: Tree, parent: Node | None, name: str, connection_id: int, but: Node | None = None) -> None:
    taken = namesake(tree, connection_id, parent, name)
    if taken is not None and taken is not but:
        raise CatalogueRefused(SECTION_TAKEN, section=shown(taken.path))


def refuse_too_deep(path: tuple[str, ...], rules: Catalogue) -> None:
    if not may_lie(rules, len(path)):
        raise CatalogueRefused(SECTION_TOO_DEEP, section=shown(path), last=last_level(rules))


def number(siblings: Sequence[Node]) -> None:
    """Have sections stand in this order."""
    ids = [node.pk for node in siblings]
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE sync_section SET position = ranked.rank - 1"
            " FROM unnest(%s::bigint[]) WITH ORDINALITY AS ranked (id, rank)"
            " WHERE sync_section.id = ranked.id AND position <> ranked.rank - 1 AND company_id = %s",
            [ids, company_in_hand()],
        )
