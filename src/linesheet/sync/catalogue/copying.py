"""Copying a section with all that is below it, as for a new season."""

from enum import StrEnum

from django.db import connection as database

from linesheet.books.tenancy import company_in_hand
from linesheet.sync.catalogue.editing import Changed, id_of, must, number, path_to, refuse_taken
from linesheet.sync.catalogue.once import held_once_by, may_be_copied
from linesheet.sync.catalogue.reading import Node, read_tree, shown
from linesheet.sync.catalogue.rules import COPIED_TWICE, CatalogueRefused, locked, rules_of, tidy
from linesheet.sync.models import Section
from linesheet.sync.platform import Catalogue


class Keep(StrEnum):
    """What becomes of the products of a tree that is copied."""

    COPIED = "copied"
    LEFT = "left"
    MOVED = "moved"


def copy(section: Section, name: str, keep: Keep, rules: Catalogue | None = None) -> Changed:
    """Copy a section with all below it, under another name, behind it; its products as `keep` says.

    Raises CatalogueRefused as `add_under` does, and when products would be held twice where they may be once.
    """
    rules = rules or rules_of(section.connection)
    name = tidy(name)
    with locked(section.connection_id):
        tree = read_tree(section.connection_id)
        node = must(tree, section.pk)
        if keep is Keep.COPIED and not may_be_copied(node, rules):
            raise CatalogueRefused(COPIED_TWICE, section=shown(node.path), holder=held_once_by(rules))
        refuse_taken(tree, node.parent, name, section.connection_id)
        copies = _copied(section.connection_id, node, name)
        new = Node(copies[node.pk], name, 0, node.parent, (*path_to(node.parent), name))
        siblings = list(tree.siblings(node.parent))
        siblings.insert(siblings.index(node) + 1, new)
        number(siblings)
        places = 0 if keep is Keep.LEFT else _hand_on(copies, move=keep is Keep.MOVED)
    return Changed(new.pk, len(copies), places)


def _copied(connection_id: int, top: Node, name: str) -> dict[int, int]:
    """New sections like this one and all below it, level by level; the id of each copy by that of its original."""
    copies: dict[int, int] = {}
    level = [top]
    while level:
        rows = [
            Section(
                company_id=company_in_hand(),
                connection_id=connection_id,
                parent_id=id_of(node.parent) if node is top else copies[node.parent.pk],  # type: ignore[union-attr]
                name=name if node is top else node.name,
                position=node.position,
            )
            for node in level
        ]
        made = Section.objects.bulk_create(rows)
        copies.update((node.pk, row.pk) for node, row in zip(level, made, strict=True))
        level = [child for node in level for child in node.children]
    return copies


_COPY_PLACES = """
    INSERT INTO sync_placement (company_id, section_id, product_id, position)
    SELECT company_id, pair.copy, product_id, position
    FROM sync_placement JOIN unnest(%s::bigint[], %s::bigint[]) AS pair (original, copy) ON section_id = pair.original
    WHERE company_id = %s
"""
_MOVE_PLACES = """
    UPDATE sync_placement SET section_id = pair.copy
    FROM unnest(%s::bigint[], %s::bigint[]) AS pair (original, copy)
    WHERE section_id = pair.original AND company_id = %s
"""


def _hand_on(copies: dict[int, int], *, move: bool) -> int:
    """Copy the placements of sections to their copies, or move them; how many."""
    sql = _MOVE_PLACES if move else _COPY_PLACES
    with database.cursor() as cursor:
        cursor.execute(sql, [list(copies), list(copies.values()), company_in_hand()])
        return int(cursor.rowcount)
