"""Prices and visibility: which products are in which season, and what they cost there."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet

from linesheet.books.models import Price, PriceList, Product, Season, Visibility
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import company_in_hand

PRICE_AMOUNT = Reason(
    code="price_amount",
    says="{amount} cannot be the price of {product}.",
    fix="Enter an amount from 0 up to 9,999,999,999.",
)
PRICE_CURRENCY = Reason(
    code="price_currency",
    says="{currency} is not a currency, so {product} cannot have a price in it.",
    fix="Enter the three letters of the currency, such as EUR.",
)
LIST_NAME = Reason(
    code="price_list_name",
    says="A price list needs a name of 1 to 60 letters.",
    fix="Enter the name people know the list by, such as Landed.",
)
LIST_TAKEN = Reason(
    code="price_list_taken",
    says="There is a price list {name} already.",
    fix="Choose another name; capitals make no difference.",
)

REASONS: tuple[Reason, ...] = (PRICE_AMOUNT, PRICE_CURRENCY, LIST_NAME, LIST_TAKEN)

_MOST = Decimal("9999999999.9999")


class PriceRefused(Refused):
    """This price cannot be set."""


@dataclass(frozen=True, slots=True)
class SeasonPrices:
    """The prices of a product that hold, and the season they come from; by list, then currency."""

    season: Season
    prices: tuple[Price, ...]

    def price(self, kind: PriceList.Kind, currency: str) -> Price | None:
        """The price in the first list of a kind that has one in the currency."""
        return next((each for each in self.prices if (each.price_list.kind, each.currency) == (kind, currency)), None)


def make_visible(products: Iterable[Product], season: Season) -> int:
    """Make products visible in a season, and carry prices into it (sheet erp.md 2.1); how many were not yet.

    A product takes the prices of the nearest season before, by `previous`, in which it has any: all lists and
    currencies in which it has no price here yet. Safe to repeat; a repeat carries what was missing, for
    instance after the previous season was set.
    """
    ids = sorted({product.pk for product in products})
    with transaction.atomic():
        known = set(Visibility.objects.filter(season=season, product_id__in=ids).values_list("product_id", flat=True))
        rows = [Visibility(product_id=pk, season=season) for pk in ids if pk not in known]
        Visibility.objects.bulk_create(rows, ignore_conflicts=True, batch_size=10_000)
        _carry_prices(ids, season)
    return len(rows)


def hide(products: Iterable[Product], season: Season) -> int:
    """Take products out of a season's lists, keeping their prices; how many were visible."""
    ids = {product.pk for product in products}
    hidden, _ = Visibility.objects.filter(season=season, product_id__in=ids).delete()
    return int(hidden)


def show_in_seasons(product: Product, seasons: Iterable[Season], shown: Iterable[int]) -> None:
    """Make a product visible in these seasons, as `make_visible` does, and hide it from the others of `shown`.

    `shown` has the ids of the seasons it was visible in for whoever decided. What became of it in any other season
    since then stays.
    """
    wanted, known = {season.pk: season for season in seasons}, set(shown)
    with transaction.atomic():
        Visibility.objects.filter(product=product, season__in=known - wanted.keys()).delete()
        # The earliest first, so that the next one can carry on from it.
        new = [season for pk, season in wanted.items() if pk not in known]
        for season in sorted(new, key=lambda each: (each.starts_on, each.pk)):
            make_visible([product], season)


def set_price(product: Product, season: Season, price_list: PriceList, amount: Decimal, currency: str) -> Price:
    """Set what a product costs in a season, list and currency; it no longer counts as carried.

    Raises PriceRefused for an amount below 0 or too large, and for what is no three-letter currency.
    """
    code = currency.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise PriceRefused(PRICE_CURRENCY, currency=currency or "Nothing", product=product)
    if not amount.is_finite() or not 0 <= amount <= _MOST:
        raise PriceRefused(PRICE_AMOUNT, amount=amount, product=product)
    price: Price
    price, _ = Price.objects.update_or_create(
        product=product,
        season=season,
        price_list=price_list,
        currency=code,
        defaults={"amount": amount, "carried_from": None},
    )
    return price


