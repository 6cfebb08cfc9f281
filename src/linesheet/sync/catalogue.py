"""A connection's catalogue: adding sections, placing products in them, and reading where each one is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Lower

from linesheet.books.models import Product
from linesheet.books.reasons import Reason, Refused
from linesheet.sync import registry
from linesheet.sync.models import Connection, Placement, Section
from linesheet.sync.platform import Catalogue

NO_CATALOGUE = Reason(
    code="no_catalogue",
    says="{connection} has no catalogue, because its platform publishes none.",
    fix="Choose a connection whose platform has a catalogue.",
)
SECTION_NAME = Reason(
    code="section_name",
    says="A section cannot be called {name}: a name has 1 to {longest} characters.",
    fix="Enter a shorter name, or one at all.",
)
TOO_HIGH = Reason(
    code="placed_too_high",
    says="{section} is a {level}; products are placed in a {needed} or below.",
    fix="Add a {next} to {section}, and place the products there.",
)
TOO_DEEP = Reason(
    code="placed_too_deep",
    says="{section} lies below {last}, the last level of this catalogue.",
    fix="Place the products in a section above it.",
)
PLACED_ELSEWHERE = Reason(
    code="placed_elsewhere",
    says="{product} is already in {place}, and this catalogue holds a product once.",
    fix="Take it out of {place} first.",
)

REASONS: tuple[Reason, ...] = (NO_CATALOGUE, SECTION_NAME, TOO_HIGH, TOO_DEEP, PLACED_ELSEWHERE)

_LONGEST_NAME = 100


class CatalogueRefused(Refused):
    """The catalogue does not take this section or product."""


def products_in_catalogue(connection_id: int) -> "QuerySet[Product]":
    """All products that are placed in the connection's catalogue, each once."""
    placed = Placement.objects.filter(section__connection_id=connection_id, product=OuterRef("pk"))
    products: QuerySet[Product] = Product.objects.filter(Exists(placed))
    return products


def placement_paths(connection_id: int, product_ids: Iterable[int]) -> dict[int, list[tuple[str, ...]]]:
    """Section names from the top for each place of each product, places in the order the tree shows them.

    Products that are not placed are left out. Two queries, however many products.
    """
    paths = _section_paths(connection_id)
    order = {section_id: rank for rank, section_id in enumerate(paths)}
    found: dict[int, list[int]] = defaultdict(list)
    rows = Placement.objects.filter(section__connection_id=connection_id, product_id__in=list(product_ids))
    for product_id, section_id in rows.order_by().values_list("product_id", "section_id"):
        found[product_id].append(section_id)
    return {
        product_id: [paths[section_id] for section_id in sorted(section_ids, key=order.__getitem__)]
        for product_id, section_ids in found.items()
    }


def add_section(connection: Connection, path: Sequence[str]) -> Section:
    """The section at the end of a path of names, each level added where it is missing; case does not count.

    Raises CatalogueRefused for a name that is empty or too long, and ValueError for an empty path.
    """
    section: Section | None = None
    with transaction.atomic():
        for name in path:
            section = _child(connection, section, " ".join(name.split()))
    if section is None:
        raise ValueError("A path of sections has at least one name.")
    return section


def place(section: Section, products: Iterable[Product], rules: Catalogue | None = None) -> int:
    """Place products in a section, behind those there; how many were not in it yet.

    `rules` are those the connection's platform declares, unless given. Raises CatalogueRefused when products
    may not be placed at this level, or one is elsewhere in a catalogue that holds a product once; then none is.
    """
    rules = rules or rules_of(section.connection)
    check_levels(section, rules)
    by_id = {product.pk: product for product in products}
    with transaction.atomic():
        # Whoever places into this catalogue at the same time waits here, so that once means once.
        Connection.objects.select_for_update(no_key=True).get(pk=section.connection_id)
        if rules.once:
            _refuse_second_place(section, by_id)
        here: QuerySet[Placement] = Placement.objects.filter(section=section)
        known = set(here.values_list("product_id", flat=True))
        last = max(here.values_list("position", flat=True), default=-1)
        new = [pk for pk in by_id if pk not in known]
        Placement.objects.bulk_create(
            Placement(section=section, product_id=pk, position=position)
            for position, pk in enumerate(new, start=last + 1)
        )
    return len(new)


