"""What a catalogue takes and refuses: names, levels, and how often a product."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from linesheet.books.reasons import Reason, Refused
from linesheet.sync import registry
from linesheet.sync.catalogue.reading import path_of, shown
from linesheet.sync.models import Connection, Section
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
SECTION_TAKEN = Reason(
    code="section_taken",
    says="There is a section {section} already.",
    fix="Choose another name; capitals make no difference.",
)
SECTION_TOO_DEEP = Reason(
    code="section_too_deep",
    says="{section} would lie below {last}, the last level of this catalogue.",
    fix="Choose a place higher up.",
)
BELOW_ITSELF = Reason(
    code="section_below_itself",
    says="{section} cannot be moved into {target}, which is the section itself or lies below it.",
    fix="Choose a place outside of {section}.",
)
SECTION_GONE = Reason(
    code="section_gone",
    says="The section is not in this catalogue any more.",
    fix="Open the catalogue again: somebody has changed it.",
)
TOO_HIGH = Reason(
    code="placed_too_high",
    says="{section} is a {level}; products are placed in a {needed} or below.",
    fix="Add a {next} to {section}, and place the products there.",
)
MOVED_TOO_HIGH = Reason(
    code="section_moved_too_high",
    says="{section} has products, and would be a {level} there; products are placed in a {needed} or below.",
    fix="Choose a place further down, or take the products out of {section} first.",
)
TOO_DEEP = Reason(
    code="placed_too_deep",
    says="{section} lies below {last}, the last level of this catalogue.",
    fix="Place the products in a section above it.",
)
PLACED_ELSEWHERE = Reason(
    code="placed_elsewhere",
    says="{product} is already in {place}, and {holder} holds a product once.",
    fix="Take it out of {place} first.",
)
COPIED_TWICE = Reason(
    code="section_copied_twice",
    says="The products of {section} cannot be in its copy as well, because {holder} holds a product once.",
    fix="Copy the sections without their products, or have the products moved to the copy.",
)
HELD_TWICE = Reason(
    code="section_held_twice",
    says="{product} would be in {place} twice, and {holder} holds a product once.",
    fix="Take it out of one of its places first.",
)

REASONS: tuple[Reason, ...] = (
    NO_CATALOGUE,
    SECTION_NAME,
    SECTION_TAKEN,
    SECTION_TOO_DEEP,
    BELOW_ITSELF,
    SECTION_GONE,
    TOO_HIGH,
    MOVED_TOO_HIGH,
    TOO_DEEP,
    PLACED_ELSEWHERE,
    COPIED_TWICE,
    HELD_TWICE,
)

LONGEST_NAME = 100


class CatalogueRefused(Refused):
    """The catalogue does not take this section or product."""


def rules_of(connection: Connection) -> Catalogue:
    """What the connection's platform declares of catalogues. Raises CatalogueRefused when it has none."""
    rules = registry.platform(connection.platform).catalogue
    if rules is None:
        raise CatalogueRefused(NO_CATALOGUE, connection=connection)
    return rules


@contextmanager
def locked(connection_id: int) -> Iterator[None]:
    """A transaction in which nobody else changes this catalogue: whoever wants to, waits here."""
    with transaction.atomic():
        Connection.objects.select_for_update(no_key=True).only("pk").get(pk=connection_id)
        yield


def level_name(rules: Catalogue, depth: int) -> str:
    """What a section is called by its depth, 1 at the top; below the levels that have names, Sub-section."""
    return rules.levels[depth - 1].name if depth <= len(rules.levels) else "Sub-section"


def may_lie(rules: Catalogue, depth: int) -> bool:
    """Whether there may be sections so deep, 1 at the top."""
    return rules.free_below or depth <= len(rules.levels)


def may_hold(rules: Catalogue, depth: int) -> bool:
    """Whether products may be placed in a section so deep, 1 at the top."""
    return needed_depth(rules) <= depth and may_lie(rules, depth)


def needed_depth(rules: Catalogue) -> int:
    """How deep a section is at least in which products may be placed, 1 at the top."""
    return max((depth for depth, level in enumerate(rules.levels, start=1) if level.required), default=1)


def check_levels(section: Section, rules: Catalogue) -> None:
    """Raise CatalogueRefused unless the rules allow products in a section as deep as this one."""
    check_path(path_of(section), rules)


def check_path(path: Sequence[str], rules: Catalogue) -> None:
    """Raise CatalogueRefused unless the rules allow products in the section of these names from the top."""
    levels, needed = rules.levels, needed_depth(rules)
    if len(path) < needed:
        raise CatalogueRefused(
            TOO_HIGH,
            section=shown(path),
            level=levels[len(path) - 1].name,
            needed=levels[needed - 1].name,
            next=levels[len(path)].name,
        )
    if not may_lie(rules, len(path)):
        raise CatalogueRefused(TOO_DEEP, section=shown(path), last=last_level(rules))


def last_level(rules: Catalogue) -> str:
    """The name of the last level."""
    return rules.levels[-1].name if rules.levels else "the top"


def tidy(name: str) -> str:
    """A section's name as it is kept. Raises CatalogueRefused for one that is empty or too long."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise CatalogueRefused(SECTION_NAME, name=name or "nothing", longest=LONGEST_NAME)
    return name