def latest_visible_season(product_ids: Iterable[int], seasons: Sequence[Season] | None = None) -> dict[int, Season]:
    """The most recent season in which each product is visible, by start date and then id (sheet erp.md 2.1).

    Among `seasons`, or all active ones; products visible in none of them are left out. Two queries.
    """
    visible: QuerySet[Visibility] = Visibility.objects.filter(product_id__in=list(product_ids))
    if seasons is None:
        visible = visible.filter(season__active=True)
    else:
        visible = visible.filter(season__in=[season.pk for season in seasons])
    latest = visible.order_by("product_id", "-season__starts_on", "-season_id").distinct("product_id")
    season_ids = dict(latest.values_list("product_id", "season_id"))
    known = Season.objects.in_bulk(set(season_ids.values()))
    return {product_id: known[season_id] for product_id, season_id in season_ids.items()}


def prices_of(product_ids: Iterable[int], seasons: Sequence[Season] | None = None) -> dict[int, SeasonPrices]:
    """The prices that hold for each product: those of its latest visible season, and of no other.

    A product visible in none of the seasons is left out; one without prices in its season has an empty tuple.
    Four queries, however many products.
    """
    latest = latest_visible_season(product_ids, seasons)
    by_season = defaultdict[int, list[int]](list)
    for product_id, season in latest.items():
        by_season[season.pk].append(product_id)
    wanted = Q(pk__in=[])
    for season_id, ids in by_season.items():
        wanted |= Q(season_id=season_id, product_id__in=ids)
    prices = defaultdict[int, list[Price]](list)
    # The few lists and seasons are shared: a model of its own for every price takes longer than the query.
    lists = PriceList.objects.in_bulk()
    for price in Price.objects.filter(wanted).order_by("price_list_id", "currency"):
        price.price_list = lists[price.price_list_id]
        prices[price.product_id].append(price)
    return {product_id: SeasonPrices(season, tuple(prices[product_id])) for product_id, season in latest.items()}


def currencies_in(season: Season, price_list: PriceList) -> list[str]:
    """Currencies that a list has prices in, in a season."""
    rows = Price.objects.filter(season=season, price_list=price_list).order_by("currency")
    return list(rows.values_list("currency", flat=True).distinct())


def create_price_list(name: str, kind: PriceList.Kind) -> PriceList:
    """Add a price list. Raises PriceRefused for a name that is none, or taken."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:
        raise PriceRefused(LIST_NAME)
    try:
        with transaction.atomic():
            made: PriceList = PriceList.objects.create(name=name, kind=kind)
    except IntegrityError:  # another list has the name
        raise PriceRefused(LIST_TAKEN, name=name) from None
    return made


def remove_price(product: Product, season: Season, price_list: PriceList, currency: str) -> None:
    """Take away what a product costs in a season, list and currency; nothing happens when there is no such price."""
    Price.objects.filter(product=product, season=season, price_list=price_list, currency=currency).delete()


def prices_in(product_ids: Iterable[int], season: Season) -> dict[int, list[Price]]:
    """The prices of products in one season, by list, then currency. Two queries, however many products."""
    lists = PriceList.objects.in_bulk()
    found: dict[int, list[Price]] = {product_id: [] for product_id in product_ids}
    rows = Price.objects.filter(product_id__in=list(found), season=season)
    for price in rows.order_by("price_list_id", "currency"):
        price.price_list = lists[price.price_list_id]
        found[price.product_id].append(price)
    return found


def seasons_before(season: Season) -> list[int]:
    """Ids of the seasons before this one by `previous`, nearest first; a circle ends the chain."""
    previous: dict[int, int | None] = dict(Season.objects.values_list("pk", "previous_id"))
    chain: list[int] = []
    step = previous.get(season.pk)
    while step is not None and step != season.pk and step not in chain:
        chain.append(step)
        step = previous.get(step)
    return chain


def _carry_prices(product_ids: list[int], season: Season) -> None:
    before = seasons_before(season)
    if not before or not product_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO books_price
                (company_id, product_id, season_id, price_list_id, currency, amount, carried_from_id)
            SELECT company_id, product_id, %(season)s, price_list_id, currency, amount, season_id
            FROM books_price JOIN (
                SELECT DISTINCT ON (product_id) product_id, season_id
                FROM books_price JOIN unnest(%(before)s::bigint[]) WITH ORDINALITY AS chain (season_id, step)
                    USING (season_id)
                WHERE product_id = ANY(%(products)s::bigint[]) AND company_id = %(company)s
                ORDER BY product_id, step
            ) AS nearest USING (product_id, season_id)
            ON CONFLICT (product_id, season_id, price_list_id, currency) DO NOTHING
            """,
            {
                "season": season.pk,
                "before": before,
                "products": product_ids,
                "company": company_in_hand(),
            },
        )