def unplace(section: Section, products: Iterable[Product]) -> int:
    """Take products out of a section; how many were in it."""
    gone, _ = Placement.objects.filter(section=section, product_id__in=[product.pk for product in products]).delete()
    return int(gone)


def check_levels(section: Section, rules: Catalogue) -> None:
    """Raise CatalogueRefused unless the rules allow products in a section as deep as this one."""
    path = path_of(section)
    levels = rules.levels
    needed = max((number for number, level in enumerate(levels, start=1) if level.required), default=1)
    if len(path) < needed:
        raise CatalogueRefused(
            TOO_HIGH,
            section=shown(path),
            level=levels[len(path) - 1].name,
            needed=levels[needed - 1].name,
            next=levels[len(path)].name,
        )
    if len(path) > len(levels) and not rules.free_below:
        raise CatalogueRefused(TOO_DEEP, section=shown(path), last=levels[-1].name if levels else "the top")


def rules_of(connection: Connection) -> Catalogue:
    """What the connection's platform declares of catalogues. Raises CatalogueRefused when it has none."""
    rules = registry.platform(connection.platform).catalogue
    if rules is None:
        raise CatalogueRefused(NO_CATALOGUE, connection=connection)
    return rules


def path_of(section: Section) -> tuple[str, ...]:
    """The section's name and those above it, from the top. One query."""
    above = Section.objects.all().ancestors(section, include_self=True)
    return tuple(above.values_list("name", flat=True))


def shown(path: Sequence[str]) -> str:
    """A path as people read it."""
    return " > ".join(path)


def _section_paths(connection_id: int) -> dict[int, tuple[str, ...]]:
    """Names from the top of every section of a connection, in the order the tree shows them."""
    below: dict[int | None, list[tuple[int, str]]] = defaultdict(list)
    sections = Section.objects.filter(connection_id=connection_id).order_by("position", "id")
    for pk, parent_id, name in sections.values_list("pk", "parent_id", "name"):
        below[parent_id].append((pk, name))
    paths: dict[int, tuple[str, ...]] = {}
    open_: list[tuple[int, tuple[str, ...]]] = [(pk, (name,)) for pk, name in reversed(below[None])]
    while open_:
        section_id, path = open_.pop()
        paths[section_id] = path
        open_ += [(pk, (*path, name)) for pk, name in reversed(below[section_id])]
    return paths


def _child(connection: Connection, parent: Section | None, name: str) -> Section:
    if not 0 < len(name) <= _LONGEST_NAME:
        raise CatalogueRefused(SECTION_NAME, name=name or "nothing", longest=_LONGEST_NAME)
    siblings: QuerySet[Section] = Section.objects.filter(connection=connection, parent=parent)
    namesake = siblings.alias(folded=Lower("name")).filter(folded=Lower(Value(name)))
    found = namesake.first()
    if found is not None:
        return found
    last = siblings.order_by("-position").values_list("position", flat=True).first()
    try:
        with transaction.atomic():
            added: Section = Section.objects.create(
                connection=connection, parent=parent, name=name, position=0 if last is None else last + 1
            )
    except IntegrityError:  # added by somebody else in this moment
        return namesake.get()
    return added


def _refuse_second_place(section: Section, products: dict[int, Product]) -> None:
    elsewhere = Placement.objects.filter(
        section__connection_id=section.connection_id, product_id__in=list(products)
    ).exclude(section=section)
    first = elsewhere.order_by("product_id", "id").select_related("section").first()
    if first is not None:
        raise CatalogueRefused(
            PLACED_ELSEWHERE, product=products[first.product_id], place=shown(path_of(first.section))
        )
