"""Which products of the books are one product on JOOR: those of one style and fabric, each a colour of it. Pure.

JOOR's product is a style with all its colours and sizes (sheet joor.md 3.2), ours is one colour. It goes there under
style and fabric, since two fabrics of one style are two products (sheet 9.10).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from linesheet.books.files.rows import fold
from linesheet.books.models import SKU, Product

Path = tuple[str, ...]
LINESHEET_LEVELS = 2
"""Levels of the catalogue that make a linesheet: its name and its season (sheet 9.4)."""


def style_key(style: str, fabric: str) -> str:
    """What JOOR knows a product by."""
    return f"{style}-{fabric}" if fabric else style


def styles_within(key: str) -> list[str]:
    """The styles of the books that could go to JOOR by this key: the key itself, and what is before each dash."""
    return [key, *(key[:at] for at, sign in enumerate(key) if sign == "-" and at)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is known of a product at little cost, to see which of them go and whether two are one there.

    `placed`: it is in the catalogue. `remote_id` is the id of JOOR's product once JOOR has taken it, "" before.
    """

    pk: int
    code: str
    style: str
    fabric: str
    colour: str
    on_offer: bool
    has_barcode: bool
    placed: bool = True
    remote_id: str = ""

    @property
    def key(self) -> str:
        """What JOOR knows its style by."""
        return style_key(self.style, self.fabric)

    @property
    def group(self) -> tuple[str, str]:
        """Style and fabric, as the books compare them."""
        return fold(self.style), fold(self.fabric)

    @property
    def going(self) -> bool:
        """Whether JOOR has it or is to have it."""
        return self.placed and (bool(self.remote_id) or (self.on_offer and self.has_barcode))

    @property
    def rank(self) -> tuple[bool, int]:
        """Who goes first where two would be one: what JOOR has already, then the older product."""
        return not self.remote_id, self.pk


def same_there(claims: Iterable[Claim]) -> dict[int, str]:
    """By product, the code of the one that goes first where another style and fabric make the same key."""
    first: dict[str, Claim] = {}
    same: dict[int, str] = {}
    for claim in sorted((each for each in claims if each.going), key=lambda each: each.rank):
        holder = first.setdefault(fold(claim.key), claim)
        if holder.group != claim.group:
            same[claim.pk] = holder.code
    return same


def keys_of(claims: Iterable[Claim]) -> dict[tuple[str, str], str]:
    """What JOOR knows each group by, of which anything goes there: as the oldest of them spells it."""
    keys: dict[tuple[str, str], str] = {}
    for claim in sorted((each for each in claims if each.going), key=lambda each: each.pk):
        keys.setdefault(claim.group, claim.key)
    return keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What all colours of a style share. `products` are those that go to JOOR, the oldest first, which speaks for it.

    `sizes` are those that any of its colours has a barcode for, in order; `paths` the places of all its colours.
    `codes` are the colour codes that more than one of its colours has.
    """

    key: str
    products: tuple[Product, ...]
    sizes: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Colourway:
    """A placed product with its sizes and its places in the order of the catalogue."""

    product: Product
    paths: tuple[Path, ...]
    skus: tuple[SKU, ...] = ()
    remote_id: str = ""

    @property
    def on_offer(self) -> bool:
        """Whether the product is active and not withdrawn."""
        return self.product.active and not self.product.withdrawn

    @property
    def sizes(self) -> dict[str, str]:
        """Its sizes that have a barcode, with it, in order."""
        return {sku.size: sku.barcode for sku in self.skus if sku.barcode}

    @property
    def going(self) -> bool:
        """Whether JOOR has it or is to have it."""
        return bool(self.remote_id) or (self.on_offer and bool(self.sizes))


def style_of(colourways: Collection[Colourway]) -> Style:
    """The style that these colours, all of one style and fabric, make on JOOR.

    Those that do not go to JOOR count only where none goes.
    """
    known = sorted(colourways, key=lambda each: each.product.pk)
    going = [each for each in known if each.going] or known
    oldest = going[0].product
    return Style(
        key=style_key(oldest.style, oldest.fabric),
        products=tuple(each.product for each in going),
        sizes=tuple(merged(list(each.sizes) for each in going)),
        paths=tuple(dict.fromkeys(path for each in going for path in each.paths)),
        codes=_twice([each.product.colour_code for each in going]),
    )


def merged(lists: Iterable[Sequence[str]]) -> list[str]:
    """Lists of sizes as one that keeps the order of each where that can be: XS S M and S M L become XS S M L.

    Sizes are told apart by case, as JOOR does (sheet 3.2).
    """
    whole: list[str] = []
    for sizes in lists:
        at = 0
        for place, size in enumerate(sizes):
            if size in whole:
                at = whole.index(size) + 1
                continue
            if not place:
                # Before the first of its own list that is known, or else at the end.
                at = next((whole.index(each) for each in sizes if each in whole), len(whole))
            whole.insert(at, size)
            at += 1
    return whole


def alike(sizes: Iterable[str]) -> list[tuple[str, ...]]:
    """Sizes that only case or spaces tell apart, together."""
    found = defaultdict[str, list[str]](list)
    for size in sizes:
        found[fold("".join(size.split()))].append(size)
    return [tuple(group) for group in found.values() if len(group) > 1]


def _twice(codes: Iterable[str]) -> frozenset[str]:
    seen: dict[str, int] = {}
    for code in filter(None, codes):
        seen[code] = seen.get(code, 0) + 1
    return frozenset(code for code, number in seen.items() if number > 1)
