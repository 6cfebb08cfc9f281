"""One customer: what it is, its addresses and people, where it is linked, and its orders."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from linesheet.books import addresses as address_rules
from linesheet.books import customers as rules
from linesheet.books.changes import recorded
from linesheet.books.models import Address, Contact, Customer, Order
from linesheet.books.reasons import Refused
from linesheet.sync.called import only_calls_us
from linesheet.sync.models import Connection, Link
from linesheet.sync.sources import brought_by, maker_of
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.declared import connections, platform_of
from linesheet.web.forms.customers import AddressForm, ContactForm, CustomerForm
from linesheet.web.undoing import offer_undo
from linesheet.web.views.books.customers import active_badge
from linesheet.web.views.books.order_columns import state_badges

LATEST = 10

Form = CustomerForm | AddressForm | ContactForm


@dataclass(frozen=True, slots=True)
class Linked:
    """A connection, and the record there that is this customer; None where there is none."""

    connection: Connection
    link: Link | None


@require_safe
def show(request: MemberRequest, customer_id: int) -> HttpResponse:
    """The page of a customer."""
    customer = _customer_or_404(customer_id)
    orders = Order.objects.filter(customer=customer)
    by_currency = orders.filter(active=True).order_by().values("currency")
    addresses = list(customer.addresses.all())
    latest = orders.select_related("season").defer("addresses", "comments").order_by("-number")[:LATEST]
    maker = maker_of(customer)
    return render(
        request,
        "web/customers/customer.html",
        {
            "customer": customer,
            "active": active_badge(customer),
            "kinds": [(kind, kind.label, [one for one in addresses if one.kind == kind]) for kind in Address.Kind],
            "contacts": customer.contacts.all(),
            "linked": _linked(request, customer),
            "maker": maker if maker and request.may.see(maker) else None,
            "brought_by": brought_by(customer) if customer.unreviewed else None,
            "merged": customer.merged.all(),
            "order_count": orders.count(),
            "sums": by_currency.annotate(orders=Count("pk"), sum_units=Sum("units"), value=Sum("total")),
            "orders": [(one, state_badges(one)) for one in latest],
        },
    )


@editors_only("add customers")
def new(request: MemberRequest) -> HttpResponseBase:
    """The form of a customer who is not in the books yet."""
    return _edited(request, Customer(), "is in the books now")


@editors_only("change customers")
def edit(request: MemberRequest, customer_id: int) -> HttpResponseBase:
    """The facts of a customer as a form."""
    return _edited(request, _customer_or_404(customer_id), "is saved")


@editors_only("change customers")
def new_address(request: MemberRequest, customer_id: int) -> HttpResponseBase:
    """The form of a further address."""
    customer = _customer_or_404(customer_id)
    kind = request.GET.get("kind", "")
    start = Address(customer=customer, kind=int(kind) if kind in ("1", "2", "3") else Address.Kind.DELIVERY)
    return _edited_address(request, start)


@editors_only("change customers")
def address(request: MemberRequest, customer_id: int, address_id: int) -> HttpResponseBase:
    """An address of a customer as a form."""
    return _edited_address(request, _address_or_404(customer_id, address_id))


@require_POST
@editors_only("change customers")
def remove_address(request: MemberRequest, customer_id: int, address_id: int) -> HttpResponseBase:
    """Take an address away; it can be undone."""
    return _removed(request, _address_or_404(customer_id, address_id), "address", address_rules.remove_address)


@editors_only("change customers")
def new_contact(request: MemberRequest, customer_id: int) -> HttpResponseBase:
    """The form of a further person."""
    return _edited_contact(request, Contact(customer=_customer_or_404(customer_id)))


@editors_only("change customers")
def contact(request: MemberRequest, customer_id: int, contact_id: int) -> HttpResponseBase:
    """A person at a customer as a form."""
    return _edited_contact(request, _contact_or_404(customer_id, contact_id))


@require_POST
@editors_only("change customers")
def remove_contact(request: MemberRequest, customer_id: int, contact_id: int) -> HttpResponseBase:
    """Take a contact away; it can be undone."""
    return _removed(request, _contact_or_404(customer_id, contact_id), "contact", rules.remove_contact)


def _edited(request: MemberRequest, customer: Customer, became: str) -> HttpResponseBase:
    name = customer.name if customer.pk else ""
    form = CustomerForm(request.POST or None, instance=customer)
    if _saved(request, form, "customer", rules.save_customer, lambda: f"{customer.name} {became}."):
        return redirect("customer", customer.pk)
    return _form(request, form, f"Change {name}" if name else "New customer", customer if name else None)


def _edited_address(request: MemberRequest, address: Address) -> HttpResponseBase:
    form = AddressForm(request.POST or None, instance=address)
    customer = address.customer
    if _saved(
        request, form, "address", address_rules.save_address, lambda: f"The address {address} of {customer} is saved."
    ):
        return redirect("customer", customer.pk)
    return _form(request, form, "Change an address" if address.pk else "New address", customer)


def _edited_contact(request: MemberRequest, contact: Contact) -> HttpResponseBase:
    form = ContactForm(request.POST or None, instance=contact)
    customer = contact.customer
    if _saved(request, form, "contact", rules.save_contact, lambda: f"The contact {contact} of {customer} is saved."):
        return redirect("customer", customer.pk)
    return _form(request, form, "Change a contact" if contact.pk else "New contact", customer)


def _saved(
    request: MemberRequest, form: Form, what: str, save: Callable[[Any], object], says: Callable[[], str]
) -> bool:
    """Save what was sent, if it was and may be, and tell so; else what is wrong is said in the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    told = says()
    try:
        with recorded(what, told, by=request.user) as changes:
            save(form.instance)
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    offer_undo(request, changes, told)
    return True


