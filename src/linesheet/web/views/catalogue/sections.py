"""Changing the tree: adding, naming, moving, copying and removing sections."""

from http import HTTPStatus

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from linesheet.books.words import counted
from linesheet.sync import catalogue
from linesheet.sync.catalogue import Keep, Step, Where, shown
from linesheet.sync.models import Connection, Section
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_to_configure
from linesheet.web.views.catalogue.doing import attempt, attempt_or_tell
from linesheet.web.views.catalogue.pages import page
from linesheet.web.views.catalogue.parts import Ask, address, ids_in, rules_or_404, section_or_404

_DOES = "change the catalogue"


@require_POST
def add(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """Add a section to `parent`, or at the top; `then` says whether to stay, add another or go in."""
    connection = connection_to_configure(request, connection_id, _DOES)
    rules = rules_or_404(connection)
    parent_id = next(iter(ids_in(request.POST.get("parent", ""))), None)
    if parent_id is not None:
        section_or_404(connection, parent_id)
    name = request.POST.get("name", "")
    added: list[Section] = []

    def act() -> str:
        added.append(catalogue.add_under(connection, parent_id, name, rules))
        return f"{added[0]} is added."

    refused = attempt(request, connection, act)
    if refused:
        ask = Ask("add", {"name": name}, refused)
        return page(request, connection, parent_id, ask, HTTPStatus.UNPROCESSABLE_ENTITY)
    match request.POST.get("then"):
        case "another":
            return _to(connection, parent_id, do="add", added=str(added[0]), at=added[0].pk)
        case "in":
            return _to(connection, added[0].pk, **{"in": "yes"})
    return _to(connection, parent_id, at=added[0].pk)


@require_POST
def rename(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponseBase:
    """Give a section another name."""
    connection, section = _section(request, connection_id, section_id)
    old, name = section.name, request.POST.get("name", "")
    refused = attempt(
        request, connection, lambda: f"{old} is now {section}." if catalogue.rename(section, name) else ""
    )
    if refused:
        ask = Ask("rename", {"name": name}, refused)
        return page(request, connection, section_id, ask, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _to(connection, section_id, at=section_id)


@require_POST
def move(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponseBase:
    """Move a section: `step` says which way, or `where` and `target` say what it shall stand beside or in.

    The section that is `open` stays open.
    """
    connection, section = _section(request, connection_id, section_id)
    rules = rules_or_404(connection)
    step, where = request.POST.get("step", ""), request.POST.get("where", "")
    target_id = next(iter(ids_in(request.POST.get("target", ""))), None)
    open_id = next(iter(ids_in(request.POST.get("open", ""))), None)

    def act() -> str:
        if step in list(Step):
            return f"{section} is moved." if catalogue.step(section, Step(step), rules) else ""
        way = Where(where) if where in list(Where) else Where.INTO
        moved = catalogue.move_beside(section, target_id, way, rules)
        return f"{section} is now at {shown(catalogue.path_of(section))}." if moved else ""

    if "dialog" in request.POST:
        refused = attempt(request, connection, act)
        if refused:
            ask = Ask("move", {"where": where, "target": target_id}, refused)
            return page(request, connection, section_id, ask, HTTPStatus.UNPROCESSABLE_ENTITY)
    else:
        attempt_or_tell(request, connection, act)
    return _to(connection, open_id if "open" in request.POST else section_id, at=section_id)


@require_POST
def copy(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponseBase:
    """Copy a section with all below it under another name, and open the copy."""
    connection, section = _section(request, connection_id, section_id)
    rules = rules_or_404(connection)
    name, keep = request.POST.get("name", ""), request.POST.get("keep", "")
    copies: list[int] = []

    def act() -> str:
        made = catalogue.copy(section, name, Keep(keep) if keep in list(Keep) else Keep.LEFT, rules)
        copies.append(made.section_id)
        products = f", with {made.places:,} products" if made.places else ""
        return f"{section} is copied: {counted(made.sections, 'section')}{products}."

    refused = attempt(request, connection, act)
    if refused:
        ask = Ask("copy", {"name": name, "keep": keep}, refused)
        return page(request, connection, section_id, ask, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _to(connection, copies[0], at=copies[0])


@require_POST
def remove(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponse:
    """Remove a section with all below it, and open the one above."""
    connection, section = _section(request, connection_id, section_id)
    parent_id = section.parent_id

    def act() -> str:
        gone = catalogue.remove(section)
        below = f" with {counted(gone.sections - 1, 'section')} below it" if gone.sections > 1 else ""
        placed = f"; {gone.places:,} products are no longer in it" if gone.places else ""
        return f"{section} is removed{below}{placed}."

    attempt_or_tell(request, connection, act)
    return _to(connection, parent_id, **({"at": parent_id} if parent_id else {}))


def _section(request: MemberRequest, connection_id: int, section_id: int) -> tuple[Connection, Section]:
    connection = connection_to_configure(request, connection_id, _DOES)
    return connection, section_or_404(connection, section_id)


def _to(connection: Connection, section_id: int | None, **query: str | int) -> HttpResponse:
    asked = f"?{urlencode(query)}" if query else ""
    return redirect(f"{address(connection, section_id)}{asked}")
