"""A price as a cell that is edited in place, on its list and on its product's page."""

from decimal import Decimal

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from linesheet.books.changes import recorded
from linesheet.books.files.amounts import DECIMALS, read_amount, written_amount
from linesheet.books.models import Price, PriceList, Product, Season
from linesheet.books.prices import PriceRefused, remove_price, set_price
from linesheet.books.reasons import Reason
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.views.books.cells import Cell, answer, changed


def price_cell(
    product: Product, season: Season, price_list: PriceList, currency: str, price: Price | None, column: str = "price"
) -> Cell:
    """What a product costs in a season, list and currency; empty where it has no price there."""
    return Cell(
        name=f"price-{product.pk}-{season.pk}-{price_list.pk}-{currency}",
        value=written_amount(price.amount) if price else "",
        label=f"{price_list} of {product} in {season}, {currency}",
        address=reverse("set_price", args=[product.pk, season.pk, price_list.pk, currency]),
        column=column,
        mode="decimal",
        note=f"from {price.carried_from}" if price and price.carried_from else "",
    )


@require_POST
@editors_only("change prices")
def save(
    request: MemberRequest, product_id: int, season_id: int, price_list_id: int, currency: str
) -> HttpResponseBase:
    """Save a price; an empty field takes it away."""
    product: Product = get_object_or_404(Product.objects, pk=product_id)
    season: Season = get_object_or_404(Season.objects, pk=season_id)
    price_list: PriceList = get_object_or_404(PriceList.objects, pk=price_list_id)
    cell = price_cell(product, season, price_list, currency, None)
    text = request.POST.get(cell.name, "").strip()
    back = reverse("prices", args=[price_list.pk, season.pk, currency])
    amount = read_amount(text, currency) if text else None
    if isinstance(amount, Reason):
        said = amount.about(column="The field", value=text, currency=currency, limit=DECIMALS)
        return answer(request, changed(cell, text, error=str(said)), back)
    try:
        with recorded("prices", f"{cell.label} set to {text or 'nothing'}.", by=request.user) as changes:
            written = _set(product, season, price_list, currency, amount)
    except PriceRefused as refused:
        return answer(request, changed(cell, text, error=str(refused)), back)
    return answer(request, changed(cell, written, saved=True), back, changes)


def _set(product: Product, season: Season, price_list: PriceList, currency: str, amount: Decimal | None) -> str:
    if amount is None:
        remove_price(product, season, price_list, currency)
        return ""
    return written_amount(set_price(product, season, price_list, amount, currency).amount)
