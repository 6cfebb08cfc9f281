"""What undo must ask `sync` about: records that are linked or matched, and catalogues that hold a product once."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from linesheet.books.models import Change, ChangeSet, Customer, Order, Product
from linesheet.books.vetoes import DELETE, INSERT, UPDATE, Veto, register
from linesheet.sync import moves, order_links, registry
from linesheet.sync.catalogue import held_once_by, read_tree
from linesheet.sync.catalogue.once import scope_of
from linesheet.sync.links import kinds_of
from linesheet.sync.models import Connection, Link, Match, Placement, Section
from linesheet.sync.platform import Catalogue


def register_all() -> None:
    """Have undo ask these rules from now on."""
    for kind, model in (("product", Product), ("customer", Customer), ("order", Order)):
        register(model._meta.db_table, (INSERT,), partial(_known_elsewhere, kind))
    register(Placement._meta.db_table, (DELETE,), _placed_since)
    for operation in (INSERT, DELETE):
        register(Link._meta.db_table, (operation,), partial(_link_of_order, operation))
    register(Link._meta.db_table, (UPDATE, DELETE), partial(moves.of_former_accounts, Link))
    register(Match._meta.db_table, (UPDATE, DELETE), partial(moves.of_former_accounts, Match))


def _known_elsewhere(of: str, change_set: ChangeSet, changes: Sequence[int], rows: Sequence[int]) -> Mapping[int, Veto]:
    """Records that a link or match names, which name them by text; those of the set itself go back with it."""
    found: dict[int, Veto] = {}
    ids = [str(row) for row in rows]
    for connection in Connection.objects.order_by("pk"):
        kinds = {of, *(kind for kind, each in kinds_of(connection).items() if each == of)}
        for model, how in ((Link, "linked"), (Match, "matched")):
            named: Any = model.objects.filter(connection=connection, kind__in=kinds, record_id__in=ids).order_by()
            by_row = {int(record): pk for record, pk in named.values_list("record_id", "pk")}
            if by_row:
                ours = change_set.changes.filter(table=model._meta.db_table, operation=INSERT)
                made = set(ours.filter(row__in=by_row.values()).order_by().values_list("row", flat=True))
                for row, pk in by_row.items():
                    if pk not in made:
                        found.setdefault(row, Veto(f"is {how} on {connection}"))
    return found


def _link_of_order(
    operation: str, change_set: ChangeSet, changes: Sequence[int], rows: Sequence[int]
) -> Mapping[int, Veto]:
    return order_links.not_undone(change_set, operation, changes, rows)


def _placed_since(change_set: ChangeSet, changes: Sequence[int], rows: Sequence[int]) -> Mapping[int, Veto]:
    """Placements that would come back although the product has got another place where it may be once."""
    gone = (
        Change.objects.filter(pk__in=changes).order_by().values_list("row", "before__section_id", "before__product_id")
    )
    places = {row: (section, product) for row, section, product in gone}
    sections = Section.objects.filter(pk__in={section for section, _ in places.values()}).order_by()
    of_section = dict(sections.values_list("pk", "connection_id"))
    # As whoever places products does: until the transaction ends, nobody else changes these catalogues.
    held = Connection.objects.select_for_update(no_key=True).filter(pk__in=set(of_section.values())).order_by("pk")
    once = {connection.pk: (connection, rules) for connection in held if (rules := _once_rules(connection))}
    if not once:
        return {}
    scopes: dict[int, tuple[int, int]] = {}
    for pk, (_, rules) in once.items():
        nodes = read_tree(pk).by_id.values()
        scopes |= {node.pk: (pk, scope_of(node, rules)) for node in nodes}
    rows_there = Placement.objects.filter(
        section__connection_id__in=once, product_id__in={product for _, product in places.values()}
    )
    placed = {
        (scopes[section], product) for section, product in rows_there.order_by().values_list("section_id", "product_id")
    }
    found: dict[int, Veto] = {}
    for row, (section, product) in places.items():
        if section in scopes and (scopes[section], product) in placed:
            connection, rules = once[of_section[section]]
            whole = f"the catalogue of {connection}"
            where = f"{held_once_by(rules)} of {whole}" if rules.once_below else whole
            found[row] = Veto(f"is elsewhere in {where} by now, which holds a product once,")
    return found


def _once_rules(connection: Connection) -> Catalogue | None:
    platform = registry.platforms().get(connection.platform)
    rules = platform.catalogue if platform else None
    return rules if rules and rules.once else None
