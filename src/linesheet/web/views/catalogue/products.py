"""The products of a section: taking them out, moving them elsewhere and putting them in order."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from linesheet.books.models import Product
from linesheet.books.words import counted
from linesheet.sync import catalogue
from linesheet.sync.catalogue import Step, Where, shown
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_to_configure
from linesheet.web.views.catalogue.doing import attempt, attempt_or_tell
from linesheet.web.views.catalogue.pages import page
from linesheet.web.views.catalogue.parts import Ask, address, ids_in, rules_or_404, section_or_404

_DOES = "change the catalogue"


@require_POST
def remove(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponseBase:
    """Take products out of a section."""
    connection = connection_to_configure(request, connection_id, _DOES)
    section = section_or_404(connection, section_id)
    ids = _ids(request)

    def act() -> str:
        number = catalogue.unplace(section, ids)
        return f"{_named(ids, number)} taken out of {section}." if number else ""

    if ids:
        attempt_or_tell(request, connection, act)
    else:
        messages.info(request, "No product was chosen. Tick those that are meant, then take them out.")
    return redirect(address(connection, section_id))


@require_POST
def move(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponseBase:
    """Move products: `step` within the section, `beside` another product of it, or to the section `target`.

    `position` is their place there, 1 the first; they go behind the others where it is missing.
    """
    connection = connection_to_configure(request, connection_id, _DOES)
    section, rules = section_or_404(connection, section_id), rules_or_404(connection)
    target = section_or_404(connection, next(iter(ids_in(request.POST.get("target", ""))), section_id))
    ids, step = _ids(request), request.POST.get("step", "")
    beside = next(iter(ids_in(request.POST.get("beside", ""))), None)
    position = next(iter(ids_in(request.POST.get("position", ""))), None)

    def act() -> str:
        if step in (Step.UP, Step.DOWN) and ids:
            stepped = catalogue.step_product(section, ids[0], Step(step), rules)
            return f"{_named(ids[:1], 1)} moved one place {step} in {section}." if stepped else ""
        if beside is not None:
            where = Where.AFTER if request.POST.get("where") == Where.AFTER else Where.BEFORE
            moved = catalogue.order_beside(section, ids, beside, where, rules)
            return f"{_named(ids, moved)} moved within {section}." if moved else ""
        at = None if position is None else max(position, 1) - 1
        moved = catalogue.move_products(section, ids, target, at, rules)
        return f"{_named(ids, moved)} moved to {shown(catalogue.path_of(target))}." if moved else ""

    if "dialog" in request.POST:
        refused = attempt(request, connection, act)
        if refused:
            ask = Ask("move-products", {"products": ids, "target": target.pk}, refused)
            return page(request, connection, section_id, ask, HTTPStatus.UNPROCESSABLE_ENTITY)
    else:
        attempt_or_tell(request, connection, act)
    start = next(iter(ids_in(request.POST.get("from", ""))), 0)
    return redirect(address(connection, section_id) + (f"?from={start}" if start else ""))


def _ids(request: MemberRequest) -> list[int]:
    return ids_in(",".join(request.POST.getlist("product")))


def _named(ids: list[int], number: int) -> str:
    """One product by its code, several by their number; with the verb."""
    if number == 1 and len(ids) == 1:
        return f"{Product.objects.get(pk=ids[0])} is"
    return counted(number, "product is", "products are")
