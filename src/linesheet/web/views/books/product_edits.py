"""Changing a product: its facts and seasons, and the barcodes of its SKUs."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from linesheet.books.barcodes import BarcodeRefused, put_barcode, take_barcode
from linesheet.books.changes import recorded
from linesheet.books.models import SKU
from linesheet.books.prices import show_in_seasons
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.forms.books import FactsForm
from linesheet.web.undoing import offer_undo
from linesheet.web.views.books.cells import answer, changed
from linesheet.web.views.books.product import barcode_cell, page, product_or_404


@require_POST
@editors_only("change products")
def facts(request: MemberRequest, product_id: int) -> HttpResponseBase:
    """Save what was changed of what is said of a product, and of the seasons it is visible in: all of it or nothing."""
    product = product_or_404(product_id)
    form = FactsForm(request.POST, instance=product)
    if not form.is_valid():
        return page(request, product_or_404(product_id), form)
    with recorded("products", f"{product} changed.", by=request.user) as changes, transaction.atomic():
        product.save(update_fields=form.facts_changed)
        show_in_seasons(product, form.cleaned_data["seasons"], form.seasons_shown)
    if changes.pk:
        offer_undo(request, changes, changes.says)
    else:
        messages.info(request, "Nothing was changed.")
    return redirect("product", product.pk)


@require_POST
@editors_only("change barcodes")
def barcode(request: MemberRequest, product_id: int, sku_id: int) -> HttpResponseBase:
    """Put a barcode on a SKU, or take it off where the field is empty; a number taken off is retired."""
    sku: SKU = get_object_or_404(SKU.objects.filter(product=product_id).select_related("product"), pk=sku_id)
    cell = barcode_cell(sku)
    text = request.POST.get(cell.name, "").strip()
    back = reverse("product", args=[product_id])
    says = f"{sku} has the barcode {text} now." if text else f"{sku} has no barcode any more."
    try:
        with recorded("barcodes", says, by=request.user) as changes:
            put_barcode(sku, text) if text else take_barcode(sku)
    except BarcodeRefused as refused:
        return answer(request, changed(cell, text, error=str(refused)), back)
    return answer(request, changed(cell, sku.barcode, saved=True), back, changes)
