"""Rules of the books that undo keeps to: which rows may not go back to what they were, though nobody changed them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from linesheet.books.models import Change, ChangeSet, Order, OrderLine

INSERT, UPDATE, DELETE = Change.Operation.INSERT, Change.Operation.UPDATE, Change.Operation.DELETE


@dataclass(frozen=True, slots=True)
class Veto:
    """Why a row may not go back, to follow its name, such as "is locked".

    `of` is the table and id of the row that is told of in its stead, for what is part of another.
    """

    why: str
    of: tuple[str, int] | None = None


Rule = Callable[[ChangeSet, Sequence[int], Sequence[int]], Mapping[int, Veto]]
"""Of a change set, some changes of one table and operation, and their rows: the rows that may not go back.

Asked inside the transaction that undoes, of at most a few thousand rows at once; what it judges by it should lock.
"""

_RULES: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)


def register(table: str, operations: Sequence[str], rule: Rule) -> None:
    """Have undo ask a rule before it takes back such operations on a table. For floors above, when they are loaded."""
    for operation in operations:
        if rule not in _RULES[table, operation]:
            _RULES[table, operation].append(rule)


def vetoes(
    change_set: ChangeSet, table: str, operation: str, changes: Sequence[int], rows: Sequence[int]
) -> dict[int, Veto]:
    """The rows that may not go back, by what all rules say."""
    found: dict[int, Veto] = {}
    for rule in _RULES.get((table, operation), ()):
        found |= rule(change_set, changes, rows)
    return found


def _locked_orders(change_set: ChangeSet, changes: Sequence[int], rows: Sequence[int]) -> Mapping[int, Veto]:
    return {pk: Veto("is locked") for pk in _locked_since(change_set, rows)}


def _lines_of_locked_orders(change_set: ChangeSet, changes: Sequence[int], rows: Sequence[int]) -> Mapping[int, Veto]:
    orders = dict(OrderLine.objects.filter(pk__in=rows).order_by().values_list("pk", "order_id"))
    deleted = Change.objects.filter(pk__in=changes, operation=DELETE).order_by()
    orders |= dict(deleted.values_list("row", "before__order_id"))
    locked = _locked_since(change_set, list(set(orders.values())))
    return {
        row: Veto("is locked", of=(Order._meta.db_table, order)) for row, order in orders.items() if order in locked
    }


def _locked_since(change_set: ChangeSet, orders: Sequence[int]) -> set[int]:
    """Those of these orders that are locked, unless this very change set locked them and the ERP has none of them."""
    held = Order.objects.select_for_update(no_key=True).filter(pk__in=orders)
    rows = list(held.values_list("pk", "locked", "acknowledged_at"))
    locked = {pk for pk, is_locked, _ in rows if is_locked}
    if not locked:
        return locked
    taken = {pk for pk, _, acknowledged_at in rows if acknowledged_at}
    ours = change_set.changes.filter(table=Order._meta.db_table, row__in=locked - taken, after__locked=True)
    return locked - set(ours.order_by().values_list("row", flat=True))


register(Order._meta.db_table, (INSERT, UPDATE), _locked_orders)
register(OrderLine._meta.db_table, (INSERT, UPDATE, DELETE), _lines_of_locked_orders)
