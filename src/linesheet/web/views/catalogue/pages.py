"""The tree, the section that is open beside it, and the warnings of both."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import replace_url

from linesheet.books.models import Season
from linesheet.sync.catalogue import Node, Tree, held_once_by, level_name, may_be_copied, may_hold, read_tree
from linesheet.sync.catalogue.warnings import Tally, Warn, counting_for, places_by_section, tallies, with_those_below
from linesheet.sync.models import Connection, Section
from linesheet.sync.platform import Catalogue
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404
from linesheet.web.views.catalogue.parts import (
    Ask,
    address,
    branch_rows,
    ids_in,
    node_or_404,
    rules_or_404,
    section_facts,
    tree_rows,
)
from linesheet.web.views.catalogue.placed import products_of

DIALOGS = ("add", "rename", "move", "copy", "move-products")


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: MemberRequest, connection_id: int, section_id: int | None = None) -> HttpResponseBase:
    """The tree with a section open beside it, or none; `do` in the query string opens a dialog over them.

    A section that is not there (any more, as after an undo) leads to the whole catalogue. What is done to the selected
    products of the section is sent here too, and files of them are had here.
    """
    connection = connection_or_404(request, connection_id)
    if section_id is not None and not Section.objects.filter(pk=section_id, connection=connection).exists():
        return redirect("catalogue", connection.pk)
    if request.method == "POST" or "export" in request.GET:
        rules = rules_or_404(connection)
        node = node_or_404(read_tree(connection.pk), section_id)
        if node is None:
            return redirect("catalogue", connection.pk)
        return lists.show(request, products_of(request, connection, node, rules))
    return page(request, connection, section_id, asked(request, section_id))


def page(
    request: MemberRequest, connection: Connection, section_id: int | None, ask: Ask | None, status: int = HTTPStatus.OK
) -> HttpResponse:
    """The page, or the part of it that is asked for."""
    rules = rules_or_404(connection)
    tree = read_tree(connection.pk)
    node = node_or_404(tree, section_id)
    may = request.may.configure(connection)
    common: dict[str, Any] = {"connection": connection, "may_change": may, "node": node, "rules": rules, "tree": tree}
    if ask and may:
        common |= {"ask": ask, **_for_dialog(ask, tree, node, rules)}
        if request.method == "GET" and request.htmx.target == "dialog":
            return render(
                request, "web/catalogue/_dialog.html", {**common, **section_facts(rules, tree, node, _none(tree.by_id))}
            )
    own = places_by_section(connection.pk)
    total = with_those_below(tree, own)
    common |= section_facts(rules, tree, node, total)
    common["moving_on"] = request.GET.get("in") == "yes"
    rows = tree_rows(request, tree, rules, total, node)
    if node and (common["holds"] or node.pk in own):
        common |= lists.listed(request, products_of(request, connection, node, rules), _of_the_list(request.GET))
    if request.htmx.target in ("section", "rows"):
        return render(request, "web/catalogue/_open.html", common, status=status)
    response = render(request, "web/catalogue/page.html", {**common, "rows": rows}, status=status)
    if request.htmx.target == "main":
        # What was posted is no address to come back to, and neither is a dialog.
        return replace_url(response, address(connection, section_id))
    return response


@require_safe
def options(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponse:
    """The sections that the products of one can be moved to, as options; asked for when somebody wants to."""
    connection = connection_or_404(request, connection_id)
    tree = read_tree(connection.pk)
    node = node_or_404(tree, section_id)
    assert node is not None
    ask = Ask("move-products")
    offered = _for_dialog(ask, tree, node, rules_or_404(connection))
    return render(request, "web/catalogue/dialogs/_options.html", {**offered, "chosen": node.pk})


@require_safe
def branch(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponse:
    """The lines of the tree in a section that is being unfolded."""
    connection = connection_or_404(request, connection_id)
    tree = read_tree(connection.pk)
    node = node_or_404(tree, section_id)
    assert node is not None
    total = with_those_below(tree, places_by_section(connection.pk))
    rows = branch_rows(request, tree, rules_or_404(connection), total, node) if node.children else ()
    return render(request, "web/catalogue/_rows.html", {"connection": connection, "rows": rows})


@require_safe
def warnings(request: MemberRequest, connection_id: int) -> HttpResponse:
    """What the products of each section and those below it lack, and of all ("all").

    For each that lacks anything, how many do, and then how many have each of `kinds` of warnings. The page asks for it
    once it is there: to look at 40,000 places takes a fifth of a second.
    """
    connection = connection_or_404(request, connection_id)
    tree = read_tree(connection.pk)
    total = with_those_below(tree, tallies(connection.pk, counting_for(connection)))
    whole = Tally()
    for each in tree.top:
        whole.add(total[each.pk])
    lacks = {str(pk): tally for pk, tally in total.items()} | {"all": whole}
    return JsonResponse(
        {
            "kinds": [[kind, kind.means] for kind in Warn],
            "lacks": {
                key: [tally.lacking, *(tally.warned.get(kind, 0) for kind in Warn)]
                for key, tally in lacks.items()
                if tally.lacking
            },
        }
    )


def asked(request: MemberRequest, section_id: int | None) -> Ask | None:
    """The dialog that the query string asks for. Raises Http404 for one that does not exist."""
    kind = request.GET.get("do")
    if kind is None:
        return None
    if kind not in DIALOGS or (section_id is None and kind != "add"):
        raise Http404
    ids = request.GET.getlist("product")
    return Ask(kind, {"added": request.GET.get("added", ""), "products": ids_in(",".join(ids))})


def _for_dialog(ask: Ask, tree: Tree, node: Node | None, rules: Catalogue) -> dict[str, Any]:
    """What a dialog needs besides: sections to choose from, or seasons where sections are called after them."""
    if ask.kind == "move":
        moved = set(node.walk()) if node else set()
        return {"options": [each for each in tree.by_id.values() if each not in moved]}
    if ask.kind == "move-products":
        return {"options": [each for each in tree.by_id.values() if may_hold(rules, each.depth)]}
    offered: dict[str, Any] = {}
    if ask.kind == "copy" and node:
        offered = {"may_be_copied": may_be_copied(node, rules), "holder": held_once_by(rules)}
    depth = (node.depth if node else 0) + (ask.kind == "add")
    if ask.kind in ("add", "copy") and level_name(rules, depth).lower().endswith("season"):
        offered["season_names"] = Season.objects.order_by("-starts_on", "-id").values_list("name", flat=True)[:50]
    return offered


def _of_the_list(query: QueryDict) -> QueryDict:
    """What a query string asks of the list of products; what it asks of the page is done with."""
    kept = query.copy()
    for key in ("do", "in", "at", "added", "product"):
        kept.pop(key, None)
    return kept


def _none(ids: Any) -> dict[int, Tally]:
    return {pk: Tally() for pk in ids}
