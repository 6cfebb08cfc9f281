"""The tree of collections and looks (sheet ordre.md 6.2)."""

from typing import Any

from django.db.models import Count
from ninja import Router

from linesheet.platforms.ordre.offered import offered
from linesheet.sync.catalogue import read_tree
from linesheet.sync.models import Placement
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.values import Shape

router = Router(tags=["Catalogue"], auth=scoped("catalogue:read"))


class LookOut(Shape):
    """A look, with how many products can be collected of it."""

    id: str
    name: str
    position: int
    product_count: int


class CollectionOut(Shape):
    """A collection with its looks."""

    id: str
    name: str
    position: int
    product_count: int
    looks: list[LookOut]


class Collections(Shape):
    """The whole catalogue."""

    data: list[CollectionOut]


@router.get("/collections", response=Collections, summary="Collections and looks")
def list_collections(request: ApiRequest) -> Any:
    """In the order of the catalogue."""
    connection = request.auth.connection
    counted = (
        Placement.objects.filter(
            section__connection=connection, product__in=offered({"connection": connection.pk}).values("pk")
        )
        .order_by()
        .values_list("section")
        .annotate(Count("pk"))
    )
    products = dict(counted)
    return Collections(
        data=[
            CollectionOut(
                id=str(top.pk),
                name=top.name,
                position=top.position,
                product_count=sum(products.get(node.pk, 0) for node in (top, *top.children)),
                looks=[
                    LookOut(
                        id=str(look.pk), name=look.name, position=look.position, product_count=products.get(look.pk, 0)
                    )
                    for look in top.children
                ],
            )
            for top in read_tree(connection.pk).top
        ]
    )
