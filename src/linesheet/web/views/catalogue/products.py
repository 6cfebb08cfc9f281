"""The products of a section: moving one or those that are dragged, elsewhere or within their order."""

from http import HTTPStatus

from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from linesheet.sync import catalogue
from linesheet.sync.catalogue import Step, Where, shown
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_to_configure
from linesheet.web.views.catalogue.doing import attempt, attempt_or_tell
from linesheet.web.views.catalogue.pages import page
from linesheet.web.views.catalogue.parts import Ask, address, ids_in, rules_or_404, section_or_404
from linesheet.web.views.catalogue.placed import named

_DOES = "change the catalogue"


@require_POST
def move(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponseBase:
    """Move products: `step` within the section, `beside` another product of it, or to the section `target`.

    `position` is their place there, 1 the first; they go behind the others where it is missing. `query` is what the
    page asked of its list, to which it goes back.
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
            return f"{named(ids[:1], 1)} moved one place {step} in {section}." if stepped else ""
        if beside is not None:
            where = Where.AFTER if request.POST.get("where") == Where.AFTER else Where.BEFORE
            moved = catalogue.order_beside(section, ids, beside, where, rules)
            return f"{named(ids, moved)} moved within {section}." if moved else ""
        at = None if position is None else max(position, 1) - 1
        moved = catalogue.move_products(section, ids, target, at, rules)
        return f"{named(ids, moved)} moved to {shown(catalogue.path_of(target))}." if moved else ""

    if "dialog" in request.POST:
        refused = attempt(request, connection, act)
        if refused:
            ask = Ask("move-products", {"products": ids, "target": target.pk}, refused)
            return page(request, connection, section_id, ask, HTTPStatus.UNPROCESSABLE_ENTITY)
    else:
        attempt_or_tell(request, connection, act)
    query = QueryDict(request.POST.get("query", "").removeprefix("?")).urlencode()
    return redirect(address(connection, section_id) + (f"?{query}" if query else ""))


def _ids(request: MemberRequest) -> list[int]:
    return ids_in(",".join(request.POST.getlist("product")))
