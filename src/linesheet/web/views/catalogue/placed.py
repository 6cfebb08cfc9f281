"""The products of a section as a list, in their order there: what each shows, what narrows them, taking them out."""

from collections.abc import Callable
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join

from linesheet.books.images import main_images
from linesheet.books.models import Product
from linesheet.books.product_search import search_products
from linesheet.books.readiness import Readiness, in_state
from linesheet.books.words import counted
from linesheet.sync import catalogue
from linesheet.sync.catalogue import Node, shown
from linesheet.sync.catalogue.places import Places
from linesheet.sync.catalogue.warnings import counting_for, warnings_of
from linesheet.sync.models import Connection, Placement
from linesheet.sync.platform import Catalogue
from linesheet.web.access import MemberRequest
from linesheet.web.lists import Action, Column, Filter, RecordList
from linesheet.web.lists.declared import Rows
from linesheet.web.views.catalogue.doing import attempt_or_tell
from linesheet.web.views.catalogue.parts import Placed, address, ids_in, section_or_404
from linesheet.web.why import why_link

LACKS = (
    (Readiness.NO_BARCODE, "no barcode on any size"),
    (Readiness.NO_PICTURE, "no picture"),
    (Readiness.NO_PRICE, "no price"),
    (Readiness.NOT_VISIBLE, "not visible in any season"),
    (Readiness.WITHDRAWN, "withdrawn"),
    (Readiness.INACTIVE, "inactive"),
)


def products_of(request: MemberRequest, connection: Connection, node: Node, rules: Catalogue) -> RecordList:
    """The products of a section as a list; who may configure the connection moves them and takes them out."""

    def may(request: MemberRequest) -> bool:
        return request.may.configure(connection)

    changes = may(request)

    def place(row: Placed) -> str:
        known = {"each": row, "connection": connection, "node": node, "may_change": changes}
        return render_to_string("web/catalogue/_place.html", known)

    return RecordList(
        key="section-products",
        one="product",
        many="products",
        rows=lambda request: Placement.objects.filter(section_id=node.pk).select_related("product"),
        load=_loader(connection, node.pk),
        columns=(
            Column(key="place", label="Place", value=lambda row: row.position, cell=place, sort="position"),
            Column(key="product", label="Product", value=lambda row: row.product.code, cell=_product),
            Column(key="name", label="Name", value=lambda row: row.product.name, usual=False),
            Column(key="style", label="Style", value=lambda row: row.product.style, usual=False),
            Column(key="colour", label="Colour", value=lambda row: row.product.colour, usual=False),
            Column(key="category", label="Category", value=lambda row: row.product.category, usual=False),
            Column(key="warnings", label="Warnings", value=lambda row: ", ".join(row.warnings), cell=_warnings),
        ),
        filters=(
            Filter(key="q", label="Code, name, style or barcode", narrow=_of(search_products)),
            Filter(
                key="lacks",
                label="Lacks",
                narrow=lambda rows, value: _of(in_state)(rows, Readiness(value)),
                choices=lambda: LACKS,
            ),
        ),
        actions=(
            Action(
                key="move",
                label="Move",
                do=_mover(connection, node, rules),
                allowed=may,
                dialog="web/catalogue/_move_many.html",
                context=lambda request: {"connection": connection, "node": node},
            ),
            Action(key="take-out", label="Take out", do=_remover(connection, node), allowed=may),
        ),
        order="position",
        label=lambda row: row.product.code,
        attributes=lambda row: {"class": "placed__row", "data-product": str(row.product.pk)},
        address=address(connection, node.pk),
        anchor="#section",
        empty="Add products, or drag them here from another section.",
    )


def named(ids: list[int], number: int) -> str:
    """One product by its code, several by their number; with the verb."""
    if number == 1 and len(ids) == 1:
        return f"{Product.objects.get(pk=ids[0])} is"
    return counted(number, "product is", "products are")


def _loader(connection: Connection, section_id: int) -> Callable[[list[Placement]], list[Placed]]:
    places, counting = Places(section_id), counting_for(connection)

    def load(rows: list[Placement]) -> list[Placed]:
        ids = [row.product_id for row in rows]
        images, warnings, ranks = main_images(ids), warnings_of(ids, counting), places.of(rows)
        return [
            Placed(row.product, ranks[row.pk], images.get(row.product_id), warnings.get(row.product_id, ()))
            for row in rows
        ]

    return load


def _of(narrow: Callable[..., Any]) -> Callable[..., Rows]:
    """What narrows products as it narrows the places of them."""

    def narrowed(rows: Rows, asked: Any) -> Rows:
        return rows.filter(product__in=narrow(Product.objects.all(), asked).order_by().values("pk"))

    return narrowed


def _remover(connection: Connection, node: Node) -> Callable[[MemberRequest, Rows], None]:
    def do(request: MemberRequest, rows: Rows) -> None:
        section, ids = section_or_404(connection, node.pk), _ids(rows)

        def act() -> str:
            number = catalogue.unplace(section, ids)
            return f"{named(ids, number)} taken out of {section}." if number else ""

        attempt_or_tell(request, connection, act)

    return do


def _mover(connection: Connection, node: Node, rules: Catalogue) -> Callable[[MemberRequest, Rows], None]:
    def do(request: MemberRequest, rows: Rows) -> None:
        section, ids = section_or_404(connection, node.pk), _ids(rows)
        target = section_or_404(connection, next(iter(ids_in(request.POST.get("target", ""))), node.pk))
        position = next(iter(ids_in(request.POST.get("position", ""))), None)

        def act() -> str:
            at = None if position is None else max(position, 1) - 1
            moved = catalogue.move_products(section, ids, target, at, rules)
            return f"{named(ids, moved)} moved to {shown(catalogue.path_of(target))}." if moved else ""

        attempt_or_tell(request, connection, act)

    return do


def _ids(rows: Rows) -> list[int]:
    return list(rows.order_by("position", "pk").values_list("product_id", flat=True))


def _product(row: Placed) -> str:
    return render_to_string("web/catalogue/_placed_product.html", {"each": row})


def _warnings(row: Placed) -> str:
    told = ((kind.means, kind) for kind in row.warnings)
    badges = format_html_join("", '<span class="badge badge--warn" title="{}">{}</span>', told)
    return format_html("{} {}", badges, why_link("product", row.product.pk, row.product.code))
