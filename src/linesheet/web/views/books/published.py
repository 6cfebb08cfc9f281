"""Where a product is published: its places and links, connection by connection."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from linesheet.books.models import Product
from linesheet.sync.catalogue import placement_paths
from linesheet.sync.models import Connection, Link, Placement
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections, platform_of


@dataclass(frozen=True, slots=True)
class Published:
    """A connection that takes products along, the sections this one is in there, and what links it."""

    connection: Connection
    platform: str
    places: Sequence[tuple[str, ...]]
    links: Sequence[Link]


def published(request: MemberRequest, product: Product) -> list[Published]:
    """Every connection the member may see that takes products along."""
    taking = {each: kinds for each in connections(request) if (kinds := _kinds(each))}
    ids = [each.pk for each in taking]
    links: dict[int, list[Link]] = defaultdict(list)
    for link in Link.objects.filter(connection__in=ids, record_id=str(product.pk)).defer("payload").order_by("kind"):
        links[link.connection_id].append(link)
    placed = set(
        Placement.objects.filter(product=product, section__connection__in=ids)
        .order_by()
        .values_list("section__connection_id", flat=True)
    )
    return [
        Published(
            each,
            platform.name if (platform := platform_of(each)) else each.platform,
            placement_paths(each.pk, [product.pk]).get(product.pk, ()) if each.pk in placed else (),
            [link for link in links[each.pk] if link.kind in kinds],
        )
        for each, kinds in taking.items()
    ]


def _kinds(connection: Connection) -> set[str]:
    """The kinds of records that a platform makes of products."""
    platform = platform_of(connection)
    legs = [leg for task in platform.tasks for leg in task.legs] if platform else []
    return {str(getattr(leg, "kind", "")) for leg in legs if getattr(leg, "of", "") == "product"}
