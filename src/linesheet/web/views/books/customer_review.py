"""Customers that orders brought: saying that one is reviewed, and merging it into another that is the same."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from linesheet.books.changes import recorded
from linesheet.books.customers import change_customers
from linesheet.books.kinds import CUSTOMER, called
from linesheet.books.merging import MergeRefused
from linesheet.books.models import Customer
from linesheet.books.words import counted
from linesheet.sync import merging as rules
from linesheet.sync import rights
from linesheet.sync.matches import Suggested, customers_alike
from linesheet.sync.merging import Merging
from linesheet.sync.models import Connection
from linesheet.web.access import MayNot, MemberRequest, editors_only
from linesheet.web.undoing import offer_undo

FOUND = 12


@require_POST
@editors_only("change customers")
def reviewed(request: MemberRequest, customer_id: int) -> HttpResponseBase:
    """Say that somebody has looked at a customer that an order brought."""
    customer = _customer_or_404(customer_id)
    says = f"{customer} is reviewed."
    with recorded("customer", says, by=request.user) as changes:
        change_customers(Customer.objects.filter(pk=customer.pk), unreviewed=False)
    offer_undo(request, changes, says)
    return redirect("customer", customer.pk)


@editors_only("merge customers")
def merge(request: MemberRequest, customer_id: int) -> HttpResponseBase:
    """Choose the customer that another is to be merged into, see what moves, and do it."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    customer = _customer_or_404(customer_id)
    chosen = (request.POST if request.method == "POST" else request.GET).get("into", "")
    kept = _customer_or_404(int(chosen)) if chosen.isdecimal() else None
    if kept is None:
        if request.method == "POST":
            messages.error(request, "Choose a customer first.")
        return _choose(request, customer)
    try:
        planned = rules.merging(customer, kept)
        _check(request, planned.connections)
        if request.method != "POST":
            return render(request, "web/customers/merge.html", {"customer": customer, "kept": kept, "planned": planned})
        says = f"{customer} is merged into {kept}."
        with recorded("customer", says, by=request.user) as changes:
            done = rules.merge(customer, kept, by=request.user)
            changes.says = f"{says} {_told(done)}"
    except MergeRefused as refused:
        messages.error(request, str(refused))
        return redirect("customer", customer.pk)
    offer_undo(request, changes, changes.says)
    return redirect("customer", kept.pk)


def _choose(request: MemberRequest, customer: Customer) -> HttpResponseBase:
    wanted = request.GET.get("customer", "").strip()
    found = [Suggested(one, one.account_code) for one in called(CUSTOMER, wanted, FOUND + 1)]
    offered = found if wanted else customers_alike(customer)
    others = [each for each in offered if each.record.pk != customer.pk][:FOUND]
    return render(
        request, "web/customers/merge_choose.html", {"customer": customer, "wanted": wanted, "others": others}
    )


def _check(request: MemberRequest, connections: Iterable[Connection]) -> None:
    """Raises MayNot where something moves of a connection whose records one may not match."""
    for connection in connections:
        if not request.may.match(connection):
            known = f"that {connection} knows" if request.may.see(connection) else "that another connection knows"
            raise MayNot(f"merge a customer {known}", rights.who_may_match(connection))


def _told(done: Merging) -> str:
    """What went along, in a sentence."""
    parts = [
        counted(done.books.orders, "order"),
        counted(len(done.books.addresses), "address", "addresses"),
        counted(len(done.books.contacts), "contact"),
        counted(len(done.links) + len(done.doubled), "link"),
    ]
    return f"{', '.join(parts[:-1])} and {parts[-1]} went along."


def _customer_or_404(customer_id: int) -> Customer:
    customers = Customer.objects.select_related("price_list", "hold_status", "merged_into")
    found: Customer = get_object_or_404(customers, pk=customer_id)
    return found
