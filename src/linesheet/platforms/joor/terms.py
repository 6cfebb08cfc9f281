"""How the books speak to one account: which price lists go as which price types, and the account's categories. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from linesheet.books.models import PriceList
from linesheet.books.prices import SeasonPrices
from linesheet.platforms.joor.offers import PriceType
from linesheet.platforms.joor.product_wire import PriceWire
from linesheet.sync.platform import Choice

ZERO = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PairedType:
    """A price type of the account and the price lists of the books that go as it, by id.

    Where no retail list is paired with it, the first retail list that has the currency counts.
    """

    type: PriceType
    wholesale: frozenset[int]
    retail: frozenset[int] = frozenset()

    def amounts(self, prices: SeasonPrices) -> tuple[Decimal | None, Decimal | None]:
        """Wholesale and retail of this type; None where the lists have none in its currency."""
        wholesale = _first(prices, self.type.currency, self.wholesale)
        if self.retail:
            return wholesale, _first(prices, self.type.retail_currency, self.retail)
        retail = prices.price(PriceList.Kind.RETAIL, self.type.retail_currency)
        return wholesale, retail.amount if retail else None


@dataclass(frozen=True, slots=True)
class Terms:
    """What products are mapped by, the same for all of a connection. `categories` leads from words to JOOR's id."""

    price_types: tuple[PairedType, ...] = ()
    categories: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def category(self, words: Sequence[str]) -> str | None:
        """The id of the category that these words name from the department down, None when JOOR has none."""
        return self.categories.get(tuple(map(_folded, words)))


@dataclass(frozen=True, slots=True)
class Priced:
    """What a product costs by each price type, and what is remarkable about it, by the names of price types.

    `zero` go out at 0.00, `left_out` have no price and are not sent, `rounded` have more than two decimals.
    `all_zero`: the books have no price that holds for any of them.
    """

    prices: tuple[PriceWire, ...] = ()
    zero: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    rounded: tuple[str, ...] = ()
    all_zero: bool = False


def priced(prices: SeasonPrices | None, types: Iterable[PairedType]) -> Priced:
    """The prices of a product in JOOR's words (sheet 9.3).

    A product that is visible in no season that counts, or has no wholesale price there, costs 0.00 by all of them. A
    price type that has no price while others have is not sent: retailers of that type do not see the product.
    """
    types = tuple(types)
    found = [(paired.type, *paired.amounts(prices)) for paired in types] if prices else []
    if all(wholesale is None for _, wholesale, _ in found):
        zeros = tuple(PriceWire(paired.type.id, paired.type.label, money(ZERO), money(ZERO)) for paired in types)
        return Priced(zeros, zero=tuple(price.name for price in zeros), all_zero=True)
    return Priced(
        tuple(
            PriceWire(each.id, each.label, money(wholesale), "" if retail is None else money(retail))
            for each, wholesale, retail in found
            if wholesale is not None
        ),
        zero=tuple(each.label for each, wholesale, _ in found if wholesale is not None and not cents(wholesale)),
        left_out=tuple(each.label for each, wholesale, _ in found if wholesale is None),
        rounded=tuple(
            each.label
            for each, *amounts in found
            if amounts[0] is not None and any(amount is not None and cents(amount) != amount for amount in amounts)
        ),
    )


def cents(amount: Decimal) -> Decimal:
    """An amount in two decimals, halves up."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def money(amount: Decimal) -> str:
    """An amount as JOOR takes it: text with two decimals (sheet 3.3)."""
    return format(cents(amount), "f")


def paired_types(
    pairs: Mapping[int, Collection[str]], kinds: Mapping[int, str], offered: Mapping[str, PriceType]
) -> tuple[PairedType, ...]:
    """The price types that price lists are paired with, of those the account has, by id.

    `pairs` are ids of price types by price list, `kinds` the kinds of the lists. Costs never go out; other lists than
    retail ones are taken as wholesale. A type that only retail lists are paired with has no price to be sent.
    """
    wholesale, retail = _by_type(pairs, kinds, retail=False), _by_type(pairs, kinds, retail=True)
    return tuple(
        PairedType(offered[each], frozenset(wholesale[each]), frozenset(retail.get(each, ())))
        for each in sorted(wholesale)
        if each in offered
    )


def categories_offered(choices: Iterable[Choice]) -> dict[tuple[str, ...], str]:
    """The account's categories by their words from the department down, as the offers list them."""
    return {tuple(map(_folded, choice.label.split(" > "))): choice.value for choice in choices}


def _by_type(pairs: Mapping[int, Collection[str]], kinds: Mapping[int, str], *, retail: bool) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for price_list, types in pairs.items():
        kind = kinds.get(price_list, PriceList.Kind.COST)
        if kind != PriceList.Kind.COST and (kind == PriceList.Kind.RETAIL) == retail:
            for each in types:
                found.setdefault(each, set()).add(price_list)
    return found


def _first(prices: SeasonPrices, currency: str, lists: Collection[int]) -> Decimal | None:
    return next(
        (each.amount for each in prices.prices if each.currency == currency and each.price_list_id in lists), None
    )


def _folded(word: str) -> str:
    """A word without regard to case, spaces and JOOR's underscores, as in BABY_GIRLS."""
    return " ".join(word.replace("_", " ").casefold().split())