def _removed(
    request: MemberRequest, part: Address | Contact, what: str, remove: Callable[[Any], object]
) -> HttpResponseBase:
    """Take a part of a customer away, with a way back."""
    says = f"The {what} {part} is removed from {part.customer}."
    with recorded(what, says, by=request.user) as changes:
        remove(part)
    offer_undo(request, changes, says)
    return redirect("customer", part.customer_id)


def _form(
    request: MemberRequest,
    form: Form,
    title: str,
    customer: Customer | None,
) -> HttpResponseBase:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    if customer is not None and customer.pk and form.errors:
        # What was typed is in the form; the heading names the customer as the books do.
        customer = _customer_or_404(customer.pk)
    given = {"form": form, "title": title, "customer": customer}
    return render(request, "web/customers/form.html", given, status=422 if form.errors else 200)


def _customer_or_404(customer_id: int) -> Customer:
    customers = Customer.objects.select_related("price_list", "hold_status", "merged_into")
    found: Customer = get_object_or_404(customers, pk=customer_id)
    return found


def _address_or_404(customer_id: int, address_id: int) -> Address:
    rows = Address.objects.select_related("customer").filter(customer=customer_id)
    found: Address = get_object_or_404(rows, pk=address_id)
    return found


def _contact_or_404(customer_id: int, contact_id: int) -> Contact:
    rows = Contact.objects.select_related("customer").filter(customer=customer_id)
    found: Contact = get_object_or_404(rows, pk=contact_id)
    return found


def _linked(request: MemberRequest, customer: Customer) -> list[Linked]:
    seen = list(connections(request).order_by("name"))
    links = Link.objects.filter(connection__in=seen, kind="customer", record_id=str(customer.pk)).defer("payload")
    by_connection = {link.connection_id: link for link in links}
    # A platform that only calls us knows customers by the books' own ids, and is never linked with them.
    return [
        Linked(one, by_connection.get(one.pk))
        for one in seen
        if one.pk in by_connection or not only_calls_us(platform_of(one))
    ]
