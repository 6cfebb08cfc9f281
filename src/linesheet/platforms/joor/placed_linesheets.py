"""The books side of JOOR's linesheets: the sections that are some, those that were, and what is placed in them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db.models import QuerySet

from linesheet.books.models import SKU, Season
from linesheet.platforms.joor.linesheet_mapping import GoneLinesheet, Linesheet, placed_colours, same_name
from linesheet.platforms.joor.placed import claims_of
from linesheet.platforms.joor.styles import LINESHEET_LEVELS, keys_of, same_there
from linesheet.sync.catalogue import Node, read_tree
from linesheet.sync.models import Link, Placement, Section

LINESHEET = "linesheet"


def linesheet_sections(connection_id: int) -> "QuerySet[Section]":
    """The sections that are seasons of linesheets."""
    sections: QuerySet[Section] = Section.objects.filter(
        connection_id=connection_id, parent__isnull=False, parent__parent__isnull=True
    )
    return sections


def live_linesheets(connection_id: int) -> set[str]:
    """JOOR's ids of the linesheets that sections of the catalogue are linked with. Two queries."""
    ids = [str(pk) for pk in linesheet_sections(connection_id).order_by().values_list("pk", flat=True)]
    links = Link.objects.filter(connection_id=connection_id, kind=LINESHEET, record_id__in=ids)
    return set(links.values_list("remote_id", flat=True))


def linesheets(connection_id: int, ids: Sequence[str]) -> list[Linesheet]:
    """The linesheets of these sections; those without a product that JOOR has not taken yet are left out.

    Seven queries, however many.
    """
    nodes = read_tree(connection_id).by_id
    sections = [node for pk in ids if (node := nodes.get(int(pk))) and node.depth == LINESHEET_LEVELS]
    claims = claims_of(connection_id)
    same_as = same_there(claims)
    free = {claim.pk: claim for claim in claims if claim.going and claim.pk not in same_as}
    keys = keys_of(claims)
    products = _products_of(sections)
    sizes = _sizes_with_barcode({pk for of_sheet in products.values() for pk in of_sheet})
    seasons = {same_name(name): day for name, day in Season.objects.values_list("name", "starts_on")}
    linked = set(_links(connection_id, LINESHEET, [node.pk for node in sections]))
    found = [
        Linesheet(
            section_id=node.pk,
            name=node.path[0],
            season=node.name,
            starts_on=seasons.get(same_name(node.name)),
            placed=placed_colours([free[pk] for pk in products[node.pk] if pk in free], keys, sizes),
            linked=str(node.pk) in linked,
        )
        for node in sections
    ]
    return [sheet for sheet in found if sheet.linked or sheet.placed]


def gone_linesheets(connection_id: int, ids: Sequence[str]) -> list[GoneLinesheet]:
    """Those of these that JOOR has taken and whose section is none of a linesheet any more.

    One that another section has taken over, or will as it has its name and season, is that section's. Ten queries at
    most.
    """
    nodes = read_tree(connection_id).by_id
    links = Link.objects.filter(
        connection_id=connection_id, kind=LINESHEET, record_id__in=list(ids), payload__isnull=False
    )
    gone = [
        GoneLinesheet(int(link.record_id), link.remote_id, link.payload or {})
        for link in links
        if (node := nodes.get(int(link.record_id))) is None or node.depth != LINESHEET_LEVELS
    ]
    if not gone:
        return []
    names = {_name(each.last.get("name"), each.last.get("season")) for each in gone}
    alike = [str(pk) for pk, node in nodes.items() if node.depth == LINESHEET_LEVELS and _name(*node.path) in names]
    sheets = linesheets(connection_id, alike) if alike else []
    taking = {_name(sheet.name, sheet.season) for sheet in sheets if not sheet.linked}
    sections = [str(pk) for pk, node in nodes.items() if node.depth == LINESHEET_LEVELS]
    of_sections = Link.objects.filter(connection_id=connection_id, kind=LINESHEET, record_id__in=sections)
    live = set(of_sections.values_list("remote_id", flat=True))
    return [
        each
        for each in gone
        if each.remote_id not in live and _name(each.last.get("name"), each.last.get("season")) not in taking
    ]


def gone_sections(connection_id: int) -> list[str]:
    """Ids of the sections that JOOR has linesheets of and that are none any more, lowest first. Two queries."""
    nodes = read_tree(connection_id).by_id
    ids = Link.objects.filter(connection_id=connection_id, kind=LINESHEET).values_list("record_id", flat=True)
    gone = [pk for pk in map(int, ids) if (node := nodes.get(pk)) is None or node.depth != LINESHEET_LEVELS]
    return [str(pk) for pk in sorted(gone)]


def _name(name: object, season: object) -> tuple[str, str]:
    """What a linesheet is known by."""
    return same_name(str(name)), same_name(str(season))


def _products_of(sections: Iterable[Node]) -> dict[int, list[int]]:
    """The products in and below each of these sections, in the order of the catalogue, each once. One query."""
    below = {node.pk: [each.pk for each in node.walk()] for node in sections}
    rows = Placement.objects.filter(section_id__in=[pk for of_sheet in below.values() for pk in of_sheet])
    placed = defaultdict[int, list[int]](list)
    for section_id, product_id in rows.order_by("position", "id").values_list("section_id", "product_id"):
        placed[section_id].append(product_id)
    return {pk: list(dict.fromkeys(one for each in of_sheet for one in placed[each])) for pk, of_sheet in below.items()}


def _sizes_with_barcode(product_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    found = defaultdict[int, list[str]](list)
    skus = SKU.objects.filter(product_id__in=list(product_ids)).exclude(barcode="").order_by("position", "id")
    for product_id, size in skus.values_list("product_id", "size"):
        found[product_id].append(size)
    return {product_id: tuple(sizes) for product_id, sizes in found.items()}


def _links(connection_id: int, kind: str, ids: Iterable[int]) -> Iterable[str]:
    record_ids = [str(pk) for pk in ids]
    links = Link.objects.filter(connection_id=connection_id, kind=kind, record_id__in=record_ids)
    found: Iterable[str] = links.values_list("record_id", flat=True)
    return found
