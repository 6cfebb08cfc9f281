"""What is to be said of an order and its lines against the books (sheet ordre.md 4 and 6.6)."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from stdnum import ean

from linesheet.books.customers import may_approve
from linesheet.books.models import SKU, Company, Customer, Order, Price, PriceList, Visibility
from linesheet.books.order_drafts import OrderDraft, currency_of
from linesheet.books.prices import prices_in
from linesheet.books.reasons import Said
from linesheet.books.tenancy import company_in_hand
from linesheet.books.words import day_in_words
from linesheet.platforms.ordre import reasons
from linesheet.platforms.ordre.order_mapping import Json, Line, lines_of
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.legs import Context
from linesheet.sync.models import InboxRecord, Placement

SkuOf = Callable[[IncomingLine], SKU | None]
_BARCODE_LENGTHS = (12, 13)


def line_error(line: Line, sku: SKU | None) -> Said | None:
    """Why a line is left out; None when it is not."""
    names = {"line": line.name, "barcode": line.meant.barcode}
    if not line.countable:
        return reasons.QUANTITY_INVALID.about(**names, quantity=line.meant.quantity)
    if sku is not None:
        return None if sku.product.active else reasons.PRODUCT_INACTIVE.about(**names, product=sku.product)
    if not line.meant.barcode:
        return reasons.BARCODE_MISSING.about(**names)
    if not _is_barcode(line.meant.barcode):
        return reasons.BARCODE_INVALID.about(**names)
    return reasons.BARCODE_UNKNOWN.about(**names)


def of_lines(context: Context, lines: Sequence[Line], draft: OrderDraft, sku_of: SkuOf) -> Iterator[Said]:
    """What is to be said of each line, pointing at it. Six queries, however many lines."""
    skus = {line.place: sku_of(line.meant) for line in lines}
    known = _Known(context, draft, {sku.product_id for sku in skus.values() if sku})
    for line in lines:
        sku = skus[line.place]
        error = line_error(line, sku)
        if error is not None or sku is None:
            said: Iterable[Said] = [error] if error else []
        else:
            said = known.warnings(line, sku)
        yield from (replace(each, pointer=line.pointer) for each in said)


def errors_of(lines: Sequence[Line], sku_of: SkuOf) -> Iterator[Said]:
    """Why lines are left out, pointing at them."""
    for line in lines:
        if error := line_error(line, sku_of(line.meant)):
            yield replace(error, pointer=line.pointer)


def of_order(context: Context, payload: Json, order: IncomingOrder, draft: OrderDraft) -> Iterator[Said]:
    """What is to be said of the order as a whole."""
    names: dict[str, Any] = {"order": order.number}
    if earlier := earlier_orders(context.connection_id, payload["order_number"]):
        yield reasons.RESUBMISSION.about(**names, earlier=" and ".join(map(str, earlier)))
    if draft.approved and not may_approve(draft.customer):
        yield reasons.APPROVAL_BARRED.about(**names, customer=draft.customer, status=draft.customer.hold_status)
    delivery = payload.get("delivery") or {}
    lacking = [name for name in ("start", "end") if not delivery.get(name)]
    if lacking:
        yield reasons.DELIVERY_DEFAULTED.about(
            **names,
            lacking=" and ".join(lacking),
            start=_day(draft.ships_from or draft.season.delivery_starts_on),
            end=_day(draft.ships_until or draft.season.delivery_cancels_on),
        )
    stated = (payload.get("totals") or {}).get("units")
    computed = sum(line.meant.quantity for line in lines_of(payload) if line.countable)
    if stated is not None and stated != computed:
        yield reasons.UNITS_DIFFER.about(**names, stated=stated, computed=computed)
    if unknown := payload.get("unknown_fields"):
        yield reasons.UNKNOWN_FIELD.about(**names, fields=", ".join(unknown))


def submissions(connection_id: int, order_number: str) -> "QuerySet[InboxRecord]":
    """Every submission of an order number."""
    # The index is by the label in capitals.
    rows: QuerySet[InboxRecord] = InboxRecord.objects.filter(label__iexact=order_number, label=order_number)
    return rows.filter(connection_id=connection_id, kind="order")


def earlier_orders(connection_id: int, order_number: str, before: datetime.datetime | None = None) -> list[Order]:
    """The orders that submissions of an order became, those received before then, the latest first (ordre.md R12)."""
    rows = submissions(connection_id, order_number).filter(order__isnull=False)
    if before:
        rows = rows.filter(received_at__lt=before)
    return list(Order.objects.filter(pk__in=rows.values("order")).order_by("-number"))


def _is_barcode(text: str) -> bool:
    """Whether a text is an EAN-13 or UPC-A, its check digit too."""
    return text.isascii() and text.isdecimal() and len(text) in _BARCODE_LENGTHS and ean.is_valid(text.zfill(13))


class _Known:
    """What the books say of the products of an order."""

    def __init__(self, context: Context, draft: OrderDraft, products: set[int]) -> None:
        self._draft = draft
        placed = Placement.objects.filter(section__connection_id=context.connection_id, product_id__in=products)
        self._placed = set(placed.values_list("product_id", flat=True))
        visible = Visibility.objects.filter(season=draft.season, product_id__in=products)
        self._visible = set(visible.values_list("product_id", flat=True))
        self._prices = prices_in(products, draft.season)
        company = Company.objects.get(pk=company_in_hand())
        self._currency = currency_of(draft, company)
        self._variance = Decimal(context.settings["price_variance"] or 0)

    def warnings(self, line: Line, sku: SKU) -> Iterator[Said]:
        """What is to be said of a line that is taken in."""
        product, draft = sku.product, self._draft
        names: dict[str, Any] = {"line": line.place + 1, "product": product}
        if line.first is not None:
            yield reasons.MERGED.about(line=line.place + 1, first=line.first + 1)
        if product.pk not in self._placed:
            yield reasons.NOT_IN_CATALOGUE.about(**names)
        if product.withdrawn:
            yield reasons.WITHDRAWN.about(**names)
        if product.pk not in self._visible:
            yield reasons.NOT_VISIBLE.about(**names, season=draft.season)
        ordered = line.meant.original_price or line.meant.price
        if not line.meant.price:
            yield reasons.PRICE_ZERO.about(**names)
        price = self._price(product.pk, draft.customer)
        if price is not None and abs(ordered - price.amount) * 100 > price.amount * self._variance:
            told = {"ordered": _amount(ordered), "price": _amount(price.amount), "currency": price.currency}
            yield reasons.PRICE_DIFFERS.about(**names, **told)

    def _price(self, product: int, customer: Customer) -> Price | None:
        """In the order's currency, by the customer's price list, else the first that is wholesale."""
        prices = [price for price in self._prices.get(product, []) if price.currency == self._currency]
        of_list = [price for price in prices if price.price_list_id == customer.price_list_id]
        wholesale = [price for price in prices if price.price_list.kind == PriceList.Kind.WHOLESALE]
        return next(iter(of_list or wholesale), None)


def _amount(amount: Decimal) -> str:
    """With two decimals, or as many more as it has."""
    return f"{amount:,.4f}".removesuffix("00")


def _day(day: datetime.date | None) -> str:
    return day_in_words(day, year=True) if day else "any day"
