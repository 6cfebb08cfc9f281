"""A connection's catalogue: its tree of sections, the products in them, and what may be done with both."""

from linesheet.sync.catalogue.copying import Keep, copy
from linesheet.sync.catalogue.editing import Step, Where
from linesheet.sync.catalogue.moving import move, move_beside, step
from linesheet.sync.catalogue.once import held_once_by, may_be_copied
from linesheet.sync.catalogue.ordering import order_beside, step_product
from linesheet.sync.catalogue.placing import elsewhere, move_products, place, unplace
from linesheet.sync.catalogue.reading import (
    Node,
    Tree,
    path_of,
    placement_paths,
    products_in_catalogue,
    read_tree,
    shown,
)
from linesheet.sync.catalogue.rules import (
    REASONS,
    CatalogueRefused,
    check_levels,
    level_name,
    may_hold,
    may_lie,
    rules_of,
)
from linesheet.sync.catalogue.sections import add_section, add_under, remove, rename

__all__ = [
    "REASONS",
    "CatalogueRefused",
    "Keep",
    "Node",
    "Step",
    "Tree",
    "Where",
    "add_section",
    "add_under",
    "check_levels",
    "copy",
    "elsewhere",
    "held_once_by",
    "level_name",
    "may_be_copied",
    "may_hold",
    "may_lie",
    "move",
    "move_beside",
    "move_products",
    "order_beside",
    "path_of",
    "place",
    "placement_paths",
    "products_in_catalogue",
    "read_tree",
    "remove",
    "rename",
    "rules_of",
    "shown",
    "step",
    "step_product",
    "unplace",
]
