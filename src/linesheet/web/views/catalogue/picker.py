"""Picking products for a section: filters, a list that grows, codes pasted in, and adding what is picked."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from linesheet.books.images import main_images
from linesheet.books.models import Image, Product, Season
from linesheet.books.words import counted
from linesheet.sync import catalogue
from linesheet.sync.catalogue import read_tree, shown
from linesheet.sync.catalogue.picking import Filters, Placed, already_in, first_of, following, found_by, pickable
from linesheet.sync.catalogue.warnings import Warn, counting_for, warnings_of
from linesheet.sync.models import Connection, Section
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_to_configure
from linesheet.web.views.catalogue.doing import attempt_or_tell
from linesheet.web.views.catalogue.parts import address, ids_in, rules_or_404, section_or_404

PAGE = 60
MOST_NAMED = 50
_DOES = "change the catalogue"
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Pick:
    """A product one can pick, unless it is `here` already; `other` is another section it is in."""

    product: Product
    here: bool
    other: str
    image: Image | None
    warnings: tuple[Warn, ...]


@require_safe
def show(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponse:
    """The products that the filters in the query string leave, a page of them from `after` on."""
    connection, section = _section(request, connection_id, section_id)
    return _page(request, connection, section)


@require_safe
def everything(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponse:
    """Ids of all products that the filters leave and that are not in the section: those that can be picked."""
    _, section = _section(request, connection_id, section_id)
    ids = pickable(section, filters_in(request.GET)).order_by().values_list("pk", flat=True)
    here = set(section.placements.order_by().values_list("product_id", flat=True))
    return JsonResponse({"ids": [pk for pk in ids if pk not in here]})


@require_POST
def codes(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponse:
    """Pick the products of pasted codes; codes that nothing goes by are named."""
    connection, section = _section(request, connection_id, section_id)
    found = found_by(request.POST.get("codes", ""))
    here = already_in(section, found.ids)
    picked = [pk for pk in found.ids if pk not in here]
    pasted = {"found": found, "here": len(here), "picked": picked}
    if request.htmx:
        return render(request, "web/catalogue/picker/_pasted.html", {"pasted": pasted})
    before = ids_in(request.POST.get("chosen", ""))
    return _page(request, connection, section, chosen=list(dict.fromkeys([*before, *picked])), pasted=pasted)


@require_POST
def place(request: MemberRequest, connection_id: int, section_id: int) -> HttpResponseBase:
    """Add what is picked. Those elsewhere where a product may be once are asked about first.

    `elsewhere` answers: "move" takes them here, "leave" adds the others only.
    """
    connection, section = _section(request, connection_id, section_id)
    rules = rules_or_404(connection)
    ids = ids_in(",".join([request.POST.get("chosen", ""), *request.POST.getlist("product")]))
    if not ids:
        messages.info(request, "No product was picked. Tick those that are meant, then add them.")
        return redirect("pick_products", connection.pk, section.pk)
    answer = request.POST.get("elsewhere", "")
    others = catalogue.elsewhere(section, ids, rules) if rules.once else {}
    if others and answer not in ("move", "leave"):
        return _ask(request, connection, section, ids, others, catalogue.held_once_by(rules))
    wanted = [pk for pk in ids if answer != "leave" or pk not in others]

    def act() -> str:
        new = catalogue.place(section, Product.objects.filter(pk__in=wanted), rules, take=answer == "move")
        known = len(wanted) - new
        also = f" {counted(known, 'was', 'were')} there already." if known else ""
        return f"{counted(new, 'product is', 'products are')} added to {section}.{also}"

    if attempt_or_tell(request, connection, act):
        return redirect(address(connection, section.pk))
    return redirect("pick_products", connection.pk, section.pk)


def filters_in(query: QueryDict) -> Filters:
    """The filters of a query string; what makes no sense asks for nothing."""
    season, placed = query.get("season", ""), query.get("placed", "")
    return Filters(
        season_id=int(season) if season.isdecimal() and len(season) < 19 else None,
        category=query.get("category", ""),
        text=query.get("q", ""),
        barcode=_YES_NO.get(query.get("barcode", "")),
        picture=_YES_NO.get(query.get("picture", "")),
        price=_YES_NO.get(query.get("price", "")),
        placed=Placed(placed) if placed in list(Placed) else None,
        on_offer=query.get("offer", "") != "all",
    )


def _page(request: MemberRequest, connection: Connection, section: Section, **more: Any) -> HttpResponse:
    filters = filters_in(request.GET)
    after = request.GET.get("after", "")
    count: int | None = None
    if after:
        found = following(section, filters, after, PAGE + 1)
    else:
        found, count = first_of(section, filters, PAGE + 1)
    tree = read_tree(connection.pk)
    further = request.GET.copy()
    if len(found) > PAGE:
        further["after"] = found[PAGE - 1].code
    context = {
        "connection": connection,
        "section": section,
        "node": tree.by_id[section.pk],
        "rows": _rows(section, found[:PAGE]),
        "more": f"?{further.urlencode()}" if len(found) > PAGE else "",
        "query": request.GET.urlencode(),
    }
    if request.htmx.target == "more":
        return render(request, "web/catalogue/picker/_rows.html", context)
    count = pickable(section, filters).order_by().count() if count is None else count
    context |= {"count": count, "asked": request.GET}
    if request.htmx.target == "pickable":
        return render(request, "web/catalogue/picker/_list.html", context)
    return render(
        request,
        "web/catalogue/picker/page.html",
        {
            **context,
            "seasons": Season.objects.order_by("-starts_on", "-id"),
            "categories": _categories(),
            "holder": catalogue.held_once_by(rules_or_404(connection)),
            **more,
        },
    )


def _categories() -> Any:
    named = Product.objects.exclude(category="").order_by("category")
    return named.values_list("category", flat=True).distinct()


def _rows(section: Section, products: list[Product]) -> list[Pick]:
    ids = [product.pk for product in products]
    here, others = already_in(section, ids), catalogue.elsewhere(section, ids)
    warnings = warnings_of(ids, counting_for(section.connection))
    images = main_images(ids)
    return [
        Pick(
            product,
            here=product.pk in here,
            other=shown(others[product.pk]) if product.pk in others else "",
            image=images.get(product.pk),
            warnings=warnings.get(product.pk, ()),
        )
        for product in products
    ]


def _ask(
    request: MemberRequest,
    connection: Connection,
    section: Section,
    ids: list[int],
    others: dict[int, tuple[str, ...]],
    holder: str,
) -> HttpResponse:
    named = Product.objects.filter(pk__in=list(others)).order_by("code")[:MOST_NAMED]
    return render(
        request,
        "web/catalogue/picker/elsewhere.html",
        {
            "connection": connection,
            "section": section,
            "ids": ids,
            "holder": holder,
            "others": [(product, shown(others[product.pk])) for product in named],
            "number": len(others),
            "unnamed": len(others) - min(len(others), MOST_NAMED),
            "free": len(ids) - len(others),
        },
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )


def _section(request: MemberRequest, connection_id: int, section_id: int) -> tuple[Connection, Section]:
    connection = connection_to_configure(request, connection_id, _DOES)
    return connection, section_or_404(connection, section_id)
