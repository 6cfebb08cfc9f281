"""What is done to many orders at once, wherever orders are listed: each with a way back, and every refusal named."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from linesheet.books import many_orders as rules
from linesheet.books.changes import recorded
from linesheet.books.models import Order
from linesheet.books.words import counted
from linesheet.web.access import MemberRequest, may_edit_books
from linesheet.web.lists import Action
from linesheet.web.lists.declared import Do, Rows
from linesheet.web.undoing import offer_undo

MOST_TOLD = 200

OrdersOf = Callable[[Rows], tuple["QuerySet[Order]", int]]
"""The orders of the selected rows, and how many of the rows are no orders yet."""


def orders_themselves(rows: Rows) -> "tuple[QuerySet[Order], int]":
    """Of a list whose rows are orders."""
    return rows, 0


def order_actions(orders_of: OrdersOf = orders_themselves) -> tuple[Action, ...]:
    """Approve and Inactivate, for a list of orders or of what became orders."""
    approve = _do("approved", rules.approve_all, orders_of)
    inactivate = _do("inactivated", rules.inactivate_all, orders_of)
    return (
        Action(key="approve", label="Approve", do=approve, allowed=may_edit_books),
        Action(key="inactivate", label="Inactivate", do=inactivate, allowed=may_edit_books),
    )


def _do(did: str, rule: "Callable[[QuerySet[Order]], rules.Changed]", orders_of: OrdersOf) -> Do:
    def do(request: MemberRequest, rows: Rows) -> HttpResponse | None:
        orders, without = orders_of(rows)
        with recorded("orders", f"Orders {did}.", by=request.user, subject="orders") as change_set:
            changed = rule(orders)
            change_set.says = f"{counted(changed.done, 'order')} {did}."
        says = [change_set.says]
        if changed.already:
            says.append(f"{counted(changed.already, 'was', 'were')} so already.")
        if without:
            says.append(f"{without:,} of the selected not in the books yet.")
        offer_undo(request, change_set, " ".join(says))
        return _refusals(request, did, changed) if changed.refused else None

    return do


def _refusals(request: MemberRequest, did: str, changed: rules.Changed) -> HttpResponse:
    """The orders that stay as they were, each with its reason, on a page of its own."""
    told, count = changed.refused[:MOST_TOLD], len(changed.refused)
    given = {"did": did, "refused": told, "count": count, "more": count - len(told)}
    return render(request, "web/orders/refused.html", given)
